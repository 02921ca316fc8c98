"""Mouse, keys and drops -> gestures and commands. The widget the window puts in its middle."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QWidget

from netbuilder.arrangement import arrange
from netbuilder.examples import EXAMPLES, example
from netbuilder.gui.document import Document
from netbuilder.gui.palette_entries import EXAMPLE, MIME
from netbuilder.layers import BY_NAME

from .dropping import PlaceDesign, PlaceLayer
from .editor import Editor
from .gestures import Gesture, MoveBlocks, SelectArea
from .menu import Entry, menu
from .placement import GRID
from .wiring import DrawWire

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
WALK = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
SLACK = 4.0
"""Screen pixels that a press may move and still be a click."""
FAR = 8
"""Grid steps that Shift+arrow moves blocks, and an arrow the view."""


class CanvasView(Editor):
    """The design as blocks and wires, to look at and to edit. Every edit is one commit of the document.

    Commands: `append(layer)`, `delete_selected(heal=True)`, `rename_selected()`, `copy()`, `cut()`, `paste()`,
    `duplicate()`, `select_all()`, `arrange()`. Looking: `fit()`, `zoom(factor)`, `reveal(id)`, `set_order("hwc")`.
    Selection, by ids: `selected()`, `select(ids)` and the signal `selection_changed`. The document's preview is shown
    like the document itself. Drops are taken as "application/x-netbuilder-layer": a class name or "example:NAME".

    Signals besides: `said(str)` for the status bar, `inspect_requested()` when Enter or a double click asks for the
    settings, `layer_wanted(source id, scene point)` when a wire is let go over empty canvas, `search_wanted` when
    Tab asks for layers and commands. Everything has a key: Ctrl+Down and Ctrl+Up go from layer to layer.
    """

    inspect_requested = Signal()
    layer_wanted = Signal(int, QPointF)
    search_wanted = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None):
        self._gesture: Gesture | None = None
        self._space = False
        super().__init__(document, parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.canvas.layer_wanted.connect(self.layer_wanted)
        document.changed.connect(self.cancel)  # as by an undo while the mouse is down: what it began with is gone

    # ---- gestures ----------------------------------------------------------------------------------------------------

    def _begin(self, event: QMouseEvent) -> None:
        canvas, at = self.canvas, self.mapToScene(event.position().toPoint())
        port, block, wire = canvas.port_at(at), canvas.block_at(at), canvas.wire_at(at)
        if port is not None:
            self._gesture = DrawWire(canvas, at, port)
        elif block is not None:
            self._gesture = MoveBlocks(canvas, at, block.key, event.modifiers(), SLACK / self.scale_now)
        elif wire is not None:
            canvas.select([], [wire])
        else:
            self._gesture = SelectArea(canvas, at, event.modifiers())

    def _end(self) -> Gesture | None:
        gesture, self._gesture = self._gesture, None
        self.follow(None)
        self.viewport().unsetCursor()
        self.show_hint("")
        return gesture

    def cancel(self) -> bool:
        """Give up what the mouse has begun; whether there was anything."""
        gesture = self._end()
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def followed(self, at: QPoint) -> None:
        if self._gesture:
            self._gesture.move(self.mapToScene(at), Qt.KeyboardModifier.NoModifier)

    # ---- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.cancel():
            return
        button, at = event.button(), event.position().toPoint()
        if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self._space):
            self.begin_pan(at)
        elif button == Qt.MouseButton.LeftButton:
            self._begin(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self.pan_to(at):
            return
        if self._gesture is None:
            super().mouseMoveEvent(event)
            self._show_cursor(at)
            return
        self.viewport().setCursor(self._gesture.cursor)
        self._gesture.move(self.mapToScene(at), event.modifiers())
        self.follow(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.end_pan()
        if event.button() == Qt.MouseButton.LeftButton and (gesture := self._end()):
            gesture.release(self.mapToScene(event.position().toPoint()), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self.mapToScene(event.position().toPoint())
        block = self.canvas.block_at(at)
        if block is None or event.button() != Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)
            return
        self.select([block.key])
        if block.name_rect().contains(at):
            self.rename_selected()
        else:
            self.inspect_requested.emit()

    def _show_cursor(self, at: QPoint) -> None:
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.canvas.port_at(self.mapToScene(at)):
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.viewport().unsetCursor()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.cancel()
        chosen = self.selected() if event.reason() == QContextMenuEvent.Reason.Keyboard else ()
        at = self.canvas.blocks[chosen[-1]].pos() if chosen else self.mapToScene(event.pos())
        menu(self._entries(at), self).popup(self.viewport().mapToGlobal(self.mapFromScene(at)))

    def _entries(self, at: QPointF) -> list[Entry]:
        """What can be done with what lies here."""
        block, wire = self.canvas.block_at(at), self.canvas.wire_at(at)
        whole: list[Entry] = [("Select all", "Ctrl+A", self.select_all), None, ("Fit", "Ctrl+0", self.fit)]
        whole.append(("Arrange", "Ctrl+L", self.arrange))
        if block is not None:
            if block.key not in self.selected():
                self.select([block.key])
            one: list[Entry] = [("Rename", "F2", self.rename_selected)] if len(self.selected()) == 1 else []
            return [
                *one,
                ("Cut", "Ctrl+X", self.cut),
                ("Copy", "Ctrl+C", self.copy),
                ("Duplicate", "Ctrl+D", self.duplicate),
                None,
                ("Delete", "Del", self.delete_selected),
                ("Delete, leaving a gap", "Shift+Del", lambda: self.delete_selected(heal=False)),
                None,
                *whole,
            ]
        if wire is not None:
            self.canvas.select([], [wire])
            return [("Disconnect", "Del", lambda: self.disconnect_wire(wire)), None, *whole]
        return [("Paste", "Ctrl+V", lambda: self.paste(at.toTuple())), None, *whole]

    # ---- keys --------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        known = {
            QKeySequence.StandardKey.SelectAll: self.select_all,
            QKeySequence.StandardKey.Copy: self.copy,
            QKeySequence.StandardKey.Cut: self.cut,
            QKeySequence.StandardKey.Paste: self.paste,
        }
        if key == Qt.Key.Key_Escape:
            if not self.cancel():
                self.select([])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_selected(heal=not shift)
        elif key in WALK and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._walk(WALK[Qt.Key(key)], adding=shift)
        elif key in ARROWS:
            self._arrow(*ARROWS[Qt.Key(key)], FAR if shift else 1)
        elif key == Qt.Key.Key_F2:
            self.rename_selected()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.inspect_requested.emit()
        elif key == Qt.Key.Key_Space:
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif (command := next((known[each] for each in known if event.matches(each)), None)) is not None:
            command()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self.viewport().unsetCursor()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab opens the search; Shift+Tab and F6 leave the canvas."""
        if not next or not self.hasFocus():
            return super().focusNextPrevChild(next)
        self.search_wanted.emit()
        return True

    def _walk(self, step: int, *, adding: bool) -> None:
        """Select the next or the previous layer, or one more."""
        order, chosen = self.document.graph.order, self.selected()
        here = order.index(chosen[-1 if step > 0 else 0]) if chosen else -1 if step > 0 else len(order)
        index = here + step
        if 0 <= index < len(order):
            self.select([*(chosen if adding else ()), order[index]])
            self.reveal(order[index])

    def _arrow(self, x: int, y: int, steps: int) -> None:
        """Nudge the selected blocks; a spree is one step. With nothing selected the view moves."""
        graph, chosen = self.document.graph, self.selected()
        if not chosen:
            self._scroll_by(QPoint(x, y) * GRID * FAR)
            return
        positions = {key: graph[key].position for key in chosen}
        moved = {key: (px + x * steps * GRID, py + y * steps * GRID) for key, (px, py) in positions.items()}
        self.document.commit(f"Move {self._counted(chosen)}", graph.move(moved), merge=("nudge", chosen))

    # ---- drops -------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.cancel()
        self._gesture = self._dropping(event.mimeData(), self.mapToScene(event.position().toPoint()))
        if self._gesture:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        at = event.position().toPoint()
        if self._gesture is None:
            event.ignore()
            return
        self._gesture.move(self.mapToScene(at), event.modifiers())
        self.follow(at)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.cancel()

    def dropEvent(self, event: QDropEvent) -> None:
        gesture, empty = self._end(), not self.document.graph.nodes
        if gesture is None:
            event.ignore()
            return
        gesture.release(self.mapToScene(event.position().toPoint()), event.modifiers())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.setFocus()
        if empty and isinstance(gesture, PlaceDesign):
            self.fit()

    def _dropping(self, data: QMimeData, at: QPointF) -> Gesture | None:
        """The gesture for what is dragged in; None where it is nothing the canvas knows."""
        text = bytes(data.data(MIME).data()).decode(errors="replace") if data.hasFormat(MIME) else ""
        if text in BY_NAME:
            return PlaceLayer(self.canvas, at, BY_NAME[text]())
        title = next((known.title for known in EXAMPLES if EXAMPLE + known.name == text), None)
        if title is None:
            return None
        part, room = example(text.removeprefix(EXAMPLE)), self.viewport().size()
        return PlaceDesign(self.canvas, at, part.move(arrange(part, width=room.width(), height=room.height())), title)
