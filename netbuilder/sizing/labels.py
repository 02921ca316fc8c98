"""A change of a layer's settings, or how far they are searched -> what a button or a sentence says of it."""

from collections.abc import Mapping
from typing import Any

from netbuilder.layers.settings import Padding

_WORDS = {"kernel_size": "kernel", "pool_size": "window", "ceil_mode": "ceil mode"}


def label(name: str, value: Any) -> str:
    """'stride 2', 'kernel 5×3', 'same padding', 'padding 1', '64 filters'."""
    if name == "padding":
        return f"{value} padding" if isinstance(value, str) else f"padding {_sides(value)}"
    if name == "ceil_mode":
        return "ceil mode" if value else "no ceil mode"
    if name in ("filters", "units", "groups"):
        return f"{value:,} {name if value != 1 else name[:-1]}"
    text = _WORDS.get(name, name.replace("_", " "))
    if not isinstance(value, tuple):
        return f"{text} {value:,}"
    return (
        f"{text} {value[0]}"
        if value[0] == value[1] and name in ("stride", "dilation")
        else f"{text} {value[0]}×{value[1]}"
    )


def _sides(padding: Padding) -> str:
    """'1' on all sides, '1+2' before and after, or '1+2 above and below, 0+0 at the sides'."""
    top, bottom, left, right = padding
    down, across = (f"{a}+{b}" if a != b else f"{a}" for a, b in ((top, bottom), (left, right)))
    return f"{down}" if (top, bottom) == (left, right) else f"{down} above and below, {across} at the sides"


def limits(searched: Mapping[str, int], *others: str) -> str:
    """'padding up to 5, stride up to 8, kernel up to 11 or ceil mode'."""
    names = [f"{_WORDS.get(name, name)} up to {most}" for name, most in searched.items()] + list(others)
    return f"{', '.join(names[:-1])} or {names[-1]}"
