"""Mouse and drops -> gestures and commands. The widget the window puts in its middle."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QWidget

from netbuilder.arrangement import arrange
from netbuilder.examples import EXAMPLES, example
from netbuilder.gui.document import Document
from netbuilder.gui.palette_entries import EXAMPLE, MIME
from netbuilder.layers import BY_NAME

from .dropping import PlaceDesign, PlaceLayer
from .gestures import Gesture, MoveParts, SelectArea, WidenNote
from .keyboard import KeyboardEditor
from .menu import entries, menu
from .wiring import DrawWire

SLACK = 4.0
"""Screen pixels that a press may move and still be a click."""


class CanvasView(KeyboardEditor):
    """The design as blocks and wires, to look at and to edit. Every edit is one commit of the document.

    Commands on layers: `append(layer)`, `delete_selected(heal=True)`, `rename_selected()`, `copy()`, `cut()`,
    `paste()`, `duplicate()`, `select_all()`. On what belongs together and where it lies: `group()`, `ungroup()`,
    `toggle_group()` (collapse or open that of the selection), `add_note()`, `arrange()`, `align(how)` with "left",
    "centre", "right", "top", "middle" or "bottom", `distribute(how)` with "horizontally" or "vertically". Problems:
    `show_problem(id)` opens the card with the repairs beside a layer, `next_problem()` that of the next one.

    Looking: `fit()`, `zoom(factor)`, `reveal(id)`, `set_order("hwc")`, `show_legend(shown)`. Selection, by ids:
    `selected()`, `select(ids)` and the signal `selection_changed`; a collapsed group is selected as its layers. The
    document's preview is shown like the document itself, with what it changes. Drops are taken as
    "application/x-netbuilder-layer": a class name or "example:NAME".

    Signals besides: `said(str)` for the status bar, `inspect_requested()` when Enter or a double click asks for the
    settings, `layer_wanted(source id, scene point)` when a wire is let go over empty canvas, `search_wanted` when
    Tab asks for layers and commands. Everything has a key: Ctrl+Down and Ctrl+Up go from block to block, F8 from
    problem to problem, the menu key shows what can be done.
    """

    layer_wanted = Signal(int, QPointF)

    def __init__(self, document: Document, parent: QWidget | None = None):
        self._gesture: Gesture | None = None
        self._toggled = False
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
        slack, held = SLACK / self.scale_now, event.modifiers()
        badge, group = canvas.badge_at(at), canvas.chevron_at(at)
        if badge is not None:
            layers = canvas.layers_of(badge.key)
            canvas.select(layers)
            self.show_problem(self.troubled(layers)[0])
        elif group is not None:
            self._toggled = True
            self.toggle_group(group)
        elif (port := canvas.port_at(at)) is not None:
            self._gesture = DrawWire(canvas, at, port)
        elif (block := canvas.block_at(at)) is not None:
            self._gesture = MoveParts(canvas, at, block.key, held, slack)
        elif (note := canvas.note_at(at)) is not None:
            widening = note.grip().contains(at)
            self._gesture = (
                WidenNote(canvas, at, note.key) if widening else MoveParts(canvas, at, note.key, held, slack)
            )
        elif (wire := canvas.wire_at(at)) is not None:
            canvas.select([], [wire])
        elif (frame := canvas.frame_at(at)) is not None:
            first, *more = self.document.graph.selected(canvas.layers_of(frame.key)).order
            self._gesture = MoveParts(canvas, at, first, held, slack, more)
        else:
            self._gesture = SelectArea(canvas, at, held)

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
        self._toggled = False
        self.close_problem()
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
        at, canvas = self.mapToScene(event.position().toPoint()), self.canvas
        block, note, frame = canvas.block_at(at), canvas.note_at(at), canvas.frame_at(at)
        if self._toggled:
            return  # a second click on a chevron that has just done its work
        if event.button() != Qt.MouseButton.LeftButton or not (block or note or frame):
            self.mousePressEvent(event)
        elif block is not None:
            canvas.select_blocks([block.key])
            if block.name_rect().contains(at):
                self.rename_selected()
            elif block.key in self.document.graph.groups:
                self.toggle_group(block.key)
            else:
                self.inspect_requested.emit()
        elif note is not None:
            self.edit_note(note.key)
        elif frame is not None:
            self.toggle_group(frame.key)

    def _show_cursor(self, at: QPoint) -> None:
        canvas, point = self.canvas, self.mapToScene(at)
        note = canvas.note_at(point)
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif canvas.badge_at(point) or canvas.chevron_at(point) is not None:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        elif canvas.port_at(point):
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        elif note and note.grip().contains(point):
            self.viewport().setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.viewport().unsetCursor()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.cancel()
        self.close_problem()
        canvas = self.canvas
        at = self.mapToScene(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            items = [canvas.blocks[key].card() for key in canvas.selected_blocks()]
            items += [canvas.notes[key].paper() for key in canvas.selected_notes()]
            at = items[-1].center() if items else at
        menu(entries(self, at), self).popup(self.viewport().mapToGlobal(self.mapFromScene(at)))

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
