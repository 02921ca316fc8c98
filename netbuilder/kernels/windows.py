"""Sliding windows over (N, C, H, W) arrays: copying them out of padded maps, and the adjoint that adds them back."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .scratch import Array, Scratch

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where a kernel lies on a map. `pads` is (top, bottom, left, right), `size` the output's (height, width).

    The last windows may run past the padded map (ceil mode); what they find there is padding too.
    """

    kernel: Pair
    stride: Pair
    pads: tuple[int, int, int, int]
    dilation: Pair
    size: Pair

    @property
    def places(self) -> int:
        """How many windows there are."""
        return self.size[0] * self.size[1]

    @property
    def covered(self) -> Pair:
        """Height and width of the padded map that the windows read."""
        return (
            (self.size[0] - 1) * self.stride[0] + (self.kernel[0] - 1) * self.dilation[0] + 1,
            (self.size[1] - 1) * self.stride[1] + (self.kernel[1] - 1) * self.dilation[1] + 1,
        )

    def reads_exactly(self, height: int, width: int) -> bool:
        """Whether the windows stay within an unpadded map of this size."""
        return not any(self.pads) and self.covered[0] <= height and self.covered[1] <= width

    def taps(self) -> list[tuple[Pair, tuple[slice, slice]]]:
        """For every kernel cell (i, j), the rows and columns of the padded map that it reads over all windows."""
        (kh, kw), (sh, sw), (dh, dw), (oh, ow) = self.kernel, self.stride, self.dilation, self.size
        return [
            ((i, j), (slice(i * dh, i * dh + (oh - 1) * sh + 1, sh), slice(j * dw, j * dw + (ow - 1) * sw + 1, sw)))
            for i in range(kh)
            for j in range(kw)
        ]


def padded(run: Scratch, x: Array, geometry: Geometry, value: float = 0.0) -> Array:
    """The part of the map the windows read, with padding around it; the map itself where it needs none."""
    height, width = x.shape[2:]
    if geometry.reads_exactly(height, width):
        return x
    top, _, left, _ = geometry.pads
    rows, columns = geometry.covered
    out = run.array("padded", (*x.shape[:2], rows, columns), x.dtype)
    inner_rows, inner_columns = min(height, rows - top), min(width, columns - left)
    out.fill(value)
    if inner_rows > 0 and inner_columns > 0:
        out[:, :, top : top + inner_rows, left : left + inner_columns] = x[:, :, :inner_rows, :inner_columns]
    return out


def margins(run: Scratch, shape: tuple[int, ...], dtype: Any, geometry: Geometry) -> tuple[Array, Array]:
    """Zeros to add gradients to: with room for padding and whatever windows run past, and the map's part of them."""
    height, width = shape[2:]
    top, _, left, _ = geometry.pads
    rows, columns = max(geometry.covered[0], top + height), max(geometry.covered[1], left + width)
    out = run.array("margins", (*shape[:2], rows, columns), dtype)
    out.fill(0)
    return out, out[:, :, top : top + height, left : left + width]


def unfold(source: Array, geometry: Geometry, out: Array) -> Array:
    """Columns of a padded map: `out`, (N, C, kh, kw, oh, ow), becomes a copy of every window, cell by cell."""
    for (i, j), (rows, columns) in geometry.taps():
        np.copyto(out[:, :, i, j], source[:, :, rows, columns])
    return out


def scatter(patches: Array, geometry: Geometry, out: Array) -> None:
    """Adjoint of `unfold`: add all patches, (N, C, kh, kw, oh, ow), to where they were read from in a padded map."""
    for (i, j), (rows, columns) in geometry.taps():
        out[:, :, rows, columns] += patches[:, :, i, j]
