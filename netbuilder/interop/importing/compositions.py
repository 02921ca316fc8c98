"""Arithmetic that spells out an activation, such as x · σ(x) -> one operation by its name."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import erf, pi, sqrt
from typing import Any

import numpy as np

from netbuilder.interop.emitter import Array

from .operations import Operation, Unsupported

LONGEST = 12
"""Operations in a composition; the longest known, GELU by tanh, has nine."""
GRID = np.concatenate([np.linspace(-9, 9, 181), np.linspace(-0.01, 0.01, 6), np.linspace(19, 25, 5)])

_erf = np.vectorize(erf, otypes=[np.float64])


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _clip(op: Operation, x: Array, low: Array | None = None, high: Array | None = None) -> Array:
    bounds = [op.real(name, limit) for name, limit in (("min", -np.inf), ("max", np.inf))]
    return np.clip(x, bounds[0] if low is None else low, bounds[1] if high is None else high)


def _hard_sigmoid(op: Operation, x: Array) -> Array:
    return np.clip(op.real("alpha", 0.2) * x + op.real("beta", 0.5), 0, 1)


def _plain(function: Callable[..., Array]) -> Callable[..., Array]:
    def computed(_op: Operation, *arrays: Array) -> Array:
        return np.asarray(function(*arrays))

    return computed


def _relu(x: Array) -> Array:
    return np.maximum(x, 0)


def _softplus(x: Array) -> Array:
    return np.log1p(np.exp(x))


ARITHMETIC: dict[str, Callable[..., Array]] = {
    "Add": _plain(np.add),
    "Sub": _plain(np.subtract),
    "Mul": _plain(np.multiply),
    "Div": _plain(np.divide),
    "Pow": _plain(np.power),
    "Exp": _plain(np.exp),
    "Log": _plain(np.log),
    "Max": _plain(np.maximum),
    "Min": _plain(np.minimum),
    "Erf": _plain(_erf),
    "Tanh": _plain(np.tanh),
    "Sigmoid": _plain(_sigmoid),
    "Relu": _plain(_relu),
    "Softplus": _plain(_softplus),
    "Greater": _plain(np.greater),
    "Less": _plain(np.less),
    "Where": _plain(np.where),
    "Clip": _clip,
    "HardSigmoid": _hard_sigmoid,
}
"""What each operator makes of numbers; the first argument is the operation itself."""
CURVED = ("Exp", "Max", "Min", "Erf", "Tanh", "Sigmoid", "Relu", "Softplus", "Clip", "HardSigmoid")
"""Where a composition is looked for: around what is not plain arithmetic."""
CLOSING = ("Mul", "Div", "Max", "Min", "Clip", "Log", "Where")
"""What the last operation of a composition is."""
CURVES: tuple[tuple[str, dict[str, Any], Callable[[Array], Array]], ...] = (
    ("Swish", {}, lambda x: x * _sigmoid(x)),
    ("HardSwish", {}, lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    ("HardSigmoid", {"alpha": 1 / 6}, lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    ("HardSigmoid", {"alpha": 0.2}, lambda x: np.clip(x / 5 + 0.5, 0, 1)),
    ("Clip", {"min": 0.0, "max": 6.0}, lambda x: np.clip(x, 0, 6)),
    ("Mish", {}, lambda x: x * np.tanh(_softplus(x))),
    ("Softplus", {}, _softplus),
    ("Gelu", {}, lambda x: x * (1 + _erf(x * sqrt(0.5))) / 2),
    ("Gelu", {"approximate": "tanh"}, lambda x: x * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2),
)


@cache
def _drawn() -> tuple[tuple[tuple[str, dict[str, Any]], Array], ...]:
    return tuple(((kind, attributes), curve(GRID)) for kind, attributes, curve in CURVES)


def composed(
    operations: Sequence[Operation], constants: Mapping[str, Array], outputs: Sequence[str]
) -> list[Operation]:
    """The operations with every composition of a known curve made one, in the place and by the name of its last."""
    return _Compositions(operations, constants, outputs).replaced()


def joined(operations: Sequence[Operation]) -> list[Operation]:
    """The operations with sums and products of several, which ONNX writes two by two, made one each.

    Only of what was written so: the first ones are called as the last, with the operator behind it.
    """
    uses = Counter(name for op in operations for name in op.inputs)
    found: dict[str, Operation] = {}
    for op in operations:
        first = found.get(op.input(0))
        part = first and op.name and first.kind == op.kind and first.name.startswith(f"{op.name}/{op.kind}")
        if first and part and op.kind in ("Add", "Mul") and uses[op.input(0)] == 1:
            del found[op.input(0)]
            op = replace(op, inputs=(*first.inputs, *op.inputs[1:]))
        found[op.outputs[0] if op.outputs else ""] = op
    return list(found.values())


class _Compositions:
    """Finds them by what they compute: the values that follow from one alone are tried on a grid of numbers."""

    def __init__(self, operations: Sequence[Operation], constants: Mapping[str, Array], outputs: Sequence[str]):
        self._operations, self._constants = operations, constants
        self._uses = Counter([name for op in operations for name in op.inputs] + list(outputs))
        self._maker = {name: op for op in operations for name in op.outputs if name}
        self._readers: dict[str, list[Operation]] = {}
        for op in operations:
            for name in dict.fromkeys(op.inputs):
                self._readers.setdefault(name, []).append(op)

    def replaced(self) -> list[Operation]:
        found: dict[int, Operation] = {}
        gone, tried = set[int](), set[str]()
        for op in self._operations:
            if op.kind in CURVED and id(op) not in gone:
                for start in self._starts(op):
                    if start in tried:
                        continue
                    tried.add(start)
                    match = self._match(start)
                    if match:
                        parts, one = match
                        gone.update(id(part) for part in parts)
                        found[id(parts[-1])] = one
                        break
        return [found.get(id(op), op) for op in self._operations if id(op) in found or id(op) not in gone]

    def _starts(self, op: Operation) -> Iterator[str]:
        """Values the operation's own may be a function of, the nearest first."""
        waiting = [name for name in op.inputs if name]
        for _ in range(LONGEST):
            if not waiting:
                return
            name = waiting.pop(0)
            if name not in self._constants:
                yield name
                maker = self._maker.get(name)
                if maker and maker.kind in ARITHMETIC:
                    waiting += [each for each in maker.inputs if each not in waiting]

    def _match(self, start: str) -> tuple[list[Operation], Operation] | None:
        """The operations from `start` on that together are a known curve, as many as are one, and what says so."""
        values, parts, found = {start: GRID}, list[Operation](), None
        waiting = list(self._readers.get(start, ()))[: 2 * LONGEST]
        while waiting and len(parts) < LONGEST:
            op = waiting.pop(0)
            value = None if op in parts else self._value(op, values)
            if value is None:
                continue
            parts.append(op)
            values[op.outputs[0]] = value
            curve = self._curve(value) if op.kind in CLOSING else None
            within = [part for part in parts if self._leads_to(part, op, parts)] if curve else []
            if curve and len(within) > (len(found[0]) if found else 1) and self._closed(within, op):
                scope = op.name.rpartition("/")[0]  # PyTorch's: the module is the activation
                name = f"{scope}/{curve[0]}" if op.name.startswith("/") and scope else op.name
                found = within, replace(op, kind=curve[0], name=name, inputs=(start,), attributes=curve[1])
            waiting += self._readers.get(op.outputs[0], ())
        return found

    def _value(self, op: Operation, values: Mapping[str, Array]) -> Array | None:
        """What an operation makes of numbers known so far; None where it needs others, or is no arithmetic."""
        if op.kind not in ARITHMETIC or not 1 <= len(op.inputs) <= 3:
            return None
        arrays: list[Array | None] = []
        for name in op.inputs:
            constant = self._constants.get(name)
            if name in values or not name:
                arrays.append(values.get(name))
            elif constant is not None and constant.size == 1 and constant.dtype.kind in "fiu":
                arrays.append(constant.reshape(()).astype(np.float64))
            else:
                return None
        try:
            with np.errstate(all="ignore"):
                return ARITHMETIC[op.kind](op, *arrays)
        except (TypeError, ValueError, Unsupported):
            return None

    def _curve(self, value: Array) -> tuple[str, dict[str, Any]] | None:
        return next((known for known, drawn in _drawn() if np.allclose(value, drawn, rtol=1e-5, atol=1e-7)), None)

    def _leads_to(self, part: Operation, last: Operation, parts: Sequence[Operation]) -> bool:
        """Whether `last` needs what this part computes."""
        if part is last:
            return True
        return any(self._leads_to(each, last, parts) for each in parts if part.outputs[0] in each.inputs)

    def _closed(self, parts: Sequence[Operation], last: Operation) -> bool:
        """Whether nothing outside reads what is computed on the way."""
        read = Counter(name for part in parts for name in part.inputs)
        return all(self._uses[part.outputs[0]] == read[part.outputs[0]] for part in parts if part is not last)
