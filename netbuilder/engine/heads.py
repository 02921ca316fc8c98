"""From where a network ends, and a loss, to what the loss reads, its value, and its gradient by all it has read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from netbuilder.analysis import Report
from netbuilder.kernels.scratch import Array
from netbuilder.layers import Output, Shape, Softmax
from netbuilder.layers.output import AS_CHOSEN

from .losses import LOSSES, Loss, LossFunction, SingleLoss
from .mixture import terms


@dataclass(frozen=True)
class Head:
    """An end of the network. `index` is the step whose output it gives, `scores` the one that cross-entropy reads: what
    enters a closing softmax. Its loss, where it has one of its own, counts `weight` in the sum of all."""

    name: str
    index: int
    scores: int
    shape: Shape
    weight: float = 1.0
    loss: Loss | None = None

    @property
    def softmax(self) -> bool:
        """Whether it ends in a softmax, and so gives probabilities."""
        return self.scores != self.index

    def readings(self, loss: Loss) -> "tuple[Reading, ...]":
        """What a loss that was chosen for the training reads here."""
        return tuple(
            Reading(self.name, term.loss, self.weight * term.factor, self._read_by(term.loss))
            for term in terms(self.loss or loss)
        )

    def _read_by(self, loss: SingleLoss) -> int:
        return self.scores if loss == "cross_entropy" else self.index


class Reading(NamedTuple):
    """A single loss of one head, which counts `factor` in the whole and reads the output of a step."""

    head: str
    loss: SingleLoss
    factor: float
    step: int


class Judged(NamedTuple):
    """What a loss says of a batch: its value, what each head adds to it, {} where there is but one, and its gradient by
    the output of every step it has read, in the shape it has there."""

    loss: float
    shares: dict[str, float]
    gradients: dict[int, Array]


def heads_of(report: Report) -> tuple[Head, ...]:
    """The ends of a valid design, the main one first."""
    places = {key: index for index, key in enumerate(report.layers)}
    return tuple(_head(report, key, places) for key in report.outputs)


def _head(report: Report, key: int, places: Mapping[int, int]) -> Head:
    row, core = report.layers[key], report.core(key)
    assert row.shape is not None, "a valid design has no layer without a shape"
    last = core.inputs[0] if isinstance(core.node.layer, Softmax) else core.node.id
    layer, index = row.node.layer, places[core.node.id]
    if not isinstance(layer, Output):
        return Head(row.node.name, index, places[last], row.shape)
    loss = None if layer.loss == AS_CHOSEN else layer.loss
    return Head(row.node.name, index, places[last], row.shape, layer.weight, loss)


def judge(
    readings: Sequence[Reading], outputs: Callable[[int], Array], targets: Array, measure: LossFunction | None = None
) -> Judged:
    """The sum of all readings. `measure` takes cross-entropy's place where training weighs classes or smooths labels.

    A step that is read twice, by two losses, gets the sum of both gradients. Raises LossError.
    """
    shares: dict[str, float] = {}
    gradients: dict[int, Array] = {}
    for head, loss, factor, step in readings:
        scores = outputs(step)
        with np.errstate(all="ignore"):
            value, dy = (measure if measure and loss == "cross_entropy" else LOSSES[loss])(scores, targets)
            if factor != 1:
                value, dy = _scaled(value, dy, factor)
            dy = dy.reshape(scores.shape)
            gradients[step] = gradients[step] + dy if step in gradients else dy
        shares[head] = shares[head] + value if head in shares else value
    return Judged(sum(shares.values()), shares if len(shares) > 1 else {}, gradients)


def _scaled(value: float, dy: Array, factor: float) -> tuple[float, Array]:
    """What does not count adds nothing, even where it is infinite."""
    if not factor:
        return 0.0, np.zeros_like(dy)
    np.multiply(dy, factor, out=dy)
    return value * factor, dy
