"""Small pictures: a block as the canvas will draw it, and a whole network as the row of solids its activations are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import log2

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from netbuilder.analysis import LayerReport, Report, analyze
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.gui.icons import paint_icon
from netbuilder.gui.theme import BLOCK_HEIGHT, BLOCK_WIDTH, FAMILIES, RADIUS, SMALL, family_colour, font, theme
from netbuilder.layers import ImageShape, Layer

SHEET, BAR, GAP = 2.0, 5.0, 4.0
LARGEST, MOST_STRETCH, MOST_THICK = 1.25, 2.6, 1.6
MOST_SHEETS = 20
"""Layers up to which a picture shows even those that only change numbers."""
SLANT = 0.34
"""How far the far edge of a solid lies to the right and up, as a part of its width."""


@dataclass(frozen=True)
class Solid:
    """One activation as a box: `x` and `thickness` along the network, `height` and `depth` across it, in units."""

    family: str
    x: float
    thickness: float
    height: float
    depth: float


@cache
def example_design(name: str) -> tuple[Graph, Report]:
    """A design that ships and its report, read once."""
    graph = example(name)
    return graph, analyze(graph)


def solids(report: Report) -> dict[int, Solid]:
    """A box for every layer whose shape is known, in execution order; sides follow log₂, so growth is seen.

    Of a long network, layers that only change numbers are left out, so that the others can be told apart.
    """
    found: dict[int, Solid] = {}
    long = len(report.layers) > MOST_SHEETS
    x = 0.0
    for key, layer in report.layers.items():
        shape = layer.shape
        if shape is None or (long and _keeps_shape(layer, report)):
            continue
        if isinstance(shape, ImageShape):
            thickness, height, depth = 2 + 1.6 * log2(1 + shape.channels), _side(shape.height), _side(shape.width)
        else:
            thickness, height, depth = BAR, 6 + 5.0 * log2(1 + shape.features), 4.0
        if _keeps_shape(layer, report):
            thickness = SHEET
        found[key] = Solid(layer.node.layer.family, x, thickness, height, depth)
        x += thickness + GAP
    return found


def _side(size: int) -> float:
    return 8 + 9.0 * log2(1 + size)


def _keeps_shape(layer: LayerReport, report: Report) -> bool:
    """Whether a layer only changes numbers, as activations do: it is drawn as a thin sheet."""
    light = layer.node.layer.family in ("activation", "normalisation")
    return light and bool(layer.inputs) and report.layers[layer.inputs[0]].shape == layer.shape


def paint_network(painter: QPainter, place: QRectF, graph: Graph, report: Report) -> None:
    """Draw a network's activations as a row of solids, with its skip connections as arcs, fitted into `place`."""
    row = solids(report)
    if not row:
        return
    arcs = list(_arcs(graph, row))
    lift = 16.0 if arcs else 0.0
    last = max(row.values(), key=lambda s: s.x)
    slant = max(s.depth * SLANT for s in row.values())
    half = max(s.height + s.depth * SLANT for s in row.values()) / 2
    scale = min(LARGEST, place.height() / (2 * half + lift))
    room = place.width() / scale - slant  # for the row itself, which is squeezed or stretched until it fits
    across = min(MOST_STRETCH, room / (last.x + last.thickness * MOST_THICK))
    width = (last.x + last.thickness) * across + slant
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(place.center().x() - width * scale / 2, place.center().y() + lift * scale / 2)
    painter.scale(scale, scale)
    for start, end in arcs:
        _paint_arc(painter, row[start], row[end], across)
    for solid in row.values():
        _paint_solid(painter, solid, across, scale)
    painter.restore()


def _arcs(graph: Graph, row: dict[int, Solid]) -> Iterator[tuple[int, int]]:
    """Wires that pass over other layers; one from a layer that is left out begins at the one before it."""
    places = {key: index for index, key in enumerate(row)}
    for edge in sorted(graph.edges):
        source = edge.source
        while source not in places and graph.inputs(source):
            source = graph.inputs(source)[0]
        if source in places and edge.target in places and places[edge.target] - places[source] > 1:
            yield source, edge.target


def _paint_arc(painter: QPainter, start: Solid, end: Solid, across: float) -> None:
    a, b = (QPointF(s.x * across + s.depth * SLANT / 2, -(s.height + s.depth * SLANT) / 2) for s in (start, end))
    top = min(a.y(), b.y()) - 18
    path = QPainterPath(a)
    path.cubicTo(QPointF(a.x(), top), QPointF(b.x(), top), b)
    painter.setPen(QPen(QColor(theme.colours.wire), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def _paint_solid(painter: QPainter, solid: Solid, across: float, scale: float) -> None:
    colour, ground = QColor(FAMILIES[solid.family]), QColor(theme.colours.card)
    x, t, h, slant = solid.x * across, solid.thickness * min(across, MOST_THICK), solid.height, solid.depth * SLANT
    bottom, top = (h + slant) / 2, (slant - h) / 2
    front = QPolygonF([QPointF(x, top), QPointF(x + t, top), QPointF(x + t, bottom), QPointF(x, bottom)])
    lid = QPolygonF(
        [QPointF(x, top), QPointF(x + slant, top - slant), QPointF(x + t + slant, top - slant), QPointF(x + t, top)]
    )
    side = QPolygonF(
        [
            QPointF(x + t, top),
            QPointF(x + t + slant, top - slant),
            QPointF(x + t + slant, bottom - slant),
            QPointF(x + t, bottom),
        ]
    )
    pen = QPen(mixed(colour, ground, 0.85), 0.8 / max(scale, 0.5))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for face, strength in ((lid, 0.18), (side, 0.34), (front, 0.72)):
        painter.setBrush(mixed(colour, ground, strength))
        painter.drawPolygon(face)


def mixed(colour: QColor, ground: QColor, strength: float) -> QColor:
    """An opaque colour between the ground (0) and the colour (1)."""
    rest = 1 - strength
    return QColor.fromRgbF(
        strength * colour.redF() + rest * ground.redF(),
        strength * colour.greenF() + rest * ground.greenF(),
        strength * colour.blueF() + rest * ground.blueF(),
    )


# ---- what a drag carries ---------------------------------------------------------------------------------------------


def block_pixmap(layer: type[Layer], ratio: float) -> QPixmap:
    """A new block of this class as it will lie on the canvas."""
    pixmap, painter = _canvas(BLOCK_WIDTH, BLOCK_HEIGHT, ratio)
    card = QRectF(0.75, 0.75, BLOCK_WIDTH - 1.5, BLOCK_HEIGHT - 1.5)
    outline = QPainterPath()
    outline.addRoundedRect(card, RADIUS, RADIUS)
    painter.fillPath(outline, QColor(theme.colours.card))
    painter.setClipPath(outline)
    painter.fillRect(QRectF(0, 0, 4.5, BLOCK_HEIGHT), family_colour(layer.family))
    painter.setClipping(False)
    painter.setPen(QPen(QColor(theme.colours.accent), 1.5))
    painter.drawPath(outline)
    paint_icon(painter, QRectF(14, 12, 20, 20), layer)
    caption = layer().caption()
    painter.setPen(QColor(theme.colours.text))
    painter.setFont(font(13, weight=QFont.Weight.DemiBold))
    painter.drawText(QPointF(44, 19 if caption else 27), layer.__name__)
    painter.setPen(QColor(theme.colours.secondary))
    painter.setFont(font(SMALL))
    room = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, BLOCK_WIDTH - 56)
    painter.drawText(QPointF(44, 35), room)
    painter.end()
    return pixmap


def network_pixmap(name: str, ratio: float) -> QPixmap:
    """An example as a small card."""
    width, height = 200, 104
    pixmap, painter = _canvas(width, height, ratio)
    painter.setPen(QPen(QColor(theme.colours.accent), 1.5))
    painter.setBrush(QColor(theme.colours.card))
    painter.drawRoundedRect(QRectF(0.75, 0.75, width - 1.5, height - 1.5), RADIUS, RADIUS)
    paint_network(painter, QRectF(12, 10, width - 24, height - 20), *example_design(name))
    painter.end()
    return pixmap


def _canvas(width: int, height: int, ratio: float) -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter
