"""From a job to the time and memory its training will take here, in a process of its own. Knows no Qt."""

import os
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netbuilder.engine import Job

NICENESS = 5


@dataclass(frozen=True)
class Prediction:
    """Seconds an epoch takes on this machine, validation included, and the bytes a training holds."""

    seconds: float
    memory: int


def answer(pipe: "Connection[Any, Any]") -> None:
    """Predict one job after another, Job in and Prediction or None out, until nobody asks any more."""
    with suppress(OSError, AttributeError):
        os.nice(NICENESS)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(predicted(pipe.recv()))


def predicted(job: "Job") -> Prediction | None:
    """What training takes; None where it cannot be done as asked, which starting it will say."""
    from netbuilder.engine import prepare
    from netbuilder.engine.cost import LARGEST_WEIGHTS, epoch_seconds
    from netbuilder.engine.memory import training_bytes
    from netbuilder.engine.train import first_weights

    try:
        ready = prepare(job)
        memory = training_bytes(ready.program, job.optimizer, job.batch_size)
        heavy = ready.program.report.totals.parameters > LARGEST_WEIGHTS  # reckoned without touching the weights
        return Prediction(epoch_seconds(ready, {} if heavy else first_weights(ready)), memory)
    except (ValueError, MemoryError):  # all of this program's own errors are ValueErrors
        return None
