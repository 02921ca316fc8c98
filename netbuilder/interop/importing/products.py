"""Products with matrices -> Dense layers, or 1×1 convolutions of maps."""

from dataclasses import replace

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import Conv2D, Dense, ImageShape

from .built import as_weight
from .operations import Operation, Unsupported
from .translation import Translation
from .views import Signal


def gemm(t: Translation, op: Operation) -> Signal:
    """Gemm: a Dense with its bias."""
    alpha, beta = op.real("alpha", 1.0), op.real("beta", 1.0)
    if op.integer("transA", 0):
        raise Unsupported("transposes its input")
    weight = as_weight(t.required(op, 1))
    weight = weight if op.integer("transB", 0) else weight.T
    given = t.constant(op, 2)
    bias = None if given is None or beta == 0 else _scaled(as_weight(given), beta)
    return _dense(t, op, _scaled(weight, alpha), bias)


def matmul(t: Translation, op: Operation) -> Signal:
    """MatMul: a Dense without a bias, or, at each place of a map whose channels come last, a 1×1 convolution."""
    weight, x = as_weight(t.required(op, 1)).T, t.signal(op)
    if len(x.sizes) != 3 or not isinstance(x.shape, ImageShape) or weight.ndim != 2:
        return _dense(t, op, weight, None)
    x = t.ready(x)
    if x.channel_axis != 2:
        raise Unsupported("multiplies something else than a flat list by a matrix")
    layer = Conv2D(weight.shape[0], 1, bias=False)
    found = t.add(op, layer, x, weights={"weight": weight[:, :, None, None]}, called=op.input(1))
    return replace(found, view=found.view.transposed((1, 2, 0)))


def _scaled(array: Array, factor: float) -> Array:
    return array if factor == 1 else array * np.float32(factor)


def _dense(t: Translation, op: Operation, weight: Array, bias: Array | None) -> Signal:
    """A Dense on a flat list, its weights (units, inputs) in the order in which our lists lie."""
    x = t.ready(t.signal(op))
    if len(x.sizes) != 1 or weight.ndim != 2:
        raise Unsupported("multiplies something else than a flat list by a matrix")
    units, inputs = weight.shape
    if inputs != x.shape.size:
        raise Unsupported(f"has weights for {inputs:,} inputs and is given {x.shape.size:,}")
    if not x.view.in_order:
        weight = weight[:, np.argsort(x.view.places())]
    weights = {"weight": weight}
    if bias is not None:
        if bias.size not in (1, units) or bias.shape[-1:] not in ((), (1,), (units,)):
            raise Unsupported(f"adds {bias.size:,} numbers to {units:,}")
        weights["bias"] = np.broadcast_to(bias.reshape(-1), (units,))
    return t.add(op, Dense(units, bias is not None), x, weights=weights, called=op.input(1))
