"""Operators of several inputs -> the layers where branches meet."""

from dataclasses import replace

import numpy as np

from netbuilder.layers import Add, Concat, ImageShape, Layer, Multiply, VectorShape

from .affine import affine, arithmetic
from .operations import Operation, Unsupported
from .translation import Translation
from .views import Signal, View


def binary(t: Translation, op: Operation) -> Signal:
    """Add and Mul, of two activations or with a constant; Sub and Div only with a constant."""
    if t.is_constant(op, 0) or t.is_constant(op, 1):
        return arithmetic(t, op)
    if op.kind == "Add":
        return _merged(t, op, Add())
    if op.kind == "Mul":
        return _product(t, op)
    raise Unsupported("meets two activations, for which there is no block")


def negative(t: Translation, op: Operation) -> Signal:
    """Neg."""
    return affine(t, op, t.signal(op), np.float32(-1), np.float32(0))


def several(t: Translation, op: Operation) -> Signal:
    """Sum, and Mean, which is a sum scaled down."""
    found = _merged(t, op, Add())
    if op.kind == "Sum" or len(op.inputs) == 1:
        return found
    return affine(t, op, found, np.float32(1 / len(op.inputs)), np.float32(0))


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


def _product(t: Translation, op: Operation) -> Signal:
    """A product, in which one number for each channel may stand for a whole map."""
    signals = [t.signal(op, index, stretched=True) for index in range(len(op.inputs))]
    whole = max(signals, key=lambda x: (np.prod(x.sizes), isinstance(x.shape, ImageShape), x.stretch is None))
    if all((x.sizes, x.shape, x.stretch) == (whole.sizes, whole.shape, None) for x in signals):
        return _merged(t, op, Multiply())
    whole = t.ready(whole)
    gates = [_gate(t, x, whole) for x in signals]
    if whole.channel_axis is None or None in gates:
        return _merged(t, op, Multiply())
    found = t.add(op, Multiply(), *(gate for gate in gates if gate is not None))
    return replace(found, view=whole.view)


def _gate(t: Translation, x: Signal, whole: Signal) -> Signal | None:
    """An input of a product with a map, as the layer takes it; None where it does not fit."""
    if x.shape == whole.shape:
        x = t.ready(x)
        return x if x.view == whole.view else None
    bare = t.ready(replace(x, stretch=None))
    beside = [1 if axis != whole.channel_axis else size for axis, size in enumerate(whole.sizes)]
    fits = list(bare.view.sizes) == beside and bare.view.in_order and x.stretch in (None, whole.sizes)
    one_place = isinstance(bare.shape, VectorShape) or bare.shape.array[1:] == (1, 1)
    return bare if fits and one_place else None


def concat(t: Translation, op: Operation) -> Signal:
    """Concat of channels or features."""
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
