"""A picture -> PDF 1.6 of one page: vectors, and texts that can be selected, in the letters of Inter they need.

After ISO 32000-1:2008: 7.5 (file structure), 8.5 (paths), 9.7 (composite fonts), 9.10.3 (ToUnicode).
"""

from collections.abc import Iterator
from typing import get_args
from zlib import compress

from netbuilder.version import __version__

from .opentype import MISSING, OpenType, Weight, inter
from .picture import Command, Path, Picture, Text

POINT = 0.75
"""Points to a pixel: 96 pixels and 72 points make an inch."""
LARGEST = 14_400.0
"""Points a page may be long, by annex C.2; larger pictures are drawn smaller."""
LETTERS = {"M": "m", "L": "l", "C": "c", "Z": "h"}
WEIGHTS: tuple[Weight, ...] = get_args(Weight)


def to_pdf(picture: Picture) -> bytes:
    """The file's bytes, the same for the same picture."""
    scale = min(POINT, LARGEST / max(picture.width, picture.height))
    width, height = picture.width * scale, picture.height * scale
    file = _File()
    catalogue, pages, page = file.reserve(), file.reserve(), file.reserve()
    contents = file.stream(_contents(picture, scale).encode("ascii"))
    used = {weight: sorted({c for t in picture.texts if t.weight == weight for c in t.text}) for weight in WEIGHTS}
    fonts = " ".join(f"/{weight} {_font(file, weight, used[weight])} 0 R" for weight in WEIGHTS if used[weight])
    file.put(catalogue, f"<< /Type /Catalog /Pages {pages} 0 R >>")
    file.put(pages, f"<< /Type /Pages /Kids [{page} 0 R] /Count 1 >>")
    file.put(
        page,
        f"<< /Type /Page /Parent {pages} 0 R /MediaBox [0 0 {_number(width)} {_number(height)}] "
        f"/Resources << /Font << {fonts} >> >> /Contents {contents} 0 R >>",
    )
    info = file.add(f"<< /Producer (netbuilder {__version__}) >>")
    return file.written(catalogue, info)


class _File:
    """Numbered objects, and where each starts once they are written."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> int:
        """The number of an object that is put later."""
        self._objects.append(b"")
        return len(self._objects)

    def put(self, index: int, text: str) -> None:
        self._objects[index - 1] = text.encode("ascii")

    def add(self, text: str) -> int:
        index = self.reserve()
        self.put(index, text)
        return index

    def stream(self, data: bytes, entries: str = "") -> int:
        packed = compress(data, 9)
        index = self.reserve()
        head = f"<< /Length {len(packed)} /Filter /FlateDecode {entries}>>\nstream\n"
        self._objects[index - 1] = head.encode("ascii") + packed + b"\nendstream"
        return index

    def written(self, root: int, info: int) -> bytes:
        """Header, objects, the table of their places and the trailer."""
        out = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
        places: list[int] = []
        for index, body in enumerate(self._objects, start=1):
            places.append(len(out))
            out += b"%d 0 obj\n" % index + body + b"\nendobj\n"
        table = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\n" % (len(places) + 1, root, info)
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


# ---- the page --------------------------------------------------------------------------------------------------------


def _contents(picture: Picture, scale: float) -> str:
    """Painting in the picture's own pixels, whose y goes down."""
    height = _number(picture.height * scale)
    ground = f"{_colour(picture.background)} rg 0 0 {_number(picture.width)} {_number(picture.height)} re f"
    lines = [f"{_number(scale, 5)} 0 0 {_number(-scale, 5)} 0 {height} cm 1 j", ground]
    for mark in picture.marks:
        lines += _painted(mark) if isinstance(mark, Path) else _shown(mark)
    return "\n".join(lines)


def _painted(path: Path) -> Iterator[str]:
    steps = " ".join(_step(command) for command in path.commands())
    fill = f"{_colour(path.fill)} rg " if path.fill else ""
    if not path.stroke:
        yield f"{fill}{steps} f"
        return
    dash = " ".join(_number(length) for length in path.dash)
    pen = f"{_colour(path.stroke)} RG {_number(path.width)} w {int(path.round_ends)} J [{dash}] 0 d "
    yield f"{fill}{pen}{steps} {'B' if path.fill else 'S'}"


def _step(command: Command) -> str:
    return " ".join(f"{_number(x)} {_number(y)}" for x, y in command.points) + f" {LETTERS[command.letter]}"


def _shown(text: Text) -> Iterator[str]:
    """One line by the numbers of its glyphs; what Inter lacks shows as a box, and is still itself when copied."""
    glyphs = inter(text.weight).glyphs
    missing = any(letter not in glyphs for letter in text.text)
    if missing:
        actual = (b"\xfe\xff" + text.text.encode("utf-16-be", "replace")).hex().upper()
        yield f"/Span << /ActualText <{actual}> >> BDC"
    codes = "".join(f"{glyphs.get(letter, MISSING):04X}" for letter in text.text)
    place = f"1 0 0 -1 {_number(text.left)} {_number(text.at[1])} Tm"
    yield f"BT {_colour(text.colour)} rg /{text.weight} {_number(text.size)} Tf {place} <{codes}> Tj ET"
    if missing:
        yield "EMC"


def _colour(colour: str) -> str:
    return " ".join(_number(int(colour[i : i + 2], 16) / 255, 3) for i in (1, 3, 5))


def _number(value: float, places: int = 2) -> str:
    return f"{round(value, places) + 0.0:.{places}f}".rstrip("0").rstrip(".")


# ---- fonts -----------------------------------------------------------------------------------------------------------


def _font(file: _File, weight: Weight, characters: list[str]) -> int:
    """A composite font whose codes are numbers of glyphs, with the outlines of those that are used."""
    font = inter(weight)
    glyphs = {font.glyphs[letter]: letter for letter in reversed(characters) if letter in font.glyphs}
    used = sorted({MISSING, *glyphs})
    name = f"NETBLD+Inter-{weight}"
    outlines = file.stream(font.outlines(used), "/Subtype /CIDFontType0C ")
    box = " ".join(str(_thousandths(font, side)) for side in font.box)
    above, below = (_thousandths(font, reach) for reach in font.height)
    descriptor = file.add(
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 /Ascent {above} "
        f"/Descent {below} /CapHeight 727 /StemV 80 /FontFile3 {outlines} 0 R >>"
    )
    widths = " ".join(f"{glyph} [{_thousandths(font, font.advance(glyph))}]" for glyph in used)
    descendant = file.add(
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{name} "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R /DW 1000 /W [{widths}] >>"
    )
    meaning = file.stream(_meaning(glyphs).encode("ascii"))
    return file.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meaning} 0 R >>"
    )


def _thousandths(font: OpenType, units: int) -> int:
    return round(1000 * units / font.units)


def _meaning(glyphs: dict[int, str]) -> str:
    """The CMap from glyphs back to characters, in blocks of at most a hundred."""
    pairs = [f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for glyph, letter in sorted(glyphs.items())]
    blocks = (pairs[i : i + 100] for i in range(0, len(pairs), 100))
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{body}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
