"""The words blocks show: from a layer's settings to the few that matter."""

from .settings import Padding, Pair


def either(pair: Pair) -> str:
    """'2' where both are alike, '2×1' where they differ."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"


def padded(padding: Padding) -> str:
    """'same', 'padded' where sides are counted, or nothing for the usual 'valid'."""
    if padding == "valid":
        return ""
    return padding if isinstance(padding, str) else "padded"


def counted(number: int, noun: str) -> str:
    """'1 filter', '16 filters'."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def joined(*parts: str) -> str:
    """'5×5 · 16 filters', leaving out what is empty."""
    return " · ".join(part for part in parts if part)
