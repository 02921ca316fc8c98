"""The few signs of playing, pausing, stopping and unfolding, drawn so that no font is needed for them."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

SIDE = 16
SHARPNESS = 3
"""Pixels drawn for each logical one, enough for any screen."""


def glyph(name: str, colour: str) -> QIcon:
    """The sign called "play", "pause", "stop", "more", "close", "right" or "down" in one colour, 16×16."""
    pixmap = QPixmap(SIDE * SHARPNESS, SIDE * SHARPNESS)
    pixmap.setDevicePixelRatio(SHARPNESS)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    _DRAWN[name](painter)
    painter.end()
    return QIcon(pixmap)


def _play(painter: QPainter) -> None:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(4.5, 3), QPointF(13, 8), QPointF(4.5, 13), QPointF(4.5, 3)]))
    painter.drawPath(path)


def _pause(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(4, 3, 3, 10), 1, 1)
    painter.drawRoundedRect(QRectF(9, 3, 3, 10), 1, 1)


def _stop(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(4, 4, 8, 8), 1.5, 1.5)


def _more(painter: QPainter) -> None:
    for x in (3.5, 8, 12.5):
        painter.drawEllipse(QPointF(x, 8), 1.3, 1.3)


def _close(painter: QPainter) -> None:
    painter.setPen(QPen(painter.brush().color(), 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(4.5, 4.5), QPointF(11.5, 11.5))
    painter.drawLine(QPointF(11.5, 4.5), QPointF(4.5, 11.5))


def _angle(painter: QPainter, *points: tuple[float, float]) -> None:
    pen = QPen(painter.brush().color(), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))


_DRAWN: dict[str, Callable[[QPainter], None]] = {
    "play": _play,
    "pause": _pause,
    "stop": _stop,
    "more": _more,
    "close": _close,
    "right": lambda painter: _angle(painter, (6.5, 4.5), (10, 8), (6.5, 11.5)),
    "down": lambda painter: _angle(painter, (4.5, 6.5), (8, 10), (11.5, 6.5)),
}
