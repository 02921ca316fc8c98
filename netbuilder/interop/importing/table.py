"""Operators -> what makes layers of them: one function for each, in a table."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import (
    ELU,
    GELU,
    Add,
    BatchNorm,
    Concat,
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    LocalResponseNorm,
    Multiply,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    VectorShape,
)

from .affine import arithmetic
from .layouts import (
    cast,
    flatten,
    identity,
    reshape,
    resize,
    select,
    shape_of,
    split,
    squeeze,
    transpose,
    unsqueeze,
)
from .operations import Operation, Unsupported, shortest
from .translation import Maker, Translation, as_weight
from .views import Signal, View
from .windows import average_pool, conv, global_pool, max_pool, pad, reduced, transposed_conv


def _pointwise(make: Callable[[Operation], Layer]) -> Maker:
    def made(t: Translation, op: Operation) -> Signal:
        return t.alike(op, make(op), t.signal(op))

    return made


def _elu(op: Operation) -> Layer:
    return ELU(op.real("alpha", 1.0))


def _gelu(op: Operation) -> Layer:
    return GELU(op.word("approximate", "none"))


def _swish(op: Operation) -> Layer:
    if op.real("alpha", 1.0) != 1:
        raise Unsupported("has another alpha than 1")
    return SiLU()


def _leaky(op: Operation) -> Layer:
    return LeakyReLU(op.real("alpha", 0.01))


def _parametric(t: Translation, op: Operation) -> Signal:
    """PRelu of one slope for all channels."""
    slope = t.required(op, 1).reshape(-1)
    if not len(slope) or slope.min() != slope.max():
        raise Unsupported("has a slope of its own for every channel")
    return t.alike(op, LeakyReLU(shortest(float(slope[0]))), t.signal(op))


def _clip(t: Translation, op: Operation) -> Signal:
    """Clip, where it only takes negative numbers away."""
    bounds = [t.constant(op, 1), t.constant(op, 2)]
    low, high = (
        op.real(name, limit) if given is None or given.size != 1 else float(given.reshape(()))
        for name, limit, given in zip(("min", "max"), (-np.inf, np.inf), bounds, strict=True)
    )
    if low == 0 and high >= float(np.finfo(np.float32).max):
        return t.alike(op, ReLU(), t.signal(op))
    raise Unsupported(f"cuts numbers off at {low:g} and {high:g}, for which there is no block")


def _softmax(t: Translation, op: Operation) -> Signal:
    """Softmax over channels or features. Before opset 13 it took all axes from one on as one."""
    x = t.ready(t.signal(op))
    rank = len(x.sizes) + 1
    axis = op.integer("axis", 1 if op.version < 13 else -1)
    axis += rank if axis < 0 else 0
    joined = op.version < 13 and axis == 1 and np.prod(x.sizes) == x.shape.array[0]
    if not joined and (x.channel_axis is None or axis != x.channel_axis + 1 or (op.version < 13 and rank - axis > 1)):
        raise Unsupported("sums over other axes than the channels")
    return t.alike(op, Softmax(), x)


def _batch_norm(t: Translation, op: Operation) -> Signal:
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


def _as_it_was(t: Translation, op: Operation, layer: Layer, x: Signal, weights: dict[str, Array]) -> Signal:
    return replace(t.add(op, layer, x, weights=weights, called=op.input(1)), view=x.view)


def _local_response(t: Translation, op: Operation) -> Signal:
    layer = LocalResponseNorm(
        op.integer("size", 5), op.real("alpha", 1e-4), op.real("beta", 0.75), op.real("bias", 1.0)
    )
    return t.add(op, layer, t.map(op))


def _dropout(t: Translation, op: Operation) -> Signal:
    """Dropout stays a block, though it changes nothing but training."""
    given, training = t.constant(op, 1), t.constant(op, 2)
    if training is not None and training.any():
        raise Unsupported("drops numbers at random although the model is finished")
    rate = op.real("ratio", 0.5) if given is None else shortest(float(given.reshape(())))
    return t.alike(op, Dropout(rate), t.signal(op))


# ---- dense -----------------------------------------------------------------------------------------------------------


def _gemm(t: Translation, op: Operation) -> Signal:
    alpha, beta = op.real("alpha", 1.0), op.real("beta", 1.0)
    if op.integer("transA", 0):
        raise Unsupported("transposes its input")
    weight = as_weight(t.required(op, 1))
    weight = weight if op.integer("transB", 0) else weight.T
    given = t.constant(op, 2)
    bias = None if given is None or beta == 0 else _scaled(as_weight(given), beta)
    return _dense(t, op, _scaled(weight, alpha), bias)


def _matmul(t: Translation, op: Operation) -> Signal:
    return _dense(t, op, as_weight(t.required(op, 1)).T, None)


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


# ---- several inputs --------------------------------------------------------------------------------------------------


def _merged(t: Translation, op: Operation, layer: Layer) -> Signal:
    """Layers of one shape and order met element by element."""
    signals = [t.ready(t.signal(op, index)) for index in range(len(op.inputs))]
    if len(signals) == 1:
        return signals[0]
    first = signals[0]
    if any(x.sizes != first.sizes for x in signals):
        shapes = ", ".join("×".join(map(str, x.sizes)) for x in signals)
        raise Unsupported(f"meets tensors of different shapes ({shapes}), and blocks do not stretch them")
    if any(x.view != first.view or x.shape != first.shape for x in signals):
        raise Unsupported("meets tensors whose numbers lie in different orders")
    return replace(t.add(op, layer, *signals), view=first.view)


def _sum(t: Translation, op: Operation) -> Signal:
    return _merged(t, op, Add())


def _binary(t: Translation, op: Operation) -> Signal:
    """Add and Mul, of two activations or with a constant; Sub and Div only with a constant."""
    if t.is_constant(op, 0) or t.is_constant(op, 1):
        return arithmetic(t, op)
    if op.kind == "Add":
        return _merged(t, op, Add())
    if op.kind == "Mul":
        return _merged(t, op, Multiply())
    raise Unsupported("meets two activations, for which there is no block")


def _concat(t: Translation, op: Operation) -> Signal:
    signals = [t.ready(t.signal(op, index)) for index in range(len(op.inputs))]
    first, rank = signals[0], len(signals[0].sizes) + 1
    axis = op.integer("axis", 1)
    axis += rank if axis < 0 else 0
    if any(
        len(x.sizes) + 1 != rank or x.channel_axis != axis - 1 or type(x.shape) is not type(first.shape)
        for x in signals
    ):
        raise Unsupported("joins something else than channels")
    if len(signals) == 1:
        return first
    if isinstance(first.shape, VectorShape) and not all(x.view.in_order for x in signals):
        raise Unsupported("joins lists whose numbers lie in different orders")
    found = t.add(op, Concat(), *signals)
    if found.shape.array == found.view.sizes and rank == 4 and axis == 3:
        return replace(found, view=found.view.transposed((1, 2, 0)))
    if isinstance(found.shape, VectorShape):
        sizes = [found.shape.size if i == axis - 1 else 1 for i in range(rank - 1)]
        return replace(found, view=View.plain(sizes))
    return found


OPERATORS: dict[str, Maker] = {
    "Conv": conv,
    "ConvTranspose": transposed_conv,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_pool,
    "GlobalMaxPool": global_pool,
    "ReduceMean": reduced,
    "ReduceMax": reduced,
    "Pad": pad,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Relu": _pointwise(lambda op: ReLU()),
    "LeakyRelu": _pointwise(_leaky),
    "PRelu": _parametric,
    "Elu": _pointwise(_elu),
    "Gelu": _pointwise(_gelu),
    "Swish": _pointwise(_swish),
    "Sigmoid": _pointwise(lambda op: Sigmoid()),
    "Tanh": _pointwise(lambda op: Tanh()),
    "Clip": _clip,
    "Softmax": _softmax,
    "BatchNormalization": _batch_norm,
    "LRN": _local_response,
    "Dropout": _dropout,
    "Add": _binary,
    "Sub": _binary,
    "Mul": _binary,
    "Div": _binary,
    "Sum": _sum,
    "Concat": _concat,
    "Identity": identity,
    "Cast": cast,
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Shape": shape_of,
    "Slice": select,
    "Split": split,
    "Resize": resize,
    "Upsample": resize,
}
"""What makes a layer, or another view of one, of each operator."""
