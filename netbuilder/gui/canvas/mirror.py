"""Document -> one item per block, wire, frame and note, kept in step with it, and gliding to new places."""

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QObject, QPointF, QRectF, QVariantAnimation, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem

from netbuilder.analysis import Report
from netbuilder.arrangement import Folding, fold
from netbuilder.drawing.faces import Faces, is_broken
from netbuilder.drawing.routing import LABEL_WIDTH, Wiring, entry_offsets, wirings
from netbuilder.graph import Edge, Graph, Group, Point
from netbuilder.gui.document import Document
from netbuilder.gui.theme import theme
from netbuilder.layers import Order

from .block import CARD, NO_TEXT, Block
from .frame import Frame, Title, areas
from .note import Slip
from .overview import Overview
from .stack import Stack
from .wire import Wire


class Mirror(QGraphicsScene):
    """Shows the document, or the preview of an edit in progress; layers that only the preview has are ghosts.

    What is seen is a `folding`: every collapsed group is one block. `committed` is that of the document itself, and
    `ways` are its wires, whatever is shown: gestures aim at those, so that what they preview does not run away from
    under the mouse. Positions are those of blocks and notes, by id.
    """

    moved = Signal()
    synced = Signal()
    motion_time = 200
    """Milliseconds that blocks take to glide to new places; 0 moves them at once."""

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.document = document
        self.blocks: dict[int, Block] = {}
        self.wires: dict[Edge, Wire] = {}
        self.frames: dict[int, Frame] = {}
        self.notes: dict[int, Slip] = {}
        self.ways: Mapping[Edge, Wiring] = {}
        self.order: Order = "hwc"
        self.over: list[QGraphicsItem] = []
        self._faces = Faces()
        self._overview: Overview | None = None
        self.folding = self.committed = Folding(Graph(), Graph())
        self._shown: tuple[object, ...] = (None,) * 4
        self._positions: dict[int, Point] = {}
        self._ways: Mapping[Edge, Wiring] = {}
        self._extent = QRectF()
        self._edges: Collection[Edge] = ()
        self._framed: Mapping[int, Group] = {}
        self._motion: QVariantAnimation | None = None
        document.changed.connect(self.sync)
        document.preview_changed.connect(self.sync)
        theme.changed.connect(self.update)

    @property
    def graph(self) -> Graph:
        """The design that is shown: the preview's while there is one."""
        return self.document.preview[0] if self.document.preview else self.document.graph

    def sync(self) -> None:
        """Make the items match the document; only those whose looks differ are touched."""
        graph, report = self.document.preview or (self.document.graph, self.document.report)
        shown = (graph, report, self.document.graph, self.order)
        if not self._motion and all(a is b for a, b in zip(shown, self._shown, strict=True)):
            self._place(self.folding, _positions(self.folding))
            return
        if self.committed.design is not self.document.graph:
            self.committed = fold(self.document.graph)
        self.folding = self.committed if graph is self.document.graph else fold(graph)
        self._shown = shown
        self.forget_overview()
        self._stop_motion()
        folding = self.folding
        self._match(self.blocks, folding.seen.nodes, lambda key: (Stack if key in folding.members else Block)(key))
        self._match(self.wires, folding.seen.edges, Wire)
        self._match(self.frames, folding.seen.groups, Frame)
        self._match(self.notes, graph.notes, Slip)
        self._show_looks(report)
        self._place(folding, _positions(folding))
        self.synced.emit()

    def _match(self, items: dict, wanted: Iterable, make) -> None:
        for gone in items.keys() - wanted:
            self.removeItem(items.pop(gone))
        for key in wanted:
            if key not in items:
                items[key] = make(key)
                self.addItem(items[key])

    def _show_looks(self, report: Report) -> None:
        """All that is said rather than where it stands."""
        folding, graph = self.folding, self.folding.design
        before = self.document.report if self.document.preview else None
        real = self.committed.seen.nodes
        for key, face in self._faces.of(graph, report, self.order, folding=folding, before=before).items():
            self.blocks[key].show_face(face)
            self.blocks[key].set_state(ghost=key not in real)
        rows, old = report.layers, before.layers if before else {}
        for wire, item in self.wires.items():
            behind = folding.behind(wire)
            row, was = rows[behind[0].source], old.get(behind[0].source)
            broken = row.facts is not None and any(is_broken(graph, report, edge.target) for edge in behind)
            item.show_shape(row.shape, broken, self.order, was.shape if was and was is not row else None)
        for key, frame in self.frames.items():
            group = graph.groups[key]
            weights = sum(report.layers[member].parameters or 0 for member in group.members)
            frame.show_title(Title(group.name, f"{len(group.members)} layers · {weights:,}"))
        for key, slip in self.notes.items():
            slip.show_note(graph.notes[key])

    def _place(self, folding: Folding, positions: dict[int, Point], kept: Mapping[Edge, Wiring] | None = None) -> None:
        """Put everything where it belongs and let the wires follow, except those that are `kept` as they run."""
        seen = folding.seen
        if positions == self._positions and seen.edges == self._edges and self._framed is seen.groups:
            return
        for key, slip in self.notes.items():
            slip.setPos(*positions[key])
        places = {key: positions[key] for key in seen.nodes}
        for key, position in places.items():
            self.blocks[key].setPos(*position)
            self.blocks[key].show_ports(_ports(folding, key, places))
        ways = wirings(seen, places, self._unmoved(folding, places) if kept is None else kept)
        for edge, way in ways.items():
            self.wires[edge].show_way(way)
        for key, frame in self.frames.items():
            members = seen.groups[key].members
            others = [place for other, place in places.items() if other not in members]
            frame.show_areas(areas([places[member] for member in seen.order if member in members], others))
        self._positions, self._edges, self._ways, self._framed = positions, seen.edges, ways, seen.groups
        self._extent = self._measured(places)
        self.forget_overview()
        if folding is self.committed and positions == _positions(folding):
            self.ways = ways
        self.moved.emit()

    def _unmoved(self, folding: Folding, places: Mapping[int, Point]) -> dict[Edge, Wiring]:
        """The ways a preview can take over: of wires whose ends are as they are in the document."""
        if folding is self.committed:
            return {}
        before, now = self.committed.seen, folding.seen
        still = {key for key, node in before.nodes.items() if places.get(key) == node.position}
        return {
            wire: way
            for wire, way in self.ways.items()
            if wire.source in still
            and wire.target in still
            and before.incoming(wire.target) == now.incoming(wire.target)
        }

    def shift(self, positions: Mapping[int, Point]) -> None:
        """Show some blocks and notes elsewhere without committing anything; `restore` puts them back.

        Only their own wires follow at once: a drag should not wait for the ways of all others.
        """
        kept = {e: way for e, way in self.ways.items() if e.source not in positions and e.target not in positions}
        committed = self.folding is self.committed
        self._place(self.folding, {**_positions(self.folding), **positions}, kept if committed else None)

    def restore(self) -> None:
        """End whatever a gesture showed."""
        self.document.show_preview(None)
        self._place(self.folding, _positions(self.folding))

    def set_order(self, order: Order) -> None:
        """How shapes are written: height first, as in textbooks, or channels first, as the arrays lie."""
        self.order = order
        self.sync()

    def extent(self) -> QRectF:
        """Where everything lies; empty where there is nothing."""
        return QRectF(self._extent)

    def _measured(self, places: Mapping[int, Point]) -> QRectF:
        found = QRectF()
        if places:
            found = _around(places.values()).adjusted(CARD.left(), CARD.top(), CARD.right(), CARD.bottom())
            bent = [way for way in self._ways.values() if len(way.points) > 2]
            corners = [
                *(point for way in bent for point in way.points),
                *((way.label[0] + way.side * LABEL_WIDTH, way.label[1]) for way in bent),
            ]
            found = found.united(_around(corners)) if corners else found
        for part in (*self.frames.values(), *self.notes.values()):
            found = found.united(part.sceneBoundingRect())
        return found

    def overview(self) -> Overview:
        """The whole as it is seen from far away."""
        if self._overview is None:
            self._overview = Overview(
                self.blocks.values(), self.wires.values(), self.frames.values(), self.notes.values()
            )
        return self._overview

    def forget_overview(self) -> None:
        """Something looks different now, or lies elsewhere."""
        self._overview = None

    def drawBackground(self, painter: QPainter, rect: QRectF | QRectF) -> None:
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) < NO_TEXT:
            self.overview().paint(painter)

    def show_over(self, item: QGraphicsItem) -> None:
        """Show something of a gesture's own above everything."""
        self.over.append(item)
        self.addItem(item)

    def hide_over(self, item: QGraphicsItem) -> None:
        """Take it away."""
        self.over.remove(item)
        self.removeItem(item)

    # ---- motion ------------------------------------------------------------------------------------------------------

    def places(self) -> dict[int, Point]:
        """Where blocks and notes are, as the document has them."""
        return _positions(self.committed)

    def glide(self, before: Mapping[int, Point]) -> None:
        """Show the blocks moving from where they were to where the document has them."""
        after = self.places()
        if not self.motion_time or before == after:
            return
        self._stop_motion()
        motion = self._motion = QVariantAnimation(self)
        motion.setDuration(self.motion_time)
        motion.setStartValue(0.0)
        motion.setEndValue(1.0)
        motion.valueChanged.connect(lambda share: self._show_on_the_way(before, after, share))
        motion.finished.connect(self._stop_motion)
        motion.start()

    def _show_on_the_way(self, before: Mapping[int, Point], after: Mapping[int, Point], share: float) -> None:
        eased = share * share * (3 - 2 * share)
        starts = {key: before.get(key, end) for key, end in after.items()}
        self.shift(
            {
                key: (x + (after[key][0] - x) * eased, y + (after[key][1] - y) * eased)
                for key, (x, y) in starts.items()
                if key in self._positions
            }
        )

    def _stop_motion(self) -> None:
        motion, self._motion = self._motion, None
        if motion is not None:
            motion.stop()
            motion.deleteLater()
            self._place(self.folding, _positions(self.folding))


def _positions(folding: Folding) -> dict[int, Point]:
    placed = {key: node.position for key, node in folding.seen.nodes.items()}
    return placed | {key: note.position for key, note in folding.design.notes.items()}


def _around(points: Iterable[Point]) -> QRectF:
    xs, ys = zip(*points, strict=True)
    return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))


def _ports(folding: Folding, key: int, places: Mapping[int, Point]) -> dict[int, float]:
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
