"""A sentence across a panel, with at most one thing to do about it."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from netbuilder.gui.glyphs import glyph
from netbuilder.gui.theme import theme

Tone = Literal["note", "good", "error"]


class Banner(QFrame):
    """Hidden until `say`; the cross at its end hides it again."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("role", "banner")
        self._do: Callable[[], object] | None = None
        self.sentence = QLabel(self)
        self.sentence.setObjectName("banner_sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton(self)
        self.button.setObjectName("banner_button")
        self.button.setAccessibleDescription("What can be done about it.")
        self.button.setProperty("role", "link")
        self.button.clicked.connect(self._pressed)
        self._cross = QToolButton(self)
        self._cross.setObjectName("banner_close")
        self._cross.setProperty("role", "quiet")
        self._cross.setToolTip("Hide this message")
        self._cross.setAccessibleName("Hide this message")
        self._cross.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(12)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.button)
        row.addWidget(self._cross)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.sentence.text()

    def say(self, sentence: str, tone: Tone = "note", button: str = "", do: Callable[[], object] | None = None) -> None:
        """Show a sentence, and the button that does something about it."""
        self.sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._do = do
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            for part in (self, self.sentence):
                part.style().unpolish(part)
                part.style().polish(part)
        self.show()

    def _pressed(self) -> None:
        self.hide()
        if self._do is not None:
            self._do()

    def _restyle(self) -> None:
        self._cross.setIcon(glyph("close", theme.colours.secondary))
