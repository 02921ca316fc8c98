"""Statistics over a batch and sums over neighbouring channels: what normalising layers divide by."""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from .scratch import Allocate, Array, Scratch, batch_first, batch_last, contiguous, like, ones

CHUNK = 262_144
"""Numbers worked on at once: few enough to stay in cache, enough to be worth the calls."""


class Moments(NamedTuple):
    """Of every row: how many numbers, their mean, and the sum of their squared distances from it."""

    numbers: int
    mean: Array
    squares: Array


def by_channel(allocate: Allocate, role: str, x: Array) -> Array:
    """(N, C, H, W) or (N, C) as a matrix with a row for every channel, (C, H · W · N); a copy only where x lies in
    another order."""
    return contiguous(allocate, role, batch_last(x)).reshape(x.shape[1], -1)


def from_channels(rows: Array, x: Array) -> Array:
    """Such a matrix in the shape of x."""
    return batch_first(rows.reshape(batch_last(x).shape))


def sums(rows: Array) -> Array:
    """Σ of every row, as a product with ones, in pieces so that rounding does not add up."""
    channels, count = rows.shape
    piece = next((size for size in (512, 256, 128, 64, 32) if count % size == 0), count)
    return (rows.reshape(-1, piece) @ ones(piece, rows.dtype)).reshape(channels, -1).sum(1)


def dots(a: Array, b: Array) -> Array:
    """Σ a·b of every row."""
    return np.matmul(a[:, None, :], b[:, :, None])[:, 0, 0]


def column_means(rows: Array) -> Array:
    """The mean of every column."""
    means = ones(len(rows), rows.dtype) @ rows
    means /= len(rows)
    return means


def channel_sums(run: Scratch, x: Array) -> Array:
    """Σ over the batch, and over all places of a map: (C,)."""
    if x.ndim == 2:
        return ones(len(x), x.dtype) @ x
    return sums(by_channel(run.temporary, "summed", x))


def moments(x: Array, centred: Array) -> Moments:
    """Of every row of a matrix; `centred` becomes the rows less their means."""
    mean, squares = np.empty((2, len(x)), x.dtype)
    for rows in parts(x):
        np.divide(sums(x[rows]), x.shape[1], out=mean[rows])
        part = np.subtract(x[rows], mean[rows, None], out=centred[rows])
        squares[rows] = dots(part, part)
    return Moments(x.shape[1], mean, squares)


def sums_and_dots(dy: Array, x: Array, mean: Array, centred: Array) -> tuple[Array, Array]:
    """Σ dy and Σ dy·(x − mean) of every row; `centred` becomes x − mean."""
    sum_, dot = np.empty((2, len(x)), dy.dtype)
    for rows in parts(x):
        part = np.subtract(x[rows], mean[rows, None], out=centred[rows])
        sum_[rows], dot[rows] = sums(dy[rows]), dots(dy[rows], part)
    return sum_, dot


def total(parts: Sequence[Array]) -> Array:
    """The sum of equal arrays, in their order."""
    return reduce(np.add, parts)


def merged(parts: Sequence[Moments]) -> Moments:
    """Mean and squares of all numbers from those of their parts (Chan, Golub and LeVeque 1983, formula 2.1)."""
    if len(parts) == 1:
        return parts[0]
    count = sum(part.numbers for part in parts)
    mean = total([part.mean * (part.numbers / count) for part in parts])
    return Moments(count, mean, total([part.squares + part.numbers * np.square(part.mean - mean) for part in parts]))


def normalise(y: Array, scale: Array, shift: Array) -> None:
    """Every row becomes scale · row + shift, each of its own."""
    for rows in parts(y):
        y[rows] *= scale[rows, None]
        y[rows] += shift[rows, None]


def batch_gradient(dx: Array, dy: Array, by_shift: Array, by_scale: Array, scale: Array) -> None:
    """dx, which holds rows n of mean 0 and variance 1, becomes scale·(dy − by_shift − n·by_scale): mean and variance
    depend on every x, too. `by_shift` is the mean of dy and `by_scale` that of dy·n (Ioffe and Szegedy 2015, arXiv
    1502.03167, section 3). Where n is yet to be multiplied by some factor, `by_scale` is to be so twice.
    """
    for rows in parts(dx):
        part = dx[rows]
        part *= -by_scale[rows, None]
        part += dy[rows]
        part -= by_shift[rows, None]
        part *= scale[rows, None]


def parts(rows: Array) -> list[slice]:
    """Some rows at a time, about CHUNK numbers, so that what is done to them one thing after the other finds them in
    the processor's cache."""
    step = max(1, CHUNK // max(1, rows.shape[1]))
    return [slice(start, start + step) for start in range(0, len(rows), step)]


def neighbour_sums(allocate: Allocate, role: str, x: Array, before: int, after: int) -> Array:
    """For every channel, the sum of x over the channels from `before` before it to `after` after it."""
    channels = x.shape[1]
    out = like(allocate, role, x)
    np.copyto(out, x)
    for offset in range(1, min(before, channels - 1) + 1):
        out[:, offset:] += x[:, :-offset]
    for offset in range(1, min(after, channels - 1) + 1):
        out[:, :-offset] += x[:, offset:]
    return out
