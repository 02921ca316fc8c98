"""Statistics over a batch and sums over neighbouring channels: what normalising layers divide by."""

import numpy as np

from .scratch import Array, Scratch, batch_first, batch_last, contiguous, like, ones


def by_channel(run: Scratch, role: str, x: Array) -> Array:
    """(N, C, H, W) or (N, C) as a matrix with a row for every channel, (C, H · W · N); a copy only where x lies in
    another order."""
    return contiguous(run, role, batch_last(x)).reshape(x.shape[1], -1)


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


def channel_sums(run: Scratch, x: Array) -> Array:
    """Σ over the batch, and over all places of a map: (C,)."""
    if x.ndim == 2:
        return ones(len(x), x.dtype) @ x
    return sums(by_channel(run, "summed", x))


def centred(run: Scratch, rows: Array) -> tuple[Array, Array, Array]:
    """Every row less its mean, the means, and the biased variances."""
    count = rows.shape[1]
    mean = sums(rows) / count
    out = np.subtract(rows, mean[:, None], out=run.array("centred", rows.shape, rows.dtype))
    return out, mean, dots(out, out) / count


def batch_gradient(run: Scratch, dy: Array, normal: Array, by_shift: Array, by_scale: Array, scale: Array) -> Array:
    """dx = scale·(dy − mean(dy) − n·mean(dy·n)) for rows n of mean 0 and variance 1: both depend on every x, too.

    `by_shift` is Σ dy and `by_scale` Σ dy·n (Ioffe and Szegedy 2015, arXiv 1502.03167, section 3). Where `normal` is
    yet to be multiplied by some factor, `by_scale` is to be so twice.
    """
    count = dy.shape[1]
    dx = np.multiply(normal, (by_scale / -count)[:, None], out=run.array("dx", dy.shape, dy.dtype))
    dx += dy
    dx -= (by_shift / count)[:, None]
    dx *= scale[:, None]
    return dx


def neighbour_sums(run: Scratch, role: str, x: Array, before: int, after: int) -> Array:
    """For every channel, the sum of x over the channels from `before` before it to `after` after it."""
    channels = x.shape[1]
    out = like(run, role, x)
    np.copyto(out, x)
    for offset in range(1, min(before, channels - 1) + 1):
        out[:, offset:] += x[:, :-offset]
    for offset in range(1, min(after, channels - 1) + 1):
        out[:, :-offset] += x[:, offset:]
    return out
