"""Sliding windows over maps, (channels, height, width, N) in memory: which numbers each kernel cell reads."""

from dataclasses import dataclass
from functools import lru_cache

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
        (kh, kw), (sh, sw), (dh, dw), (oh, ow) = self.kernel, self.stride, self.dilation, self.size
        return (oh - 1) * sh + (kh - 1) * dh + 1, (ow - 1) * sw + (kw - 1) * dw + 1

    def is_pointwise(self, map_size: Pair) -> bool:
        """Whether every window is one pixel, and every pixel of such a map a window."""
        return self.kernel == self.stride == (1, 1) and self.size == map_size and not any(self.pads)


@dataclass(frozen=True, slots=True)
class Tap:
    """What one kernel cell reads over many windows: `written` are the windows' rows and columns for which it lies on
    the map, `read` the map's; for all other windows it lies on padding."""

    written: tuple[slice, slice]
    read: tuple[slice, slice]

    def copy(self, maps: Array, out: Array) -> None:
        """`out` (channels, rows, columns, N) becomes what the cell reads, padding being 0."""
        rows, columns = self.written
        out[:, : rows.start] = 0
        out[:, rows.stop :] = 0
        inner = out[:, rows]
        inner[:, :, : columns.start] = 0
        inner[:, :, columns.stop :] = 0
        np.copyto(inner[:, :, columns], maps[:, *self.read])

    def add(self, shares: Array, maps: Array) -> None:
        """Adjoint of `copy`: every share is added to the number of the map it belongs to."""
        part = maps[:, *self.read]
        part += shares[:, *self.written]


@lru_cache(maxsize=4096)
def taps(geometry: Geometry, map_size: Pair, first: int = 0, last: int | None = None) -> tuple[Tap, ...]:
    """For every kernel cell, row by row, what it reads of a map over the windows of rows `first` to before `last`."""
    (height, width), (oh, ow) = map_size, geometry.size
    rows, columns = slice(first, oh if last is None else last), slice(0, ow)
    vertical = [_lap(rows, geometry, 0, i, height) for i in range(geometry.kernel[0])]
    horizontal = [_lap(columns, geometry, 1, j, width) for j in range(geometry.kernel[1])]
    return tuple(Tap((v[0], h[0]), (v[1], h[1])) for v in vertical for h in horizontal)


def padded(run: Scratch, geometry: Geometry, maps: Array) -> Array:
    """The map with zeros around it, as far as windows reach; the map itself where they stay within it."""
    channels, height, width, n = maps.shape
    top, bottom, left, right = geometry.pads
    rows, columns = geometry.covered
    size = (max(rows, top + height + bottom), max(columns, left + width + right))
    if size == (height, width):
        return maps
    out = run.temporary("padded", (channels, *size, n), maps.dtype)
    for margin in (np.s_[:, :top], np.s_[:, top + height :], np.s_[:, :, :left], np.s_[:, :, left + width :]):
        out[margin] = 0
    np.copyto(out[:, top : top + height, left : left + width], maps)
    return out


def _lap(windows: slice, geometry: Geometry, axis: int, cell: int, size: int) -> tuple[slice, slice]:
    offset = cell * geometry.dilation[axis] - geometry.pads[2 * axis]
    return meeting(windows, offset, size, geometry.stride[axis])


def meeting(windows: slice, offset: int, size: int, stride: int = 1) -> tuple[slice, slice]:
    """Along one axis: which of some windows see one of `size` positions at stride · window + offset, counted from the
    first of them, and which positions these are; two empty slices where none does."""
    start = max(windows.start, -(offset // stride))
    stop = min(windows.stop, (size - 1 - offset) // stride + 1)
    if start >= stop:
        return slice(0, 0), slice(0, 0)
    read = slice(start * stride + offset, (stop - 1) * stride + offset + 1, stride)
    return slice(start - windows.start, stop - windows.start), read
