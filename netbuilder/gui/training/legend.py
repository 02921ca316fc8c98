"""The lines of a chart and their names, drawn in a row."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from netbuilder.gui.theme import SMALL, font, theme

LINE, GAP, SPACE = 16, 6, 16


@dataclass(frozen=True)
class Entry:
    """One line: its name, colour, and whether it is dashed or has marks."""

    name: str
    colour: str
    dashed: bool = False
    marked: bool = False


class Legend(QWidget):
    """Entries from the left; what has no room is left out from the right."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(20)

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show other lines."""
        if entries != self.entries:
            self.entries = entries
            self.setAccessibleDescription(", ".join(entry.name for entry in entries))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_entries(painter, self.entries, QPointF(0, self.height() / 2), self.width())
        painter.end()


def paint_entries(painter: QPainter, entries: tuple[Entry, ...], start: QPointF, room: float) -> None:
    """Draw entries from `start`, their middle height, within `room` pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(SMALL))
    metrics = QFontMetrics(font(SMALL))
    x, y = start.x(), start.y()
    for entry in entries:
        needed = LINE + GAP + metrics.horizontalAdvance(entry.name)
        if x + needed > start.x() + room:
            return
        pen = QPen(QColor(entry.colour), 2 if not entry.dashed else 1.5)
        if entry.dashed:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, y), QPointF(x + LINE, y))
        if entry.marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(entry.colour))
            painter.drawEllipse(QPointF(x + LINE / 2, y), 3, 3)
        painter.setPen(QColor(theme.colours.secondary))
        painter.drawText(QPointF(x + LINE + GAP, y + metrics.capHeight() / 2), entry.name)
        x += needed + SPACE
