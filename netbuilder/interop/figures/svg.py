"""A picture -> SVG 1.1: paths and texts that stay texts, every word of them escaped."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from .picture import Command, Path, Picture, Text

WEIGHTS = {"Regular": "", "Medium": ' font-weight="500"', "SemiBold": ' font-weight="600"'}
ANCHORS = {"start": "", "middle": ' text-anchor="middle"', "end": ' text-anchor="end"'}


def to_svg(picture: Picture) -> bytes:
    """The file's bytes, the same for the same picture."""
    return "\n".join(_lines(picture)).encode("utf-8", "replace")


def _lines(picture: Picture) -> Iterator[str]:
    width, height = number(picture.width), number(picture.height)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="Inter, system-ui, sans-serif" xml:space="preserve">'
    )
    yield f'<rect width="{width}" height="{height}" fill="{picture.background}"/>'
    for mark in picture.marks:
        yield _path(mark) if isinstance(mark, Path) else _text(mark)
    yield "</svg>\n"


def _path(path: Path) -> str:
    kind = f' class="{path.kind}"' if path.kind else ""
    parts = [f'<path{kind} d="{"".join(_step(command) for command in path.commands())}" fill="{path.fill or "none"}"']
    if path.stroke:
        parts.append(f'stroke="{path.stroke}" stroke-width="{number(path.width)}" stroke-linejoin="round"')
    if path.round_ends:
        parts.append('stroke-linecap="round"')
    if path.dash:
        parts.append(f'stroke-dasharray="{" ".join(number(length) for length in path.dash)}"')
    tip = f"><title>{words(path.tip)}</title></path>" if path.tip else "/>"
    return " ".join(parts) + tip


def _step(command: Command) -> str:
    return command.letter + " ".join(f"{number(x)},{number(y)}" for x, y in command.points)


def _text(text: Text) -> str:
    """One line. Where a viewer has no Inter, its length keeps another font within the room there is."""
    (x, y), length = text.at, number(text.width)
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(text.size)}" fill="{text.colour}"'
        f"{WEIGHTS[text.weight]}{ANCHORS[text.anchor]}"
        f' textLength="{length}" lengthAdjust="spacingAndGlyphs">{words(text.text)}</text>'
    )


def words(text: str) -> str:
    """Text as XML may hold it; what XML cannot hold at all becomes '\ufffd'."""
    return escape("".join(letter if _allowed(ord(letter)) else "\ufffd" for letter in text))


def _allowed(code: int) -> bool:
    """Section 2.2 of XML 1.0."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def number(value: float) -> str:
    """A hundredth of a pixel is exact enough: '12', '12.5', '12.25'."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
