"""From outputs and targets, chunk by chunk, to mean loss, accuracy and confusion counts."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from netbuilder.data import Part
from netbuilder.kernels.scratch import Array

from .losses import Loss, as_rows, is_labels
from .program import Misuse, Program, Weights

NONE: Mapping[str, float] = MappingProxyType({})
MOST_CONFUSED = 1000
"""With more classes than this no confusion table is kept."""


class Tally:
    """Running totals over samples seen so far."""

    def __init__(self, outputs: int, classes: bool):
        self.samples = 0
        self.loss_sum = 0.0
        self.share_sums: dict[str, float] = {}
        self.correct = 0
        self.classes = classes
        kept = classes and outputs <= MOST_CONFUSED
        self.confusion: NDArray[np.int64] | None = np.zeros((outputs, outputs), np.int64) if kept else None
        """How often class [row] was taken for class [column]."""

    def add(self, loss: float, outputs: Array, targets: Array, shares: Mapping[str, float] = NONE) -> int | None:
        """Count a chunk with its mean loss, and each output's share in it where there are several. Gives the number of
        right answers, None without classes."""
        self.samples += len(targets)
        self.loss_sum += loss * len(targets)
        for name, share in shares.items():
            self.share_sums[name] = self.share_sums.get(name, 0.0) + share * len(targets)
        if not self.classes:
            return None
        guesses = as_rows(outputs).argmax(axis=1)
        right = int(np.count_nonzero(guesses == targets))
        self.correct += right
        if self.confusion is not None:
            np.add.at(self.confusion, (targets, guesses), 1)
        return right

    @property
    def loss(self) -> float:
        """Mean over the samples; 0 where there are none."""
        return self.loss_sum / self.samples if self.samples else 0.0

    @property
    def shares(self) -> dict[str, float]:
        """What each output adds to the loss, the main one first; {} where there is but one."""
        return {name: total / self.samples for name, total in self.share_sums.items()} if self.samples else {}

    @property
    def own(self) -> float:
        """What the main output adds to the loss: all of it where there is no other, or where it does not count."""
        return next(iter(self.shares.values()), self.loss) or self.loss

    @property
    def accuracy(self) -> float | None:
        """Share of right answers; None without classes."""
        return self.correct / self.samples if self.classes and self.samples else None


def evaluate(program: Program, weights: Weights, part: Part, loss: Loss = "cross_entropy") -> Tally:
    """Loss, accuracy and confusion over all of a part, in evaluation mode. Raises Misuse, LossError."""
    try:
        program.readings(loss)
    except ValueError as reason:
        raise Misuse(f"The loss {reason}.") from None
    bound = program.bind(weights)
    tally = Tally(program.output_shape.size, is_labels(part.targets))
    with program.expecting(len(part)):
        for _ in evaluating(program, bound, part, loss, tally):
            pass
    return tally


def evaluating(program: Program, bound: list[dict[str, Array]], part: Part, loss: Loss, tally: Tally) -> Iterator[None]:
    """The same, handing control back after every chunk, so that a long evaluation can be paused or given up."""
    for start in range(0, len(part), program.chunk):
        rows = slice(start, start + program.chunk)
        x = np.ascontiguousarray(part.batch(rows), program.dtype)
        targets = part.targets[rows]
        found, outputs = program.judged(bound, x, targets, loss)
        tally.add(found.loss, outputs, targets, found.shares)
        yield
