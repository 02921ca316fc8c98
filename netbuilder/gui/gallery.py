"""The first page: recent files, the examples as pictures, and an empty sheet; from a click to a wish for a design."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from netbuilder.examples import EXAMPLES
from netbuilder.gui.gallery_cards import CARD_WIDTH, ExampleCard, RecentFile
from netbuilder.gui.labels import ShortenedText, Text
from netbuilder.gui.theme import theme

GAP, EDGE = 16, 32
MOST_COLUMNS, MOST_RECENT = 4, 4


class Gallery(QScrollArea):
    """Recent files, examples and “Blank design”. `example_chosen` carries a name, `file_chosen` a path."""

    example_chosen = Signal(str)
    file_chosen = Signal(object)
    blank_chosen = Signal()
    open_chosen = Signal()

    def __init__(self, recent: Sequence[Path] = (), parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._recent_heading, self._examples_heading = (
            Text(words, "heading", wrap=False) for words in ("RECENT", "EXAMPLES")
        )
        self._recent = QHBoxLayout()
        self._grid = QGridLayout()
        self.columns = 0
        self.cards = [ExampleCard(example) for example in EXAMPLES]
        self._lay_out()
        for card in self.cards:
            card.clicked.connect(lambda _checked=False, name=card.example.name: self.example_chosen.emit(name))
        self.show_recent(recent)
        theme.changed.connect(self._repaint)

    def show_recent(self, recent: Sequence[Path]) -> None:
        """Show other recent files, the newest first."""
        while taken := self._recent.takeAt(0):
            if widget := taken.widget():
                widget.hide()
                widget.deleteLater()
        for path in recent[:MOST_RECENT]:
            button = RecentFile(path)
            button.clicked.connect(lambda _checked=False, path=path: self.file_chosen.emit(path))
            self._recent.addWidget(button, 1)
        self._recent.addStretch(max(0, MOST_RECENT - len(recent)))
        self._recent.setContentsMargins(0, 0, 0, 12 if recent else 0)
        for heading in (self._recent_heading, self._examples_heading):  # one kind of card alone needs no heading
            heading.setVisible(bool(recent))

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("gallery_body")
        body.setProperty("role", "canvas")
        # Nothing here wraps: a page whose height depends on its width would scroll rather than use lower cards.
        heading, words = ShortenedText("large"), ShortenedText("secondary")
        heading.say("What would you like to build?")
        words.say("Start from a network that works, change it, and watch every shape and weight count follow.")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(heading, 1)
        for name, label, tip, chosen in (
            ("blank_design", "Blank design", "Begin with an empty canvas (Ctrl+N)", self.blank_chosen),
            ("gallery_open", "Open a file…", "Open a design from a file (Ctrl+O)", self.open_chosen),
        ):
            button = QPushButton(label)
            button.setObjectName(name)
            button.setToolTip(tip)
            button.clicked.connect(chosen)
            head.addWidget(button)
        self._recent.setSpacing(GAP)
        self._grid.setSpacing(GAP)
        column = QVBoxLayout(body)
        column.setContentsMargins(EDGE, 12, EDGE, 12)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(words)
        column.addSpacing(10)
        for heading, cards in ((self._recent_heading, self._recent), (self._examples_heading, self._grid)):
            column.addWidget(heading)
            column.addSpacing(4)
            column.addLayout(cards)
        column.addSpacing(4)
        column.addStretch(1)
        self.setWidget(body)
        self._flow(3)

    def _flow(self, columns: int) -> None:
        """Lay the cards out in so many columns of equal width."""
        if columns == self.columns:
            return
        for index in range(max(columns, self.columns)):
            self._grid.setColumnStretch(index, int(index < columns))
        self.columns = columns
        for index, card in enumerate(self.cards):
            self._grid.addWidget(card, index // columns, index % columns)

    def _repaint(self) -> None:
        for card in self.cards:
            card.update()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.viewport().width() - 2 * EDGE + GAP
        self._flow(max(1, min(MOST_COLUMNS, room // (CARD_WIDTH + GAP))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk among the cards; Enter presses the buttons above them too."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused.click()
            return
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
        }
        here = next((index for index, card in enumerate(self.cards) if card.hasFocus()), None)
        step = steps.get(Qt.Key(event.key()))
        if here is None or step is None or not 0 <= here + step < len(self.cards):
            super().keyPressEvent(event)
            return
        self.cards[here + step].setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(self.cards[here + step])
