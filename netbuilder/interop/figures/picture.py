"""Paths and texts -> one picture: a drawing in pixels with its size, described once for every writer of files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from netbuilder.graph import Point

from .lettering import Weight, width

ARC = 0.5523
"""How far along its arms the handles of a cubic curve lie that comes nearest to a quarter of a circle."""

Anchor = Literal["start", "middle", "end"]
Bounds = tuple[float, float, float, float]


class Command(NamedTuple):
    """A step of a pen: "M" go to a point, "L" draw a line to it, "C" a cubic curve by two handles, "Z" close."""

    letter: Literal["M", "L", "C", "Z"]
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Path:
    """Straight stretches through corners, rounded by `radius`; filled, stroked, or both. Colours are '#RRGGBB'.

    `kind` says what it stands for ("card", "wire", …), and `tip` what a viewer may show of it under the mouse.
    """

    points: tuple[Point, ...]
    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    closed: bool = True
    radius: float = 0.0
    dash: tuple[float, ...] = ()
    round_ends: bool = False
    kind: str = ""
    tip: str = ""

    def commands(self) -> Iterator[Command]:
        """The steps that draw it."""
        if not self.radius or len(self.points) < 3:
            yield Command("M", self.points[:1])
            yield from (Command("L", (point,)) for point in self.points[1:])
        else:
            yield from self._rounded()
        if self.closed:
            yield Command("Z")

    def _rounded(self) -> Iterator[Command]:
        points = (self.points[-1], *self.points, self.points[0]) if self.closed else self.points
        if not self.closed:
            yield Command("M", points[:1])
        for index, (before, corner, after) in enumerate(zip(points, points[1:], points[2:], strict=False)):
            # Arms between two corners are shared by both; the first and the last of an open path are free.
            a, b = _length(before, corner), _length(corner, after)
            a = a if index == 0 and not self.closed else a / 2
            b = b if index == len(points) - 3 and not self.closed else b / 2
            reach = min(self.radius, a, b)
            start, end = _towards(corner, before, reach), _towards(corner, after, reach)
            yield Command("M" if self.closed and index == 0 else "L", (start,))
            if reach:
                handles = _towards(start, corner, reach * ARC), _towards(end, corner, reach * ARC)
                yield Command("C", (*handles, end))
        if not self.closed:
            yield Command("L", points[-1:])

    def bounds(self) -> Bounds:
        """Left, top, right and bottom of what is painted."""
        xs, ys = zip(*self.points, strict=True)
        half = self.width / 2 if self.stroke else 0.0
        return min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half

    def shifted(self, by: Point) -> "Path":
        return replace(self, points=tuple((x + by[0], y + by[1]) for x, y in self.points))


@dataclass(frozen=True)
class Text:
    """One line of plain text in Inter, its baseline starting, centred or ending at a point."""

    at: Point
    text: str
    size: float
    colour: str
    weight: Weight = "Regular"
    anchor: Anchor = "start"

    @property
    def width(self) -> float:
        """Its length in pixels."""
        return width(self.text, self.size, self.weight)

    @property
    def left(self) -> float:
        """Where it starts, whatever its anchor."""
        return self.at[0] - self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]

    def bounds(self) -> Bounds:
        """Left, top, right and bottom of its line."""
        return self.left, self.at[1] - self.size, self.left + self.width, self.at[1] + 0.3 * self.size

    def shifted(self, by: Point) -> "Text":
        return replace(self, at=(self.at[0] + by[0], self.at[1] + by[1]))


Mark = Path | Text


@dataclass(frozen=True)
class Picture:
    """Marks in the order they are painted, on a ground of `width` × `height` pixels."""

    width: float
    height: float
    background: str
    marks: tuple[Mark, ...]

    @property
    def paths(self) -> list[Path]:
        return [mark for mark in self.marks if isinstance(mark, Path)]

    @property
    def texts(self) -> list[Text]:
        return [mark for mark in self.marks if isinstance(mark, Text)]


def framed(marks: Sequence[Mark], background: str, margin: float) -> Picture:
    """The marks moved to lie at the origin, with a margin all round."""
    left, top, right, bottom = bounds(marks)
    moved = tuple(mark.shifted((margin - left, margin - top)) for mark in marks)
    return Picture(right - left + 2 * margin, bottom - top + 2 * margin, background, moved)


def bounds(marks: Iterable[Mark]) -> Bounds:
    """Left, top, right and bottom of all marks; there must be one."""
    lefts, tops, rights, bottoms = zip(*(mark.bounds() for mark in marks), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


# ---- the marks figures are made of -----------------------------------------------------------------------------------


def box(
    left: float,
    top: float,
    width: float,
    height: float,
    *,
    radius: float = 0.0,
    fill: str | None = None,
    stroke: str | None = None,
    pen: float = 1.0,
    dash: tuple[float, ...] = (),
    kind: str = "",
    tip: str = "",
) -> Path:
    """A rectangle with rounded corners."""
    right, bottom = left + width, top + height
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    return Path(corners, fill, stroke, pen, True, min(radius, width / 2, height / 2), dash, kind=kind, tip=tip)


def dot(centre: Point, radius: float, fill: str) -> Path:
    """A filled circle."""
    return box(centre[0] - radius, centre[1] - radius, 2 * radius, 2 * radius, radius=radius, fill=fill)


def wire(points: Sequence[Point], colour: str, *, dash: tuple[float, ...] = (), pen: float = 1.6) -> tuple[Path, Path]:
    """A line with rounded corners, and the head of the arrow it ends in."""
    (bx, by), (ex, ey) = points[-2:]
    length = max(_length((bx, by), (ex, ey)), 1e-9)
    ux, uy = (ex - bx) / length, (ey - by) / length
    neck = (ex - 6 * ux, ey - 6 * uy)
    base = (ex - 7 * ux, ey - 7 * uy)
    head = (ex, ey), (base[0] - 3.5 * uy, base[1] + 3.5 * ux), (base[0] + 3.5 * uy, base[1] - 3.5 * ux)
    line = Path((*points[:-1], neck), None, colour, pen, False, 8, dash, kind="wire")
    return line, Path(head, colour, kind="arrow")


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(a: Point, b: Point, distance: float) -> Point:
    """The point so far from `a` on the way to `b`."""
    length = _length(a, b)
    share = distance / length if length else 0.0
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
