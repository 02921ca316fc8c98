"""The engine: a design becomes a program, a job becomes a training, and all it tells are events. NumPy only."""

from .checkpoint import Best, Checkpoint
from .control import Change, Command, Control, Pause, Resume, Stop
from .events import (
    LAST,
    Changed,
    Died,
    Diverged,
    EpochEnd,
    Event,
    Failed,
    Finished,
    Paused,
    Progress,
    Resumed,
    Started,
    Stopped,
)
from .job import Job, JobError, Prepared, prepare
from .losses import LOSSES, Loss, LossError, cross_entropy, mse
from .metrics import Tally, evaluate
from .optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Optimizer,
    OptimizerError,
    RMSProp,
    optimizer_from_dict,
)
from .program import InvalidDesign, Misuse, Outcome, Program, compile
from .starts import SCHEMES, Scheme
from .steps import Step
from .threads import default_threads
from .train import Keeper, train
from .updates import Clip, Movement, Updates

__all__ = [
    "LAST",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEMES",
    "SGD",
    "Adam",
    "AdamW",
    "Best",
    "Change",
    "Changed",
    "Checkpoint",
    "Clip",
    "Command",
    "Control",
    "Died",
    "Diverged",
    "EpochEnd",
    "Event",
    "Failed",
    "Finished",
    "InvalidDesign",
    "Job",
    "JobError",
    "Keeper",
    "Loss",
    "LossError",
    "Misuse",
    "Movement",
    "Optimizer",
    "OptimizerError",
    "Outcome",
    "Pause",
    "Paused",
    "Prepared",
    "Program",
    "Progress",
    "RMSProp",
    "Resume",
    "Resumed",
    "Scheme",
    "Started",
    "Step",
    "Stop",
    "Stopped",
    "Tally",
    "Updates",
    "compile",
    "cross_entropy",
    "default_threads",
    "evaluate",
    "mse",
    "optimizer_from_dict",
    "prepare",
    "train",
]
