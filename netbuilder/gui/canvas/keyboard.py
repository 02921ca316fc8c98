"""Keys -> commands."""

from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from netbuilder.gui.document import Document

from .gestures import put
from .organizer import Organizer
from .placement import GRID

ARROWS = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
WALK = {"Up": -1, "Down": 1}
FAR = 8
"""Grid steps that Shift+arrow moves blocks, and an arrow the view."""


class KeyboardEditor(Organizer):
    """An organizer whose every command has a key."""

    inspect_requested = Signal()
    search_wanted = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None):
        self._space = False
        super().__init__(document, parent)
        self._keys = {QKeySequence(keys)[0].toCombined(): act for keys, act in self._bindings().items()}  # pyright: ignore

    def cancel(self) -> bool:
        """Give up what has begun; whether there was anything."""
        return False

    def _bindings(self) -> dict[str, Callable[[], object]]:
        """What each key does while the canvas has the keyboard; the window's menus have some of them too."""
        found: dict[str, Callable[[], object]] = {
            "Esc": self._escape,
            "Del": self.delete_selected,
            "Backspace": self.delete_selected,
            "Shift+Del": lambda: self.delete_selected(heal=False),
            "Shift+Backspace": lambda: self.delete_selected(heal=False),
            "F2": self.rename_selected,
            "Return": self._enter,
            "Enter": self._enter,
            "F8": self.next_problem,
            "N": self.add_note,
            "Ctrl+G": self.group,
            "Ctrl+Shift+G": self.ungroup,
        }
        for name, (x, y) in ARROWS.items():
            found[name] = lambda x=x, y=y: self._arrow(x, y, 1)
            found[f"Shift+{name}"] = lambda x=x, y=y: self._arrow(x, y, FAR)
        for name, step in WALK.items():
            found[f"Ctrl+{name}"] = lambda step=step: self._walk(step, adding=False)
            found[f"Ctrl+Shift+{name}"] = lambda step=step: self._walk(step, adding=True)
        return found

    def keyPressEvent(self, event: QKeyEvent) -> None:
        standard = {
            QKeySequence.StandardKey.SelectAll: self.select_all,
            QKeySequence.StandardKey.Copy: self.copy,
            QKeySequence.StandardKey.Cut: self.cut,
            QKeySequence.StandardKey.Paste: self.paste,
        }
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        command = self._keys.get(QKeyCombination(held, Qt.Key(event.key())).toCombined())
        command = command or next((standard[each] for each in standard if event.matches(each)), None)
        if command is not None:
            command()
        elif event.key() == Qt.Key.Key_Space:
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            event.ignore()

    def _escape(self) -> None:
        """Give up the last thing begun: what the mouse holds, a preview, a selection."""
        if self.cancel():
            return
        if self.document.preview is not None:
            self.document.show_preview(None)
        else:
            self.select([])

    def _enter(self) -> None:
        """Open what is selected: a group, a note, a problem, or the settings."""
        chosen, notes = self.selected(), self.canvas.selected_notes()
        if self.canvas.selected_group() is not None:
            self.toggle_group()
        elif len(notes) == 1 and not chosen:
            self.edit_note(notes[0])
        elif len(chosen) == 1 and self.troubled(chosen):
            self.show_problem(chosen[0])
        else:
            self.inspect_requested.emit()

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
        """Select the next or the previous block or note, or one more."""
        canvas, graph = self.canvas, self.document.graph
        chosen = (*canvas.selected_blocks(), *canvas.selected_notes())
        order = (*canvas.committed.seen.order, *graph.notes)
        here = order.index(chosen[-1 if step > 0 else 0]) if chosen else -1 if step > 0 else len(order)
        if 0 <= here + step < len(order):
            key = order[here + step]
            more = (*canvas.selected(), *canvas.selected_notes()) if adding else ()
            canvas.select((*more, *({key} if key in graph.notes else canvas.layers_of(key))))
            self.reveal(key)

    def _arrow(self, x: int, y: int, steps: int) -> None:
        """Nudge what is selected; a spree is one step. With nothing selected the view moves."""
        canvas = self.canvas
        chosen = (*canvas.selected_blocks(), *canvas.selected_notes())
        if not chosen:
            self._scroll_by(QPoint(x, y) * GRID * FAR)
            return
        places = canvas.places()
        shifted = {key: (places[key][0] + x * steps * GRID, places[key][1] + y * steps * GRID) for key in chosen}
        text = f"Move {self._counted((*canvas.selected(), *canvas.selected_notes()))}"
        self.document.commit(text, put(canvas.committed, shifted), merge=("nudge", chosen))
