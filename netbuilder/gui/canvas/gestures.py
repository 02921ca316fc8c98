"""Mouse moves over the canvas -> one commit on release. While a gesture lasts it shows only what it would do."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsRectItem

from netbuilder.graph import Edge, Graph, GraphError, Point

from .ink import ink, pen
from .placement import moved_into, snapped, wire_near
from .scene import Canvas

ALIGN = 6.0  # how near to another block's centre line a dragged block snaps to it
Modifiers = Qt.KeyboardModifier


class Gesture:
    """Something begun with a press. `move` may come any number of times, then either `release` or `cancel`."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: Canvas, at: QPointF):
        self.canvas, self.start = canvas, at

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        """The mouse is elsewhere now."""

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        """The button was let go: do what was shown."""

    def cancel(self) -> None:
        """Leave everything as it was before the press."""

    def _commit(self, text: str, edit: Callable[[], Graph]) -> None:
        """Make an edit as one step; an impossible one is told and changes nothing."""
        try:
            self.canvas.document.commit(text, edit())
        except GraphError as error:
            self.canvas.restore()
            self.canvas.said.emit(str(error))


class SelectArea(Gesture):
    """A rubber band: blocks it touches are selected, with Shift or Ctrl in addition to those that were."""

    def __init__(self, canvas: Canvas, at: QPointF, modifiers: Modifiers):
        super().__init__(canvas, at)
        self._before = canvas.selected() if modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier) else ()
        self._wires = canvas.selected_wires()
        self._band = QGraphicsRectItem()
        self._band.setZValue(10)
        line = pen(ink().accent, 1)
        line.setCosmetic(True)
        self._band.setPen(line)
        fill = ink().accent
        self._band.setBrush(fill.fromRgb(fill.red(), fill.green(), fill.blue(), 24))
        canvas.addItem(self._band)
        canvas.select(self._before)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        area = QRectF(self.start, at).normalized()
        self._band.setRect(area)
        touched = {key for key, block in self.canvas.blocks.items() if block.card().intersects(area)}
        self.canvas.select(touched.union(self._before))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        self.canvas.removeItem(self._band)

    def cancel(self) -> None:
        self.canvas.removeItem(self._band)
        self.canvas.select(self._before, self._wires)


class MoveBlocks(Gesture):
    """Drag the selected blocks; a single one dropped on a wire goes into it. Less than `slack` is not a drag yet."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, at: QPointF, key: int, modifiers: Modifiers, slack: float = 4.0):
        super().__init__(canvas, at)
        self._key, self._slack = key, slack
        self._was_selected = key in canvas.selected()
        self._adding = bool(modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier))
        self._selected_before = canvas.selected()
        if not self._was_selected:
            canvas.select({*self._selected_before, key} if self._adding else {key})
        graph = canvas.document.graph
        self._from = {k: graph[k].position for k in canvas.selected()}
        self._lines = sorted({n.position[0] for n in graph.nodes.values() if n.id not in self._from})
        self._moving = False
        self._edge: Edge | None = None

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        if not self._moving and (at - self.start).manhattanLength() < self._slack:
            return
        self._moving = True
        positions = self._positions(at)
        edge = self._wire_under(positions[self._key])
        if edge != self._edge:
            self._light(edge)
        if edge is None:
            self.canvas.shift(positions)

    def _positions(self, at: QPointF) -> dict[int, Point]:
        """Where the blocks would be: the grabbed one on the grid, or in line with a column it comes near to."""
        delta = at - self.start
        x, y = self._from[self._key]
        wanted = x + delta.x()
        sx, sy = snapped((wanted, y + delta.y()))
        line = min(self._lines, key=lambda other: abs(other - wanted), default=sx)
        sx = line if abs(line - wanted) <= ALIGN else sx
        return {k: (kx + sx - x, ky + sy - y) for k, (kx, ky) in self._from.items()}

    def _wire_under(self, at: Point) -> Edge | None:
        """The wire that a single, simply wired block is held over."""
        graph, key = self.canvas.document.graph, self._key
        if len(self._from) > 1 or graph[key].layer.most_inputs == 0 or len(graph.incoming(key)) > 1:
            return None
        return wire_near(self.canvas.ways, at, without=(key,))

    def _light(self, edge: Edge | None) -> None:
        """Show what splicing would give, or go back to moving."""
        self._edge = edge
        canvas, graph = self.canvas, None
        if edge is not None:
            try:
                graph = moved_into(canvas.document.graph, self._key, edge, canvas.ways)
            except GraphError as error:
                canvas.hinted.emit(str(error))
                self._edge = None
        canvas.document.show_preview(graph)
        light_around(canvas, self._key if graph else None)
        if graph:
            canvas.hinted.emit("")

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        canvas, graph = self.canvas, self.canvas.document.graph
        canvas.hinted.emit("")
        if not self._moving:
            self._click()
            return
        edge, positions = self._edge, self._positions(at)
        light_around(canvas, None)
        if edge is not None:
            self._commit(f"Move {graph[self._key].name}", lambda: moved_into(graph, self._key, edge, canvas.ways))
        elif positions != self._from:
            self._commit(f"Move {_counted(graph, positions)}", lambda: graph.move(positions))
        canvas.restore()

    def _click(self) -> None:
        """A press without a drag narrows the selection, or takes the block out of it."""
        if self._was_selected and self._adding:
            self.canvas.select(set(self.canvas.selected()) - {self._key})
        elif self._was_selected:
            self.canvas.select([self._key])

    def cancel(self) -> None:
        self.canvas.hinted.emit("")
        light_around(self.canvas, None)
        self.canvas.restore()
        self.canvas.select(self._selected_before)


def light_around(canvas: Canvas, key: int | None) -> None:
    """Light up the wires of the layer being put in, and no others."""
    for edge, wire in canvas.wires.items():
        wire.set_state(lit=key is not None and key in edge[:2])


def _counted(graph: Graph, keys: dict[int, Point]) -> str:
    return graph[next(iter(keys))].name if len(keys) == 1 else f"{len(keys)} layers"
