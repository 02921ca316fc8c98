"""Document -> one item per block, wire, frame and note, kept in step with it, and gliding to new places."""

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QObject, QRectF, QVariantAnimation, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem

from netbuilder.analysis import Report
from netbuilder.arrangement import Folding, fold
from netbuilder.drawing.faces import Faces, is_broken
from netbuilder.drawing.routing import Wiring, wirings
from netbuilder.graph import Edge, Graph, Group, Point
from netbuilder.gui.document import Document
from netbuilder.gui.theme import theme
from netbuilder.layers import Order

from .block import NO_TEXT, Block
from .frame import Frame, Title, areas
from .note import Slip
from .overview import Overview
from .places import Shifted, measured, ports_of, positions_of, unmoved
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
    redrawn = Signal()  # after a sync that changed what is seen from far away
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
        self._still: Overview | None = None
        self._shifted = Shifted(frozenset())
        self._routed: Folding | None = None
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
            self._place(self.folding, positions_of(self.folding))
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
        recoloured = self._show_looks(report)
        moved = self._place(folding, positions_of(folding))
        self.synced.emit()
        if recoloured or moved or self._parts():
            self.redrawn.emit()

    def _match(self, items: dict, wanted: Iterable, make) -> None:
        if items.keys() == wanted:
            return
        for gone in items.keys() - wanted:
            self.removeItem(items.pop(gone))
        for key in wanted:
            if key not in items:
                items[key] = make(key)
                self.addItem(items[key])

    def _show_looks(self, report: Report) -> bool:
        """All that is said rather than where it stands; whether blocks look different from far away."""
        folding, graph, recoloured = self.folding, self.folding.design, False
        before, real = self.document.report if self.document.preview else None, self.committed.seen.nodes
        for key, face in self._faces.of(graph, report, self.order, folding=folding, before=before).items():
            block = self.blocks[key]
            if face is not block.face:
                recoloured = block.show_face(face) or recoloured
            if block.ghost != (key not in real):
                block.set_state(ghost=key not in real)
        rows, old = report.layers, before.layers if before else {}
        unknown = {key for key, row in rows.items() if row.facts is None}
        for wire, item in self.wires.items():
            behind = folding.behind(wire)
            row, was = rows[behind[0].source], old.get(behind[0].source)
            broken = row.facts is not None and any(
                edge.target in unknown and is_broken(graph, report, edge.target) for edge in behind if unknown
            )
            item.show_shape(row.shape, broken, self.order, was.shape if was and was is not row else None)
        for key, frame in self.frames.items():
            group = graph.groups[key]
            weights = sum(report.layers[member].parameters or 0 for member in group.members)
            frame.show_title(Title(group.name, f"{len(group.members)} layers · {weights:,}"))
        for key, slip in self.notes.items():
            slip.show_note(graph.notes[key])
        return recoloured

    def _place(self, folding: Folding, positions: dict[int, Point]) -> bool:
        """Put everything where it belongs and let the wires follow; whether anything had to move."""
        seen = folding.seen
        if positions == self._positions and seen.edges == self._edges and self._framed is seen.groups:
            if folding is self.committed and self._ways is self.ways:
                self._routed = folding
            return False
        for key, slip in self.notes.items():
            slip.setPos(*positions[key])
        places = {key: positions[key] for key in seen.nodes}
        for key, position in places.items():
            self.blocks[key].setPos(*position)
            self.blocks[key].show_ports(ports_of(folding, key, places))
        as_committed = folding is self.committed and positions == positions_of(folding)
        if as_committed and self._routed is folding:
            ways = self.ways  # back from a preview, or from a drag that was given up
        else:
            ways = wirings(seen, places, unmoved(self.committed, folding, places, self.ways))
        for edge, way in ways.items():
            self.wires[edge].show_way(way)
        self._frame(places)
        self._positions, self._edges, self._ways, self._framed = positions, seen.edges, ways, seen.groups
        self._extent = measured(places, ways.values(), self._parts())
        self.forget_overview()
        if as_committed:
            self.ways, self._routed = ways, folding
        self._shifted = Shifted(frozenset())
        self.moved.emit()
        return True

    def _frame(self, places: Mapping[int, Point]) -> None:
        """Let frames follow their members."""
        seen = self.folding.seen
        for key, frame in self.frames.items():
            members = seen.groups[key].members
            others = [place for other, place in places.items() if other not in members]
            frame.show_areas(areas([places[member] for member in seen.order if member in members], others))

    def shift(self, positions: Mapping[int, Point]) -> None:
        """Show some blocks and notes elsewhere without committing anything; `restore` puts them back.

        Only their own wires follow at once: a drag should not wait for the ways of all others, nor touch them.
        """
        folding = self.folding
        if folding is not self.committed or self._framed is not folding.seen.groups:
            self._place(folding, {**positions_of(folding), **positions})
            return
        if self._shifted.keys != positions.keys():
            self._place(folding, positions_of(folding))
            self._shifted = Shifted(frozenset(positions))
        self._shift_alone(positions)

    def _shift_alone(self, positions: Mapping[int, Point]) -> None:
        """Move these; all others stand where the document has them."""
        seen, shifted = self.folding.seen, self._shifted
        self._positions = {**self._positions, **positions}
        for key in positions.keys() & self.notes.keys():
            self.notes[key].setPos(*positions[key])
        for key in positions.keys() & self.blocks.keys():
            self.blocks[key].setPos(*positions[key])
        places = {key: place for key, place in self._positions.items() if key in seen.nodes}
        if shifted.wires is None:
            shifted.wires = {wire for wire in self.ways if wire.source in shifted.keys or wire.target in shifted.keys}
            shifted.kept = {wire: way for wire, way in self.ways.items() if wire not in shifted.wires}
            rest = {key: place for key, place in places.items() if key not in shifted.keys}
            shifted.extent = measured(rest, shifted.kept.values(), ())
        for key in {*(positions.keys() & self.blocks.keys()), *(wire.target for wire in shifted.wires)}:
            self.blocks[key].show_ports(ports_of(self.folding, key, places))
        self._ways = wirings(seen, places, shifted.kept)
        for wire in shifted.wires:
            self.wires[wire].show_way(self._ways[wire])
        self._frame(places)
        moving = {key: places[key] for key in positions if key in places}
        now = measured(moving, [self._ways[wire] for wire in shifted.wires], self._parts())
        self._extent = shifted.extent.united(now)
        self._overview = None
        self.moved.emit()

    def restore(self) -> None:
        """End whatever a gesture showed."""
        self.document.show_preview(None)
        self._place(self.folding, positions_of(self.folding))

    def set_order(self, order: Order) -> None:
        """How shapes are written: height first or channels first."""
        self.order = order
        self.sync()

    def extent(self) -> QRectF:
        """Where everything lies; empty where there is nothing."""
        return QRectF(self._extent)

    def _parts(self) -> list[Frame | Slip]:
        return [*self.frames.values(), *self.notes.values()]

    def overviews(self) -> tuple[Overview, ...]:
        """The whole as it is seen from far away: what stands still, and what is being moved."""
        shifted, parts = self._shifted, (self.frames.values(), self.notes.values())
        wires = shifted.wires or set()
        if self._still is None:
            blocks = [block for key, block in self.blocks.items() if key not in shifted.keys]
            others = [item for wire, item in self.wires.items() if wire not in wires]
            self._still = Overview(blocks, others, *(parts if not wires else ((), ())))
        if not wires:
            return (self._still,)
        if self._overview is None:
            blocks = [self.blocks[key] for key in shifted.keys if key in self.blocks]
            self._overview = Overview(blocks, [self.wires[wire] for wire in wires], *parts)
        return self._still, self._overview

    def forget_overview(self) -> None:
        """Something looks different now, or lies elsewhere."""
        self._overview = self._still = None

    def drawBackground(self, painter: QPainter, rect: QRectF | QRectF) -> None:
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) < NO_TEXT:
            for part in self.overviews():
                part.paint(painter)

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
        return positions_of(self.committed)

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
            self._place(self.folding, positions_of(self.folding))
