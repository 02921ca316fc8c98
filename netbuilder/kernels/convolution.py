"""Convolution of (N, C, H, W) arrays: windows become columns, then matrices are multiplied, group by group.

Columns are many times the size of the map, so a few examples are unfolded at a time, and once more for the gradient.
"""

from collections.abc import Iterator

import numpy as np

from .scratch import Array, Scratch, contiguous
from .windows import Geometry, margins, padded, scatter, unfold

CHUNK = 200_000
"""Numbers of columns worked on at once: what stays in a core's own cache."""


def forward(
    run: Scratch, geometry: Geometry, x: Array, weight: Array, bias: Array | None, groups: int = 1
) -> tuple[Array, Array]:
    """y[n, f] = Σ w[f] · window + b[f], as (N, filters, oh, ow), and the padded map, which the gradient needs."""
    n, filters = len(x), len(weight)
    source = padded(run, x, geometry)
    by_group = weight.reshape(groups, filters // groups, -1)
    y = run.array("y", (n, groups, filters // groups, geometry.places), x.dtype)
    for part in _chunks(n, x.shape[1], geometry):
        np.matmul(by_group, _columns(run, source[part], geometry, groups), out=y[part])
    y = y.reshape(n, filters, *geometry.size)
    if bias is not None:
        y += bias[:, None, None]
    return y, source


def weight_gradient(
    run: Scratch, geometry: Geometry, source: Array, dy: Array, shape: tuple[int, ...], groups: int = 1
) -> Array:
    """dw[f] = Σ over examples and places of dy · window, in the weights' `shape`."""
    n, (filters, *window) = len(dy), shape
    each_dy = contiguous(run, "dy", dy).reshape(n, groups, filters // groups, geometry.places)
    size = (groups, filters // groups, int(np.prod(window)))
    dw = run.array("dw", size, dy.dtype)
    dw.fill(0)
    for part in _chunks(n, source.shape[1], geometry):
        columns = _columns(run, source[part], geometry, groups)
        each = run.array("dw_each", (part.stop - part.start, *size), dy.dtype)
        np.matmul(each_dy[part], columns.transpose(0, 1, 3, 2), out=each)
        dw += each[0] if len(each) == 1 else each.sum(0)
    return dw.reshape(shape)


def input_gradient(
    run: Scratch, geometry: Geometry, dy: Array, weight: Array, shape: tuple[int, ...], groups: int = 1
) -> Array:
    """dx = the output gradient times the transposed weights, every window's share added back where it was read."""
    n, filters = dy.shape[:2]
    each_dy = contiguous(run, "dy", dy).reshape(n, groups, filters // groups, geometry.places)
    by_group = weight.reshape(groups, filters // groups, -1).transpose(0, 2, 1)
    dx, inner = margins(run, shape, dy.dtype, geometry)
    for part in _chunks(n, shape[1], geometry):
        size = (part.stop - part.start, groups, by_group.shape[1], geometry.places)
        patches = run.array("dcolumns", size, dy.dtype)
        np.matmul(by_group, each_dy[part], out=patches)
        scatter(patches.reshape(size[0], shape[1], *geometry.kernel, *geometry.size), geometry, dx[part])
    return inner


def _columns(run: Scratch, source: Array, geometry: Geometry, groups: int) -> Array:
    """Every window of a padded map as a column: (N, groups, C / groups · kh · kw, places). 1×1 needs no copy."""
    n, channels = source.shape[:2]
    if geometry.kernel == geometry.stride == (1, 1) and source.shape[2:] == geometry.size:
        return source.reshape(n, groups, channels // groups, geometry.places)
    out = run.array("columns", (n, channels, *geometry.kernel, *geometry.size), source.dtype)
    return unfold(source, geometry, out).reshape(n, groups, -1, geometry.places)


def _chunks(examples: int, channels: int, geometry: Geometry) -> Iterator[slice]:
    """Slices of the batch whose columns are about CHUNK numbers."""
    cells = geometry.kernel[0] * geometry.kernel[1]
    step = max(1, CHUNK // (channels * cells * geometry.places))
    return (slice(start, min(start + step, examples)) for start in range(0, examples, step))
