"""What the small cuboids beside wires mean, as a key in a corner of the canvas."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from netbuilder.drawing.solids import TILT, cuboid
from netbuilder.gui.theme import font

from .ink import ink, paint_solid

SIZE = QSize(132, 50)
SIDES = 24.0, 21.0, 18.0
LETTERS = 11


class Legend(QWidget):
    """An example cuboid with its sides named."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("legend")
        self.setAccessibleName("Key to the shapes")
        self.setAccessibleDescription("The sides of a cuboid are height, width and channels on a log₂ scale")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(SIZE)

    def find_place(self, room: QSize, taken: int, is_empty: Callable[[QRect], bool] | None) -> None:
        """Stand at the bottom left of a room, else in the next corner where nothing is drawn; wait where there is none.
        At the bottom right as much as `taken` belongs to another."""
        left, right = 12, room.width() - self.width() - 12
        top, bottom = 8, room.height() - self.height() - 4
        spots = ((left, bottom), (left, top), (right - taken, bottom), (right, top + 24))
        free = (spot for spot in spots if is_empty and is_empty(QRect(QPoint(*spot), self.size())))
        spot = next(free, None)
        self.setVisible(spot is not None)
        if spot is not None:
            self.move(*spot)

    def paintEvent(self, event: QPaintEvent) -> None:
        with_ink = ink()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height, depth = SIDES
        corner = (44.0, 34.0)
        faces = cuboid(corner, width, height, (depth, -depth * TILT))
        paint_solid(painter, with_ink, [QPolygonF([QPointF(*point) for point in face]) for face in faces])
        painter.setFont(font(LETTERS))
        painter.setPen(with_ink.tertiary)
        x, y = corner
        right, middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignCenter
        painter.drawText(QRectF(0, y - height / 2 - 8, x - 5, 16), right, "height")
        painter.drawText(QRectF(x - 20, y + 1, width + 40, 16), middle, "width")
        painter.drawText(QPointF(x + width + depth / 2 + 6, y - depth * TILT / 2 + 5), "channels")
        painter.drawText(QPointF(x + width + depth + 5, y - height - depth * TILT + 11), "log₂")
