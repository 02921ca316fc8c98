"""All that a training needs to go on exactly where it was, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from netbuilder.kernels.scratch import Array


@dataclass(frozen=True)
class Best:
    """The epoch that validated best so far, counted from 1, with its weights. `own` is the main output's part of the
    loss, None where there is no other."""

    epoch: int
    step: int
    loss: float
    accuracy: float | None
    weights: Mapping[str, Array] = field(repr=False, compare=False)
    own: float | None = None


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` updates, `epoch` of all `epochs` being complete and validated.

    `optimizer` holds the optimizer's remembered numbers (see `Updates.export`); `loss_sum`, `correct`, `samples` and
    `shares`, what several outputs add to the loss, are the running totals of the epoch under way; `lr` is the rate that
    the schedule scales, which follows from the step and `losses`, those of the epochs validated. No generator appears:
    the order of an epoch and its augmentation follow from (seed, epoch) and dropout from (seed, step), so seed and step
    are the state of all of them. `digest` is the data's.
    """

    seed: int
    digest: str
    batch_size: int
    step: int
    epoch: int
    epochs: int
    lr: float
    seconds: float
    loss_sum: float
    correct: int
    samples: int
    losses: tuple[float, ...]
    weights: Mapping[str, Array] = field(repr=False, compare=False)
    optimizer: Mapping[str, Array] = field(repr=False, compare=False)
    best: Best | None
    shares: Mapping[str, float] = field(default_factory=dict[str, float])

    def copy(self) -> "Checkpoint":
        """The same with arrays of its own; those the trainer gives hold only until its next update."""
        own = {name: {k: a.copy() for k, a in getattr(self, name).items()} for name in ("weights", "optimizer")}
        return replace(self, **own)
