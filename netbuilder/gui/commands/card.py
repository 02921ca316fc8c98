"""The palette as a person sees it: a card over the canvas with a line to type in, what was found, and what it gives."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QVBoxLayout, QWidget

from netbuilder.gui.labels import Line, Text
from netbuilder.gui.theme import BODY, RADIUS, font, theme

from .entries import Row
from .results import ROW_HEIGHT, Results, spoken

WIDTH, NARROW, SHADOW, EDGE = 576, 400, 14, 12
MOST_ROWS = 10.5
ROOM_BELOW = 130
"""Pixels that line and foot take."""
PAGE = 8
HINTS = "↑ ↓ choose    ↵ take    Esc close"
PROMPT = "Search, or type layers:  c3 64 s2 | r | p2"
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -PAGE, Qt.Key.Key_PageDown: PAGE}


class CommandLine(QLineEdit):
    """The line. Keys that are not text are told: `stepped` by rows, `taken`, `left` by Escape or for another place."""

    stepped = Signal(int)
    completed = Signal()
    taken = Signal()
    left = Signal(bool)

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("command_line")
        self.setFrame(False)
        self.setFont(font(BODY))
        self.setAccessibleName("Search or add")
        self.setToolTip("Part of the name of a layer, a command or an example; or layers in short, like c3 64 | r | p2")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in STEPS:
            self.stepped.emit(STEPS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit(True)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab takes over what the current row would write here, or goes on to the next row."""
        if next:
            self.completed.emit()
        else:
            self.stepped.emit(-1)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit(False)


class Card(QFrame):
    """Lies over its parent window. `typed` carries the line, `pointed` the current entry, `picked` the chosen one,
    `left` whether Escape closed it rather than a click elsewhere."""

    typed = Signal(str)
    pointed = Signal(object)
    picked = Signal(object)
    left = Signal(bool)

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("command_palette")
        self.setAccessibleName("Search or add")
        self._room, self._block, self._body = QRect(), QRect(), QVBoxLayout(self)
        self.touched = False
        """Whether a person has typed or moved since it opened."""
        self.line, self.results = CommandLine(self), Results(self)
        self.sentence, self.problem, self.hints = Text("", "secondary"), Text("", "error"), Text(HINTS, "secondary")
        self.sentence.setObjectName("command_sentence")
        self.problem.setObjectName("command_problem")
        self._lay_out()
        self.line.textChanged.connect(self._typed)
        self.line.stepped.connect(self._step)
        self.line.completed.connect(self._complete)
        self.line.taken.connect(self._take)
        self.line.left.connect(self.left)
        self.results.moved.connect(self._tell)
        self.results.chosen.connect(self._take)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def open(self, room: QRect, prompt: str = PROMPT, block: QRect | None = None) -> None:
        """Show the card at the top of a part of the window, or beside a block of it, with an empty line."""
        self._room, self._block = room, block or QRect()
        self.line.setPlaceholderText(prompt)
        self.touched = False
        self.line.clear()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        QApplication.instance().installEventFilter(self)  # pyright: ignore[reportOptionalMemberAccess]

    def write(self, text: str) -> None:
        """Put a text into the line; what follows its first word, which a person will change, is marked."""
        self.line.setText(text)
        if text[-1:].isalnum() and " " in text and "|" not in text:
            self.line.setSelection(text.rindex(" ") + 1, len(text))

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show what was found."""
        self.results.show_rows(rows)
        self.results.setVisible(bool(rows))
        self._tell()
        self._place()

    def say(self, sentence: str, problem: str = "") -> None:
        """Say what the current row gives, and what is wrong with it."""
        self.sentence.say(sentence)
        self.sentence.setVisible(bool(sentence))
        self.problem.say(f"! {problem}" if problem else "")
        self.problem.setVisible(bool(problem))
        self.hints.setVisible(not sentence and not problem)
        self._describe()
        self._place()

    def inner(self) -> QRect:
        """The card without its shadow, in the window's coordinates."""
        return self.geometry().adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _typed(self, text: str) -> None:
        self.touched = bool(text)
        self.typed.emit(text)

    def _step(self, steps: int) -> None:
        self.touched = True
        self.results.step(steps)
        self._tell()

    def _complete(self) -> None:
        entry = self.results.entry
        if entry is not None and entry.fill and entry.fill != self.line.text():
            self.write(entry.fill)
        else:
            self._step(1)

    def _take(self) -> None:
        if self.results.entry is not None and not self.results.isHidden():
            self.picked.emit(self.results.entry)

    def _tell(self) -> None:
        self.pointed.emit(self.results.entry if not self.results.isHidden() else None)

    def _describe(self) -> None:
        """What a screen reader says: the current row and what it gives."""
        entry = self.results.entry if not self.results.isHidden() else None
        parts = (spoken(entry) if entry else "Nothing was found", self.sentence.text(), self.problem.text())
        self.line.setAccessibleDescription(". ".join(part for part in parts if part))

    def _place(self) -> None:
        if self.isHidden():
            return
        beside, room, window = not self._block.isEmpty(), self._room, self.window().rect()
        width = min(NARROW if beside else WIDTH, room.width() - 2 * EDGE)
        left, top = room.center().x() - width // 2, room.top() + EDGE
        if beside:
            right = self._block.right() + 2 * EDGE
            left = right if right + width <= room.right() - EDGE else self._block.left() - 2 * EDGE - width
            top = max(top, self._block.top())
        below = max(window.bottom() - top - ROOM_BELOW, 4 * ROW_HEIGHT)
        self.results.setFixedHeight(min(self.results.wanted_height(), int(MOST_ROWS * ROW_HEIGHT), below))
        self._body.activate()
        size = QSize(width + 2 * SHADOW, self._body.heightForWidth(width + 2 * SHADOW))
        left = max(room.left() + EDGE, min(left, room.right() - EDGE - width))
        top = max(room.top() + EDGE, min(top, window.bottom() - EDGE - size.height() + 2 * SHADOW))
        self.setGeometry(QRect(QPoint(left - SHADOW, top - SHADOW), size))

    def _lay_out(self) -> None:
        body = self._body
        body.setContentsMargins(SHADOW, SHADOW, SHADOW, SHADOW)
        body.setSpacing(0)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 9)
        foot.setSpacing(4)
        for label in (self.sentence, self.problem, self.hints):
            foot.addWidget(label)
        body.addWidget(self.line)
        body.addWidget(Line())
        body.addSpacing(4)
        body.addWidget(self.results)
        body.addSpacing(4)
        body.addWidget(Line())
        body.addLayout(foot)

    def _restyle(self) -> None:
        c = theme.colours
        self.line.setStyleSheet(
            f"QLineEdit {{ background: transparent; border: none; border-radius: 0; color: {c.text};"
            f" font-size: {BODY}px; padding: 11px 16px; }}"
        )
        self.results.viewport().update()
        self.update()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def hideEvent(self, event: QEvent) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        QApplication.instance().removeEventFilter(self)  # pyright: ignore[reportOptionalMemberAccess]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press outside closes the card, as it would a menu, and does what it does."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            outside = watched.window() is self.window() and watched is not self and not self.isAncestorOf(watched)
            if outside and not self.isHidden():
                self.left.emit(False)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        card = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        for spread in range(SHADOW, 0, -2):
            painter.setBrush(QColor(0, 0, 0, 9 if theme.dark else 4))
            shade = card.adjusted(-spread, 4 - spread, spread, spread)
            painter.drawRoundedRect(shade, RADIUS + spread, RADIUS + spread)
        painter.setPen(QPen(QColor(theme.colours.border), 1))
        painter.setBrush(QColor(theme.colours.card))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS + 2, RADIUS + 2)

    def mousePressEvent(self, event: QEvent) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        event.accept()  # not through to the canvas
