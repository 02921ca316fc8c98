"""Arithmetic that remembers how it was done: one expression gives the number, its formula and its working.

>>> size, stride = number("height", 28), number("stride", 2)
>>> out = floor((size - 3) / stride) + 1
>>> out.value, out.formula, out.substituted
(13, '⌊(height − 3) / stride⌋ + 1', '⌊(28 − 3) / 2⌋ + 1')
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil as _ceil
from math import floor as _floor
from operator import add, mul

_SUM, _PRODUCT, _ATOM = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Working:
    """A number with the arithmetic that made it.

    `formula` names the terms, `substituted` has the numbers put in, and `value` is their exact result. All three come
    from the same operations, so the text cannot disagree with the number.
    """

    value: Fraction | int
    formula: str
    substituted: str
    binding: int = _ATOM

    @property
    def result(self) -> int:
        """The value of a finished working, which is whole."""
        if self.value.denominator != 1:
            raise ValueError(f"{self.substituted} = {self.value} is not whole")
        return int(self.value)

    @property
    def text(self) -> str:
        """'32 · (1 · 5 · 5 + 1) = 832'; a number that took no arithmetic stands alone."""
        plain = str(self.result)
        return plain if self.substituted == plain else f"{self.substituted} = {plain}"

    def to_dict(self) -> dict[str, str | int]:
        return {"formula": self.formula, "substituted": self.substituted, "result": self.result}

    def __add__(self, other: "Working | int") -> "Working":
        return self._join(other, "+", self.value + _lift(other).value, _SUM)

    def __radd__(self, other: int) -> "Working":
        return _lift(other) + self

    def __sub__(self, other: "Working | int") -> "Working":
        return self._join(other, "−", self.value - _lift(other).value, _SUM, right=_PRODUCT)

    def __mul__(self, other: "Working | int") -> "Working":
        return self._join(other, "·", self.value * _lift(other).value, _PRODUCT)

    def __rmul__(self, other: int) -> "Working":
        return _lift(other) * self

    def __truediv__(self, other: "Working | int") -> "Working":
        return self._join(other, "/", Fraction(self.value) / _lift(other).value, _PRODUCT, right=_ATOM)

    def _join(
        self, other: "Working | int", sign: str, value: Fraction | int, binding: int, right: int = 0
    ) -> "Working":
        a, b = self, _lift(other)
        right = right or binding
        return Working(
            value,
            f"{_wrap(a.formula, a, binding)} {sign} {_wrap(b.formula, b, right)}",
            f"{_wrap(a.substituted, a, binding)} {sign} {_wrap(b.substituted, b, right)}",
            binding,
        )


def number(name: str, value: int) -> Working:
    """A named term, such as `number("filters", 32)`."""
    return Working(value, name, str(value))


def floor(x: Working) -> Working:
    """Rounded down: ⌊x⌋."""
    return Working(_floor(x.value), f"⌊{x.formula}⌋", f"⌊{x.substituted}⌋")


def ceil(x: Working) -> Working:
    """Rounded up: ⌈x⌉."""
    return Working(_ceil(x.value), f"⌈{x.formula}⌉", f"⌈{x.substituted}⌉")


def maximum(a: Working, b: Working | int) -> Working:
    """The larger of two: max(a, b)."""
    b = _lift(b)
    return Working(max(a.value, b.value), f"max({a.formula}, {b.formula})", f"max({a.substituted}, {b.substituted})")


def product(terms: Iterable[Working]) -> Working:
    """a · b · c of at least one term."""
    return reduce(mul, terms)


def total(terms: Iterable[Working]) -> Working:
    """a + b + c of at least one term."""
    return reduce(add, terms)


ZERO = Working(0, "0", "0")


def _lift(x: Working | int) -> Working:
    return x if isinstance(x, Working) else Working(x, str(x), str(x))


def _wrap(text: str, term: Working, binding: int) -> str:
    return f"({text})" if term.binding < binding else text
