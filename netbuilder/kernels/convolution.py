"""Convolution of (N, C, H, W) arrays: unfold the windows into columns, then multiply matrices, group by group."""

import numpy as np

from .scratch import Array, Scratch
from .windows import Geometry, scatter, unfold


def forward(
    run: Scratch, geometry: Geometry, x: Array, weight: Array, bias: Array | None, groups: int = 1
) -> tuple[Array, Array]:
    """y[n, f] = Σ w[f] · window + b[f], as (N, filters, oh, ow), and the columns that the weight gradient needs."""
    n, filters = len(x), len(weight)
    places = geometry.size[0] * geometry.size[1]
    columns = unfold(run, x, geometry).reshape(n, groups, -1, places)
    y = run.array("y", (n, groups, filters // groups, places), x.dtype)
    np.matmul(weight.reshape(groups, filters // groups, -1), columns, out=y)
    y = y.reshape(n, filters, *geometry.size)
    if bias is not None:
        y += bias[:, None, None]
    return y, columns


def weight_gradient(run: Scratch, columns: Array, dy: Array, shape: tuple[int, ...], groups: int = 1) -> Array:
    """dw[f] = Σ over examples and places of dy · window, in the weights' `shape`."""
    n, places = len(dy), columns.shape[-1]
    grouped = dy.reshape(n, groups, -1, places)
    each = run.array("dw_each", (n, groups, grouped.shape[2], columns.shape[2]), dy.dtype)
    np.matmul(grouped, columns.transpose(0, 1, 3, 2), out=each)
    dw = run.array("dw", each.shape[1:], dy.dtype)
    return each.sum(0, out=dw).reshape(shape)


def input_gradient(
    run: Scratch, geometry: Geometry, dy: Array, weight: Array, shape: tuple[int, ...], groups: int = 1
) -> Array:
    """dx = the output gradient times the transposed weights, every window's share added back where it was read."""
    n, filters = dy.shape[:2]
    places = geometry.size[0] * geometry.size[1]
    grouped = weight.reshape(groups, filters // groups, -1)
    patches = run.array("dcolumns", (n, groups, grouped.shape[-1], places), dy.dtype)
    np.matmul(grouped.transpose(0, 2, 1), dy.reshape(n, groups, -1, places), out=patches)
    return scatter(run, patches.reshape(*shape[:2], *geometry.kernel, *geometry.size), shape, geometry)
