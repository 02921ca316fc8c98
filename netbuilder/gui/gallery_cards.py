"""The cards of the gallery: a picture, a title and a few words that can be pressed."""

from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout

from netbuilder.examples import Example
from netbuilder.gui.labels import ShortenedText, Text, tip
from netbuilder.gui.miniature import example_design, paint_network
from netbuilder.gui.theme import RADIUS, theme
from netbuilder.gui.wording import counted

CARD_WIDTH, CARD_HEIGHT, LOWEST = 232, 164, 134
WORDS, ABOVE = 82, 12
"""The room that title, sentence and remark take at the foot of a card, and that over its picture."""
RECENT_HEIGHT = 56


class Card(QAbstractButton):
    """A rounded card with its words below `top`; subclasses may draw a picture above them.

    It is `height` high, and down to `lowest` where there is little room.
    """

    def __init__(self, title: str, words: str, top: int, height: int, lowest: int):
        super().__init__()
        self._height, self._lowest = height, lowest
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, top, 16, 10)
        self.column.setSpacing(3)

    def picture(self, painter: QPainter, place: QRectF) -> None:
        """Draw what the card stands for."""

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return False  # the words have two lines whatever the width; the picture takes what is left

    def sizeHint(self) -> QSize:
        return QSize(CARD_WIDTH, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(CARD_WIDTH // 2, self._lowest)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(QColor(colours.accent if marked else colours.border), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(colours.accent_soft if self.isDown() else colours.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        self.picture(painter, QRectF(16, ABOVE, self.width() - 32, self.height() - WORDS - ABOVE - 6))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the gallery walks
        else:
            super().keyPressEvent(event)


class PictureCard(Card):
    """A card with a picture, a title, a sentence and a remark."""

    def __init__(self, title: str, words: str, remark: str):
        super().__init__(title, f"{words} {remark}".strip(), ABOVE, CARD_HEIGHT, LOWEST)
        self.column.addStretch(1)
        self.labels = [Text(title, "title"), Text(words, "secondary"), Text(remark, "tertiary")]
        for label in self.labels:
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.column.addWidget(label)
        self.labels[1].setMinimumHeight(2 * self.labels[1].fontMetrics().lineSpacing())
        self.labels[1].setAlignment(Qt.AlignmentFlag.AlignTop)


class ExampleCard(PictureCard):
    """An example that ships, with a picture of its network."""

    def __init__(self, example: Example):
        self.example = example
        self._graph, self._report = example_design(example.name)
        super().__init__(example.title, example.summary, counted(self._report.totals.parameters, "weight"))
        self.setObjectName(f"example_{example.name}")

    def picture(self, painter: QPainter, place: QRectF) -> None:
        paint_network(painter, place, self._graph, self._report)


class RecentFile(Card):
    """A file opened lately: its name, and the folder it lies in."""

    def __init__(self, path: Path):
        super().__init__(path.stem, str(path.parent), 8, RECENT_HEIGHT, RECENT_HEIGHT)
        self.setObjectName("recent_file")
        self.setToolTip(tip(str(path)))
        name, folder = ShortenedText("title"), ShortenedText("tertiary")
        name.say(path.stem)
        folder.say(_from_home(path.parent))
        for label in (name, folder):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.column.addWidget(label)


def _from_home(folder: Path) -> str:
    """'~/designs' for a folder at home."""
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)
