"""Document -> one item per layer and wire, kept in step with it; and the selection, which is the canvas's own."""

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QObject, QPointF, QRectF, QVariantAnimation, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsScene, QStyleOptionGraphicsItem

from netbuilder.drawing.faces import faces, is_broken
from netbuilder.drawing.routing import LABEL_WIDTH, Wiring, entry_offsets, wirings
from netbuilder.graph import Edge, Graph, Point
from netbuilder.gui.document import Document
from netbuilder.gui.theme import theme
from netbuilder.layers import Order

from .block import CARD, NO_TEXT, PORT_REACH, Block, Port
from .overview import paint_overview
from .wire import Wire


class Canvas(QGraphicsScene):
    """Mirrors the document, or the preview of an edit in progress; layers that only the preview has are ghosts.

    `ways` are the wires of the committed graph, whatever is shown: gestures aim at those, so that what they preview
    does not run away from under the mouse.
    """

    selection_changed = Signal()
    said = Signal(str)
    hinted = Signal(str)
    layer_wanted = Signal(int, QPointF)
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
        self.ways: Mapping[Edge, Wiring] = {}
        self.order: Order = "hwc"
        self._shown: tuple[object, ...] = (None,) * 4
        self._positions: dict[int, Point] = {}
        self._ways: Mapping[Edge, Wiring] = {}
        self._extent = QRectF()
        self._edges: Collection[Edge] = ()
        self._selected: tuple[int, ...] = ()
        self._motion: QVariantAnimation | None = None
        document.changed.connect(self.sync)
        document.preview_changed.connect(self.sync)
        theme.changed.connect(self.update)
        self.selectionChanged.connect(self._note_selection)
        self.sync()

    # ---- mirroring ---------------------------------------------------------------------------------------------------

    @property
    def graph(self) -> Graph:
        """What is shown: the preview's graph while there is one."""
        return self.document.preview[0] if self.document.preview else self.document.graph

    def sync(self) -> None:
        """Make the items match the document; only those whose looks differ are touched."""
        graph, report = self.document.preview or (self.document.graph, self.document.report)
        shown = (graph, report, self.document.graph, self.order)
        if not self._motion and all(a is b for a, b in zip(shown, self._shown, strict=True)):
            self._place(graph, _positions(graph))
            return
        self._shown = shown
        self._stop_motion()
        blocked = self.blockSignals(True)
        self._match(self.blocks, graph.nodes.keys(), Block)
        self._match(self.wires, graph.edges, Wire)
        self.blockSignals(blocked)
        real = self.document.graph.nodes
        for key, face in faces(graph, report, self.order).items():
            self.blocks[key].show_face(face)
            self.blocks[key].set_state(ghost=key not in real)
        for edge, wire in self.wires.items():
            wire.show_shape(report.layers[edge.source].shape, is_broken(graph, report, edge.target), self.order)
        self._place(graph, _positions(graph))
        self.synced.emit()
        self._note_selection()

    def _match(self, items: dict, wanted: Iterable, make) -> None:
        for gone in items.keys() - wanted:
            self.removeItem(items.pop(gone))
        for key in wanted:
            if key not in items:
                items[key] = make(key)
                self.addItem(items[key])

    def _place(self, graph: Graph, positions: dict[int, Point], kept: Mapping[Edge, Wiring] | None = None) -> None:
        """Put blocks where they belong and let the wires follow, except those that are `kept` as they run."""
        if positions == self._positions and graph.edges == self._edges:
            return
        for key, position in positions.items():
            self.blocks[key].setPos(*position)
            self.blocks[key].show_ports(_ports(graph, key, positions))
        ways = wirings(graph, positions, kept)
        for edge, way in ways.items():
            self.wires[edge].show_way(way)
        self._positions, self._edges, self._ways = positions, graph.edges, ways
        self._extent = self._measured()
        if graph is self.document.graph and positions == _positions(graph):
            self.ways = ways
        self.moved.emit()

    def shift(self, positions: Mapping[int, Point]) -> None:
        """Show some blocks elsewhere without committing anything; `restore` puts them back.

        Only their own wires follow at once: a drag should not wait for the ways of all others.
        """
        graph = self.graph
        kept = {e: way for e, way in self.ways.items() if e.source not in positions and e.target not in positions}
        self._place(graph, {**_positions(graph), **positions}, kept if graph is self.document.graph else None)

    def restore(self) -> None:
        """End whatever a gesture showed."""
        self.document.show_preview(None)
        self._place(self.graph, _positions(self.graph))

    def set_order(self, order: Order) -> None:
        """How shapes are written: height first, as in textbooks, or channels first, as the arrays lie."""
        self.order = order
        self.sync()

    def extent(self) -> QRectF:
        """Where blocks and wires lie; empty where there are none."""
        return QRectF(self._extent)

    def _measured(self) -> QRectF:
        if not self._positions:
            return QRectF()
        found = _around(self._positions.values()).adjusted(CARD.left(), CARD.top(), CARD.right(), CARD.bottom())
        bent = [way for way in self._ways.values() if len(way.points) > 2]
        return _around(
            [
                found.topLeft().toTuple(),
                found.bottomRight().toTuple(),
                *(point for way in bent for point in way.points),
                *((way.label[0] + way.side * LABEL_WIDTH, way.label[1]) for way in bent),
            ]
        )

    def drawBackground(self, painter: QPainter, rect: QRectF | QRectF) -> None:
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) < NO_TEXT:
            paint_overview(painter, self.blocks.values(), self.wires.values())

    # ---- motion ------------------------------------------------------------------------------------------------------

    def glide(self, before: Mapping[int, Point]) -> None:
        """Show the blocks moving from where they were to where the document has them."""
        after = _positions(self.document.graph)
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
                if key in self.blocks
            }
        )

    def _stop_motion(self) -> None:
        motion, self._motion = self._motion, None
        if motion is not None:
            motion.stop()
            motion.deleteLater()
            self._place(self.graph, _positions(self.graph))

    # ---- selection ---------------------------------------------------------------------------------------------------

    def selected(self) -> tuple[int, ...]:
        """Ids of the selected layers, in execution order."""
        chosen = {item.key for item in self.selectedItems() if isinstance(item, Block)}
        return tuple(key for key in self.document.graph.order if key in chosen) if chosen else ()

    def selected_wires(self) -> tuple[Edge, ...]:
        """The selected wires."""
        return tuple(sorted(item.edge for item in self.selectedItems() if isinstance(item, Wire)))

    def select(self, ids: Iterable[int], wires: Iterable[Edge] = ()) -> None:
        """Select these and nothing else."""
        wanted, wanted_wires = set(ids), set(wires)
        blocked = self.blockSignals(True)
        for key, block in self.blocks.items():
            block.setSelected(key in wanted)
        for edge, wire in self.wires.items():
            wire.setSelected(edge in wanted_wires)
        self.blockSignals(blocked)
        self._note_selection()

    def _note_selection(self) -> None:
        selected = self.selected()
        if selected != self._selected:
            self._selected = selected
            self.selection_changed.emit()

    # ---- what is where -----------------------------------------------------------------------------------------------

    def block_at(self, point: QPointF) -> Block | None:
        """The block whose card lies under a point."""
        found = (item for item in self.items(point) if isinstance(item, Block) and not item.ghost)
        return next((block for block in found if block.card().contains(point)), None)

    def port_at(self, point: QPointF) -> Port | None:
        """The port within reach of a point."""
        reach = QPointF(PORT_REACH, PORT_REACH)
        blocks = (item for item in self.items(QRectF(point - reach, point + reach)) if isinstance(item, Block))
        return next((port for block in blocks if not block.ghost and (port := block.port_at(point))), None)

    def wire_at(self, point: QPointF) -> Edge | None:
        """The wire under a point."""
        return next((item.edge for item in self.items(point) if isinstance(item, Wire)), None)


def _positions(graph: Graph) -> dict[int, Point]:
    return {key: node.position for key, node in graph.nodes.items()}


def _around(points: Iterable[Point]) -> QRectF:
    xs, ys = zip(*points, strict=True)
    return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))


def _ports(graph: Graph, key: int, positions: Mapping[int, Point]) -> dict[int, float]:
    """Input ports by index and how far right of the centre they stand: those with wires, and the next free one."""
    most = graph.nodes[key].layer.most_inputs
    if most == 0:
        return {}
    if most == 1:
        return {0: 0.0}
    found = {port: offset for port, (offset, _) in entry_offsets(graph, key, positions).items()}
    free = graph.free_port(key)
    if free is not None:
        found[free] = max(found.values(), default=-20.0) + 20.0
    return found
