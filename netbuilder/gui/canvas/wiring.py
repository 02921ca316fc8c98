"""A wire pulled with the mouse from a port to another layer -> one commit, or the reason why not."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from netbuilder.drawing.routing import LEAVE
from netbuilder.graph import Edge, Graph, GraphError
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
        self._folding = folding = canvas.committed
        wires = folding.seen.incoming(port.node)
        held = None if port.index is None else next((wire for wire in wires if wire.port == port.index), None)
        self._held = held
        self._forward = port.index is None or held is not None
        self._port = Port(held.source, None) if held else port
        self._source = folding.behind(held)[0].source if held else folding.output(port.node)
        self._line = QGraphicsPathItem()
        self._line.setZValue(5)
        self._line.setPen(pen(ink().accent, 2))
        canvas.show_over(self._line)
        self._base = folding.design
        for edge in folding.behind(held) if held else ():
            self._base = self._base.disconnect(edge)
        self._refused = {key: reason for key in folding.seen.nodes if (reason := self._reason(key))}
        for key, block in canvas.blocks.items():
            if key != self._port.node:
                legal = key not in self._refused
                ends = "in" if self._forward else "out"
                block.set_state(mark="legal" if legal else "illegal", wiring=ends if legal else "")
        if held:
            canvas.wires[held].setVisible(False)

    def _reason(self, key: int) -> str:
        """Why no wire can end at this block, or ''."""
        end = Port(key, self._folding.free_port(key) or 0 if self._forward else None)
        try:
            wires = self._wires(end)
            for edge in wires:
                self._base.check_connect(edge.source, edge.target, edge.port)
        except GraphError as error:
            return str(error)
        name = self._folding.seen[end.node if self._forward else self._port.node].name
        return "" if wires else f"No layer in “{name}” needs another input."

    def _wires(self, end: Port) -> list[Edge]:
        """The wires of the design that a wire let go at a port would make."""
        if self._forward:
            source, (block, index) = self._source, end
        else:
            source, (block, index) = self._folding.output(end.node), self._port
        return [Edge(source, *entry) for entry in self._folding.entries(block, index or 0)]

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
        if self._held and self._held.target == key:
            return Port(key, self._held.port)
        return Port(key, self._folding.free_port(key) or 0)

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
        if end is None:
            if self._held and canvas.block_at(at) is None:
                self._commit("Disconnect", lambda: self._base)
            elif self._forward and canvas.block_at(at) is None:
                canvas.layer_wanted.emit(self._source, at)
            return
        if end.node in self._refused:
            canvas.said.emit(self._refused[end.node])
            return
        names = self._folding.seen
        source, into = (self._port.node, end.node) if self._forward else (end.node, self._port.node)
        self._commit(f"Connect {names[source].name} to {names[into].name}", lambda: self._connected(end))

    def _connected(self, end: Port) -> Graph:
        graph = self._base
        for edge in self._wires(end):
            graph = graph.connect(*edge)
        return graph

    def cancel(self) -> None:
        self._finish()

    def _finish(self) -> None:
        canvas = self.canvas
        canvas.hide_over(self._line)
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
