"""A layer class -> its small drawing in its family's colour, on a soft square of the same tint, painted with Qt."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from netbuilder.drawing.icons import CORNER, SIDE, Cell, Stroke, marks
from netbuilder.gui.theme import family_colour
from netbuilder.layers import Layer


def paint_icon(painter: QPainter, rect: QRectF, layer_class: type[Layer]) -> None:
    """Draw a layer's icon to fill `rect`. All drawings are made on a square of 20 and scaled."""
    colour = family_colour(layer_class.family)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / SIDE, rect.height() / SIDE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(family_colour(layer_class.family, soft=True))
    painter.drawRoundedRect(QRectF(0, 0, SIDE, SIDE), CORNER, CORNER)
    for mark in marks(layer_class):
        _paint_mark(painter, mark, colour)
    painter.restore()


def icon(layer_class: type[Layer], size: int = 20) -> QIcon:
    """The icon for lists and menus, drawn for ordinary and for dense screens."""
    made = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(QSize(size, size) * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_icon(painter, QRectF(0, 0, size, size), layer_class)
        painter.end()
        made.addPixmap(pixmap)
    return made


def _paint_mark(painter: QPainter, mark: Cell | Stroke, colour: QColor) -> None:
    tint = QColor(colour)
    tint.setAlphaF(mark.strength)
    filled = isinstance(mark, Cell) and not mark.pen
    painter.setBrush(tint if filled else Qt.BrushStyle.NoBrush)
    if filled:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(tint, mark.pen, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if isinstance(mark, Cell):
        painter.drawRoundedRect(QRectF(mark.x, mark.y, mark.width, mark.height), mark.radius, mark.radius)
    else:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in mark.points]))
