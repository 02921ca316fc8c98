"""What one run has told so far: the points of its curves, kept in arrays that grow without being copied each time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.graph import Graph

Numbers = NDArray[np.float64]
BLOCK = 256
LONGEST, SHORTEST = 25, 3
"""Batches a smoothed curve averages over, at most and at least: about a sixth of an epoch."""


class Series:
    """Points (x, y) in the order they came, as two array views."""

    def __init__(self) -> None:
        self._held = np.empty((2, 256))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, x: float, y: float) -> None:
        """Append a point."""
        if self._count == self._held.shape[1]:
            grown = np.empty((2, 2 * self._count))
            grown[:, : self._count] = self._held
            self._held = grown
        self._held[:, self._count] = x, y
        self._count += 1

    def cut(self, x: float) -> None:
        """Forget the points after `x`: they will be made anew."""
        self._count = int(np.searchsorted(self.x, x + 1e-9, side="right"))

    @property
    def x(self) -> Numbers:
        return self._held[0, : self._count]

    @property
    def y(self) -> Numbers:
        return self._held[1, : self._count]

    def at(self, x: float) -> float | None:
        """The value of the last point that is not to the right of `x`; None before the first."""
        place = int(np.searchsorted(self.x, x, side="right"))
        return float(self.y[place - 1]) if place else None


class Smoothed(Series):
    """A series that follows another as a moving average, free of the pull towards zero at its start.

    Exponential with bias correction, as in Kingma and Ba, arXiv:1412.6980, section 3.
    """

    def __init__(self) -> None:
        super().__init__()
        self.memory = 1 - 1 / LONGEST
        """Weight of the past."""
        self._mean, self._weight = 0.0, 0.0

    def add(self, x: float, y: float) -> None:
        """Append the average up to and including this point."""
        self._mean = self.memory * self._mean + (1 - self.memory) * y
        self._weight = self.memory * self._weight + (1 - self.memory)
        super().add(x, self._mean / self._weight)

    def follow(self, series: Series, memory: float) -> None:
        """Become another average of all points of a series, block by block:
        mₖ = memoryᵏ·m₀ + (1 − memory)·Σ memoryᵏ⁻ⁱ·yᵢ."""
        self.memory, self._mean, self._weight, self._count = memory, 0.0, 0.0, 0
        self._held = np.empty((2, max(256, 2 * len(series))))
        places = np.arange(BLOCK)
        powers = np.tril(memory ** np.maximum(places[:, None] - places, 0).astype(float)) * (1 - memory)
        for start in range(0, len(series), BLOCK):
            y = series.y[start : start + BLOCK]
            left = memory ** (places[: len(y)] + 1.0)
            means = powers[: len(y), : len(y)] @ y + left * self._mean
            weights = 1 - left * (1 - self._weight)
            self._held[:, start : start + len(y)] = series.x[start : start + BLOCK], means / weights
            self._mean, self._weight, self._count = float(means[-1]), float(weights[-1]), start + len(y)


@dataclass
class Curve:
    """One quantity over a run: every batch, the same smoothed, and the validation part after each epoch."""

    training: Series = field(default_factory=Series)
    smoothed: Smoothed = field(default_factory=Smoothed)
    validation: Series = field(default_factory=Series)

    def add(self, x: float, y: float) -> None:
        """Append a batch's value at x epochs."""
        self.training.add(x, y)
        self.smoothed.add(x, y)

    def cut(self, x: float) -> None:
        """Forget what came after x epochs."""
        for series in (self.training, self.smoothed, self.validation):
            series.cut(x)


@dataclass(frozen=True)
class Change:
    """The learning rate went from `before` to `after` at `epoch`."""

    epoch: float
    before: float
    after: float

    @property
    def text(self) -> str:
        return f"rate {self.before:g} → {self.after:g}"


@dataclass(eq=False)
class Record:
    """A run as the window knows it. Losses are numbers, accuracies fractions from 0 to 1, x is in epochs."""

    name: str
    graph: Graph
    data: str
    settings: dict[str, Any] = field(default_factory=dict)
    epochs: int = 0
    began: datetime = field(default_factory=datetime.now)
    rate: float = 0.0
    loss: Curve = field(default_factory=Curve)
    accuracy: Curve = field(default_factory=Curve)
    changes: list[Change] = field(default_factory=list)
    rates: Series = field(default_factory=Series)
    """The learning rate of every batch."""
    test_accuracy: float | None = None
    test_loss: float | None = None
    folder: Path | None = None
    note: str = ""
    method: str = ""
    """The optimizer, as the form calls it."""
    expected: tuple[float | None, int] = (None, 0)
    took: tuple[float | None, int] = (None, 0)
    """Seconds an epoch and bytes, as predicted before and as measured."""
    suited: float = 1 - 1 / LONGEST
    wished: float | None = None
    """Weight of the past in the smoothed curves, as suits an epoch and as a person wants it."""
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    """What each of several outputs has of the last validation loss."""
    health: Any = None
    """What the last look at the layers showed."""

    @property
    def resumable(self) -> bool:
        """Whether it ended before all its epochs and can be gone on with."""
        return self.folder is not None and self.folder.is_dir() and self.test_loss is None and bool(self.note)

    @property
    def scheduled(self) -> bool:
        """Whether the learning rate follows a schedule."""
        return (self.settings.get("schedule") or {}).get("name", "Constant") != "Constant"

    def cut(self, epoch: float) -> None:
        """Forget what came after an epoch, because it will be trained again from there."""
        self.loss.cut(epoch)
        self.accuracy.cut(epoch)
        self.rates.cut(epoch)
        self.changes = [change for change in self.changes if change.epoch <= epoch]

    def pace(self, steps_per_epoch: int) -> None:
        """Smooth as suits the length of an epoch. Before the first batch."""
        batches = min(max(steps_per_epoch / 6, SHORTEST), LONGEST)
        self.suited = 1 - 1 / batches
        memory = self.suited if self.wished is None else self.wished
        self.loss.smoothed.memory = self.accuracy.smoothed.memory = memory

    def smooth(self, memory: float | None) -> None:
        """Average anew, with another weight of the past; None is what suits the length of an epoch."""
        self.wished = memory
        for curve in (self.loss, self.accuracy):
            curve.smoothed.follow(curve.training, self.suited if memory is None else memory)

    def batch(self, epoch: float, loss: float, accuracy: float | None) -> None:
        """Append what one batch gave."""
        self.loss.add(epoch, loss)
        if accuracy is not None:
            self.accuracy.add(epoch, accuracy)

    def validated(self, epoch: float, loss: float, accuracy: float | None) -> None:
        """Append what the validation part gave after an epoch."""
        self.loss.validation.add(epoch, loss)
        if accuracy is not None:
            self.accuracy.validation.add(epoch, accuracy)

    @property
    def title(self) -> str:
        """'run 3, lr 0.02', as a legend names it."""
        return f"{self.name}, lr {self.rate:g}" if self.rate else self.name

    @property
    def best_accuracy(self) -> float | None:
        """The highest validation accuracy; None before the first epoch's end, or for regression."""
        found = self.accuracy.validation.y
        return float(found.max()) if len(found) else None

    def rows(self) -> Iterable[tuple[str, float, float, float | None]]:
        """Every point as (part, epoch, loss, accuracy or None), the training ones first."""
        for part in ("training", "validation"):
            losses: Series = getattr(self.loss, part)
            accuracies: Series = getattr(self.accuracy, part)
            known = len(accuracies) == len(losses)
            for index in range(len(losses)):
                accuracy = float(accuracies.y[index]) if known else None
                yield part, float(losses.x[index]), float(losses.y[index]), accuracy
