"""A design and its report -> a picture of its activations as 3-D boxes from left to right, as papers draw them."""

from collections.abc import Iterator, Sequence

from netbuilder.analysis import Report
from netbuilder.drawing.colours import FAMILIES, Colours, mixed
from netbuilder.drawing.faces import Face, faces, is_broken
from netbuilder.drawing.solids import cuboid
from netbuilder.graph import Graph, Point
from netbuilder.layers import Order

from .lettering import width
from .picture import Bounds, Mark, Path, Text, bounds, box, dot, wire
from .rows import Place, Rows
from .stacks import BULLET, LINE, SHEET, SMALL, Stack, Word, stacks

Corners = tuple[Point, ...]
BROKEN, UNKNOWN = (6.0, 4.0), (3.0, 3.0)
STRENGTHS = 0.5, 0.22, 0.36
"""Of a family's colour, on the front, the top and the side of its solids."""


def draw_boxes(graph: Graph, report: Report, colours: Colours, order: Order) -> list[Mark]:
    """Wires, solids and their labels, and below them what the colours mean."""
    shown = faces(graph, report, order)
    built = stacks(graph, report, shown, order)
    number = {key: index for index, stack in enumerate(built) for key in (stack.head, *stack.sheets)}
    rows = Rows(built, [(edge, number[edge.source], number[edge.target]) for edge in sorted(graph.edges)])
    found: list[Mark] = []
    for edge, points in rows.ways().items():
        wrong = is_broken(graph, report, edge.target)
        dash = BROKEN if wrong else () if report[edge.source].shape else UNKNOWN
        found += wire(points, colours.error if wrong else colours.wire, dash=dash, pen=1.3)
    for index, stack in enumerate(built):
        place = rows.place(index)
        found += _solid(stack, place, report, shown, colours, order)
        found += _label(stack.words, (place.column, rows.labels(index)), colours)
    return [*found, *_legend(report, bounds(found), colours)]


def _solid(
    stack: Stack, place: Place, report: Report, shown: dict[int, Face], colours: Colours, order: Order
) -> Iterator[Mark]:
    """A layer's solid, its sheets as bands at the end that the data leaves by, and a badge where something is wrong."""
    bottom, x = place.y - stack.top, place.x
    head = report[stack.head]
    for key, thickness in ((stack.head, stack.thickness), *((sheet, SHEET) for sheet in stack.sheets)):
        node, shape = report[key].node, report[key].shape
        tip = f"{node.title} · {shape.text(order)}" if shape else node.title
        solid = cuboid((x, bottom), thickness, stack.height, stack.back)
        yield from _faces(solid[:2], node.layer.family, colours, shape is not None, tip)
        x += thickness
    end = cuboid((place.x, bottom), stack.front, stack.height, stack.back)[2]
    yield _face(end, head.node.layer.family, STRENGTHS[2], colours, head.shape is not None)
    if head.shape is None:
        middle = place.x + stack.thickness / 2, bottom - stack.height / 2 + 5
        yield Text(middle, "?", 14, colours.tertiary, "Medium", "middle")
    severities = {shown[key].severity for key in (stack.head, *stack.sheets)} - {""}
    if severities:
        centre = x + stack.back[0], place.y + stack.top
        yield dot(centre, 8.5, colours.error if "error" in severities else colours.warning)
        yield Text((centre[0], centre[1] + 4.3), "!", 12, colours.on_accent, "SemiBold", "middle")


def _faces(solid: Sequence[Corners], family: str, colours: Colours, known: bool, tip: str) -> Iterator[Path]:
    """Front and top of one layer."""
    front, top = solid
    yield _face(top, family, STRENGTHS[1], colours, known)
    yield _face(front, family, STRENGTHS[0], colours, known, tip)


def _face(points: Corners, family: str, strength: float, colours: Colours, known: bool, tip: str = "") -> Path:
    """One side; of what is not known there is an outline only."""
    fill, edge = _tints(family, strength if known else 0.04, colours)
    dash = () if known else UNKNOWN
    return Path(points, fill, edge, 0.8, dash=dash, kind="front" if tip else "face", tip=tip)


def _tints(family: str, strength: float, colours: Colours) -> tuple[str, str]:
    """What a face is filled and outlined with."""
    return mixed(FAMILIES[family], colours.card, strength), mixed(FAMILIES[family], colours.text, 0.8)


def _label(words: tuple[Word, ...], at: Point, colours: Colours) -> Iterator[Mark]:
    """Lines centred below a solid; those of its sheets carry a dot in their colour."""
    x, y = at
    for index, word in enumerate(words):
        baseline = y + LINE * index
        left = x - word.width / 2
        colour = colours.text if word.tone == "text" else colours.secondary
        if word.family:
            yield dot((left + 3, baseline - 4), 3, FAMILIES[word.family])
            yield Text((left + BULLET, baseline), word.text, word.size, colour, word.weight)
        else:
            yield Text((x, baseline), word.text, word.size, colour, word.weight, "middle")


def _legend(report: Report, around: Bounds, colours: Colours) -> Iterator[Mark]:
    """The families in the figure with their colours, and what the sides stand for."""
    x, y = around[0], around[3] + 36
    used = {layer.node.layer.family for layer in report.layers.values()}
    for family in (name for name in FAMILIES if name in used):
        fill, edge = _tints(family, STRENGTHS[0], colours)
        yield box(x, y - 9.5, 10, 10, radius=2, fill=fill, stroke=edge, pen=0.8, kind="legend")
        yield Text((x + 16, y), family, SMALL, colours.secondary)
        x += 16 + width(family, SMALL) + 18
    note = "height, depth and thickness follow log₂ of height, width and channels"
    if x + width(note, SMALL) > max(around[2], 700):
        x, y = around[0], y + 18
    yield Text((x, y), note, SMALL, colours.tertiary)
