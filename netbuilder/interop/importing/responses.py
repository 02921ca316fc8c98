"""Arithmetic that spells out local response normalisation, as PyTorch exports it -> one operation by its name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import LocalResponseNorm

from .layouts import target
from .operations import Operation, Unsupported, shortest
from .translation import Translation
from .views import Signal

KIND = "LRN by means"
WAY = ("Pow", "Add", "Mul", "Reshape", "Squeeze", "AveragePool", "Pad", "Reshape", "Mul")
"""From the divisor back to the square; the first Reshape may be missing."""


def responding(
    operations: Sequence[Operation], constants: Mapping[str, Array], outputs: Sequence[str]
) -> list[Operation]:
    """The operations with x / (k + α · mean of x² over neighbouring channels)^β made one each.

    The mean is that of a volume of one channel, which the map has been laid out as: `local_response` will see whether.
    """
    makers = {name: op for op in operations for name in op.outputs if name}
    uses = Counter([name for op in operations for name in op.inputs] + list(outputs))
    found: dict[int, Operation] = {}
    gone = set[int]()
    for op in operations:
        way = _way(op, makers, constants, uses) if op.kind == "Div" else None
        if way is not None:
            *_, pool, pad, volume, _ = way
            power, added, scaled, back, *_ = way
            numbers = [_number(each, constants) for each in (power, added, scaled)]
            if None not in numbers:
                attributes = {
                    "beta": numbers[0],
                    "bias": numbers[1],
                    "alpha": numbers[2],
                    "kernel_shape": pool.attributes.get("kernel_shape"),
                }
                laid = back.input(1) if back.kind == "Reshape" else ""
                inputs = (op.input(0), volume.input(1), pad.input(1), laid)
                found[id(op)] = replace(op, kind=KIND, inputs=inputs, attributes=attributes)
                gone.update(map(id, way))
    return [found.get(id(op), op) for op in operations if id(op) in found or id(op) not in gone]


def _way(
    last: Operation, makers: Mapping[str, Operation], constants: Mapping[str, Array], uses: Mapping[str, int]
) -> list[Operation] | None:
    """The operations between a division and the number it divides, if they are these and nothing else reads them."""
    way, name = list[Operation](), last.input(1)
    for index, kind in enumerate(WAY):
        op = makers.get(name)
        if op and op.kind != kind == "Reshape" and index == 3:
            continue
        if op is None or op.kind != kind or uses[name] != 1:
            return None
        way.append(op)
        name = next((each for each in op.inputs if each not in constants), "")
    pool, square = way[-4], way[-1]
    plain = pool.attributes.get("count_include_pad") == 1 or not any(pool.attributes.get("pads") or [0])
    still = not pool.attributes.get("ceil_mode") and set(pool.attributes.get("strides") or [1]) == {1}
    return way if square.inputs == (last.input(0), last.input(0)) and plain and still else None


def _number(op: Operation, constants: Mapping[str, Array]) -> float | None:
    given = [constants[name] for name in op.inputs if name in constants]
    return shortest(float(given[0].reshape(()))) if len(given) == 1 and given[0].size == 1 else None


def local_response(t: Translation, op: Operation) -> Signal:
    """The layer, once the volume is known to be the map's channels, one behind the other, with zeros at both ends."""
    x = t.map(t.signal(op))
    channels, height, width = x.sizes
    kernel = op.integers("kernel_shape")
    size = kernel[0] if len(kernel) == 3 and kernel[1:] == [1, 1] else 0
    volume = target(t, x, [int(n) for n in t.required(op, 1).reshape(-1)], kept=False)
    around = [0, 0, size // 2, 0, 0, 0, 0, (size - 1) // 2, 0, 0]
    back = t.constant(op, 3)
    same = back is None or target(t, x, [int(n) for n in back.reshape(-1)], kept=False) == x.sizes
    laid = volume[:2] == (1, channels) and int(np.prod(volume[2:])) == height * width
    if not size or not laid or len(volume) != 4 or list(t.required(op, 2).reshape(-1)) != around or not same:
        raise Unsupported("spells out something else than a response norm")
    layer = LocalResponseNorm(size, op.real("alpha", 0), op.real("beta", 0), op.real("bias", 0))
    return t.add(op, layer, x)
