"""A wire pulled with the mouse from a port to another layer -> one commit, or the reason why not."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from netbuilder.drawing.routing import LEAVE
from netbuilder.graph import Graph, GraphError
from netbuilder.gui.theme import BLOCK_WIDTH

from .block import Port
from .gestures import Gesture, Modifiers
from .ink import ink, pen
from .scene import Canvas
from .wire import rounded


class DrawWire(Gesture):
    """Pull a wire from a port to another layer. An input's own wire is picked up at that end."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Canvas, at: QPointF, port: Port):
        super().__init__(canvas, at)
        graph = canvas.document.graph
        held = (
            None if port.index is None else next((e for e in graph.incoming(port.node) if e.port == port.index), None)
        )
        self._held = held
        self._forward = port.index is None or held is not None
        self._port = Port(held.source, None) if held else port
        self._line = QGraphicsPathItem()
        self._line.setZValue(5)
        self._line.setPen(pen(ink().accent, 2))
        canvas.addItem(self._line)
        base = graph.disconnect(held) if held else graph
        self._refused = {key: reason for key in graph.nodes if (reason := self._reason(base, key))}
        for key, block in canvas.blocks.items():
            if key != self._port.node:
                legal = key not in self._refused
                ends = "in" if self._forward else "out"
                block.set_state(mark="legal" if legal else "illegal", wiring=ends if legal else "")
        if held:
            canvas.wires[held].setVisible(False)

    def _reason(self, graph: Graph, key: int) -> str:
        """Why no wire can end at this layer, or ''."""
        a, b = (self._port.node, key) if self._forward else (key, self._port.node)
        try:
            graph.check_connect(a, b, (graph.free_port(b) or 0) if self._forward else self._port.index or 0)
        except GraphError as error:
            return str(error)
        return ""

    def _end(self, at: QPointF) -> Port | None:
        """The port a wire let go here would end in: the one aimed at, else the first free, else the first."""
        canvas = self.canvas
        port, block = canvas.port_at(at), canvas.block_at(at)
        key = port.node if port else block.key if block else None
        if key is None or key == self._port.node:
            return None
        if not self._forward:
            return Port(key, None)
        if port and port.index is not None:
            return port
        graph = canvas.document.graph
        if self._held and self._held.target == key:
            return Port(key, self._held.port)
        return Port(key, graph.free_port(key) or 0)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        canvas, end = self.canvas, self._end(at)
        near = canvas.blocks[self._port.node].port_point(self._port.index)
        far = canvas.blocks[end.node].port_point(end.index) if end and end.node not in self._refused else at
        self._line.setPath(_loose(near, far) if self._forward else _loose(far, near))
        for key, block in canvas.blocks.items():
            if key != self._port.node and key not in self._refused:
                block.set_state(mark="target" if end and end.node == key else "legal")
        canvas.hinted.emit(self._refused.get(end.node, "") if end else "")

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        canvas, end = self.canvas, self._end(at)
        self._finish()
        graph = canvas.document.graph
        if end is None:
            if self._held and canvas.block_at(at) is None:
                held = self._held
                self._commit("Disconnect", lambda: graph.disconnect(held))
            elif self._forward and canvas.block_at(at) is None:
                canvas.layer_wanted.emit(self._port.node, at)
            return
        if end.node in self._refused:
            canvas.said.emit(self._refused[end.node])
            return
        source, (key, index) = (self._port.node, end) if self._forward else (end.node, self._port)
        base = graph.disconnect(self._held) if self._held else graph
        text = f"Connect {graph[source].name} to {graph[key].name}"
        self._commit(text, lambda: base.connect(source, key, index or 0))

    def cancel(self) -> None:
        self._finish()

    def _finish(self) -> None:
        canvas = self.canvas
        canvas.removeItem(self._line)
        canvas.hinted.emit("")
        for block in canvas.blocks.values():
            block.set_state(mark="", wiring="")
        if self._held and self._held in canvas.wires:
            canvas.wires[self._held].setVisible(True)


def _loose(start: QPointF, end: QPointF) -> QPainterPath:
    """A wire still in hand: down, across half-way, down; or round where it leads up."""
    if end.y() < start.y() + LEAVE:
        middle, out, enter = (start.x() + end.x()) / 2, start.y() + LEAVE, end.y() - LEAVE
        if abs(start.x() - end.x()) < BLOCK_WIDTH:
            middle += BLOCK_WIDTH
        turns = ((start.x(), out), (middle, out), (middle, enter), (end.x(), enter))
        return rounded((start.toTuple(), *turns, end.toTuple()))
    middle = (start.y() + end.y()) / 2
    if abs(start.x() - end.x()) < 1:
        return rounded((start.toTuple(), end.toTuple()))
    return rounded((start.toTuple(), (start.x(), middle), (end.x(), middle), end.toTuple()))
