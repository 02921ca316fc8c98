"""Operators that bend each number by itself, and softmax -> activations."""

from collections.abc import Callable

import numpy as np

from netbuilder.layers import (
    ELU,
    GELU,
    HardSigmoid,
    HardTanh,
    Layer,
    LeakyReLU,
    LogSoftmax,
    PReLU,
    ReLU,
    ReLU6,
    SiLU,
    Softmax,
)

from .affine import per_channel
from .built import as_weight
from .operations import Operation, Unsupported, shortest
from .translation import Maker, Translation
from .views import Signal

LARGEST = float(np.finfo(np.float32).max)


def pointwise(make: Callable[[Operation], Layer]) -> Maker:
    """An operator that is one layer, whatever the axes of what it is given."""

    def made(t: Translation, op: Operation) -> Signal:
        return t.pointwise(op, make(op), t.signal(op))

    return made


def elu(op: Operation) -> Layer:
    """Elu."""
    return ELU(op.real("alpha", 1.0))


def gelu(op: Operation) -> Layer:
    """Gelu, exact or by tanh."""
    return GELU(op.word("approximate", "none"))


def leaky(op: Operation) -> Layer:
    """LeakyRelu."""
    return LeakyReLU(op.real("alpha", 0.01))


def swish(op: Operation) -> Layer:
    """Swish as SiLU has it."""
    if op.real("alpha", 1.0) != 1:
        raise Unsupported("has another alpha than 1")
    return SiLU()


def hard_sigmoid(op: Operation) -> Layer:
    """HardSigmoid of any slope, a half in its middle."""
    slope = op.real("alpha", 0.2)
    if op.real("beta", 0.5) != 0.5:
        raise Unsupported("has another beta than 0.5")
    return HardSigmoid(1 / 6 if np.float32(slope) == np.float32(1 / 6) else slope)


def parametric(t: Translation, op: Operation) -> Signal:
    """PRelu of one slope for all channels, or of one for each; before opset 7 these were laid along the channels."""
    x, slope = t.signal(op), t.required(op, 1)
    if op.version < 7 and slope.ndim == 1:
        slope = slope.reshape(-1, *[1] * (len(x.sizes) - 1))
    if slope.size == 1:
        return t.alike(op, PReLU(shared=True), x, {"weight": as_weight(slope).reshape(1)})
    x = t.ready(x)
    return t.alike(op, PReLU(), x, {"weight": per_channel(slope, x)})


def clip(t: Translation, op: Operation) -> Signal:
    """Clip: ReLU where it only takes negative numbers away."""
    bounds = [t.constant(op, 1), t.constant(op, 2)]
    low, high = (
        op.real(name, limit) if given is None or given.size != 1 else float(given.reshape(()))
        for name, limit, given in zip(("min", "max"), (-np.inf, np.inf), bounds, strict=True)
    )
    return t.pointwise(op, _cut(low, high), t.signal(op))


def bounded(t: Translation, op: Operation) -> Signal:
    """Max and Min of activations and a number."""
    numbers = [t.constants[name] for name in op.inputs if name in t.constants]
    if len(op.inputs) != 2 or len(numbers) != 1 or numbers[0].size != 1:
        raise Unsupported("meets two activations, for which there is no block")
    bound = float(numbers[0].reshape(()))
    low, high = (bound, np.inf) if op.kind == "Max" else (-np.inf, bound)
    return t.pointwise(op, _cut(low, high), t.signal(op, 0 if op.input(1) in t.constants else 1))


def _cut(low: float, high: float) -> Layer:
    if low == 0 and high >= LARGEST:
        return ReLU()
    if (low, high) == (0, 6):
        return ReLU6()
    if low <= -LARGEST or high >= LARGEST:
        raise Unsupported(f"cuts numbers off at {low:g} and {high:g}, for which there is no block")
    return HardTanh(shortest(low), shortest(high))


def softmax(t: Translation, op: Operation) -> Signal:
    """Softmax and LogSoftmax over channels or features. Before opset 13 they took all axes from one on as one."""
    x = t.ready(t.signal(op))
    rank = len(x.sizes) + 1
    axis = op.integer("axis", 1 if op.version < 13 else -1)
    axis += rank if axis < 0 else 0
    joined = op.version < 13 and axis == 1 and np.prod(x.sizes) == x.shape.array[0]
    if not joined and (x.channel_axis is None or axis != x.channel_axis + 1 or (op.version < 13 and rank - axis > 1)):
        raise Unsupported("sums over other axes than the channels")
    return t.alike(op, LogSoftmax() if op.kind == "LogSoftmax" else Softmax(), x)
