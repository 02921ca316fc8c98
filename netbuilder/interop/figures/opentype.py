"""The Inter that ships -> what a figure needs of it: glyphs of characters, their widths, and the part of its outlines
that a PDF embeds.

After the OpenType specification 1.9 (tables cmap, hmtx) and Adobe Technical Note 5176, "The Compact Font Format".
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from struct import unpack_from
from typing import Literal

from netbuilder.resources import resource

Weight = Literal["Regular", "Medium", "SemiBold"]
MISSING = 0
"""The glyph of a character the font does not have: a box."""
END = b"\x0e"
"""A charstring that draws nothing."""


@dataclass(frozen=True, eq=False)
class OpenType:
    """One font file with outlines in CFF form."""

    data: bytes

    @cached_property
    def _tables(self) -> dict[bytes, tuple[int, int]]:
        (count,) = unpack_from(">H", self.data, 4)
        records = (unpack_from(">4sLLL", self.data, 12 + 16 * i) for i in range(count))
        return {tag: (offset, length) for tag, _, offset, length in records}

    def _at(self, table: bytes, form: str, offset: int = 0) -> tuple[int, ...]:
        return unpack_from(">" + form, self.data, self._tables[table][0] + offset)

    @cached_property
    def units(self) -> int:
        """Units of a glyph's coordinates per em."""
        return self._at(b"head", "H", 18)[0]

    @cached_property
    def box(self) -> tuple[int, ...]:
        """Left, bottom, right and top that no glyph exceeds, in units."""
        return self._at(b"head", "4h", 36)

    @cached_property
    def height(self) -> tuple[int, int]:
        """How far letters reach above and (negative) below the baseline, in units."""
        above, below = self._at(b"hhea", "2h", 4)
        return above, below

    @cached_property
    def glyphs(self) -> dict[str, int]:
        """The glyph of every character there is."""
        found: dict[str, int] = {}
        for index in range(self._at(b"cmap", "H", 2)[0]):
            platform, encoding, offset = self._at(b"cmap", "HHL", 4 + 8 * index)
            if (platform, encoding) == (3, 10) and self._at(b"cmap", "H", offset)[0] == 12:
                (groups,) = self._at(b"cmap", "L", offset + 12)
                for group in range(groups):
                    first, last, glyph = self._at(b"cmap", "3L", offset + 16 + 12 * group)
                    found.update((chr(first + i), glyph + i) for i in range(last - first + 1))
        return found

    @cached_property
    def advances(self) -> tuple[int, ...]:
        """How far each glyph leads on, in units; those beyond the last lead on as far as that."""
        (count,) = self._at(b"hhea", "H", 34)
        return self._at(b"hmtx", "Hh" * count)[::2]

    def advance(self, glyph: int) -> int:
        return self.advances[min(glyph, len(self.advances) - 1)]

    def outlines(self, glyphs: Collection[int]) -> bytes:
        """The font's CFF table with every other glyph emptied: as long as before, but hardly anything when packed.

        Nothing moves, so that no offset in it has to be written anew.
        """
        offset, length = self._tables[b"CFF "]
        table = bytearray(self.data[offset : offset + length])
        start = _charstrings(table)
        ranges = list(_entries(table, start))
        kept = [bytes(table[a:b]) if i in glyphs or i == MISSING else END for i, (a, b) in enumerate(ranges)]
        packed = _packed(kept)
        end = ranges[-1][1]
        if len(packed) > end - start:  # every glyph is used, and the offsets need more room than they had
            return bytes(table)
        table[start:end] = packed.ljust(end - start, b"\0")
        return bytes(table)


@cache
def inter(weight: Weight) -> OpenType:
    """Inter as it ships."""
    return OpenType(resource(f"fonts/Inter-{weight}.otf").read_bytes())


# ---- CFF -------------------------------------------------------------------------------------------------------------


def _entries(table: bytes | bytearray, start: int) -> Iterator[tuple[int, int]]:
    """Where each object of an INDEX starts and stops."""
    count, size = int.from_bytes(table[start : start + 2], "big"), table[start + 2]
    if count:
        base = start + 2 + size * (count + 1)
        offsets = [int.from_bytes(table[at : at + size], "big") for at in range(start + 3, base + 1, size)]
        yield from zip((base + a for a in offsets), (base + b for b in offsets[1:]), strict=False)


def _end(table: bytes | bytearray, start: int) -> int:
    """Where an INDEX stops."""
    return max((stop for _, stop in _entries(table, start)), default=start + 2)


def _packed(objects: list[bytes]) -> bytes:
    """An INDEX of these objects."""
    offsets, total = [1], 1
    for each in objects:
        total += len(each)
        offsets.append(total)
    size = (total.bit_length() + 7) // 8
    head = (
        len(objects).to_bytes(2, "big") + bytes([size]) + b"".join(offset.to_bytes(size, "big") for offset in offsets)
    )
    return head + b"".join(objects)


def _charstrings(table: bytes | bytearray) -> int:
    """Where the INDEX of all glyphs' outlines starts: operator 17 of the Top DICT says so."""
    names = table[2]
    tops = _end(table, names)
    start, stop = next(_entries(table, tops))
    operands: list[int] = []
    while start < stop:
        byte = table[start]
        if byte <= 21:
            if byte == 17:
                return operands[-1]
            operands, start = [], start + (2 if byte == 12 else 1)
        else:
            value, start = _operand(table, start)
            operands.append(value)
    raise ValueError("This font has no outlines.")


def _operand(table: bytes | bytearray, start: int) -> tuple[int, int]:
    """A whole number of a DICT, and where the next thing starts. Real numbers are passed over as 0."""
    byte = table[start]
    if byte == 30:
        while table[start] & 15 != 15:
            start += 1
        return 0, start + 1
    if byte in (28, 29):
        size = 2 if byte == 28 else 4
        return int.from_bytes(table[start + 1 : start + 1 + size], "big", signed=True), start + 1 + size
    if byte < 247:
        return byte - 139, start + 1
    if byte < 251:
        return (byte - 247) * 256 + table[start + 1] + 108, start + 2
    return -(byte - 251) * 256 - table[start + 1] - 108, start + 2
