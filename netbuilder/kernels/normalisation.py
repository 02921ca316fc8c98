"""Statistics over a batch and sums over neighbouring channels: what normalising layers divide by."""

import numpy as np

from .scratch import Array, Scratch


def per_channel(values: Array, x: Array) -> Array:
    """One number per channel, shaped so that it meets the channels of x: (N, C, H, W) or (N, C)."""
    return values.reshape(-1, *[1] * (x.ndim - 2))


def channel_sums(x: Array) -> Array:
    """Σ over the batch, and over all places of a map: (C,)."""
    return x.sum((0, *range(2, x.ndim)))


def centred(run: Scratch, x: Array) -> tuple[Array, Array, Array]:
    """x − mean, with each channel's mean and biased variance over the batch and all places."""
    count = x.size // x.shape[1]
    mean = channel_sums(x) / count
    out = np.subtract(x, per_channel(mean, x), out=run.array("centred", x.shape, x.dtype))
    square = np.square(out, out=run.array("square", x.shape, x.dtype))
    return out, mean, channel_sums(square) / count


def batch_gradient(run: Scratch, dy: Array, normal: Array, by_shift: Array, by_scale: Array, scale: Array) -> Array:
    """dx = scale·(dy − mean(dy) − x̂·mean(dy·x̂)): the mean and the variance depend on every x, too.

    `by_shift` is Σ dy and `by_scale` is Σ dy·x̂ (Ioffe and Szegedy 2015, arXiv 1502.03167, section 3).
    """
    count = dy.size // dy.shape[1]
    dx = np.multiply(normal, per_channel(by_scale / -count, dy), out=run.array("dx", dy.shape, dy.dtype))
    dx += dy
    dx -= per_channel(by_shift / count, dy)
    dx *= per_channel(scale, dy)
    return dx


def neighbour_sums(run: Scratch, role: str, x: Array, before: int, after: int) -> Array:
    """For every channel, the sum of x over the channels from `before` before it to `after` after it."""
    channels = x.shape[1]
    out = run.array(role, x.shape, x.dtype)
    np.copyto(out, x)
    for offset in range(1, min(before, channels - 1) + 1):
        out[:, offset:] += x[:, :-offset]
    for offset in range(1, min(after, channels - 1) + 1):
        out[:, :-offset] += x[:, offset:]
    return out
