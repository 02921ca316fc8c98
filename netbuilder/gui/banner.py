"""A sentence across a panel, with what can be done about it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from netbuilder.gui.glyphs import glyph
from netbuilder.gui.severity import SeveritySign
from netbuilder.gui.theme import theme

Tone = Literal["note", "warning", "error"]
MOST = 2
"""Things to do that are offered."""


class Way(NamedTuple):
    """A thing to do: its words, and what they call."""

    text: str
    do: Callable[[], object]


class Banner(QFrame):
    """Hidden until `say`; the cross at its end hides it again."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("role", "banner")
        self._ways: tuple[Way, ...] = ()
        self._signs = {"warning": SeveritySign("warning"), "error": SeveritySign("error")}
        self.sentence = QLabel(self)
        self.sentence.setObjectName("banner_sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.buttons = [QPushButton(self) for _ in range(MOST)]
        for place, button in enumerate(self.buttons):
            button.setObjectName(f"banner_button_{place + 1}")
            button.setAccessibleDescription("What can be done about it.")
            button.setProperty("role", "link")
            button.clicked.connect(lambda _checked=False, place=place: self._pressed(place))
        self._cross = QToolButton(self)
        self._cross.setObjectName("banner_close")
        self._cross.setProperty("role", "quiet")
        self._cross.setToolTip("Hide this message")
        self._cross.setAccessibleName("Hide this message")
        self._cross.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(12)
        for sign in self._signs.values():
            row.addWidget(sign)
        row.addWidget(self.sentence, 1)
        for button in self.buttons:
            row.addWidget(button)
        row.addWidget(self._cross)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.sentence.text()

    def say(self, sentence: str, tone: Tone = "note", *ways: Way) -> None:
        """Show a sentence, and buttons for the first of what can be done about it."""
        self.sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self._ways = ways[:MOST]
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(self._ways))
            button.setText(self._ways[place].text.replace("&", "&&") if place < len(self._ways) else "")
        for name, sign in self._signs.items():
            sign.setVisible(name == tone)
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            for part in (self, self.sentence):
                part.style().unpolish(part)
                part.style().polish(part)
        self.show()

    def _pressed(self, place: int) -> None:
        self.hide()
        self._ways[place].do()

    def _restyle(self) -> None:
        self._cross.setIcon(glyph("close", theme.colours.secondary))
