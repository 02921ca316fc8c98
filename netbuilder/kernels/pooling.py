"""Pooling of maps, (channels, height, width, N) in memory: every window becomes its largest number or its mean."""

from collections.abc import Callable

import numpy as np

from .scratch import Array, Scratch
from .windows import Geometry, taps

CHUNK = 400_000
"""Numbers of a map worked on at once."""
NOTHING = -np.inf
"""What padding counts as: less than any number."""
Back = Callable[[Array], Array]
"""From the gradient by the output to the one by the map."""


def largest(run: Scratch, geometry: Geometry, maps: Array) -> tuple[Array, Back]:
    """The largest number of every window, cell by cell of the kernel, and the way back. Padding never wins."""
    y = run.array("y", (len(maps), *geometry.size, maps.shape[3]), maps.dtype)
    first, *rest = taps(geometry, maps.shape[1:3])
    if y[:, *first.written].shape != y.shape:
        y.fill(NOTHING)
    np.copyto(y[:, *first.written], maps[:, *first.read])
    for tap in rest:
        part = y[:, *tap.written]
        np.maximum(part, maps[:, *tap.read], out=part)
    return y, lambda dy: to_largest(run, geometry, maps, y, dy)


def to_largest(run: Scratch, geometry: Geometry, maps: Array, y: Array, dy: Array) -> Array:
    """dx: every window's gradient goes to its largest number, of several to the first row by row; shares add up."""
    dx = run.gradient("dx", maps.shape, maps.dtype)
    waiting, wins = run.temporary("waiting", y.shape, bool), run.temporary("wins", y.shape, bool)
    share = run.temporary("share", y.shape, dy.dtype)
    dx.fill(0)
    waiting.fill(True)
    for tap in taps(geometry, maps.shape[1:3]):
        won, left, part = (a[:, *tap.written] for a in (wins, waiting, share))
        np.equal(maps[:, *tap.read], y[:, *tap.written], out=won)
        won &= left
        left ^= won
        dx[:, *tap.read] += np.multiply(dy[:, *tap.written], won, out=part)
    return dx


def in_pairs(geometry: Geometry) -> bool:
    """Whether windows are pairs of pairs, side by side: 2×2, which `largest_of_pairs` does faster."""
    return geometry.kernel == geometry.stride == (2, 2) and geometry.pads[0] == geometry.pads[2] == 0


def largest_of_pairs(run: Scratch, geometry: Geometry, maps: Array) -> tuple[Array, Back]:
    """`largest` for 2×2 windows: the larger of two columns, then of two rows; in this order, of equals the first row by
    row is found, as long as a second one wins only where it is larger."""
    channels, height, width, n = maps.shape
    rows, columns = geometry.size
    y = run.array("y", (channels, rows, columns, n), maps.dtype)
    right = run.array("right", (channels, height, min(width // 2, columns), n), bool)
    below = run.array("below", (channels, min(height // 2, rows), columns, n), bool)
    parts = _parts(maps)
    size = (parts[0].stop, height, columns, n)
    for part in parts:
        wide = run.temporary("of columns", size, maps.dtype)[: part.stop - part.start]
        _larger(maps[part].swapaxes(1, 2), wide.swapaxes(1, 2), right[part].swapaxes(1, 2))
        _larger(wide, y[part], below[part])

    def back(dy: Array) -> Array:
        dx = run.gradient("dx", maps.shape, dy.dtype)
        for part in parts:
            wide = run.temporary("of columns", size, dy.dtype)[: part.stop - part.start]
            _hand_back(dy[part], below[part], wide)
            _hand_back(wide.swapaxes(1, 2), right[part].swapaxes(1, 2), dx[part].swapaxes(1, 2))
        return dx

    return y, back


def channels_at_a_time(shape: tuple[int, ...]) -> int:
    """How many channels of a map (C, H, W, N) are about CHUNK numbers."""
    channels, height, width, n = shape
    return min(channels, max(1, CHUNK // (height * width * n)))


def _parts(maps: Array) -> list[slice]:
    step = channels_at_a_time(maps.shape)
    return [slice(start, min(start + step, len(maps))) for start in range(0, len(maps), step)]


def _larger(x: Array, out: Array, later: Array) -> None:
    """The larger of every pair along axis 1, a last single one being kept, and where that was the second of the two."""
    whole = later.shape[1]
    first, second = x[:, : 2 * out.shape[1] : 2], x[:, 1 : 2 * whole : 2]
    np.maximum(first[:, :whole], second, out=out[:, :whole])
    np.copyto(out[:, whole:], first[:, whole:])
    np.greater(second, first[:, :whole], out=later)


def _hand_back(dy: Array, later: Array, dx: Array) -> None:
    """Adjoint of `_larger`: gradients of pairs to the one that was larger, 0 to the other."""
    whole = later.shape[1]
    first, second = dx[:, : 2 * dy.shape[1] : 2], dx[:, 1 : 2 * whole : 2]
    np.multiply(dy[:, :whole], later, out=second)
    np.subtract(dy[:, :whole], second, out=first[:, :whole])
    np.copyto(first[:, whole:], dy[:, whole:])
    dx[:, 2 * dy.shape[1] :] = 0


def counts(geometry: Geometry, shape: tuple[int, ...], *, padding: bool) -> Array:
    """How many numbers each window's mean is of, (oh, ow): those of the map, with or without its padding."""
    top, bottom, left, right = geometry.pads
    rows, columns = (
        _covered(out, kernel, stride, begin, size, end, padding)
        for out, kernel, stride, begin, size, end in (
            (geometry.size[0], geometry.kernel[0], geometry.stride[0], top, shape[2], bottom),
            (geometry.size[1], geometry.kernel[1], geometry.stride[1], left, shape[3], right),
        )
    )
    return rows[:, None] * columns


def _covered(out: int, kernel: int, stride: int, begin: int, size: int, end: int, padding: bool) -> Array:
    """How many positions of one axis each window covers."""
    first, last = (0, begin + size + end) if padding else (begin, begin + size)
    starts = np.arange(out) * stride
    return np.minimum(starts + kernel, last) - np.maximum(starts, first)


def mean(run: Scratch, geometry: Geometry, maps: Array, counts: Array) -> Array:
    """The sum of every window divided by its count (oh, ow, 1)."""
    y = run.array("y", (len(maps), *geometry.size, maps.shape[3]), maps.dtype)
    y.fill(0)
    for tap in taps(geometry, maps.shape[1:3]):
        part = y[:, *tap.written]
        part += maps[:, *tap.read]
    y /= counts
    return y


def to_mean(run: Scratch, geometry: Geometry, dy: Array, counts: Array, shape: tuple[int, ...]) -> Array:
    """dx: every window's gradient is shared equally by the numbers of its mean."""
    dx = run.gradient("dx", shape, dy.dtype)
    dx.fill(0)
    share = np.divide(dy, counts, out=run.temporary("share", dy.shape, dy.dtype))
    for tap in taps(geometry, shape[1:3]):
        tap.add(share, dx)
    return dx
