"""What is seen -> where blocks and notes lie, where their ports stand, how far all of it reaches."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsItem

from netbuilder.arrangement import Folding
from netbuilder.drawing.routing import LABEL_WIDTH, Wiring, entry_offsets
from netbuilder.graph import Edge, Point

from .block import CARD


@dataclass
class Shifted:
    """Blocks and notes that a gesture shows elsewhere, with the wires that follow them; all others are `kept` as they
    run, and reach as far as `extent`."""

    keys: frozenset[int]
    wires: set[Edge] | None = None
    kept: Mapping[Edge, Wiring] = field(default_factory=dict[Edge, Wiring])
    extent: QRectF = field(default_factory=QRectF)


def positions_of(folding: Folding) -> dict[int, Point]:
    """Where the document has blocks and notes."""
    placed = {key: node.position for key, node in folding.seen.nodes.items()}
    return placed | {key: note.position for key, note in folding.design.notes.items()}


def unmoved(
    before: Folding, now: Folding, places: Mapping[int, Point], ways: Mapping[Edge, Wiring]
) -> dict[Edge, Wiring]:
    """The `ways` before that a preview can take over: of wires whose ends are as they are in the document."""
    if now is before:
        return {}
    still = {key for key, node in before.seen.nodes.items() if places.get(key) == node.position}
    return {
        wire: way
        for wire, way in ways.items()
        if wire.source in still
        and wire.target in still
        and before.seen.incoming(wire.target) == now.seen.incoming(wire.target)
    }


def measured(places: Mapping[int, Point], ways: Iterable[Wiring], parts: Collection[QGraphicsItem]) -> QRectF:
    """Around these blocks and wires, frames and notes."""
    found = QRectF()
    if places:
        found = _around(places.values()).adjusted(CARD.left(), CARD.top(), CARD.right(), CARD.bottom())
    bent = [way for way in ways if len(way.points) > 2]
    corners = [
        *(point for way in bent for point in way.points),
        *((way.label[0] + way.side * LABEL_WIDTH, way.label[1]) for way in bent),
    ]
    found = found.united(_around(corners)) if corners else found
    for part in parts:
        found = found.united(part.sceneBoundingRect())
    return found


def _around(points: Iterable[Point]) -> QRectF:
    xs, ys = zip(*points, strict=True)
    return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))


def ports_of(folding: Folding, key: int, places: Mapping[int, Point]) -> dict[int, float]:
    """Input ports by index and how far right of the centre they stand: those with wires, and the next free one."""
    most = folding.seen.nodes[key].layer.most_inputs
    if most == 0:
        return {}
    if most == 1:
        return {0: 0.0}
    found = {port: offset for port, (offset, _) in entry_offsets(folding.seen, key, places).items()}
    free = folding.free_port(key)
    if free is not None:
        found[free] = max(found.values(), default=-20.0) + 20.0
    return found
