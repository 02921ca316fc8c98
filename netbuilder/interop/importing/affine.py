"""Arithmetic of activations with constants -> biases and batch norms, which are what it usually was, or rescalings."""

from dataclasses import replace
from math import prod

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import BatchNorm, Conv2D, Dense, DepthwiseConv2D, ImageShape, LayerNorm, Rescaling

from .built import as_weight
from .operations import Operation, Unsupported, shortest
from .translation import Translation
from .views import Signal

EPSILON = 1e-5


def arithmetic(t: Translation, op: Operation) -> Signal:
    """Add, Sub, Mul or Div with one number, or with one for each channel or feature."""
    turned = t.is_constant(op, 0)
    x, constant = t.signal(op, 1 if turned else 0), t.required(op, 0 if turned else 1)
    if any(x.pads) or (len(x.sizes) == 1 and isinstance(x.shape, ImageShape)) or x.channel_axis is None:
        x = t.ordered(x) if constant.size == 1 else t.ready(x)
    number = per_channel(_aligned(op, constant, x), x)
    one, zero = np.float32(1), np.float32(0)
    if constant.size == 1:
        number = number[0]
    match op.kind, turned:
        case "Add", _:
            return affine(t, op, x, one, number)
        case "Mul", _:
            return affine(t, op, x, number, zero)
        case "Sub", False:
            return affine(t, op, x, one, -number)
        case "Sub", True:
            return affine(t, op, x, -one, number)
        case "Div", False if number.all():
            return affine(t, op, x, one / number, zero)
        case _:
            raise Unsupported("divides by activations or by zero")


def _aligned(op: Operation, constant: Array, x: Signal) -> Array:
    """The constant with its axes where they belong: before opset 7 an attribute told the first of them."""
    if op.version >= 7 or not op.has("axis"):
        return constant
    after = len(x.sizes) + 1 - op.integer("axis", 0) % (len(x.sizes) + 1) - constant.ndim
    return constant.reshape(constant.shape + (1,) * after)


def per_channel(constant: Array, x: Signal) -> Array:
    """The constant as one number for each channel of the layer behind `x`, in the layer's order."""
    shape, axis = x.shape, x.channel_axis
    channels = shape.array[0]
    if constant.dtype.kind in "fiu" and constant.size == 1 and constant.ndim <= len(x.sizes) + 1:
        return np.full(channels, constant.reshape(()), np.float32)
    if constant.dtype.kind not in "fiu" or axis is None:
        raise Unsupported("computes with something else than numbers, channel by channel")
    sizes = [1] * (len(x.sizes) + 1)
    sizes[axis + 1] = channels
    aligned = [1] * (len(sizes) - constant.ndim) + list(constant.shape)
    if aligned != sizes or prod(constant.shape) != channels:
        given = "×".join(map(str, constant.shape))
        raise Unsupported(f"computes with {given} numbers, where one for each of {channels} channels would be a block")
    found = as_weight(constant).reshape(-1)
    return found if isinstance(shape, ImageShape) else found[np.argsort(x.view.places())]


def affine(t: Translation, op: Operation, x: Signal, scale: Array | np.float32, shift: Array | np.float32) -> Signal:
    """scale · x + shift: merged into the norm or the bias before it, else a layer of its own: a rescaling by one number
    for all, a batch norm by one for each channel."""
    built, channels = t.layers[x.node], x.shape.array[0]
    scales, shifts = np.broadcast_to(scale, channels), np.broadcast_to(shift, channels)
    layer, weights, uniform = built.layer, built.weights, np.ndim(scale) == np.ndim(shift) == 0
    if uniform and t.ours:  # where it was a layer of its own, too
        return _rescaled(t, op, x, scale, shift)
    if x.sole and isinstance(layer, (BatchNorm, LayerNorm)):
        merged = {"weight": weights["weight"] * scales, "bias": weights["bias"] * scales + shifts}
        t.change(x, layer, weights | merged, op)
        return x
    if x.sole and isinstance(layer, (Conv2D, DepthwiseConv2D, Dense)) and (scales == 1).all():
        t.change(x, layer.using(bias=True), weights | {"bias": weights.get("bias", np.float32(0)) + shifts}, op)
        return x
    if uniform:
        return _rescaled(t, op, x, scale, shift)
    x = t.ready(x)
    own = {
        "weight": np.array(scales),
        "bias": np.array(shifts),
        "running_mean": np.zeros(channels, np.float32),
        "running_var": np.full(channels, 1 - EPSILON, np.float32),
    }
    return replace(t.add(op, BatchNorm(EPSILON), x, weights=own), view=x.view)


def _rescaled(t: Translation, op: Operation, x: Signal, scale: Array | np.float32, shift: Array | np.float32) -> Signal:
    """A rescaling, or more of the one before: of our own, what is called the same is one layer."""
    built, a, b = t.layers[x.node], float(scale), float(shift)
    before = built.layer
    if isinstance(before, Rescaling) and x.sole and (not t.ours or built.name == op.name):
        layer = Rescaling(shortest(before.scale * a), shortest(before.offset * a + b))
        t.change(x, layer, {}, op)
        return x
    return t.pointwise(op, Rescaling(shortest(a), shortest(b)), x)
