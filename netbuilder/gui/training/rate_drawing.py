"""A schedule and a number of epochs -> a small drawing of the learning rate over them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme import SMALL, font, theme

if TYPE_CHECKING:
    from netbuilder.engine import Schedule

POINTS = 240
LEFT, BOTTOM, TOP = 44, 18, 8


class RateDrawing(QWidget):
    """Draws what a run of so many epochs would see, highest rate on top."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("rate_drawing")
        self.setAccessibleName("Learning rate over the epochs")
        self.setMinimumHeight(96)
        self._rate, self._epochs, self._factors = 0.0, 1, [1.0, 1.0]

    def show_schedule(self, schedule: "Schedule", rate: float, epochs: int, per_epoch: int) -> None:
        """Show another one."""
        from netbuilder.engine import Place

        updates = max(2, epochs * per_epoch)
        places = (round(index * (updates - 1) / (POINTS - 1)) for index in range(POINTS))
        self._factors = [schedule.factor(Place(update, per_epoch, updates)) for update in places]
        self._rate, self._epochs = rate, epochs
        first, last = (rate * self._factors[end] for end in (0, -1))
        self.setAccessibleDescription(f"It begins with {first:.3g} and ends with {last:.3g}.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 104)

    def paintEvent(self, event: QPaintEvent) -> None:
        c, painter = theme.colours, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(LEFT, TOP, -8, -BOTTOM)
        painter.setPen(QPen(QColor(c.grid), 1))
        for height in (0.0, 0.5, 1.0):
            y = round(room.top() + height * room.height()) + 0.5
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        painter.setPen(QColor(c.tertiary))
        painter.setFont(font(SMALL - 1))
        highest = max(self._factors) or 1.0
        beside = QRectF(0, room.top() - 8, LEFT - 6, 16)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(beside, right, f"{self._rate * highest:.3g}")
        painter.drawText(beside.translated(0, room.height()), right, "0")
        below = QRectF(room.left(), room.bottom() + 2, room.width(), 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "epoch 0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._epochs}")
        path = QPainterPath()
        for index, factor in enumerate(self._factors):
            x = room.left() + room.width() * index / (len(self._factors) - 1)
            point = QPointF(x, room.bottom() - room.height() * factor / highest)
            path.lineTo(point) if index else path.moveTo(point)
        painter.setPen(QPen(QColor(c.accent), 2))
        painter.drawPath(path)
        painter.end()
