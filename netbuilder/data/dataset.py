"""A data set as training sees it: three parts that never overlap, and how their numbers are made ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.resizing import resized
from netbuilder.layers.shapes import ImageShape, Shape

Inputs: TypeAlias = NDArray[np.uint8] | NDArray[np.float32]
Targets: TypeAlias = NDArray[np.int64] | NDArray[np.float32]
Indices: TypeAlias = Sequence[int] | NDArray[np.integer[Any]] | slice

_CHUNK = 1024
"""Samples converted to float64 at a time while statistics are gathered."""


@dataclass(frozen=True)
class Preprocessing:
    """(x · scale − mean) / std, with one mean and one standard deviation per channel or feature."""

    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def apply(self, inputs: Inputs) -> NDArray[np.float32]:
        """(N, C, …) raw values as new float32 values, C-contiguous."""
        ready = np.array(inputs, dtype=np.float32, order="C")
        axes = (-1,) + (1,) * (ready.ndim - 2)
        std = np.array(self.std, dtype=np.float64)
        # One multiplication and one subtraction: x · (scale/std) − mean/std.
        ready *= (self.scale / std).astype(np.float32).reshape(axes)
        ready -= (np.array(self.mean) / std).astype(np.float32).reshape(axes)
        return ready

    @classmethod
    def fitted(cls, inputs: Inputs) -> "Preprocessing":
        """Standardises `inputs` (N, C, …) per channel; bytes are first scaled to 0…1, floats are taken as they are."""
        scale = 1 / 255 if inputs.dtype == np.uint8 else 1.0
        channels = inputs.shape[1]
        rest = tuple(axis for axis in range(inputs.ndim) if axis != 1)
        total, squares = np.zeros(channels), np.zeros(channels)
        count = max(1, inputs.size // channels)
        for start in range(0, len(inputs), _CHUNK):
            total += (inputs[start : start + _CHUNK].astype(np.float64) * scale).sum(axis=rest)
        mean = total / count
        centre = mean.reshape((-1,) + (1,) * (inputs.ndim - 2))
        for start in range(0, len(inputs), _CHUNK):
            squares += np.square(inputs[start : start + _CHUNK].astype(np.float64) * scale - centre).sum(axis=rest)
        std = np.sqrt(squares / count)
        # A channel that never changes carries nothing to standardise; dividing by its rounding noise would explode.
        std[std <= 1e-7 * np.maximum(np.abs(mean), 1e-30)] = 1.0
        return cls(scale, tuple(mean.tolist()), tuple(std.tolist()))


@dataclass(frozen=True, eq=False)
class Part:
    """Samples of one kind: training, validation or test.

    `inputs` are as stored, (N, C, H, W) or (N, features), uint8 or float32; `targets` int64 labels (N,) or float32
    values (N, K). Images are brought to `pixels`, and a flat `shape` is reached, batch by batch, so that a large
    input size costs no memory beforehand.
    """

    inputs: Inputs
    targets: Targets
    shape: Shape
    preprocessing: Preprocessing
    pixels: tuple[int, int] | None = None
    """Height and width that images are resized to; None leaves them as they are."""

    def __len__(self) -> int:
        return len(self.inputs)

    def batch(self, indices: Indices) -> NDArray[np.float32]:
        """The chosen samples, ready for the network: float32 (n, *shape.array), C-contiguous, in the order asked."""
        return self.prepare(self.inputs[indices])

    def prepare(self, inputs: Inputs) -> NDArray[np.float32]:
        """Raw samples of the stored layout, made ready exactly as `batch` does. For a picture to be predicted, too."""
        if self.pixels is not None:
            inputs = resized(inputs, *self.pixels)
        return self.preprocessing.apply(inputs).reshape(len(inputs), *self.shape.array)

    def raw(self, index: int) -> Inputs:
        """One sample for display, (C, H, W) or (features,), as the network will see it but not standardised."""
        sample = self.inputs[index : index + 1] if index >= 0 else self.inputs[[index]]
        return (resized(sample, *self.pixels) if self.pixels is not None else sample)[0]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A named data set; `classes` is empty for regression. `digest` is the SHA-256 of the parts as they were read."""

    name: str
    title: str
    classes: tuple[str, ...]
    training: Part
    validation: Part
    test: Part
    digest: str

    @property
    def shape(self) -> Shape:
        """Shape of one prepared sample."""
        return self.training.shape

    @property
    def preprocessing(self) -> Preprocessing:
        """Fitted to the training part, the same for all three; per channel, even where images are flattened."""
        return self.training.preprocessing

    @property
    def parts(self) -> dict[str, Part]:
        """The three parts by name."""
        return {"training": self.training, "validation": self.validation, "test": self.test}

    @cached_property
    def outputs(self) -> int:
        """Numbers a network must give: one per class, or one per regression target."""
        return len(self.classes) or int(self.training.targets.shape[1])

    @property
    def image(self) -> ImageShape | None:
        """Shape of a sample as a picture, also where the network sees it flattened; None for a table of features."""
        part = self.training
        if part.inputs.ndim != 4:
            return None
        height, width = part.pixels or part.inputs.shape[2:]
        return ImageShape(int(part.inputs.shape[1]), int(height), int(width))
