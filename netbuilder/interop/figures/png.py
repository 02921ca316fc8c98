"""A picture -> PNG with two pixels for each of its own, drawn four times finer still and averaged."""

from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from itertools import cycle, pairwise
from math import ceil, floor, hypot, sqrt

from PIL import Image, ImageDraw, ImageFont

from netbuilder.graph import Point
from netbuilder.resources import resource

from .opentype import Weight
from .picture import Command, Path, Picture, Text

SCALE, FINE = 2.0, 4
MOST_PIXELS, LONGEST = 40_000_000, 60_000
"""A picture that would be larger is drawn at a smaller scale."""
STRIP = 1_000_000
"""Pixels drawn at once."""
INCH = 96
"""Pixels of a picture that make an inch."""


def to_png(picture: Picture) -> bytes:
    """The file's bytes. It is drawn in strips, so that a tall picture takes little memory more than itself."""
    width, height = picture.width, picture.height
    scale = min(SCALE, sqrt(MOST_PIXELS / (width * height)), LONGEST / max(width, height))
    wide, high = max(1, ceil(width * scale)), max(1, ceil(height * scale))
    image = Image.new("RGB", (wide, high), picture.background)
    extents = [(mark, mark.bounds()) for mark in picture.marks]
    step = max(1, STRIP // wide)
    for top in range(0, high, step):
        rows = min(step, high - top)
        strip = Image.new("RGB", (wide * FINE, rows * FINE), picture.background)
        pen = _Pen(strip, scale * FINE, top * FINE)
        for mark, (_, first, _, last) in extents:
            if last * scale >= top - 2 and first * scale <= top + rows + 2:
                pen.path(mark) if isinstance(mark, Path) else pen.text(mark)
        image.paste(strip.reduce(FINE), (0, top))
    file = BytesIO()
    image.save(file, "PNG", dpi=(INCH * scale, INCH * scale))
    return file.getvalue()


class _Pen:
    """Draws marks on a strip that starts `top` fine pixels down, at `scale` fine pixels for each of the picture."""

    def __init__(self, strip: Image.Image, scale: float, top: int):
        self._draw = ImageDraw.Draw(strip)
        self._scale, self._top = scale, top

    def path(self, path: Path) -> None:
        points = [self._place(point) for point in flattened(path.commands())]
        if path.fill:
            self._draw.polygon(_pixels(points), path.fill)
        if path.stroke:
            closed = [*points, points[0]] if path.closed else points
            lines = dashes(closed, [length * self._scale for length in path.dash]) if path.dash else [closed]
            for line in lines:
                self._stroke(line, path.stroke, path.width * self._scale, round_ends=path.round_ends or path.closed)

    def _stroke(self, points: list[Point], colour: str, width: float, *, round_ends: bool) -> None:
        """A line of any width, joined by discs; Pillow's own joints break at sharp turns."""
        half = width / 2
        for (ax, ay), (bx, by) in pairwise(points):
            if length := hypot(bx - ax, by - ay):
                nx, ny = (by - ay) / length * half, (ax - bx) / length * half
                quad = [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]
                self._draw.polygon(_pixels(quad), colour)
        for x, y in points if round_ends else points[1:-1]:
            self._draw.ellipse(_pixels([(x - half, y - half), (x + half, y + half)]), colour)

    def text(self, text: Text) -> None:
        if text.size * self._scale < 1:
            return  # too small to be seen
        (at,) = _pixels([self._place((text.left, text.at[1]))])
        self._draw.text(at, text.text, text.colour, _font(text.weight, text.size * self._scale), anchor="ls")

    def _place(self, point: Point) -> Point:
        return point[0] * self._scale, point[1] * self._scale - self._top


def _pixels(points: list[Point]) -> list[tuple[int, int]]:
    """The nearest fine pixels, the same in whatever strip: Pillow would round towards zero."""
    return [(floor(x + 0.5), floor(y + 0.5)) for x, y in points]


@cache
def _font(weight: Weight, size: float) -> ImageFont.FreeTypeFont:
    path = str(resource(f"fonts/Inter-{weight}.otf"))
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def flattened(commands: Iterable[Command]) -> Iterator[Point]:
    """The corners of an outline whose curves are broken into short straight stretches."""
    last = (0.0, 0.0)
    for command in commands:
        if command.letter == "C":
            yield from (_along((last, *command.points), step / 8) for step in range(1, 9))
        elif command.points:
            yield command.points[0]
        last = command.points[-1] if command.points else last


def _along(curve: tuple[Point, ...], t: float) -> Point:
    """A point of a cubic curve."""
    parts = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    x, y = (sum(part * point[axis] for part, point in zip(parts, curve, strict=True)) for axis in (0, 1))
    return x, y


def dashes(points: list[Point], lengths: list[float]) -> list[list[Point]]:
    """The stretches of a line that are drawn when lengths of line and gap take turns."""
    found: list[list[Point]] = [[points[0]]]
    turns = cycle(lengths)
    left, drawn = next(turns), True
    for (ax, ay), (bx, by) in pairwise(points):
        length, done = hypot(bx - ax, by - ay), 0.0
        while length - done > left:
            done += left
            at = ax + (bx - ax) * done / length, ay + (by - ay) * done / length
            if drawn:
                found[-1].append(at)
            else:
                found.append([at])
            left, drawn = next(turns), not drawn
        left -= length - done
        if drawn:
            found[-1].append((bx, by))
    return [line for line in found if len(line) > 1]
