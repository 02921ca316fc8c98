"""What training tells: small frozen values, the same for a script, a pipe, a terminal and a run folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any

from netbuilder.kernels.scratch import Array

Weights = Mapping[str, Array]


@dataclass(frozen=True)
class _Message:
    def to_dict(self) -> dict[str, Any]:
        """As one line of JSON shows it: "event" with the event's name, then its fields; weights are left out."""
        values = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name != "weights"}
        return {"event": self.name(), **values}

    @classmethod
    def name(cls) -> str:
        """'epoch_end' for EpochEnd."""
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__)[1:]


@dataclass(frozen=True)
class Started(_Message):
    """Training begins, or goes on, with update `step` + 1. Counts are samples; `versions` name what computes.

    `lr` is the rate of the next update, `schedule` and `augment` what was asked for, as a command line has it;
    `epoch_seconds` and `memory_bytes` are predictions.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    step: int
    lr: float
    optimizer: str
    loss: str
    parameters: int
    training: int
    validation: int
    test: int
    dataset: str
    digest: str
    classes: tuple[str, ...]
    seed: int
    threads: int
    schedule: str
    augment: tuple[str, ...]
    memory_bytes: int
    epoch_seconds: float
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Progress(_Message):
    """What the updates `first_step` … `step` gave, one by one, and the learning rate of each; `accuracies` is empty
    without classes.

    `epoch` counts in fractions; `seconds_left` is for all that remains, evaluation included.
    """

    step: int
    epoch: float
    first_step: int
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    rates: tuple[float, ...]
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class EpochEnd(_Message):
    """An epoch is over. Training figures are means over its samples as they were seen; accuracies are of the main
    output, None without classes; `best` says whether no earlier epoch validated better.

    Shares are what each output adds to the loss, by its name, the main one first; {} where there is but one.
    """

    epoch: int
    step: int
    training_loss: float
    training_accuracy: float | None
    validation_loss: float
    validation_accuracy: float | None
    best: bool
    seconds: float
    training_shares: Mapping[str, float] = field(default_factory=dict[str, float])
    validation_shares: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Changed(_Message):
    """The learning rate or the number of epochs is another from here on; a schedule goes on from that rate."""

    step: int
    lr: float
    epochs: int


@dataclass(frozen=True)
class Paused(_Message):
    """Training waits after this many updates."""

    step: int


@dataclass(frozen=True)
class Resumed(_Message):
    """Training goes on after a pause."""

    step: int


@dataclass(frozen=True)
class Stopped(_Message):
    """Training ended on request. `weights` are the best validated so far (see Finished), or else the last."""

    step: int
    epoch: float
    best_epoch: int | None
    seconds: float
    weights: Weights = field(default_factory=dict[str, Array], repr=False, compare=False)


@dataclass(frozen=True)
class Diverged(_Message):
    """The loss is not a finite number any more. `layer` is the first whose weights or outputs are not finite;
    `weights` are those after `kept_step` updates, which still gave a finite loss; `fixes` are what may help, the best
    first, and `usual` is the optimizer's usual rate where `lr` is far above it."""

    step: int
    layer: str
    lr: float
    kept_step: int
    message: str
    fixes: tuple[str, ...] = ()
    usual: float | None = None
    weights: Weights = field(default_factory=dict[str, Array], repr=False, compare=False)


@dataclass(frozen=True)
class Finished(_Message):
    """All epochs are over, or, where `early`, none has validated better for as many as patience bears. `weights`, and
    the test figures, are those of the epoch that validated best.

    `epoch_seconds` (None without a whole epoch in this process) and `memory_bytes` are what was measured of what
    Started predicted.
    """

    epoch: int
    step: int
    best_epoch: int
    validation_loss: float
    validation_accuracy: float | None
    test_loss: float
    test_accuracy: float | None
    seconds: float
    early: bool = False
    epoch_seconds: float | None = None
    memory_bytes: int = 0
    weights: Weights = field(default_factory=dict[str, Array], repr=False, compare=False)


@dataclass(frozen=True)
class Notice(_Message):
    """Something worth knowing that stops nothing. `code` is stable, `fixes` say what may be done, the best first."""

    step: int
    code: str
    message: str
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerHealth:
    """Numbers of one layer: the length of its weights' gradient, the length of an update relative to the weights', and
    the share of a ReLU's channels or features that are 0 for the whole batch; None where a layer has no such thing."""

    layer: str
    gradient: float | None = None
    ratio: float | None = None
    dead: float | None = None


@dataclass(frozen=True)
class Health(_Message):
    """What the last update shows of every layer; `not_finite` is the first whose outputs hold NaN or infinity."""

    step: int
    epoch: float
    layers: tuple[LayerHealth, ...]
    not_finite: str | None = None


@dataclass(frozen=True)
class RateTried(_Message):
    """A learning-rate test has made an update at this rate; `loss` is smoothed over the ones before."""

    step: int
    rate: float
    loss: float


@dataclass(frozen=True)
class RateFound(_Message):
    """A learning-rate test is over: all rates tried with their smoothed losses, and the one to train with, None where
    no rate lowered the loss."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    suggestion: float | None
    message: str


@dataclass(frozen=True)
class Failed(_Message):
    """Training could not start or go on; `message` is a sentence, `details` what a developer would ask for."""

    message: str
    details: str = ""


@dataclass(frozen=True)
class Died(_Message):
    """The training process ended without a word; `exitcode` is negative where a signal ended it."""

    exitcode: int | None
    message: str


Event = (
    Started
    | Progress
    | EpochEnd
    | Changed
    | Paused
    | Resumed
    | Notice
    | Health
    | RateTried
    | RateFound
    | Stopped
    | Diverged
    | Finished
    | Failed
    | Died
)
LAST = (Stopped, Diverged, Finished, RateFound, Failed, Died)
"""After one of these nothing follows."""


def _plain(value: Any) -> Any:
    """JSON knows no infinity and no NaN."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, LayerHealth):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]  # pyright: ignore
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value  # pyright: ignore
