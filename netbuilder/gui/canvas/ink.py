"""The scheme in force -> the colours, pens and fonts the canvas paints with, made once for each scheme."""

from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

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
        self.shadows = [QColor(0, 0, 0, alpha) for alpha in ((40, 28, 14) if dark else (16, 10, 5))]
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
            name: (QColor(colour), _mixed(QColor(colour), self.canvas)) for name, colour in FAMILIES.items()
        }

    def family(self, layer_class: type[Layer]) -> QColor:
        """The colour of a layer's family."""
        return self._families[layer_class.family][0]

    def pale(self, layer_class: type[Layer]) -> QColor:
        """The same on the canvas's ground, as blocks are seen from far away."""
        return self._families[layer_class.family][1]


def _mixed(colour: QColor, ground: QColor, share: float = 0.4) -> QColor:
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
