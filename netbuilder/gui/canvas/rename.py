"""A line edit over a block's name -> the new name, asked for in place."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from netbuilder.graph import LONGEST_NAME
from netbuilder.gui.theme import font

from .ink import NAME_SIZE


class NameEditor(QLineEdit):
    """Lies over the name while it is edited. Escape gives up.

    `take` is given the text on Enter or when the focus leaves; where it refuses, as for a name that is taken, the
    editor stays open while it has the focus.
    """

    def __init__(self, name: str, rect: QRect, zoom: float, take: Callable[[str], bool], parent: QWidget):
        super().__init__(name, parent)
        self.setObjectName("name_editor")
        self.setAccessibleName("Layer name")
        self.setMaxLength(LONGEST_NAME)
        self.setFont(font(max(10, round(NAME_SIZE * zoom)), weight=QFont.Weight.DemiBold))
        self.setStyleSheet(f"font-size: {max(10, round(NAME_SIZE * zoom))}px; padding: 0 3px; min-height: 0;")
        height = max(rect.height(), self.fontMetrics().height() + 4)
        self.setGeometry(rect.x(), rect.center().y() - height // 2, max(rect.width(), 80), height)
        self._owner, self._take, self._over = parent, take, False
        self.editingFinished.connect(self._finish)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_editor(self) -> None:
        """Go away without renaming."""
        if not self._over:
            self._over = True
            self._owner.setFocus()
            self.hide()
            self.deleteLater()

    def _finish(self) -> None:
        if self._over:
            return
        if self._take(self.text()) or not self.hasFocus():
            self.close_editor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_editor()
        else:
            super().keyPressEvent(event)
        event.accept()  # no key meant for the name should reach the canvas below
