"""A scene -> its wires, round the cards, each with the shape it carries as a cuboid and in figures."""

from collections.abc import Mapping
from itertools import pairwise

from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH
from netbuilder.drawing.colours import mixed
from netbuilder.drawing.routing import wirings
from netbuilder.drawing.solids import TILT, cuboid, glyph_sides
from netbuilder.graph import Edge, Point
from netbuilder.layers import Shape

from .lettering import width
from .picture import Bounds, Mark, Path, Text, box, wire
from .scene import Scene

SMALL = 12.0
STUB = 30.0
"""How far the wire of an output leads out."""
GLYPH_GAP, TEXT_GAP = 14.0, 8.0
BROKEN, UNKNOWN = (6.0, 4.0), (2.0, 4.0)


def draw_wires(scene: Scene, ground: str) -> list[Mark]:
    """All wires, and over them all labels, so that no line runs through a text."""
    graph, colours = scene.folding.seen, scene.colours
    places = {key: node.position for key, node in graph.nodes.items()}
    lines: list[Mark] = []
    labels: list[list[Mark]] = []
    for edge, wiring in sorted(wirings(graph, places).items()):
        shape = scene.shape(edge.source)
        lines += _line(scene, edge, wiring.points, shape)
        if wiring.side:
            colour = colours.error if scene.broken(edge) else colours.secondary if shape else colours.tertiary
            labels.append(_label(scene, wiring.label, wiring.side, shape, colour))
    for key in graph.nodes:
        shape = None if graph.outgoing(key) else scene.shape(key)
        if shape and _free(places[key], places):
            start = places[key][0], places[key][1] + BLOCK_HEIGHT / 2
            lines += wire((start, (start[0], start[1] + STUB)), colours.wire)
            labels.append(_label(scene, (start[0], start[1] + STUB / 2), 1, shape, colours.secondary))
    return [*lines, *(mark for label in labels for mark in _kept_clear(label, lines, ground))]


def _line(scene: Scene, edge: Edge, points: tuple[Point, ...], shape: Shape | None) -> tuple[Mark, ...]:
    if scene.broken(edge):
        return wire(points, scene.colours.error, dash=BROKEN)
    return wire(points, scene.colours.wire, dash=() if shape else UNKNOWN)


def _label(scene: Scene, at: Point, side: int, shape: Shape | None, colour: str) -> list[Mark]:
    """A cuboid and its sides in figures, centred beside a point: at its right (side +1) or left (−1)."""
    text = shape.text(scene.order) if shape else "?"
    sides = glyph_sides(shape) if shape else (0.0, 0.0, 0.0)
    wide, high = sides[0] + sides[2], sides[1] + sides[2] * TILT
    gap = TEXT_GAP if shape else 0.0
    x, y = at
    left = x + GLYPH_GAP if side > 0 else x - GLYPH_GAP - width(text, SMALL) - gap - wide
    found: list[Mark] = []
    if shape:
        solid = cuboid((left, y + high / 2), sides[0], sides[1], (sides[2], -sides[2] * TILT))
        for index, corners in enumerate(solid):
            tint = mixed(scene.colours.tertiary, scene.colours.card, 0.06 + 0.1 * index)
            found.append(Path(corners, tint, scene.colours.secondary, 1.0, kind="solid"))
    return [*found, Text((left + wide + gap, y + 4.3), text, SMALL, colour)]


def _kept_clear(label: list[Mark], lines: list[Mark], ground: str) -> list[Mark]:
    """The label; where a wire runs behind its text, on a patch of the ground that interrupts it."""
    left, top, right, bottom = around = label[-1].bounds()
    if not any(_crosses(line, around) for line in lines if isinstance(line, Path) and not line.closed):
        return label
    return [box(left - 3, top, right - left + 6, bottom - top, radius=3, fill=ground, kind="patch"), *label]


def _crosses(line: Path, around: Bounds) -> bool:
    left, top, right, bottom = around
    return any(
        min(ax, bx) < right and max(ax, bx) > left and min(ay, by) < bottom and max(ay, by) > top
        for (ax, ay), (bx, by) in pairwise(line.points)
    )


def _free(at: Point, places: Mapping[int, Point]) -> bool:
    """Whether nothing stands where an output's wire and label would be."""
    x, top = at[0], at[1] + BLOCK_HEIGHT / 2
    return all(
        abs(other - x) >= BLOCK_WIDTH / 2 + 4 or not top < y + BLOCK_HEIGHT / 2 <= top + STUB + BLOCK_HEIGHT + 4
        for other, y in places.values()
    )
