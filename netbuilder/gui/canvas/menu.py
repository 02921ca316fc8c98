"""What lies under the mouse -> the menu of what can be done with it."""

from collections.abc import Callable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

Entry = tuple[str, str, Callable[[], object]] | None
"""Text, shortcut to show, what it does; None is a line between groups."""


def menu(entries: list[Entry], parent: QWidget) -> QMenu:
    """A context menu that goes away with its closing. The shortcuts are shown, not installed: the window has them."""
    made = QMenu(parent)
    made.setObjectName("canvas_menu")
    for entry in entries:
        if entry is None:
            made.addSeparator()
            continue
        text, shortcut, action = entry
        added = made.addAction(text)
        if shortcut:
            added.setText(f"{text}\t{QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)}")
        added.triggered.connect(lambda _checked=False, action=action: action())
    made.aboutToHide.connect(made.deleteLater)
    return made
