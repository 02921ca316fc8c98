"""What lies at a point of the canvas -> the menu of what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from .lining import DIRECTIONS, LINES

if TYPE_CHECKING:
    from .organizer import Organizer

Action = Callable[[], object]
Entry = tuple[str, str, "Action | list[Entry]"] | None
"""Text, shortcut to show, and what it does or the entries of its submenu; None is a line between groups."""


def menu(entries: list[Entry], parent: QWidget) -> QMenu:
    """A context menu that goes away with its closing. The shortcuts are shown, not installed: the window has them."""
    made = QMenu(parent)
    made.setObjectName("canvas_menu")
    _fill(made, entries)
    made.aboutToHide.connect(made.deleteLater)
    return made


def _fill(made: QMenu, entries: list[Entry]) -> None:
    for entry in entries:
        if entry is None:
            made.addSeparator()
            continue
        text, shortcut, action = entry
        if isinstance(action, list):
            _fill(made.addMenu(text), action)
            continue
        added = made.addAction(text)
        if shortcut:
            added.setText(f"{text}\t{QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)}")
        added.triggered.connect(lambda _checked=False, action=action: action())


def entries(view: Organizer, at: QPointF) -> list[Entry]:
    """What can be done with what lies at a point of the scene; that becomes the selection."""
    canvas = view.canvas
    whole: list[Entry] = [("Add note", "N", lambda: view.add_note(at)), ("Select all", "Ctrl+A", view.select_all), None]
    whole += [("Fit", "Ctrl+0", view.fit), ("Arrange", "Ctrl+L", view.arrange)]
    block, note, frame = canvas.block_at(at), canvas.note_at(at), canvas.frame_at(at)
    part = block or note or frame
    if part is not None:
        own = {part.key} if part is note else canvas.layers_of(part.key)
        if not own <= {*canvas.selected(), *canvas.selected_notes()}:
            canvas.select(own)
        return [*_on_selection(view), None, *whole]
    wire = canvas.wire_at(at)
    if wire is not None:
        canvas.select([], [wire])
        return [("Disconnect", "Del", lambda: view.disconnect_wire(wire)), None, *whole]
    return [("Paste", "Ctrl+V", lambda: view.paste(at.toTuple())), *whole]


def _on_selection(view: Organizer) -> list[Entry]:
    canvas = view.canvas
    chosen, notes, group = canvas.selected(), canvas.selected_notes(), canvas.selected_group()
    found: list[Entry] = []
    troubled = view.troubled(chosen)
    if troubled:
        found += [("Show the problem", "F8", lambda: view.show_problem(troubled[0])), None]
    if group is not None or len(chosen) == 1:
        found.append(("Rename", "F2", view.rename_selected))
    elif len(notes) == 1 and not chosen:
        found.append(("Edit", "Return", lambda: view.edit_note(notes[0])))
    found += [("Cut", "Ctrl+X", view.cut), ("Copy", "Ctrl+C", view.copy), ("Duplicate", "Ctrl+D", view.duplicate), None]
    found += [*_grouping(view), *_lining(view)]
    found.append(("Delete", "Del", view.delete_selected))
    if chosen:
        found.append(("Delete, leaving a gap", "Shift+Del", lambda: view.delete_selected(heal=False)))
    return found


def _grouping(view: Organizer) -> list[Entry]:
    canvas, graph = view.canvas, view.document.graph
    group = canvas.selected_group()
    found: list[Entry] = []
    if group is None and len(canvas.selected()) > 1:
        found.append(("Group", "Ctrl+G", view.group))
    home = group or next((home for key in canvas.selected() if (home := graph.group_of(key))), None)
    if home is not None:
        word = "Open" if home.id in canvas.committed.members else "Collapse"
        found.append((f"{word} “{home.name}”".replace("&", "&&"), "Return", lambda key=home.id: view.toggle_group(key)))
        found.append(("Ungroup", "Ctrl+Shift+G", view.ungroup))
    return [*found, None] if found else []


def _lining(view: Organizer) -> list[Entry]:
    count = len(view.canvas.selected_blocks())
    if count < 2:
        return []
    lines: list[Entry] = [(line.capitalize(), "", lambda line=line: view.align(line)) for line in LINES]
    lines.insert(3, None)
    found: list[Entry] = [("Align", "", lines)]
    if count > 2:
        ways: list[Entry] = [(way.capitalize(), "", lambda way=way: view.distribute(way)) for way in DIRECTIONS]
        found.append(("Distribute", "", ways))
    return [*found, None]
