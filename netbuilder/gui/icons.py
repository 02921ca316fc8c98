"""A layer class -> its small drawing in its family's colour, on a soft square of the same tint."""

from collections.abc import Callable
from math import exp, tanh

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from netbuilder.gui.theme import family_colour
from netbuilder.layers import Layer

SIDE = 20.0
Draw = Callable[[QPainter, QColor], None]


def paint_icon(painter: QPainter, rect: QRectF, layer_class: type[Layer]) -> None:
    """Draw a layer's icon to fill `rect`. All drawings are made on a square of 20 and scaled."""
    colour = family_colour(layer_class.family)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / SIDE, rect.height() / SIDE)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(family_colour(layer_class.family, soft=True))
    painter.drawRoundedRect(QRectF(0, 0, SIDE, SIDE), 5, 5)
    _MEMBERS.get(layer_class.__name__, _FAMILIES[layer_class.family])(painter, colour)
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


# ---- strokes ---------------------------------------------------------------------------------------------------------


def _faded(colour: QColor, alpha: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def _pen(colour: QColor, width: float = 1.6) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _cells(painter: QPainter, colour: QColor, strengths: str, step: float, side: float, radius: float = 1) -> None:
    """A square grid of cells; each strength is a tenth of full colour, a space leaves a cell out."""
    count = round(len(strengths) ** 0.5)
    start = (SIDE - (count - 1) * step - side) / 2
    for index, strength in enumerate(strengths):
        if strength == " ":
            continue
        x, y = start + index % count * step, start + index // count * step
        painter.setBrush(_faded(colour, (int(strength) or 10) / 10))
        painter.drawRoundedRect(QRectF(x, y, side, side), radius, radius)


def _grid(strengths: str) -> Draw:
    return lambda painter, colour: _cells(painter, colour, strengths, 4.5, 3.6)


def _pooled(strengths: str) -> Draw:
    return lambda painter, colour: _cells(painter, colour, strengths, 6.4, 5.6)


def _global(strengths: str) -> Draw:
    """Pooled cells inside the frame of the whole map."""

    def draw(painter: QPainter, colour: QColor) -> None:
        _cells(painter, colour, strengths, 4.4, 3.8)
        painter.setPen(_pen(colour, 1.1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(3.6, 3.6, 12.8, 12.8), 2.4, 2.4)

    return draw


def _line(*points: tuple[float, float]) -> Draw:
    def draw(painter: QPainter, colour: QColor) -> None:
        painter.setPen(_pen(colour))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))

    return draw


def _curve(function: Callable[[float], float]) -> Draw:
    """A function over −3…3, its values 0…1 from bottom to top."""
    return _line(*((4 + 12 * i / 24, 15 - 10 * function(i / 4 - 3)) for i in range(25)))


# ---- families --------------------------------------------------------------------------------------------------------


def _input(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(3.7, 4.7, 12.6, 10.6), 2, 2)
    hills = [(5.5, 13), (8.5, 9.5), (10.8, 12), (12.4, 10.6), (14.5, 13)]
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in hills]))


def _separable(painter: QPainter, colour: QColor) -> None:
    _cells(painter, colour, "03 30 03 ", 4.5, 3.6)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(12.7, 3.7, 3.6, 12.6), 1, 1)


def _dense(painter: QPainter, colour: QColor) -> None:
    left, right = [QPointF(5, y) for y in (5, 10, 15)], [QPointF(15, y) for y in (5, 10, 15)]
    painter.setPen(_pen(_faded(colour, 0.55), 0.8))
    for a in left:
        for b in right:
            painter.drawLine(a, b)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for point in (*left, *right):
        painter.drawEllipse(point, 1.7, 1.7)


def _bell(painter: QPainter, colour: QColor) -> None:
    path = QPainterPath(QPointF(4, 15))
    path.cubicTo(8.2, 15, 7.6, 5, 10, 5)
    path.cubicTo(12.4, 5, 11.8, 15, 16, 15)
    painter.setPen(_pen(colour))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _dropout(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    for index in range(9):
        kept = index not in (1, 5, 6)
        painter.setBrush(colour if kept else _faded(colour, 0.25))
        painter.drawEllipse(QPointF(5.4 + index % 3 * 4.6, 5.4 + index // 3 * 4.6), 1.6, 1.6)


def _neighbours(painter: QPainter, colour: QColor) -> None:
    for index, height in enumerate((4, 8, 12, 8, 4)):
        painter.setBrush(colour if index == 2 else _faded(colour, 0.5))
        painter.drawRoundedRect(QRectF(3.6 + index * 2.7, 16 - height, 2, height), 0.8, 0.8)


def _shares(painter: QPainter, colour: QColor) -> None:
    for index, height in enumerate((3.5, 11.5, 6, 2)):
        painter.setBrush(colour if index == 1 else _faded(colour, 0.5))
        painter.drawRoundedRect(QRectF(3.9 + index * 3.2, 15.7 - height, 2.4, height), 0.8, 0.8)


def _flatten(painter: QPainter, colour: QColor) -> None:
    for index in range(5):
        painter.setBrush(_faded(colour, 0.35 + 0.16 * index))
        painter.drawRoundedRect(QRectF(3.8 + index * 2.6, 6.6, 1.9, 6.8), 0.6, 0.6)


def _plus(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawLine(QPointF(4.8, 10), QPointF(15.2, 10))
    painter.drawLine(QPointF(10, 4.8), QPointF(10, 15.2))


def _times(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawLine(QPointF(6, 6), QPointF(14, 14))
    painter.drawLine(QPointF(14, 6), QPointF(6, 14))


def _side_by_side(painter: QPainter, colour: QColor) -> None:
    for x, strength in ((4, 0.45), (10.6, 1.0)):
        painter.setBrush(_faded(colour, strength))
        painter.drawRoundedRect(QRectF(x, 4.5, 5.4, 11), 1.4, 1.4)


_FAMILIES: dict[str, Draw] = {
    "input": _input,
    "convolution": _grid("040404040"),
    "pooling": _pooled("5055"),
    "activation": _line((4, 14.5), (10, 14.5), (16, 5.5)),
    "normalisation": _bell,
    "dense": _dense,
    "merge": _plus,
    "reshape": _flatten,
}
_MEMBERS: dict[str, Draw] = {
    "DepthwiseConv2D": _grid("033303330"),
    "SeparableConv2D": _separable,
    "AveragePool2D": _pooled("7777"),
    "GlobalAveragePool2D": _global("7777"),
    "GlobalMaxPool2D": _global("5055"),
    "LeakyReLU": _line((4, 15.5), (10, 13), (16, 5)),
    "ELU": _curve(lambda x: (0.25 + x / 4) if x > 0 else 0.25 * exp(1.5 * x)),
    "GELU": _curve(lambda x: 0.2 + x / (1 + exp(-1.702 * x)) / 3.75),
    "SiLU": _curve(lambda x: 0.2 + x / (1 + exp(-x)) / 3.6),
    "Sigmoid": _curve(lambda x: 1 / (1 + exp(-2 * x))),
    "Tanh": _curve(lambda x: (1 + tanh(1.6 * x)) / 2),
    "Softmax": _shares,
    "Dropout": _dropout,
    "LocalResponseNorm": _neighbours,
    "Multiply": _times,
    "Concat": _side_by_side,
}
