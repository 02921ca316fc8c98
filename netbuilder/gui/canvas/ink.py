"""The scheme in force -> the colours, pens and fonts the canvas paints with, made once for each scheme."""

from collections.abc import Sequence
from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from netbuilder.gui.icons import paint_icon
from netbuilder.gui.theme import DARK, FAMILIES, LIGHT, font, theme
from netbuilder.layers import Layer

NAME_SIZE, TEXT_SIZE, LARGE_NAME_SIZE = 13, 12, 24


class Ink:
    """What painters need, ready to use: making it afresh for every block costs more than drawing."""

    def __init__(self, dark: bool):
        c = DARK if dark else LIGHT
        self.dark = dark
        self.canvas, self.dots = QColor(c.canvas), QColor(c.dots)
        self.card, self.border = QColor(c.card), QColor(c.border)
        self.text, self.secondary, self.tertiary = QColor(c.text), QColor(c.secondary), QColor(c.tertiary)
        self.accent, self.soft_accent, self.on_accent = QColor(c.accent), QColor(c.accent_soft), QColor(c.on_accent)
        self.error, self.warning, self.wire = QColor(c.error), QColor(c.warning), QColor(c.wire)
        self.frame = _mixed(self.tertiary, self.canvas, 0.10 if dark else 0.07)
        self.frame_line = _mixed(self.tertiary, self.canvas, 0.28 if dark else 0.30)
        self.paper = _mixed(self.warning, self.canvas, 0.10 if dark else 0.07)
        self.paper_line = _mixed(self.warning, self.canvas, 0.34 if dark else 0.30)
        self.shades = [
            self.canvas.lighter(100 + 60 * index) if dark else self.canvas.darker(100 + 5 * index) for index in range(3)
        ]
        self.shadows = [QColor(0, 0, 0, alpha) for alpha in ((40, 28, 14) if dark else (16, 10, 5))]
        self.note = font(NAME_SIZE)
        self.note_width = QFontMetricsF(self.note)
        self.title = font(TEXT_SIZE, weight=QFont.Weight.DemiBold)
        self.title_width = QFontMetricsF(self.title)
        self.name = font(NAME_SIZE, weight=QFont.Weight.DemiBold)
        self.large_name = font(LARGE_NAME_SIZE, weight=QFont.Weight.DemiBold)
        self.large_name_width = QFontMetricsF(self.large_name)
        self.count = font(NAME_SIZE, weight=QFont.Weight.Medium)
        self.small = font(TEXT_SIZE)
        self.badge = font(TEXT_SIZE, weight=QFont.Weight.Bold)
        self.name_width, self.count_width, self.small_width = (
            QFontMetricsF(self.name),
            QFontMetricsF(self.count),
            QFontMetricsF(self.small),
        )

        self._families = {
            name: (QColor(colour), _mixed(QColor(colour), self.canvas, 0.4)) for name, colour in FAMILIES.items()
        }

    def family(self, name: str) -> QColor:
        """The colour of a family of layers."""
        return self._families[name][0]

    def pale(self, name: str) -> QColor:
        """The same on the canvas's ground, as blocks are seen from far away."""
        return self._families[name][1]


def _mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    def part(a: int, b: int) -> int:
        return round(share * a + (1 - share) * b)

    return QColor(
        part(colour.red(), ground.red()), part(colour.green(), ground.green()), part(colour.blue(), ground.blue())
    )


@cache
def _ink(dark: bool) -> Ink:
    return Ink(dark)


def ink() -> Ink:
    """The ink of the scheme in force."""
    return _ink(theme.dark)


def pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen with flat ends and rounded corners, as wires and outlines have."""
    return QPen(colour, width, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


@lru_cache(8)
def grid(xs: range, ys: range, step: int) -> list[QPointF]:
    """The dots of the ground; the same ones as long as nobody scrolls."""
    return [QPointF(x * step, y * step) for x in xs for y in ys]


def icon_image(layer_class: type[Layer], side: float, scale: float) -> QImage:
    """A layer's icon at the sharpness of the screen. One for each class, scheme and quarter of zoom is kept."""
    return _icon_image(layer_class, side, max(1.0, round(scale * 4) / 4), theme.dark)


@cache
def _icon_image(layer_class: type[Layer], side: float, scale: float, dark: bool) -> QImage:
    image = QImage(round(side * scale), round(side * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_icon(painter, QRectF(0, 0, side, side), layer_class)
    painter.end()
    return image


def paint_chevron(painter: QPainter, at: QPointF, colour: QColor, *, opened: bool) -> None:
    """The small arrow that opens (pointing right) or closes (pointing down) a group, centred at a point."""
    line = QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(line)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corners = ((-4, -2), (0, 2), (4, -2)) if opened else ((-2, -4), (2, 0), (-2, 4))
    painter.drawPolyline(QPolygonF([at + QPointF(x, y) for x, y in corners]))


def paint_solid(painter: QPainter, with_ink: Ink, faces: Sequence[QPolygonF]) -> None:
    """The three seen faces of a cuboid, each in a shade of its own."""
    painter.setPen(pen(with_ink.secondary, 1.0))
    for face, shade in zip(faces, with_ink.shades, strict=True):
        painter.setBrush(shade)
        painter.drawPolygon(face)
