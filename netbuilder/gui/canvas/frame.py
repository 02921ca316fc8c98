"""An open group on the canvas: a soft frame behind its blocks, with its name, which is also its handle."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from netbuilder.graph import Point
from netbuilder.gui.theme import RADIUS

from .block import CARD, NO_DETAIL, NO_TEXT
from .ink import ink, paint_chevron, pen

BESIDE, ABOVE, BELOW = 12.0, 20.0, 6.0
"""How far a frame reaches around its blocks; of the 28 pixels between two rows, two frames leave two."""
CHEVRON = 14.0


class Title(NamedTuple):
    """What a frame says: the group's name, and more where there is room."""

    name: str
    details: str = ""


class Frame(QGraphicsItem):
    """Mirrors an open group. The scene tells it what to show; it never looks at the document."""

    def __init__(self, key: int):
        super().__init__()
        self.key = key
        self.title = Title("")
        self.areas: tuple[QRectF, ...] = ()
        self._path = QPainterPath()
        self._hovered = False
        self._lit = False
        self.setZValue(-1)
        self.setAcceptHoverEvents(True)

    def show_areas(self, areas: Sequence[QRectF]) -> None:
        """Reach around other places; the first carries the title."""
        if tuple(areas) == self.areas:
            return
        self.prepareGeometryChange()
        self.areas = tuple(areas)
        path = QPainterPath()
        for area in areas:
            piece = QPainterPath()
            piece.addRoundedRect(area, RADIUS + 4, RADIUS + 4)
            path = path.united(piece)
        self._path = path
        self.update()

    def show_title(self, title: Title) -> None:
        """Say something else."""
        if title != self.title:
            self.title = title
            self.update()

    def set_lit(self, lit: bool) -> None:
        """Look selected: all that it holds is."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def handle(self) -> QRectF:
        """Where the title stands, in the scene: up to the wire that comes in from above."""
        first = self.areas[0] if self.areas else QRectF()
        return QRectF(first.left() + 2, first.top() + 1, max(60.0, min(first.width() / 2 - 12, 240.0)), ABOVE - 2)

    def chevron_rect(self) -> QRectF:
        """Where a click closes the group, in the scene."""
        return QRectF(self.handle().left(), self.handle().top(), CHEVRON + 6, ABOVE - 2)

    def name_rect(self) -> QRectF:
        """Where the name stands, in the scene."""
        return self.handle().adjusted(CHEVRON + 4, 0, 0, 0)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-1.5, -1.5, 1.5, 1.5)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self.handle())
        return path

    def hoverEnterEvent(self, event) -> None:
        self._hovered = True
        self.update()

    def hoverLeaveEvent(self, event) -> None:
        self._hovered = False
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        scale = option.levelOfDetailFromTransform(painter.worldTransform())
        if scale < NO_TEXT or not self.areas:
            return  # so far away the scene draws all frames at once
        with_ink = ink()
        line = with_ink.accent if self._lit else with_ink.tertiary if self._hovered else with_ink.frame_line
        painter.setPen(pen(line, 1.0 if scale >= NO_DETAIL else 1.0 / scale))
        painter.setBrush(with_ink.frame)
        painter.drawPath(self._path)
        if scale < NO_DETAIL:
            return
        colour = with_ink.text if self._hovered or self._lit else with_ink.secondary
        place = self.name_rect()
        paint_chevron(painter, self.chevron_rect().center() + QPointF(1, 0.5), colour, opened=True)
        painter.setFont(with_ink.title)
        painter.setPen(colour)
        name = with_ink.title_width.elidedText(self.title.name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(QPointF(place.left(), place.bottom() - 5), name)
        left = with_ink.title_width.horizontalAdvance(name) + 8
        if (
            name == self.title.name
            and left + with_ink.small_width.horizontalAdvance(self.title.details) < place.width()
        ):
            painter.setFont(with_ink.small)
            painter.setPen(with_ink.tertiary)
            painter.drawText(QPointF(place.left() + left, place.bottom() - 5), self.title.details)


def areas(members: Collection[Point], others: Collection[Point]) -> list[QRectF]:
    """Where a frame reaches around blocks, the first of them first: one area, or one for each stretch of a column where
    other blocks lie between them."""
    whole = _around(members)
    if not any(_touches(whole, other) for other in others):
        return [whole]
    columns: dict[float, list[Point]] = {}
    for place in members:
        columns.setdefault(place[0], []).append(place)
    found: list[QRectF] = []
    for column in columns.values():
        first, *rest = sorted(column)
        run = [first]
        for place in rest:
            if any(_touches(_around([*run, place]), other) for other in others):
                found.append(_around(run))
                run = []
            run.append(place)
        found.append(_around(run))
    return found


def _around(places: Collection[Point]) -> QRectF:
    xs, ys = zip(*places, strict=True)
    return QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys))).adjusted(
        CARD.left() - BESIDE, CARD.top() - ABOVE, CARD.right() + BESIDE, CARD.bottom() + BELOW
    )


def _touches(area: QRectF, place: Point) -> bool:
    """Whether a block at a place lies in an area, if only in part."""
    return area.adjusted(BESIDE, ABOVE, -BESIDE, -BELOW).intersects(CARD.translated(*place))
