"""A shape -> the cuboid that stands for it, its sides growing with log₂ so that growth and shrinkage are seen."""

from math import log2

from netbuilder.graph import Point
from netbuilder.layers import ImageShape, Shape

TILT = 0.6  # beside a wire, depth goes one to the right and so much up
Sides = tuple[float, float, float]
Faces = tuple[tuple[Point, ...], tuple[Point, ...], tuple[Point, ...]]


def glyph_sides(shape: Shape) -> Sides:
    """Width, height and depth of the small cuboid beside a wire; a vector is all depth."""
    if not isinstance(shape, ImageShape):
        return 4.5, 4.5, _side(shape.features, 2.0, 1.05)
    return _side(shape.width, 4.0, 1.9), _side(shape.height, 4.0, 1.9), _side(shape.channels, 1.6, 1.05)


def _side(count: int, least: float, growth: float) -> float:
    return least + growth * min(log2(count), 10.0)


def cuboid(corner: Point, width: float, height: float, back: Point) -> Faces:
    """Front, top and right face, from the lower left corner of the front; `back` leads to the far edges."""
    (x, y), (dx, dy) = corner, back
    front = (x, y), (x + width, y), (x + width, y - height), (x, y - height)
    top = (x, y - height), (x + width, y - height), (x + width + dx, y - height + dy), (x + dx, y - height + dy)
    flank = (x + width, y), (x + width + dx, y + dy), (x + width + dx, y - height + dy), (x + width, y - height)
    return front, top, flank
