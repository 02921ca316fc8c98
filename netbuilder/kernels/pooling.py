"""Pooling of (N, C, H, W) arrays: every window becomes its largest number or its mean, tap by tap of the kernel."""

import numpy as np

from .scratch import Array, Scratch
from .windows import Geometry, margins, padded


def largest(run: Scratch, geometry: Geometry, x: Array) -> tuple[Array, Array]:
    """The largest number of every window, (N, C, oh, ow), and the padded map it was read from."""
    source = padded(run, x, geometry, value=-np.inf)
    y = run.array("y", (*x.shape[:2], *geometry.size), x.dtype)
    (_, (rows, columns)), *taps = geometry.taps()
    np.copyto(y, source[:, :, rows, columns])
    for _, (rows, columns) in taps:
        np.maximum(y, source[:, :, rows, columns], out=y)
    return y, source


def to_largest(run: Scratch, geometry: Geometry, source: Array, y: Array, dy: Array, shape: tuple[int, ...]) -> Array:
    """dx: every window's gradient goes to its largest number, of several to the first row by row; shares add up."""
    dx, inner = margins(run, shape, dy.dtype, geometry)
    waiting, wins = run.array("waiting", y.shape, bool), run.array("wins", y.shape, bool)
    share = run.array("share", y.shape, dy.dtype)
    waiting.fill(True)
    for _, (rows, columns) in geometry.taps():
        np.equal(source[:, :, rows, columns], y, out=wins)
        wins &= waiting
        waiting ^= wins
        dx[:, :, rows, columns] += np.multiply(dy, wins, out=share)
    return inner


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


def mean(run: Scratch, geometry: Geometry, x: Array, counts: Array) -> Array:
    """The sum of every window divided by its count: (N, C, oh, ow)."""
    source = padded(run, x, geometry)
    y = run.array("y", (*x.shape[:2], *geometry.size), x.dtype)
    (_, (rows, columns)), *taps = geometry.taps()
    np.copyto(y, source[:, :, rows, columns])
    for _, (rows, columns) in taps:
        y += source[:, :, rows, columns]
    y /= counts
    return y


def to_mean(run: Scratch, geometry: Geometry, dy: Array, counts: Array, shape: tuple[int, ...]) -> Array:
    """dx: every window's gradient is shared equally by the numbers of its mean."""
    dx, inner = margins(run, shape, dy.dtype, geometry)
    share = np.divide(dy, counts, out=run.array("share", dy.shape, dy.dtype))
    for _, (rows, columns) in geometry.taps():
        dx[:, :, rows, columns] += share
    return inner
