"""Convolution by whole windows: every window becomes a column, channels · kh · kw copies of the map, and one matrix
product does the rest. Best where there is little to do, and where rows are short."""

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .scratch import Array, Scratch
from .windows import Geometry, padded, taps

CHUNK = 1_200_000
"""Numbers copied for one matrix product."""


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y = weight · columns + bias, some rows of the output at a time; the bias is a weight whose column holds ones."""
    by_filter = weight.reshape(len(weight), -1)
    source, pointwise = padded(run, geometry, maps), geometry.is_pointwise(maps.shape[1:3])
    with_bias = by_filter if bias is None or pointwise else np.column_stack([by_filter, bias])
    for rows in _chunks(geometry, maps):
        columns = _columns(run, geometry, source, rows, with_bias.shape[1])
        np.matmul(with_bias, columns, out=y[:, rows].reshape(len(y), -1))
    if bias is not None and pointwise:
        y += bias[:, None, None, None]


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """dw = dy · columnsᵀ; the columns of weightᵀ · dy are added to dx where they would have been copied from."""
    by_filter = weight.reshape(len(weight), -1)
    total, each = (run.temporary(role, by_filter.T.shape, dw.dtype) for role in ("dw by cell", "dw of rows"))
    total.fill(0)
    if dx is not None and not geometry.is_pointwise(maps.shape[1:3]):
        dx.fill(0)
    source = padded(run, geometry, maps)
    for rows in _chunks(geometry, maps):
        part = dy[:, rows].reshape(len(dy), -1)
        columns = _columns(run, geometry, source, rows, len(total))
        total += np.matmul(columns, part.T, out=each)
        if dx is not None:
            _add_back(geometry, by_filter, part, columns, rows, dx)
    dw.reshape(len(dw), -1)[...] = total.T


def _columns(run: Scratch, geometry: Geometry, source: Array, rows: slice, count: int) -> Array:
    """The windows of some output rows, cell by cell: (channels · kh · kw, rows · ow · N), and ones up to `count` rows.

    The windows of 1×1 need no copy.
    """
    if geometry.is_pointwise(source.shape[1:3]):
        return source[:, rows].reshape(len(source), -1)
    seen = _windows(geometry, source)[:, :, :, rows]
    channels, kh, kw, *size = seen.shape
    cells = channels * kh * kw
    columns = run.temporary("columns", (count, size[0] * size[1] * size[2]), source.dtype)
    np.copyto(columns[:cells].reshape(seen.shape), seen)
    columns[cells:] = 1
    return columns


def _windows(geometry: Geometry, source: Array) -> Array:
    """A padded map seen as all its windows, (channels, kh, kw, oh, ow, N), without a copy."""
    channel, row, column, example = source.strides
    (sh, sw), (dh, dw) = geometry.stride, geometry.dilation
    shape = (len(source), *geometry.kernel, *geometry.size, source.shape[3])
    strides = (channel, row * dh, column * dw, row * sh, column * sw, example)
    return as_strided(source, shape, strides, writeable=False)


def _add_back(geometry: Geometry, weight: Array, dy: Array, columns: Array, rows: slice, dx: Array) -> None:
    """Overwrites the columns, which nobody needs any more."""
    if geometry.is_pointwise(dx.shape[1:3]):
        np.matmul(weight.T, dy, out=dx[:, rows].reshape(len(dx), -1))
        return
    np.matmul(weight.T, dy, out=columns)
    shares = columns.reshape(len(dx), -1, rows.stop - rows.start, geometry.size[1], dx.shape[3])
    for cell, tap in enumerate(taps(geometry, dx.shape[1:3], rows.start, rows.stop)):
        tap.add(shares[:, cell], dx)


def held(geometry: Geometry, map_shape: tuple[int, ...], filters: int, *, wanted: bool) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N); the map's
    gradient needs nothing more."""
    channels, height, width, n = map_shape
    (kh, kw), (oh, ow) = geometry.kernel, geometry.size
    weights = channels * kh * kw * filters
    if geometry.is_pointwise((height, width)):
        return 0, 2 * weights
    rows = min(oh, max(1, CHUNK // (channels * kh * kw * ow * n)))
    top, bottom, left, right = geometry.pads
    inner = (top + height + bottom, left + width + right)
    around = (max(each, covered) for each, covered in zip(inner, geometry.covered, strict=True))
    padding = channels * n * prod(around) if any(geometry.pads) else 0
    columns = (channels * kh * kw + 1) * rows * ow * n
    return columns + padding, columns + padding + 2 * weights


def _chunks(geometry: Geometry, maps: Array) -> Iterator[slice]:
    """Rows of the output whose columns are about CHUNK numbers; all rows where nothing is copied."""
    (kh, kw), (height, width) = geometry.kernel, geometry.size
    pointwise = geometry.is_pointwise(maps.shape[1:3])
    step = height if pointwise else max(1, CHUNK // (len(maps) * kh * kw * width * maps.shape[3]))
    return (slice(start, min(start + step, height)) for start in range(0, height, step))
