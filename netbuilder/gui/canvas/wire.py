"""One wire on the canvas: a rounded path, and beside it the shape it carries as text and as a small cuboid."""

from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from netbuilder.drawing.routing import Wiring
from netbuilder.drawing.solids import TILT, cuboid, glyph_sides
from netbuilder.graph import Edge, Point
from netbuilder.layers import Order, Shape

from .block import NO_DETAIL, NO_TEXT
from .ink import Ink, ink, paint_solid, pen

CORNER = 8.0
GLYPH_GAP, TEXT_GAP, LINE = 13.0, 7.0, 12.5


class Wire(QGraphicsItem):
    """Mirrors one edge. The scene tells it what to show; it never looks at the document."""

    def __init__(self, edge: Edge):
        super().__init__()
        self.edge = edge
        self.wiring = Wiring(((0.0, 0.0), (0.0, 0.0)), (0.0, 0.0))
        self.lines: list[QLineF] = []
        self.text = ""
        self.old_text = ""
        self.broken = False
        self.lit = False
        self._shape: Shape | None = None
        self._shown: tuple[Shape | None, bool, Order | None, Shape | None] = (None, False, None, None)
        self._path = QPainterPath()
        self._faces: tuple[QPolygonF, ...] = ()
        self._old_at = self._text_at = QPointF()
        self._bounds = QRectF()
        self._stale = True
        self._hovered = False
        self.setAcceptHoverEvents(True)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)

    def show_way(self, wiring: Wiring) -> None:
        """Run another way."""
        if wiring == self.wiring:
            return
        self.prepareGeometryChange()
        self.wiring = wiring
        self.lines = [QLineF(*start, *end) for start, end in pairwise(wiring.points)]
        self._stale = True
        self.update()

    def show_shape(self, shape: Shape | None, broken: bool, order: Order, old: Shape | None = None) -> None:
        """Carry another shape, None where it is not known; during a preview with the `old` one before it."""
        shown = (shape, broken, order, old)
        if shown == self._shown:
            return
        self.prepareGeometryChange()
        self._shown, self._shape, self.broken = shown, shape, broken
        self.text = shape.text(order) if shape else "?"
        self.old_text = f"{old.text(order)} →" if old and old != shape else ""
        self._stale = True
        self.update()

    def set_state(self, *, lit: bool) -> None:
        """Light up as the wire a block would be put into."""
        if lit != self.lit:
            self.lit = lit
            self.setZValue(0.5 if lit else 0)
            self.update()

    def _lay_out(self) -> None:
        """Round the corners, and place glyph and text beside the wire, centred on the label's point; only when they
        are needed, as from far away they never are. A preview's old shape stands above the new one: side by side they
        would run across the next column."""
        self._stale = False
        self._path = rounded(self.wiring.points)
        (x, y), side = self.wiring.label, self.wiring.side
        sides = glyph_sides(self._shape) if self._shape else (0.0, 0.0, 0.0)
        wide, high = sides[0] + sides[2], sides[1] + sides[2] * TILT
        advance = max(_advance(self.text), _advance(self.old_text) if self.old_text else 0.0)
        gap = TEXT_GAP if self._shape else 0.0
        left = x + GLYPH_GAP if side > 0 else x - GLYPH_GAP - advance - gap - wide
        solid = cuboid((left, y + high / 2), sides[0], sides[1], (sides[2], -sides[2] * TILT)) if self._shape else ()
        self._faces = tuple(QPolygonF([QPointF(*corner) for corner in face]) for face in solid)
        low = LINE / 2 if self.old_text else 0.0
        self._old_at, self._text_at = (QPointF(left + wide + gap, y + 4.3 + shift) for shift in (-low, low))
        tall = max(18.0 + 2 * low, high + 2)
        label = QRectF(left - 2, y - tall / 2, wide + gap + advance + 4, tall)
        self._bounds = self._path.boundingRect().adjusted(-3, -3, 3, 3).united(label)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        if self._stale:
            self._lay_out()
        return self._bounds

    def shape(self) -> QPainterPath:
        if self._stale:
            self._lay_out()
        stroker = QPainterPathStroker()
        stroker.setWidth(10)
        return stroker.createStroke(self._path)

    def hoverEnterEvent(self, event) -> None:
        self._hovered = True
        self.update()

    def hoverLeaveEvent(self, event) -> None:
        self._hovered = False
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        scale = option.levelOfDetailFromTransform(painter.worldTransform())
        if scale < NO_TEXT:
            return  # so far away the scene draws all wires at once
        with_ink = ink()
        width = 2.0 if scale > NO_DETAIL else 1.2 / scale
        marked = self.lit or self.isSelected()
        colour = with_ink.accent if marked else with_ink.error if self.broken else with_ink.wire
        line = pen(colour, width * (1.6 if marked else 1.3 if self._hovered else 1.0))
        if self.broken and not self.lit:
            line.setDashPattern([3, 2])
        elif self._shape is None:
            line.setDashPattern([1.5, 2])
        painter.setPen(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        if scale >= NO_DETAIL and self.wiring.side:
            self._paint_label(painter, with_ink)

    def _paint_label(self, painter: QPainter, with_ink: Ink) -> None:
        if self._faces:
            paint_solid(painter, with_ink, self._faces)
        painter.setFont(with_ink.small)
        if self.old_text:
            painter.setPen(with_ink.tertiary)
            painter.drawText(self._old_at, self.old_text)
        painter.setPen(
            with_ink.error
            if self.broken
            else with_ink.accent
            if self.old_text
            else with_ink.secondary
            if self._shape
            else with_ink.tertiary
        )
        painter.drawText(self._text_at, self.text)


@lru_cache(4096)
def _advance(text: str) -> float:
    return ink().small_width.horizontalAdvance(text)


def rounded(points: tuple[Point, ...], radius: float = CORNER) -> QPainterPath:
    """A path through corners, each rounded as far as its shorter arm allows."""
    corners = [QPointF(x, y) for x, y in points]
    path = QPainterPath(corners[0])
    for index, (before, corner, after) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        back, forth = before - corner, after - corner
        a, b = back.manhattanLength(), forth.manhattanLength()
        # Arms between two corners are shared by both; the first and the last are free.
        reach = min(radius, a if index == 0 else a / 2, b if index == len(corners) - 3 else b / 2)
        path.lineTo(corner + back * (reach / a))
        path.quadTo(corner, corner + forth * (reach / b))
    path.lineTo(corners[-1])
    return path
