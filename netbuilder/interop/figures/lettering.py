"""Text, a size and a weight of Inter -> how wide it is, and what of it fits."""

from functools import lru_cache

from .opentype import MISSING, Weight, inter

__all__ = ["Weight", "elided", "width", "wrapped"]


@lru_cache(8192)
def width(text: str, size: float, weight: Weight = "Regular") -> float:
    """The length of a line in pixels, letters side by side as the font spaces them."""
    font = inter(weight)
    return sum(font.advance(font.glyphs.get(letter, MISSING)) for letter in text) * size / font.units


def elided(text: str, room: float, size: float, weight: Weight = "Regular") -> str:
    """The text, or as much of its beginning as fits before '…'."""
    if width(text, size, weight) <= room:
        return text
    fits = next((n for n in range(len(text), 0, -1) if width(text[:n].rstrip() + "…", size, weight) <= room), 0)
    return text[:fits].rstrip() + "…"


def wrapped(text: str, room: float, size: float, separator: str = " ") -> list[str]:
    """The text as lines that fit, broken at separators and, where a piece is longer than a line, within it."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in paragraph.split(separator):
            longer = f"{line}{separator}{piece}" if line else piece
            if width(longer, size) <= room:
                line = longer
                continue
            if line:
                lines.append(line)
            line = piece
            while width(line, size) > room and len(line) > 1:
                fits = next((n for n in range(len(line) - 1, 1, -1) if width(line[:n], size) <= room), 1)
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines
