"""Places of several blocks -> the same blocks in line, or spread evenly, on the grid."""

from collections.abc import Mapping
from typing import Literal

from netbuilder.graph import Point

from .placement import GRID

Line = Literal["left", "centre", "right", "top", "middle", "bottom"]
Direction = Literal["horizontally", "vertically"]
LINES: tuple[Line, ...] = ("left", "centre", "right", "top", "middle", "bottom")
DIRECTIONS: tuple[Direction, ...] = ("horizontally", "vertically")


def aligned(places: Mapping[int, Point], line: Line) -> dict[int, Point]:
    """All blocks on one line: where the outermost stands, or in the middle between the outermost two."""
    axis = 0 if line in ("left", "centre", "right") else 1
    values = [place[axis] for place in places.values()]
    low, high = min(values), max(values)
    goal = _snapped({"left": low, "top": low, "right": high, "bottom": high}.get(line, (low + high) / 2))
    return {key: _with(place, axis, goal) for key, place in places.items()}


def distributed(places: Mapping[int, Point], direction: Direction) -> dict[int, Point]:
    """Equal steps from the first block to the last, in the order they stand in."""
    axis = 0 if direction == "horizontally" else 1
    ordered = sorted(places, key=lambda key: (places[key][axis], places[key][1 - axis], key))
    first, last = places[ordered[0]][axis], places[ordered[-1]][axis]
    step = (last - first) / max(1, len(ordered) - 1)
    return {key: _with(places[key], axis, _snapped(first + step * index)) for index, key in enumerate(ordered)}


def _snapped(value: float) -> float:
    return round(value / GRID) * GRID


def _with(place: Point, axis: int, value: float) -> Point:
    return (value, place[1]) if axis == 0 else (place[0], value)
