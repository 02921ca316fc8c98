"""Sliding windows over (N, C, H, W) arrays: the view that reads them, and its adjoint that adds them back."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

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


def windows(x: Array, geometry: Geometry) -> Array:
    """View of every window of a padded map: (N, C, oh, ow, kh, kw). Nothing is copied; do not write to it."""
    n, c, row, column = x.strides
    (sh, sw), (dh, dw) = geometry.stride, geometry.dilation
    shape = (*x.shape[:2], *geometry.size, *geometry.kernel)
    return as_strided(x, shape, (n, c, row * sh, column * sw, row * dh, column * dw), writeable=False)


def scatter(run: Scratch, patches: Array, shape: tuple[int, ...], geometry: Geometry) -> Array:
    """Adjoint of padding and `windows`: add every patch back to where it was read from.

    `patches` is (N, C, kh, kw, oh, ow); the result has the unpadded map's `shape`, and what was padding is dropped.
    """
    height, width = shape[2:]
    top, _, left, _ = geometry.pads
    rows, columns = max(geometry.covered[0], top + height), max(geometry.covered[1], left + width)
    out = run.array("scattered", (*shape[:2], rows, columns), patches.dtype)
    out.fill(0)
    for (i, j), (r, c) in geometry.taps():
        out[:, :, r, c] += patches[:, :, i, j]
    return out[:, :, top : top + height, left : left + width]


def unfold(run: Scratch, x: Array, geometry: Geometry) -> Array:
    """Columns of a map: (N, C, kh, kw, oh, ow), a contiguous copy of every window, kernel cell by kernel cell."""
    source = padded(run, x, geometry)
    out = run.array("columns", (*x.shape[:2], *geometry.kernel, *geometry.size), x.dtype)
    np.copyto(out, windows(source, geometry).transpose(0, 1, 4, 5, 2, 3))
    return out
