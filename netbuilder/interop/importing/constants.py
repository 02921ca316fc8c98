"""Initialisers and operations on constants alone -> arrays, none larger than what a file can hold."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from netbuilder.interop.emitter import Array

from .operations import Operation, Unsupported

LARGEST = 1 << 29
"""Numbers in one tensor: 2 GB of float32, the most an ONNX file holds."""
LARGEST_COMPUTED = 1 << 22
"""Numbers in what is computed from constants; weights are given, not computed."""
TYPES = {
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.FLOAT16,
    TensorProto.BFLOAT16,
    TensorProto.INT64,
    TensorProto.INT32,
    TensorProto.INT8,
    TensorProto.UINT8,
    TensorProto.BOOL,
}


def to_array(tensor: TensorProto, raw: memoryview | None = None) -> Array:
    """The numbers of a tensor, or `raw` as such, where they lie outside it. Raises Unsupported where it claims others
    than it holds."""
    dims = tuple(tensor.dims)
    if tensor.data_type not in TYPES:
        raise Unsupported("holds a tensor of a type that no weights have")
    if any(size < 0 for size in dims) or prod(dims) > LARGEST:
        raise Unsupported(f"claims a tensor of {_product(dims)} numbers")
    try:
        if raw is not None or (tensor.HasField("raw_data") and tensor.data_type == TensorProto.FLOAT):
            return np.frombuffer(tensor.raw_data if raw is None else raw, "<f4").reshape(dims)
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError, OverflowError):
        raise Unsupported(f"claims a tensor of {_product(dims)} numbers, but holds another count") from None


class Folder:
    """Carries out operations on constants, as long as what they make stays in proportion to what the file holds."""

    def __init__(self, given: int):
        self._left = max(LARGEST_COMPUTED, 2 * given)

    def fold(self, op: Operation, inputs: Sequence[Array | None]) -> Array:
        """What an operation makes of constants. Raises Unsupported, also for an operator that is not folded."""
        try:
            with np.errstate(all="ignore"):
                made = np.asarray(FOLDED[op.kind](op, *inputs))
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError, ZeroDivisionError):
            raise Unsupported("is applied to constants that do not fit it") from None
        if made.base is None:
            self._left -= made.size
        if self._left < 0:
            raise Unsupported("computes more constants than any weights need")
        return made


def _product(sizes: Sequence[int]) -> str:
    return "×".join(f"{size:,}" for size in sizes[:6]) or "0"


def filled(shape: Sequence[int], value: Any) -> Array:
    """One value everywhere, which takes no memory whatever the shape."""
    sizes = tuple(shape)
    if any(size < 0 for size in sizes) or prod(sizes) > LARGEST or len(sizes) > 8:
        raise Unsupported(f"asks for {_product(sizes)} numbers")
    return np.broadcast_to(value, sizes)


# ---- operators -------------------------------------------------------------------------------------------------------


def _constant(op: Operation) -> Array:
    if op.has("value"):
        return to_array(op.attributes["value"])
    for name, kind in (
        ("value_float", np.float32),
        ("value_floats", np.float32),
        ("value_int", np.int64),
        ("value_ints", np.int64),
    ):
        if op.has(name):
            return np.asarray(op.attributes[name], kind)
    raise Unsupported("holds no numbers")


def _constant_of_shape(op: Operation, shape: Array) -> Array:
    value = to_array(op.attributes["value"]).reshape(()) if op.has("value") else np.float32(0)
    return filled([int(size) for size in shape.reshape(-1)], value)


def axes(op: Operation, given: Array | None) -> list[int] | None:
    """Axes told by an attribute or, in later versions, by an input; None where neither is given."""
    if given is not None:
        return [int(axis) for axis in given.reshape(-1)]
    return op.integers("axes") if op.has("axes") else None


def _identity(op: Operation, x: Array) -> Array:
    return x


def _shape(op: Operation, x: Array) -> Array:
    return np.asarray(x.shape[op.integer("start", 0) : op.integer("end", x.ndim)], np.int64)


def _unsqueeze(op: Operation, x: Array, given: Array | None = None) -> Array:
    return np.expand_dims(x, tuple(axes(op, given) or ()))


def _squeeze(op: Operation, x: Array, given: Array | None = None) -> Array:
    found = axes(op, given)
    return np.squeeze(x, None if found is None else tuple(found))


def _reshape(op: Operation, x: Array, shape: Array | None = None) -> Array:
    target = [int(size) for size in (op.integers("shape") if shape is None else shape.reshape(-1))]
    kept = op.integer("allowzero", 0)
    return x.reshape([x.shape[i] if size == 0 and not kept else size for i, size in enumerate(target)])


def _flatten(op: Operation, x: Array) -> Array:
    axis = op.integer("axis", 1) % (x.ndim + 1)
    return x.reshape(prod(x.shape[:axis]), -1)


def _transpose(op: Operation, x: Array) -> Array:
    return np.transpose(x, op.integers("perm", list(range(x.ndim))[::-1]))


def _cast(op: Operation, x: Array) -> Array:
    kind = helper.tensor_dtype_to_np_dtype(op.integer("to", 1))
    if not any(x.strides) and x.size:  # one number spread out stays so
        return np.broadcast_to(x.reshape(-1)[0].astype(kind), x.shape)
    return x.astype(kind, copy=False)


def _concat(op: Operation, *parts: Array) -> Array:
    _bound(sum(part.size for part in parts))
    return np.concatenate(parts, op.integer("axis", 0))


def _gather(op: Operation, x: Array, indices: Array) -> Array:
    axis = op.integer("axis", 0)
    _bound(indices.size * max(1, x.size // x.shape[axis]))
    return np.take(x, indices.astype(np.int64), axis)


def _slice(op: Operation, x: Array, *given: Array | None) -> Array:
    """Opset 10 and later give starts, ends, axes and steps as inputs, earlier ones as attributes."""
    if given:
        lists = [None if each is None else [int(n) for n in each.reshape(-1)] for each in given]
    else:
        lists = [op.integers("starts"), op.integers("ends"), op.attributes.get("axes")]
    starts, ends, along, steps = [*lists, None, None][:4]
    cut = [slice(None)] * x.ndim
    for index, (start, end) in enumerate(zip(starts or (), ends or (), strict=True)):
        cut[along[index] if along else index] = slice(start, end, steps[index] if steps else 1)
    return x[tuple(cut)]


def _divide(x: Array, y: Array) -> Array:
    return x // y if x.dtype.kind in "iu" and y.dtype.kind in "iu" else x / y


def _bound(numbers: int) -> None:
    """Refuse to compute more than any design needs."""
    if numbers > LARGEST_COMPUTED:
        raise Unsupported("would compute a constant of more than four million numbers")


def _elementwise(function: Callable[..., Array]) -> Callable[..., Array]:
    def computed(op: Operation, *arrays: Array) -> Array:
        _bound(prod(np.broadcast_shapes(*(each.shape for each in arrays))))
        return np.asarray(function(*arrays))

    return computed


FOLDED: dict[str, Callable[..., Array]] = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Identity": _identity,
    "Shape": _shape,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Cast": _cast,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Add": _elementwise(np.add),
    "Sub": _elementwise(np.subtract),
    "Mul": _elementwise(np.multiply),
    "Div": _elementwise(_divide),
    "Sqrt": _elementwise(np.sqrt),
    "Neg": _elementwise(np.negative),
    "Reciprocal": _elementwise(np.reciprocal),
    "Pow": _elementwise(np.power),
}
"""What each operator makes of constants."""
