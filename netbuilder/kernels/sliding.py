"""A map -> all that the windows of a kernel see of it, some rows at a time and ready for products.

Every row of the map is copied once for each kernel column, moved aside by so much, channel under channel; the rows of
numbers that a window of kernel rows holds then lie one after the other, and all windows are views of one array.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .axes import Along, Span, chunks, of_inputs, strips
from .products import SKEW
from .scratch import Array, Scratch
from .windows import Geometry, meeting

CHUNK = 800_000
"""Numbers copied at once: few enough to stay in cache, enough to be worth the calls."""


class Seen(NamedTuple):
    """What the windows of some places (rows, columns) hold: (rows, kernel rows · columns · channels, columns, N).
    Of the kernel rows there are only `cells`, those that lie on the map."""

    places: tuple[slice, slice]
    cells: slice
    windows: Array


def seen(run: Scratch, maps: Array, rows: Along, columns: Along, least: int) -> Iterator[Seen]:
    """All windows of a map (channels, height, width, N), about CHUNK numbers at a time: some of the columns first, and
    where these would be fewer than `least` numbers, some of the rows."""
    channels, height, width, n = maps.shape
    copied = not _as_it_lies(rows, columns, width)
    wide, most = _at_once(rows, columns, channels, n, least) if copied else (columns.count, height)
    for place, strip in strips(columns, wide):
        for chunk in chunks(rows, height, most):
            source = maps[:, chunk.read]
            moved = _moved(run, source, strip) if copied else source[:, :, strip.seen(0)].swapaxes(0, 1)
            for span in chunk.spans:
                shown = _shown(moved, span, strip.count, n) if copied else moved[span.begins]
                yield Seen((span.places, place), span.cells, shown)


class Size(NamedTuple):
    """Of what `seen` holds at a time, the most: numbers copied, rows of windows, and windows in all of these."""

    copied: int
    rows: int
    places: int


def most_at_once(rows: Along, columns: Along, map_shape: tuple[int, ...], least: int) -> Size:
    """How much `seen` tells at a time."""
    channels, height, width, n = map_shape
    if not (rows.taps and columns.taps):
        return Size(0, 0, 0)
    copies = not _as_it_lies(rows, columns, width)
    wide, most = _at_once(rows, columns, channels, n, least) if copies else (columns.count, height)
    wide = max(strip.count for _, strip in strips(columns, wide))
    parts = chunks(rows, height, most)
    read = max(len(range(*part.read.indices(height))) for part in parts) if copies else 0
    lines = max(span.count for part in parts for span in part.spans)
    return Size(read * channels * len(columns.taps) * (wide * n + SKEW), lines, lines * wide * n)


def places_of_inputs(geometry: Geometry, map_shape: tuple[int, ...]) -> list[tuple[Along, Along]]:
    """Rows and columns of the numbers of a map, by which cells of the kernel read them."""
    vertical, horizontal = (of_inputs(geometry, axis, map_shape[1 + axis]) for axis in (0, 1))
    return [(rows, columns) for rows in vertical for columns in horizontal]


def is_narrow(geometry: Geometry, width: int) -> bool:
    """Whether there are clearly fewer outputs than inputs in a row, or those that read an input are not neighbours, so
    that sums over both are shorter over windows of the map than over windows of the output."""
    return geometry.stride != (1, 1) or 10 * geometry.size[1] < 9 * width


def _at_once(rows: Along, columns: Along, channels: int, n: int, least: int) -> tuple[int, int]:
    """How many columns are taken at a time, and how many rows of the map."""
    height = rows.stride * (rows.count - 1) + rows.taps[-1][1] - rows.taps[0][1] + 1
    each = channels * len(columns.taps) * n
    wide = min(columns.count, max(-(-least // n), CHUNK // (each * height)))
    return wide, max(1, CHUNK // (each * wide))


def _as_it_lies(rows: Along, columns: Along, width: int) -> bool:
    """Whether every window is one number, and on the map, so that nothing needs to be copied."""
    if len(rows.taps) > 1 or len(columns.taps) > 1:
        return False
    read = columns.seen(0)
    return read.start >= 0 and read.stop <= width


def _moved(run: Scratch, maps: Array, columns: Along) -> Array:
    """Rows of a map, moved aside by each kernel column, 0 beyond it: (rows, kernel columns · channels, columns · N +
    SKEW), the last ones unused."""
    channels, height, width, n = maps.shape
    length, deep = columns.count * n, len(columns.taps) * channels
    moved = run.temporary("moved", (height, deep, length + SKEW), maps.dtype)
    out = moved[:, :, :length].reshape(height, deep, columns.count, n)
    for tap, (_, offset) in enumerate(columns.taps):
        copy = out[:, tap * channels : (tap + 1) * channels]
        own, met = meeting(slice(0, columns.count), offset, width, columns.stride)
        if own.start:
            copy[:, :, : own.start] = 0
        if own.stop < columns.count:
            copy[:, :, own.stop :] = 0
        copy[:, :, own] = maps[:, :, met].swapaxes(0, 1)
    return moved


def _shown(moved: Array, span: Span, columns: int, n: int) -> Array:
    """The windows of a span, (places, kernel rows · K, columns, N), which share memory where they overlap."""
    _, deep, length = moved.shape
    row, each = moved.strides[0], moved.itemsize
    shape = (span.count, (span.cells.stop - span.cells.start) * deep, columns, n)
    if not shape[1]:
        return np.empty(shape, moved.dtype)
    return np.ndarray(shape, moved.dtype, moved, span.first * row, (span.stride * row, length * each, n * each, each))
