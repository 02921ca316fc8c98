"""A data set as it is stored and as a design reads it -> what an export draws on: names, preparation and samples."""

from dataclasses import dataclass

import numpy as np

from netbuilder.data import Dataset, Preprocessing
from netbuilder.engine.randomness import stream
from netbuilder.interop.emitter import Array
from netbuilder.interop.preparation import Preparation
from netbuilder.layers import ImageShape, VectorShape

CALIBRATION = 512
"""Samples of the training part that int8 is fitted to; a few hundred are what is usual."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Some samples three ways: as stored, as the network reads them, and what they show (None for regression)."""

    raw: Array
    ready: Array
    labels: Array | None


@dataclass(frozen=True, eq=False)
class ExportData:
    """What a data set gives an export. `stored` is as `load` reads it, `fitted` as the design does."""

    stored: Dataset
    fitted: Dataset

    @property
    def title(self) -> str:
        return self.stored.title

    @property
    def digest(self) -> str:
        """SHA-256 of the parts as they were read."""
        return self.stored.digest

    @property
    def classes(self) -> tuple[str, ...]:
        return self.fitted.classes

    @property
    def preprocessing(self) -> Preprocessing:
        return self.fitted.preprocessing

    @property
    def preparation(self) -> Preparation:
        """The way from a stored sample to the network's input."""
        stored = self.stored.training.inputs
        axes = stored.shape[1:]
        raw = ImageShape(*axes) if len(axes) == 3 else VectorShape(*axes)
        return Preparation(raw, self.fitted.shape, self.preprocessing, stored.dtype == np.uint8, self.fitted.image)

    def calibration(self, count: int = CALIBRATION, seed: int = 0) -> Array:
        """Prepared samples of the training part, drawn without repetition and the same for every seed."""
        part = self.fitted.training
        rows = stream(seed, "calibration").permutation(len(part))[:count]
        return part.batch(np.sort(rows))

    def test(self, most: int | None = None) -> Samples:
        """The test part, or the first `most` of it."""
        rows = slice(0, most)
        part = self.fitted.test
        labels = part.targets[rows] if self.classes else None
        return Samples(self.stored.test.inputs[rows], part.batch(rows), labels)
