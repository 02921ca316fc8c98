"""How a layer declares its settings: once, with limits, unit and help; forms, files and checks derive from that.

A setting's converter turns what a person or a file gives (`5`, `[5, 5]`) into the one value the layer keeps (`(5, 5)`)
or raises a ValueError that says what would be right.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from math import isfinite
from typing import Any, Protocol, TypeVar, cast

S = TypeVar("S")
T = TypeVar("T")

Pair = tuple[int, int]
Padding = str | tuple[int, int, int, int]
Value = bool | int | float | str | tuple[int, ...] | None

LARGEST = 1_000_000


class Kind(Protocol):
    """What values a setting takes: a converter that also knows how to say what it expects."""

    def __call__(self, value: Any, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from `low` to `high`."""

    low: int = 1
    high: int = LARGEST

    def __call__(self, value: int) -> int:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ValueError(f"must be a whole number, not {shown(value)}")
        value = value.__index__()
        if not self.low <= value <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high:,}, not {shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class OptionalInteger:
    """A whole number from `low` to `high`, or None where the setting does not apply."""

    low: int = 1
    high: int = LARGEST

    def __call__(self, value: int | None) -> int | None:
        return None if value is None else Integer(self.low, self.high)(value)


@dataclass(frozen=True, slots=True)
class Real:
    """A finite number from `low` to `high`, which may be ∞; `low_open` leaves `low` itself out, `high_open` `high`."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def __call__(self, value: float) -> float:
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise ValueError(f"must be a number, not {shown(value)}")
        try:
            number = float(value)
        except (OverflowError, TypeError):  # an integer of hundreds of digits, an array of several numbers
            number = float("nan")
        inside = self.low <= number <= self.high
        if (
            not isfinite(number)
            or not inside
            or (self.low_open and number == self.low)
            or (self.high_open and number == self.high)
        ):
            left = f"above {self.low:g}" if self.low_open else f"at least {self.low:g}"
            right = f" and below {self.high:g}" if self.high_open else f" and at most {self.high:g}"
            raise ValueError(f"must be {left}{right if isfinite(self.high) else ''}, not {shown(value)}")
        return number


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off."""

    def __call__(self, value: bool) -> bool:
        if type(value) is not bool:
            raise ValueError(f"must be true or false, not {shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def __call__(self, value: str) -> str:
        if value not in self.options:
            raise ValueError(f"must be one of {', '.join(self.options)}, not {shown(value)}")
        return value


@dataclass(frozen=True, slots=True)
class PairOf:
    """Two whole numbers, vertical first; one number stands for both."""

    low: int = 1
    high: int = LARGEST

    def __call__(self, value: int | Sequence[int]) -> Pair:
        both = value if isinstance(value, (tuple, list)) else cast("Pair", (value, value))
        if len(both) != 2:
            raise ValueError(f"must be one number or two (height, width), not {shown(value)}")
        each = Integer(self.low, self.high)
        return each(both[0]), each(both[1])


@dataclass(frozen=True, slots=True)
class OptionalPair:
    """Two whole numbers, or None for what the layer's own rule gives."""

    low: int = 1
    high: int = LARGEST

    def __call__(self, value: int | Sequence[int] | None) -> Pair | None:
        return None if value is None else PairOf(self.low, self.high)(value)


@dataclass(frozen=True, slots=True)
class PaddingRule:
    """Explicit (top, bottom, left, right), one number for all four, or a rule by its name: 'valid' (none), 'same' (as
    many windows as ⌈size / stride⌉)."""

    high: int = 10_000
    rules: tuple[str, ...] = ("valid", "same")

    def __call__(self, value: str | int | Sequence[int]) -> Padding:
        if isinstance(value, str) and self.rules:
            return Choice(self.rules)(value)
        if isinstance(value, int):
            value = [value] * 4
        if not isinstance(value, (tuple, list)) or len(value) != 4:
            named = "".join(f"{rule}, " for rule in self.rules).removesuffix(", ") + " or " if self.rules else ""
            raise ValueError(f"must be {named}(top, bottom, left, right), not {shown(value)}")
        each = Integer(0, self.high)
        return each(value[0]), each(value[1]), each(value[2]), each(value[3])


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting of a layer: everything a form, a file or a manual needs to know of it."""

    name: str
    kind: Kind
    default: Value
    unit: str
    help: str

    @property
    def label(self) -> str:
        """'Kernel size' for `kernel_size`."""
        return self.name.replace("_", " ").capitalize()


def setting(*, default: S, converter: Callable[[S], T], help: str, unit: str = "") -> T:  # pyright: ignore
    """Declare a setting; its converter holds the limits. Type checkers read S for the constructor, T for the field."""
    return field(default=default, metadata={"kind": converter, "help": help, "unit": unit})  # pyright: ignore


def declared(cls: type) -> tuple[Setting, ...]:
    """The settings of a layer class, in the order they are declared."""
    return tuple(_read(f) for f in fields(cls) if "kind" in f.metadata)


def _read(f: Field[Any]) -> Setting:
    kind = f.metadata["kind"]
    default = None if f.default is MISSING else kind(f.default)
    return Setting(f.name, kind, default, f.metadata["unit"], f.metadata["help"])


def shown(value: object) -> str:
    """A value from outside, cut short so that a message stays a sentence."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits refuses to be printed
        return "a huge number"
    return text if len(text) <= 40 else text[:37] + "…"
