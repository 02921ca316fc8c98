"""A design and its report -> a picture of it as on the canvas: cards in their places, and wires that say their shapes.

A collapsed group is one card, as it is there.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from netbuilder.analysis import Report
from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH, fold
from netbuilder.drawing.colours import FAMILIES, Colours, mixed
from netbuilder.drawing.faces import Face, faces, fitted, share_text
from netbuilder.drawing.icons import CORNER, SIDE, Cell, marks
from netbuilder.graph import Graph, Group, Node, Note, Point
from netbuilder.layers import Layer, Order

from .lettering import elided, width, wrapped
from .picture import Mark, Path, Text, bounds, box, dot
from .scene import Scene
from .wires import draw_wires

RADIUS = 8.0
TEXT_LEFT, TEXT_RIGHT = 44.0, BLOCK_WIDTH - 12.0
NAME, SMALL = 13.0, 12.0
GROUP_MARGIN, NOTE_PADDING, LINE = 14.0, 10.0, 16.0


def draw_cards(graph: Graph, report: Report, colours: Colours, order: Order, ground: str) -> list[Mark]:
    """Groups, wires, cards and notes, from back to front, in canvas pixels; `ground` is what they are drawn on."""
    scene = Scene(fold(graph), report, colours, order)
    seen, shown = scene.folding.seen, faces(graph, report, order)
    places = {key: node.position for key, node in seen.nodes.items()}
    found: list[Mark] = []
    for group in seen.groups.values():
        found += _group(group, places, colours)
    found += draw_wires(scene, ground)
    for node in seen.nodes.values():
        found += _folded(node, scene, shown) if node.id in scene.folding.members else _layer(node, scene, shown)
    for note in seen.notes.values():
        found += _note(note, colours)
    return found


# ---- cards -----------------------------------------------------------------------------------------------------------


def _layer(node: Node, scene: Scene, shown: Mapping[int, Face]) -> Iterator[Mark]:
    """A layer's card."""
    face, colours, family = shown[node.id], scene.colours, FAMILIES[node.layer.family]
    corner = node.position[0] - BLOCK_WIDTH / 2, node.position[1] - BLOCK_HEIGHT / 2
    shape = scene.shape(node.id)
    yield _card(corner, face, f"{node.title} · {shape.text(scene.order)}" if shape else node.title, colours)
    yield box(corner[0] + 2, corner[1] + 6, 4, BLOCK_HEIGHT - 12, radius=2, fill=family, kind="spine")
    yield from _icon(type(node.layer), (corner[0] + 14, corner[1] + BLOCK_HEIGHT / 2 - SIDE / 2), colours)
    yield from _written(face, corner, scene.report[node.id].parameters or 0, family, scene)


def _folded(node: Node, scene: Scene, shown: Mapping[int, Face]) -> Iterator[Mark]:
    """A collapsed group's card, on the edge of another, with what its layers have together."""
    colours, hidden = scene.colours, scene.folding.layers(node.id)
    left, top = corner = node.position[0] - BLOCK_WIDTH / 2, node.position[1] - BLOCK_HEIGHT / 2
    count, whole = sum(scene.report[key].parameters or 0 for key in hidden), scene.report.totals.parameters
    severities = {shown[key].severity for key in hidden}
    face = Face(
        type(node.layer),
        node.name,
        f"{len(hidden)} layer{'' if len(hidden) == 1 else 's'}",
        f"{count:,}" if count else "",
        share_text(count, whole) if count else "",
        severity=next((each for each in ("error", "warning") if each in severities), ""),
    )
    under = top + BLOCK_HEIGHT - 4
    yield box(left + 5, under, BLOCK_WIDTH - 10, 7, radius=3.5, fill=colours.card, stroke=colours.border, kind="under")
    yield _card(corner, face, node.name, colours)
    yield box(left + 2, top + 6, 4, BLOCK_HEIGHT - 12, radius=2, fill=colours.secondary, kind="spine")
    for index in range(3):
        tint = mixed(colours.secondary, colours.card, 0.35 + 0.25 * index)
        yield box(left + 16, top + 15 + 5 * index, 16, 3.6, radius=1.2, fill=tint)
    yield from _written(face, corner, count, colours.secondary, scene)


def _card(corner: Point, face: Face, tip: str, colours: Colours) -> Path:
    outline, pen = (colours.error, 2.0) if face.severity == "error" else (colours.border, 1.0)
    left, top = corner[0] + 0.5, corner[1] + 0.5
    size = BLOCK_WIDTH - 1, BLOCK_HEIGHT - 1
    return box(left, top, *size, radius=RADIUS - 0.5, fill=colours.card, stroke=outline, pen=pen, kind="card", tip=tip)


def _icon(layer_class: type[Layer], corner: Point, colours: Colours) -> Iterator[Path]:
    x, y = corner
    family = FAMILIES[layer_class.family]
    ground = mixed(family, colours.card, colours.icon_tint)
    yield box(x, y, SIDE, SIDE, radius=CORNER, fill=ground)
    for mark in marks(layer_class):
        tint = mixed(family, ground, mark.strength)
        if isinstance(mark, Cell):
            fill, stroke = (None, tint) if mark.pen else (tint, None)
            place = x + mark.x, y + mark.y, mark.width, mark.height
            yield box(*place, radius=mark.radius, fill=fill, stroke=stroke, pen=mark.pen)
        else:
            points = tuple((x + px, y + py) for px, py in mark.points)
            yield Path(points, None, tint, mark.pen, closed=False, round_ends=True)


def _written(face: Face, corner: Point, count: int, colour: str, scene: Scene) -> Iterator[Mark]:
    """Words and numbers of a card, the bar that shows its share of all weights, and the badge of a problem."""
    left, top = corner
    colours, whole = scene.colours, scene.report.totals.parameters
    yield from _words(face, corner, colours)
    if count and whole:
        length = max(2.0, count / whole * (TEXT_RIGHT - TEXT_LEFT))
        at, tint = (left + TEXT_LEFT, top + BLOCK_HEIGHT - 3.5), mixed(colour, colours.card, 0.45)
        yield box(*at, length, 1.5, radius=0.75, fill=tint, kind="share")
    if face.severity:
        centre = left + BLOCK_WIDTH - 1, top + 1
        yield dot(centre, 8.5, colours.error if face.severity == "error" else colours.warning)
        yield Text((centre[0], centre[1] + 4.3), "!", SMALL, colours.on_accent, "SemiBold", "middle")


def _words(face: Face, corner: Point, colours: Colours) -> Iterator[Text]:
    left, top = corner
    name_base, caption_base = top + BLOCK_HEIGHT / 2 - 2.5, top + BLOCK_HEIGHT / 2 + 13
    room = TEXT_RIGHT - TEXT_LEFT
    caption, share = fitted(face, room, partial(width, size=SMALL))
    taken = width(face.weights, NAME, "Medium") + 10 if face.weights else 0.0
    name = elided(face.name, room - taken, NAME, "SemiBold")
    yield Text((left + TEXT_LEFT, name_base), name, NAME, colours.text, "SemiBold")
    if caption:
        yield Text((left + TEXT_LEFT, caption_base), elided(caption, room, SMALL), SMALL, colours.secondary)
    if face.weights:
        yield Text((left + TEXT_RIGHT, name_base), face.weights, NAME, colours.text, "Medium", "end")
        if share:
            yield Text((left + TEXT_RIGHT, caption_base), share, SMALL, colours.tertiary, "Regular", "end")


# ---- what people wrote beside them -----------------------------------------------------------------------------------


def _group(group: Group, places: Mapping[int, Point], colours: Colours) -> list[Mark]:
    """A frame round the members, with the group's name in its upper left corner."""
    held = [
        box(x - BLOCK_WIDTH / 2, y - BLOCK_HEIGHT / 2, BLOCK_WIDTH, BLOCK_HEIGHT)
        for key, (x, y) in places.items()
        if key in group.members
    ]
    if not held:
        return []
    left, top, right, bottom = bounds(held)
    left, top = left - GROUP_MARGIN, top - GROUP_MARGIN - 12
    size = right + GROUP_MARGIN - left, bottom + GROUP_MARGIN - top
    frame = box(left, top, *size, radius=12, stroke=colours.border, pen=1.5, kind="group", tip=group.name)
    name = elided(group.name, size[0] - 24, SMALL, "Medium")
    return [frame, Text((left + 12, top + 17), name, SMALL, colours.secondary, "Medium")]


def _note(note: Note, colours: Colours) -> list[Mark]:
    """Plain text on a soft sheet, wrapped as wide as the note is."""
    (x, y), lines = note.position, wrapped(note.text, note.width - 2 * NOTE_PADDING, SMALL)
    sheet = box(x, y, note.width, LINE * len(lines) + 2 * NOTE_PADDING, radius=6, fill=colours.field, kind="note")
    places = ((x + NOTE_PADDING, y + NOTE_PADDING + 12 + LINE * index) for index in range(len(lines)))
    texts = [Text(at, line, SMALL, colours.secondary) for at, line in zip(places, lines, strict=True) if line]
    return [sheet, *texts]
