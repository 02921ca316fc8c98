"""From training samples to slightly other ones that mean the same: new in every epoch, and the same ones again when a
run is repeated or goes on.

What happens to a sample follows from (seed, epoch, its place in the data) alone, never from the batch it is in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netbuilder.data import Part
from netbuilder.data.dataset import Inputs
from netbuilder.data.resizing import resized
from netbuilder.kernels.scratch import Array
from netbuilder.layers.settings import Flag, Integer, Real, setting

from .declared import Declared
from .randomness import stream


@dataclass(frozen=True)
class Augmentation(Declared):
    """Base of all augmentations. `draws` random numbers from 0 to below 1 decide what happens to one sample."""

    draws: ClassVar[int] = 1
    images_only: ClassVar[bool] = True

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        """Samples (N, C, H, W), float32 and free to be written, changed as `draws` (N, draws) say.

        `unit` is the width of the value range: 255 for bytes.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Shift(Augmentation):
    """Moves the image by whole pixels, equally likely in every direction; its edge is repeated into the gap."""

    draws: ClassVar[int] = 2
    pixels: int = setting(default=2, converter=Integer(1, 1000), unit="pixels", help="The farthest it moves.")

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        down, right = np.floor(draws.T * (2 * self.pixels + 1)).astype(np.intp)
        wide = np.pad(x, [(0, 0), (0, 0), (self.pixels,) * 2, (self.pixels,) * 2], mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(wide, x.shape[2:], (2, 3))
        return windows[np.arange(len(x)), :, down, right]


@dataclass(frozen=True)
class Flip(Augmentation):
    """Mirrors some of the images, left to right or, where that is asked for, top to bottom."""

    probability: float = setting(default=0.5, converter=Real(0, 1), help="The share of images that are mirrored.")
    vertical: bool = setting(default=False, converter=Flag(), help="Top to bottom instead of left to right.")

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        chosen = draws[:, 0] < self.probability
        x[chosen] = x[chosen, :, ::-1] if self.vertical else x[chosen, ..., ::-1]
        return x


@dataclass(frozen=True)
class Rotate(Augmentation):
    """Turns the image about its middle, by bilinear sampling; its edge is repeated into the corners."""

    degrees: float = setting(default=10.0, converter=Real(0, 180), unit="degrees", help="The farthest it turns.")

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        count, channels, height, width = x.shape
        angle = np.deg2rad((2 * draws[:, 0] - 1) * self.degrees).astype(np.float32).reshape(-1, 1, 1)
        rows = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
        columns = np.arange(width, dtype=np.float32) - (width - 1) / 2
        across = np.clip(np.cos(angle) * columns + np.sin(angle) * rows + (width - 1) / 2, 0, width - 1)
        down = np.clip(np.cos(angle) * rows - np.sin(angle) * columns + (height - 1) / 2, 0, height - 1)
        top, left = np.minimum(down, max(height - 2, 0)).astype(np.intp), across.astype(np.intp)
        left = np.minimum(left, max(width - 2, 0))
        below, beside = (down - top)[:, None], (across - left)[:, None]
        flat = x.reshape(count, channels, -1)

        def at(lower: int, further: int) -> Array:
            place = np.minimum(top + lower, height - 1) * width + np.minimum(left + further, width - 1)
            return np.take_along_axis(flat, place.reshape(count, 1, -1), 2).reshape(x.shape)

        upper = at(0, 0) * (1 - beside) + at(0, 1) * beside
        lower = at(1, 0) * (1 - beside) + at(1, 1) * beside
        return upper * (1 - below) + lower * below


@dataclass(frozen=True)
class CutOut(Augmentation):
    """Covers a square with the image's mean (DeVries and Taylor 2017, arXiv 1708.04552); its middle may lie anywhere,
    so that it often reaches over the edge."""

    draws: ClassVar[int] = 3
    size: int = setting(default=8, converter=Integer(1, 10_000), unit="pixels", help="The side of the square.")
    probability: float = setting(default=1.0, converter=Real(0, 1), help="The share of images that are covered.")

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        rows, columns = (self._side(draws[:, axis], x.shape[2 + axis]) for axis in (0, 1))
        rows &= draws[:, 2:] < self.probability
        covered = rows[:, None, :, None] & columns[:, None, None, :]
        return np.where(covered, x.mean((2, 3), keepdims=True), x)

    def _side(self, draws: Array, length: int) -> Array:
        """Which places along an axis the square of each image covers."""
        first, places = np.floor(draws * length)[:, None] - self.size // 2, np.arange(length)
        covered: Array = (places >= first) & (places < first + self.size)
        return covered


@dataclass(frozen=True)
class Noise(Augmentation):
    """Adds a normal random number of its own to every value."""

    images_only: ClassVar[bool] = False
    amount: float = setting(
        default=0.05, converter=Real(0, 10), help="Its standard deviation, as a share of the value range."
    )

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        for index, key in enumerate((draws[:, 0] * 2**53).astype(np.int64).tolist()):
            random = np.random.Generator(np.random.Philox(key=key))
            x[index] += random.standard_normal(x.shape[1:], np.float32) * np.float32(self.amount * unit)
        return x


@dataclass(frozen=True)
class Contrast(Augmentation):
    """Stretches or narrows the values about the image's mean."""

    amount: float = setting(default=0.2, converter=Real(0, 1), help="How far the factor lies from 1 at most.")

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        factor = (1 + (2 * draws[:, 0] - 1) * self.amount).astype(np.float32).reshape(-1, 1, 1, 1)
        mean = x.mean((1, 2, 3), keepdims=True)
        x -= mean
        x *= factor
        x += mean
        return x


@dataclass(frozen=True)
class Brightness(Augmentation):
    """Adds the same number to all values of an image."""

    amount: float = setting(default=0.1, converter=Real(0, 1), help="The most, as a share of the value range.")

    def apply(self, x: Array, draws: Array, unit: float) -> Array:
        x += ((2 * draws[:, 0] - 1) * self.amount * unit).astype(np.float32).reshape(-1, 1, 1, 1)
        return x


AUGMENTATIONS: dict[str, type[Augmentation]] = {
    cls.__name__: cls for cls in (Shift, Flip, Rotate, CutOut, Noise, Contrast, Brightness)
}


class Augmented:
    """A training part whose samples are augmented, one augmentation after another, as they are asked for."""

    def __init__(self, part: Part, augment: Sequence[Augmentation], seed: int):
        self.part, self.augment, self.seed = part, tuple(augment), seed
        self._drawn: tuple[int, list[Array]] = (-1, [])

    def batch(self, rows: Array, epoch: int) -> Array:
        """The chosen samples of an epoch, ready for the network, as `Part.batch` gives them."""
        if not self.augment:
            return self.part.batch(rows)
        ready = self.part.preprocessing.apply(self.raw(rows, epoch))
        return ready.reshape(len(rows), *self.part.shape.array)

    def raw(self, rows: Array, epoch: int) -> Array:
        """The same before they are standardised: float32 in the stored layout and range."""
        x = _stored(self.part, rows).astype(np.float32)
        unit = 1 / self.part.preprocessing.scale
        for each, draws in zip(self.augment, self._draws(epoch), strict=True):
            x = each.apply(x, draws[rows], unit)
        return x

    def _draws(self, epoch: int) -> list[Array]:
        """The random numbers of all samples in an epoch, for each augmentation."""
        if self._drawn[0] != epoch:
            names = [(place, type(each).__name__) for place, each in enumerate(self.augment)]
            self._drawn = (
                epoch,
                [
                    stream(self.seed, "augment", place, name, epoch).random((len(self.part), each.draws))
                    for (place, name), each in zip(names, self.augment, strict=True)
                ],
            )
        return self._drawn[1]


def contact_sheet(
    part: Part, augment: Sequence[Augmentation], samples: int = 6, versions: int = 7, seed: int = 0
) -> Array:
    """A picture to look at, uint8 (height, width, 1 or 3): every row a sample as it is, then as `versions` epochs
    would show it, a pixel apart. Two channels show as the first alone."""
    rows = np.arange(min(samples, len(part)))
    seen = Augmented(part, augment, seed)
    columns = [_stored(part, rows).astype(np.float32), *(seen.raw(rows, epoch) for epoch in range(versions))]
    tiles = np.stack(columns, 1)[:, :, :3] if part.inputs.shape[1] >= 3 else np.stack(columns, 1)[:, :, :1]
    low, high = (0.0, 255.0) if part.inputs.dtype == np.uint8 else (float(columns[0].min()), float(columns[0].max()))
    tiles = np.clip((tiles - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
    count, across, channels, height, width = tiles.shape
    sheet = np.zeros((count, height + 1, across, width + 1, channels), np.uint8)
    sheet[:, :height, :, :width] = tiles.transpose(0, 3, 1, 4, 2)
    return sheet.reshape(count * (height + 1), across * (width + 1), channels)[:-1, :-1]


def _stored(part: Part, rows: Array) -> Inputs:
    """Samples as they are stored, images in the size the network reads."""
    raw = part.inputs[rows]
    return raw if part.pixels is None else resized(raw, *part.pixels)
