"""Operators that keep activations in bounds -> normalising layers and dropout."""

from dataclasses import replace

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import BatchNorm, Dropout, Layer, LayerNorm, LocalResponseNorm

from .affine import per_channel
from .built import as_weight
from .operations import Operation, Unsupported, shortest
from .translation import Translation
from .views import Signal


def batch_norm(t: Translation, op: Operation) -> Signal:
    """BatchNormalization of a finished network."""
    x = t.ready(t.signal(op))
    training = op.integer("training_mode", 0) or (op.version < 7 and not op.integer("is_test", 0))
    if training or (op.has("spatial") and not op.integer("spatial", 1) and len(x.sizes) > 1):
        raise Unsupported("normalises over the batch, or every place by itself, as no finished network does")
    if x.channel_axis != 0:
        raise Unsupported("is given something else than maps with their channels first")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: as_weight(t.required(op, index)) for index, name in enumerate(names, 1)}
    momentum = round(1 - op.real("momentum", 0.9), 7)
    return _as_it_was(t, op, BatchNorm(op.real("epsilon", 1e-5), momentum), x, weights)


def layer_norm(t: Translation, op: Operation) -> Signal:
    """LayerNormalization over channels or features; scale and shift may be missing."""
    x = t.ready(t.signal(op))
    if x.channel_axis is None or op.integer("axis", -1) % (len(x.sizes) + 1) != x.channel_axis + 1:
        raise Unsupported("normalises over something else than the channels")
    if x.channel_axis + 1 < len(x.sizes) and op.kind == "LayerNormalization":  # which takes all axes from this one on
        raise Unsupported("normalises over something else than the channels")
    count = x.shape.array[0]
    scale, shift = t.constant(op, 1), t.constant(op, 2)
    weights = {
        "weight": np.ones(count, np.float32) if scale is None else _laid(scale, x),
        "bias": np.zeros(count, np.float32) if shift is None else _laid(shift, x),
    }
    return _as_it_was(t, op, LayerNorm(op.real("epsilon", 1e-5)), x, weights)


def _laid(numbers: Array, x: Signal) -> Array:
    """One number for each channel, given along the last axis."""
    assert x.channel_axis is not None
    return per_channel(numbers.reshape(-1, *[1] * (len(x.sizes) - 1 - x.channel_axis)), x)


def _as_it_was(t: Translation, op: Operation, layer: Layer, x: Signal, weights: dict[str, Array]) -> Signal:
    return replace(t.add(op, layer, x, weights=weights, called=op.input(1)), view=x.view)


def local_response(t: Translation, op: Operation) -> Signal:
    """LRN."""
    layer = LocalResponseNorm(
        op.integer("size", 5), op.real("alpha", 1e-4), op.real("beta", 0.75), op.real("bias", 1.0)
    )
    return t.add(op, layer, t.map(t.signal(op)))


def dropout(t: Translation, op: Operation) -> Signal:
    """Dropout stays a block, though it changes nothing but training."""
    given, training = t.constant(op, 1), t.constant(op, 2)
    if training is not None and training.any():
        raise Unsupported("drops numbers at random although the model is finished")
    rate = op.real("ratio", 0.5) if given is None else shortest(float(given.reshape(())))
    return t.pointwise(op, Dropout(rate), t.signal(op))
