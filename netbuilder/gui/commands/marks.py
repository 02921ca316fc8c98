"""What an entry is -> its small drawing: the layer's own, or a sign in grey on a soft square."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from netbuilder.gui.icons import paint_icon
from netbuilder.gui.theme import theme

from .entries import Entry, Group

SIDE = 20


def paint_mark(painter: QPainter, place: QRectF, entry: Entry) -> None:
    """Draw an entry's icon into a square. All drawings are made on a square of 20 and scaled."""
    if entry.layer is not None:
        paint_icon(painter, place, entry.layer)
        return
    painter.save()
    painter.translate(place.topLeft())
    painter.scale(place.width() / SIDE, place.height() / SIDE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.colours.grid))
    painter.drawRoundedRect(QRectF(0, 0, SIDE, SIDE), 5, 5)
    colour = QColor(theme.colours.secondary)
    painter.setPen(QPen(colour, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    (_network if entry.group is Group.EXAMPLES else _prompt)(painter, colour)
    painter.restore()


def _prompt(painter: QPainter, _colour: QColor) -> None:
    """A prompt and its cursor: something to do."""
    painter.drawPolyline(QPolygonF([QPointF(5.5, 6.5), QPointF(9, 10), QPointF(5.5, 13.5)]))
    painter.drawLine(QPointF(10.5, 13.5), QPointF(14.5, 13.5))


def _network(painter: QPainter, colour: QColor) -> None:
    """Three layers, wired."""
    ends = (QPointF(6, 6), QPointF(6, 14), QPointF(14, 10))
    painter.drawPolyline(QPolygonF([ends[0], ends[2], ends[1]]))
    painter.setBrush(colour)
    for end in ends:
        painter.drawEllipse(end, 1.6, 1.6)
