"""A heading that opens and closes what stands beneath it, with a few words of what is in it while it is closed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from netbuilder.gui.glyphs import glyph
from netbuilder.gui.labels import ShortenedText
from netbuilder.gui.theme import theme


class Fold(QWidget):
    """Closed at first. `turned` says that a person opened or closed it; Right opens it, Left closes it."""

    turned = Signal(bool)

    def __init__(self, title: str, name: str, content: QWidget, parent: QWidget | None = None):
        super().__init__(parent)
        self.content = content
        self.heading, self.summary = Heading(title, self), ShortenedText("tertiary")
        self.heading.setObjectName(name)
        self.heading.setAccessibleName(title)
        across = QHBoxLayout()
        across.setSpacing(8)
        across.addWidget(self.heading)
        across.addWidget(self.summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(across)
        column.addWidget(content)
        self.heading.toggled.connect(self._turn)
        self.heading.clicked.connect(self.turned)
        theme.changed.connect(self._sync)
        self.open(False)
        self._sync()

    @property
    def is_open(self) -> bool:
        """Whether what stands beneath is in sight."""
        return self.heading.isChecked()

    def open(self, on: bool) -> None:
        """Show what stands beneath, or put it away."""
        self.heading.setChecked(on)
        self.content.setVisible(on)

    def say(self, summary: str) -> None:
        """What is in it, in a few words."""
        self.summary.say(summary)
        self.heading.setAccessibleDescription(summary or "Opens and closes.")

    def _turn(self, on: bool) -> None:
        self.content.setVisible(on)
        self._sync()

    def _sync(self) -> None:
        self.heading.setIcon(glyph("down" if self.is_open else "right", theme.colours.secondary))


class Heading(QPushButton):
    """The line that is pressed."""

    def __init__(self, title: str, parent: QWidget):
        super().__init__(title, parent)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setProperty("role", "fold")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        opens = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif opens is not None:
            if opens != self.isChecked():
                self.click()
        else:
            super().keyPressEvent(event)
