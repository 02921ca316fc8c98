"""Arithmetic that spells out a normalisation over channels -> one operation by its name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from netbuilder.interop.emitter import Array

from .constants import axes
from .operations import Operation, Unsupported

KIND = "LayerNormalization"


def normalised(
    operations: Sequence[Operation], constants: Mapping[str, Array], outputs: Sequence[str]
) -> list[Operation]:
    """The operations with (x − mean) / √(mean of squares + ε), each mean over one and the same axis, made one each.

    What is scaled and shifted behind it stays, and so does what anything else reads on the way.
    """
    makers = {name: op for op in operations for name in op.outputs if name}
    uses = Counter([name for op in operations for name in op.inputs] + list(outputs))
    found: dict[int, Operation] = {}
    gone = set[int]()
    for op in operations:
        parts = _parts(op, makers, constants) if op.kind == "Div" else None
        if parts is not None and _closed(parts, uses):
            mean, root = parts[-1], parts[1]
            attributes: dict[str, Any] = {"axis": _axis(mean, constants), "epsilon": _epsilon(root, makers, constants)}
            found[id(op)] = replace(op, kind=f"{KIND} over one axis", inputs=mean.inputs[:1], attributes=attributes)
            gone.update(id(part) for part in parts)
    return [found.get(id(op), op) for op in operations if id(op) in found or id(op) not in gone]


def _parts(last: Operation, makers: Mapping[str, Operation], constants: Mapping[str, Array]) -> list[Operation] | None:
    """The seven operations that end in this division: itself, root, sum, mean of squares, square, difference, mean."""
    difference, root = (makers.get(name) for name in (last.input(0), last.input(1)))
    added = makers.get(root.input(0)) if root and root.kind == "Sqrt" else None
    variance = next((makers[n] for n in added.inputs if n in makers), None) if added and added.kind == "Add" else None
    square = makers.get(variance.input(0)) if variance and variance.kind == "ReduceMean" else None
    mean = makers.get(difference.input(1)) if difference and difference.kind == "Sub" else None
    if not (root and added and variance and square and difference and mean) or mean.kind != "ReduceMean":
        return None
    own = last.input(0)
    twice = square.kind == "Mul" and square.inputs == (own, own)
    power = constants.get(square.input(1))
    twice = twice or (square.kind == "Pow" and square.input(0) == own and power is not None and (power == 2).all())
    same = mean.input(0) == difference.input(0) and _axis(mean, constants) == _axis(variance, constants) is not None
    if not twice or not same or _epsilon(root, makers, constants) is None:
        return None
    return [last, root, added, variance, square, difference, mean]


def _axis(mean: Operation, constants: Mapping[str, Array]) -> int | None:
    """The one axis a mean is over; None where it drops it or has several."""
    try:
        found = axes(mean, constants.get(mean.input(1)))
        return found[0] if found and len(found) == 1 and mean.integer("keepdims", 1) else None
    except Unsupported:
        return None


def _epsilon(root: Operation, makers: Mapping[str, Operation], constants: Mapping[str, Array]) -> float | None:
    added = makers[root.input(0)]
    given = next((constants[name] for name in added.inputs if name in constants), None)
    return float(f"{float(given.reshape(())):.6g}") if given is not None and given.size == 1 else None


def _closed(parts: Sequence[Operation], uses: Mapping[str, int]) -> bool:
    """Whether nothing outside reads what is computed on the way."""
    read = Counter(name for part in parts for name in part.inputs)
    return all(uses[part.outputs[0]] == read[part.outputs[0]] for part in parts[1:])
