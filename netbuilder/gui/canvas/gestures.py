"""Mouse moves over the canvas -> one commit on release. While a gesture lasts it shows only what it would do."""

from collections.abc import Callable, Collection, Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QGraphicsRectItem

from netbuilder.arrangement import Folding
from netbuilder.graph import Edge, Graph, GraphError, Point

from .describing import counted
from .ink import ink, pen
from .note import LEAST_WIDTH
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
    """A rubber band: what it touches is selected, with Shift or Ctrl in addition to what was."""

    def __init__(self, canvas: Canvas, at: QPointF, modifiers: Modifiers):
        super().__init__(canvas, at)
        adding = modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier)
        self._before = (*canvas.selected(), *canvas.selected_notes()) if adding else ()
        self._wires = canvas.selected_wires()
        self._band = QGraphicsRectItem()
        self._band.setZValue(10)
        line = pen(ink().accent, 1)
        line.setCosmetic(True)
        self._band.setPen(line)
        fill = ink().accent
        self._band.setBrush(fill.fromRgb(fill.red(), fill.green(), fill.blue(), 24))
        canvas.show_over(self._band)
        canvas.select(self._before)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        area = QRectF(self.start, at).normalized()
        self._band.setRect(area)
        touched = [key for key, block in self.canvas.blocks.items() if block.card().intersects(area)]
        notes = [key for key, slip in self.canvas.notes.items() if slip.paper().intersects(area)]
        self.canvas.select_blocks(touched, (*self._before, *notes))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        self.canvas.hide_over(self._band)

    def cancel(self) -> None:
        self.canvas.hide_over(self._band)
        self.canvas.select(self._before, self._wires)


class MoveParts(Gesture):
    """Drag the selected blocks and notes by one of them, with `more` layers that belong to it as those of a group do.
    A single block dropped on a wire goes into it. Less than `slack` is not a drag yet."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self,
        canvas: Canvas,
        at: QPointF,
        key: int,
        modifiers: Modifiers,
        slack: float = 4.0,
        more: Collection[int] = (),
    ):
        super().__init__(canvas, at)
        self._key, self._slack = key, slack
        chosen = (*canvas.selected(), *canvas.selected_notes())
        self._own = {key, *more} if key in canvas.notes else set(_layers(canvas, (key, *more)))
        self._was_selected = self._own <= set(chosen)
        self._adding = bool(modifiers & (Modifiers.ShiftModifier | Modifiers.ControlModifier))
        self._selected_before = chosen
        if not self._was_selected:
            canvas.select({*chosen, *self._own} if self._adding else self._own)
        places = canvas.places()
        self._from = {k: places[k] for k in (*canvas.selected_blocks(), *canvas.selected_notes())}
        seen = canvas.committed.seen.nodes
        self._lines = sorted({node.position[0] for k, node in seen.items() if k not in self._from})
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
        """Where all would be: the grabbed one on the grid, or in line with a column it comes near to."""
        delta = at - self.start
        x, y = self._from[self._key]
        wanted = x + delta.x()
        sx, sy = snapped((wanted, y + delta.y()))
        line = min(self._lines, key=lambda other: abs(other - wanted), default=sx)
        sx = line if abs(line - wanted) <= ALIGN and self._key not in self.canvas.notes else sx
        return {k: (kx + sx - x, ky + sy - y) for k, (kx, ky) in self._from.items()}

    def _wire_under(self, at: Point) -> Edge | None:
        """The wire that a single, simply wired block is held over."""
        graph, key = self.canvas.document.graph, self._key
        if len(self._from) > 1 or key not in graph.nodes:
            return None
        if graph[key].layer.most_inputs == 0 or len(graph.incoming(key)) > 1:
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
        canvas, folding = self.canvas, self.canvas.committed
        canvas.hinted.emit("")
        if not self._moving:
            self._click()
            return
        edge, positions = self._edge, self._positions(at)
        light_around(canvas, None)
        text = f"Move {counted(folding.design, (*_layers(canvas, positions), *canvas.selected_notes()))}"
        if edge is not None:
            self._commit(text, lambda: moved_into(folding.design, self._key, edge, canvas.ways))
        elif positions != self._from:
            self._commit(text, lambda: put(folding, positions))
        canvas.restore()

    def _click(self) -> None:
        """A press without a drag narrows the selection, or takes the block out of it."""
        if self._was_selected and self._adding:
            self.canvas.select({*self.canvas.selected(), *self.canvas.selected_notes()} - self._own)
        elif self._was_selected:
            self.canvas.select(self._own)

    def cancel(self) -> None:
        self.canvas.hinted.emit("")
        light_around(self.canvas, None)
        self.canvas.restore()
        self.canvas.select(self._selected_before)


class WidenNote(Gesture):
    """Drag a note's right edge: its lines wrap anew."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, canvas: Canvas, at: QPointF, key: int):
        super().__init__(canvas, at)
        self._note = canvas.document.graph.notes[key]

    def _width(self, at: QPointF) -> float:
        wanted = self._note.width + at.x() - self.start.x()
        return max(LEAST_WIDTH, snapped((wanted, 0.0))[0])

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        self.canvas.notes[self._note.id].show_note(self._note, self._width(at))

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        graph, width = self.canvas.document.graph, self._width(at)
        self._commit("Widen note", lambda: graph.change_note(self._note.id, width=width))

    def cancel(self) -> None:
        if self._note.id in self.canvas.notes:
            self.canvas.notes[self._note.id].show_note(self._note)


def put(folding: Folding, positions: Mapping[int, Point]) -> Graph:
    """The design with blocks and notes elsewhere."""
    graph = folding.design
    blocks = {key: place for key, place in positions.items() if key in folding.seen.nodes}
    graph = graph.move(folding.spread(blocks)) if blocks else graph
    for key in positions.keys() - blocks.keys():
        graph = graph.change_note(key, position=positions[key])
    return graph


def light_around(canvas: Canvas, key: int | None) -> None:
    """Light up the wires of the layer being put in, and no others."""
    for edge, wire in canvas.wires.items():
        wire.set_state(lit=key is not None and key in edge[:2])
    canvas.forget_overview()


def _layers(canvas: Canvas, keys: Iterable[int]) -> list[int]:
    """The layers meant by keys of blocks or of layers."""
    notes = canvas.document.graph.notes
    return [layer for key in keys if key not in notes for layer in canvas.committed.layers(key)]
