"""Depthwise convolution, cell by cell of the kernel: where a filter sees one channel only, a matrix product has nothing
to sum over, and moved copies of the map are multiplied and added up one after the other."""

from collections.abc import Iterator

import numpy as np

from .scratch import Array, Scratch
from .windows import Geometry, taps

CHUNK = 1_000_000
"""Numbers of output worked on at once."""


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y[c·m + k, h, w] = b + Σ over i, j of w[c·m + k, i, j] · map[c, h + i, w + j]."""
    by_cell = _by_cell(weight, len(maps))
    y[...] = 0 if bias is None else bias[:, None, None, None]
    out = y.reshape(len(maps), -1, *y.shape[1:])
    for rows in _chunks(y):
        spare = run.temporary("share", out[:, :, rows].shape, y.dtype)
        for w, tap in zip(by_cell, taps(geometry, maps.shape[1:3], rows.start, rows.stop), strict=True):
            share = spare[:, :, *tap.written]
            np.multiply(maps[:, None, *tap.read], w, out=share)
            out[:, :, rows][:, :, *tap.written] += share


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """dw[·, i, j] = Σ dy · moved map; dx gets dy · w[·, i, j], moved back."""
    by_cell = _by_cell(weight, len(maps))
    multiplier = by_cell.shape[2]
    each_dy = dy.reshape(len(maps), multiplier, *dy.shape[1:])
    each_dw = dw.reshape(*by_cell.shape[1:3], -1)
    each_dw.fill(0)
    if dx is not None:
        dx.fill(0)
    for rows in _chunks(dy):
        spare = run.temporary("share", (len(maps), *each_dy[:, 0, rows].shape[1:]), dy.dtype)
        for cell, tap in enumerate(taps(geometry, maps.shape[1:3], rows.start, rows.stop)):
            for k in range(multiplier):
                part = each_dy[:, k, rows][:, *tap.written]
                if not part.size:
                    continue
                each_dw[:, k, cell] += _dots(part, maps[:, *tap.read])
                if dx is not None:
                    share = np.multiply(part, by_cell[cell, :, k], out=spare[:, *tap.written])
                    dx[:, *tap.read] += share


def _by_cell(weight: Array, channels: int) -> Array:
    """(C·m, 1, kh, kw) as (cells, C, m, 1, 1, 1)."""
    return weight.reshape(channels, len(weight) // channels, -1).transpose(2, 0, 1)[..., None, None, None]


def _dots(a: Array, b: Array) -> Array:
    """Σ a·b over all but the first axis of (C, rows, width, N): dot products of rows, then their sums."""
    if a.strides[2] == b.strides[2]:  # windows that move one pixel at a time: a row of them lies together
        a, b = (m.reshape(*m.shape[:2], -1) for m in (a, b))
    return np.matmul(a[..., None, :], b[..., None]).reshape(len(a), -1).sum(1)


def held(geometry: Geometry, map_shape: tuple[int, ...], filters: int) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N)."""
    (oh, ow), n = geometry.size, map_shape[3]
    share = filters * ow * n * min(oh, max(1, CHUNK // (filters * ow * n)))
    return share, share


def _chunks(y: Array) -> Iterator[slice]:
    """Rows of the output of about CHUNK numbers."""
    channels, height, width, n = y.shape
    step = max(1, CHUNK // (channels * width * n))
    return (slice(start, min(start + step, height)) for start in range(0, height, step))
