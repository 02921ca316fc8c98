"""Convolutions and dense layers by plain loops over windows, counting every multiplication."""

from collections.abc import Mapping
from itertools import product

import numpy as np

from netbuilder.kernels.scratch import Array
from netbuilder.layers import ConvTranspose2D, ImageShape
from netbuilder.layers.convolution import Sliding
from tests.layers.rows import Case

Result = tuple[Array, int]


def dense(case: Case, x: Array, own: Mapping[str, Array]) -> Result:
    w, count = own["weight"], 0
    y = np.empty((len(x), len(w)))
    for n, unit in np.ndindex(y.shape):
        y[n, unit] = sum(a * b for a, b in zip(x[n], w[unit], strict=True))
        count += x.shape[1]
    return y + own.get("bias", 0), count


def convolution(case: Case, x: Array, own: Mapping[str, Array]) -> Result:
    return windows(case, x, own["weight"], own.get("bias"))


depthwise = convolution


def separable(case: Case, x: Array, own: Mapping[str, Array]) -> Result:
    between, first = windows(case, x, own["depthwise.weight"], None)
    mix, second = own["pointwise.weight"][:, :, 0, 0], 0
    y = np.zeros((len(x), len(mix), *between.shape[2:]))
    for n, row, column in product(range(len(x)), *map(range, between.shape[2:])):
        y[n, :, row, column] = mix @ between[n, :, row, column]
        second += mix.size
    bias = own.get("pointwise.bias")
    return (y if bias is None else y + bias[:, None, None]), first + second


def windows(case: Case, x: Array, w: Array, bias: Array | None) -> Result:
    """Lay the kernel down on the padded map, place after place; filters see the channels of their own group."""
    layer, shape = case.layer, case.shapes[0]
    assert isinstance(layer, Sliding)
    assert isinstance(shape, ImageShape)
    (filters, depth, kh, kw), (sh, sw), (dh, dw) = w.shape, layer.stride, layer.dilation
    top, bottom, left, right = layer.slide(shape).pads
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    rows = range(0, padded.shape[2] - dh * (kh - 1), sh)
    columns = range(0, padded.shape[3] - dw * (kw - 1), sw)
    share, count = filters // (shape.channels // depth), 0
    y = np.empty((len(x), filters, len(rows), len(columns)))
    for n, f, (i, row), (j, column) in product(range(len(x)), range(filters), enumerate(rows), enumerate(columns)):
        start = f // share * depth
        window = padded[n, start : start + depth, row : row + dh * kh : dh, column : column + dw * kw : dw]
        y[n, f, i, j] = (window[:, :kh, :kw] * w[f]).sum()
        count += w[f].size
    return (y if bias is None else y + bias[:, None, None]), count


def transposed(case: Case, x: Array, own: Mapping[str, Array]) -> Result:
    """Lay every input's window down where it belongs, add up, and cut the padding off; what is cut counts, too."""
    layer, shape, w = case.layer, case.layer.infer(*case.shapes).shape, own["weight"]
    assert isinstance(layer, ConvTranspose2D)
    assert isinstance(shape, ImageShape)
    (channels, share, kh, kw), (sh, sw), (dh, dw) = w.shape, layer.stride, layer.dilation
    depth, count = channels // layer.groups, 0
    (top, _), (left, _) = layer.crop
    large = np.zeros((len(x), shape.channels, top + shape.height + 99, left + shape.width + 99))
    for n, c, row, column in np.ndindex(x.shape):
        first = c // depth * share
        for f, i, j in np.ndindex(share, kh, kw):
            large[n, first + f, row * sh + i * dh, column * sw + j * dw] += x[n, c, row, column] * w[c, f, i, j]
            count += 1
    y = large[:, :, top : top + shape.height, left : left + shape.width]
    bias = own.get("bias")
    return (y if bias is None else y + bias[:, None, None]), count
