"""Depthwise convolution by banded matrices: where a filter sees one channel only, a row of its kernel maps a row of the
map to a row of output, whatever stride, padding and dilation do, and that is a matrix with kw diagonals.

Most of such a matrix is 0; a product with it is still faster than to add up moved copies number by number.
"""

from collections.abc import Iterator

import numpy as np

from .scratch import Array, Scratch
from .windows import Geometry, lap

CHUNK = 1_000_000
"""Numbers of output, or of the map, worked on at once."""


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y[c·m + k, h] = b + Σ over i of band[c·m + k, i] · map[c, h + i]."""
    bands = _bands(geometry, weight, len(maps), maps.shape[2])
    y[...] = 0 if bias is None else bias[:, None, None, None]
    out = y.reshape(len(maps), -1, *y.shape[1:])
    for part in _parts(geometry, maps, len(weight)):
        spare = run.temporary("shares", out[part].shape, y.dtype)
        for i, (own, met) in enumerate(_rows(geometry, maps.shape[1])):
            share = np.matmul(bands[part, :, i, None], maps[part, None, met], out=spare[:, :, own])
            out[part, :, own] += share


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """dx[c, h + i] gets bandᵀ · dy[h]; a band's gradient is Σ over h of dy[h] · map[h + i]ᵀ, and a weight's the sum
    of its diagonal."""
    bands = _bands(geometry, weight, len(maps), maps.shape[2])
    each_dy, each_dw = dy.reshape(len(maps), -1, *dy.shape[1:]), dw.reshape(len(maps), -1, *geometry.kernel)
    if dx is not None:
        dx.fill(0)
    for part in _parts(geometry, maps, len(weight)):
        for i, (own, met) in enumerate(_rows(geometry, maps.shape[1])):
            for k in range(bands.shape[1]):
                rows = each_dy[part, k, own]
                seen = maps[part, met].swapaxes(2, 3)
                products = run.temporary("products", (*rows.shape[:3], maps.shape[2]), dy.dtype)
                by_band = np.matmul(rows, seen, out=products).sum(1)
                for j, (places, read) in enumerate(_diagonals(geometry, maps.shape[2])):
                    each_dw[part, k, i, j] = by_band[:, places, read].sum(1)
                if dx is not None:
                    spare = run.temporary("shares", (*rows.shape[:2], *maps.shape[2:]), dy.dtype)
                    dx[part, met] += np.matmul(bands[part, k, i, None].swapaxes(2, 3), rows, out=spare)


def held(geometry: Geometry, map_shape: tuple[int, ...], filters: int) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N)."""
    channels, height, width, n = map_shape
    oh, ow = geometry.size
    step = _channels_at_a_time(geometry, map_shape, filters)
    shares = step * (filters // channels) * oh * ow * n
    reached = min(oh, height)
    return shares, max(shares, step * reached * width * n) + step * reached * ow * width


def _bands(geometry: Geometry, weight: Array, channels: int, width: int) -> Array:
    """Weights (C·m, 1, kh, kw) as matrices (C, m, kh, ow, width)."""
    by_row = weight.reshape(channels, -1, *geometry.kernel)
    bands = np.zeros((*by_row.shape[:3], geometry.size[1], width), weight.dtype)
    for j, (places, read) in enumerate(_diagonals(geometry, width)):
        bands[:, :, :, places, read] = by_row[:, :, :, j, None]
    return bands


def _diagonals(geometry: Geometry, width: int) -> Iterator[tuple[Array, Array]]:
    """For every kernel column, the places it has in an output row, and what it reads there."""
    for j in range(geometry.kernel[1]):
        own, met = lap(geometry, 1, j, width)
        yield np.arange(own.start, own.stop), np.arange(met.start, met.stop, met.step)


def _rows(geometry: Geometry, height: int) -> list[tuple[slice, slice]]:
    """For every kernel row, the rows of output it serves, and the rows of the map it reads for them."""
    return [lap(geometry, 0, i, height) for i in range(geometry.kernel[0])]


def _channels_at_a_time(geometry: Geometry, map_shape: tuple[int, ...], filters: int) -> int:
    channels, height, width, n = map_shape
    (oh, ow), multiplier = geometry.size, filters // channels
    return min(channels, max(1, CHUNK // max(multiplier * oh * ow * n, height * width * n)))


def _parts(geometry: Geometry, maps: Array, filters: int) -> Iterator[slice]:
    """Channels of about CHUNK numbers."""
    step = _channels_at_a_time(geometry, maps.shape, filters)
    return (slice(start, min(start + step, len(maps))) for start in range(0, len(maps), step))
