"""One layer on the canvas: a card with spine, icon, name, caption and weight count, and the ports wires end in."""

from functools import lru_cache
from html import escape
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from netbuilder.drawing.faces import Face, fitted
from netbuilder.gui.theme import BLOCK_HEIGHT, BLOCK_WIDTH, RADIUS

from .ink import Ink, icon_image, ink, pen

CARD = QRectF(-BLOCK_WIDTH / 2, -BLOCK_HEIGHT / 2, BLOCK_WIDTH, BLOCK_HEIGHT)
BOUNDS = CARD.adjusted(-6, -12, 12, 12)
SPINE = QRectF(CARD.left() + 2, CARD.top() + 6, 4, CARD.height() - 12)
ICON = QRectF(CARD.left() + 14, -10, 20, 20)
TEXT_LEFT, TEXT_RIGHT = CARD.left() + 44, CARD.right() - 12
NAME_BASE, CAPTION_BASE = -2.5, 13.0
LARGE_LEFT, LARGE_BASE = CARD.left() + 18, 8.5
BAR_BASE, BAR_HEIGHT = CARD.bottom() - 4.0, 2.0
BADGE_RADIUS, BADGE_REACH = 8.5, 11.0
PORT_RADIUS, PORT_REACH = 4.5, 10.0
NO_TEXT, NO_DETAIL = 0.25, 0.45  # zoom below which a block is a bar, and shows no more than its name, but large
BADGE = QPointF(CARD.right() - 1, CARD.top() + 1)
Mark = Literal["", "legal", "illegal", "target"]
Wanted = Literal["", "in", "out"]


class Port(NamedTuple):
    """One end for a wire: input `index` of a layer, or its output (None)."""

    node: int
    index: int | None


class Texts(NamedTuple):
    """What of a face fits on the card."""

    name: str
    caption: str
    share: str
    large_name: str


class Block(QGraphicsItem):
    """Mirrors one node. The scene tells it what to show; it never looks at the document."""

    def __init__(self, key: int):
        super().__init__()
        self.key = key
        self.face: Face | None = None
        self.ghost = False
        self.mark: Mark = ""
        self.wiring: Wanted = ""
        self.entries: dict[int, float] = {}
        self._hovered = False
        self._texts: Texts | None = None
        self.setZValue(1)
        self.setAcceptHoverEvents(True)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)

    def show_face(self, face: Face) -> bool:
        """Show other texts; nothing is painted again where they are the same. Whether it has another colour now."""
        before = self.face
        if face == before:
            return False
        self.face, self._texts = face, None
        if self._hovered:
            self._show_tip()
        self.update()
        return before is None or (before.layer_class, before.severity) != (face.layer_class, face.severity)

    def _show_tip(self) -> None:
        """Set when the mouse comes, as few blocks ever need it; escaped, for names come from files."""
        self.setToolTip(f"<p>{escape(self.face.tip)}</p>" if self.face else "")

    def _fitted(self, with_ink: Ink, face: Face) -> Texts:
        """Name, caption and share as they fit."""
        room = TEXT_RIGHT - TEXT_LEFT
        name = room - (with_ink.count_width.horizontalAdvance(face.weights) + 10 if face.weights else 0)
        elide = Qt.TextElideMode.ElideRight
        caption, share = fitted(
            face._replace(share=face.change) if face.change else face, room, with_ink.small_width.horizontalAdvance
        )
        return Texts(
            with_ink.name_width.elidedText(face.name, elide, name),
            with_ink.small_width.elidedText(caption, elide, room),
            share,
            with_ink.large_name_width.elidedText(face.name, elide, TEXT_RIGHT - LARGE_LEFT),
        )

    def show_ports(self, entries: dict[int, float]) -> None:
        """Where the input ports stand, by index: right of the centre by so much."""
        if entries != self.entries:
            self.entries = entries
            self.update()

    def set_state(self, *, ghost: bool | None = None, mark: Mark | None = None, wiring: Wanted | None = None) -> None:
        """Mark the block as not yet there, as a possible or impossible end of a wire, or show its ports."""
        wanted = (
            self.ghost if ghost is None else ghost,
            self.mark if mark is None else mark,
            self.wiring if wiring is None else wiring,
        )
        if wanted != (self.ghost, self.mark, self.wiring):
            self.ghost, self.mark, self.wiring = wanted
            self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable, not self.ghost)
            self.setOpacity(0.6 if self.ghost else 0.4 if self.mark == "illegal" else 1.0)
            self.update()

    def port_point(self, index: int | None) -> QPointF:
        """Where a port is, in the scene; None is the output."""
        at = QPointF(0, CARD.bottom()) if index is None else QPointF(self.entries.get(index, 0.0), CARD.top())
        return self.pos() + at

    def port_at(self, point: QPointF) -> Port | None:
        """The port within reach of a point in the scene."""
        at = point - self.pos()
        if abs(at.y() - CARD.bottom()) <= PORT_REACH and abs(at.x()) <= PORT_REACH:
            return Port(self.key, None)
        if abs(at.y() - CARD.top()) <= PORT_REACH and self.entries:
            index = min(self.entries, key=lambda i: abs(self.entries[i] - at.x()))
            if abs(self.entries[index] - at.x()) <= PORT_REACH:
                return Port(self.key, index)
        return None

    def name_rect(self) -> QRectF:
        """Where the name stands, in the scene: a double click there renames."""
        return QRectF(TEXT_LEFT - 4, CARD.top() + 4, TEXT_RIGHT - TEXT_LEFT + 4, 19).translated(self.pos())

    def card(self) -> QRectF:
        """The card, in the scene."""
        return CARD.translated(self.pos())

    def badge_at(self, point: QPointF) -> bool:
        """Whether a point of the scene lies on the sign of a problem."""
        shown = self.face is not None and bool(self.face.severity) and not self.ghost
        return shown and (point - self.pos() - BADGE).manhattanLength() <= BADGE_REACH

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return BOUNDS

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(CARD.adjusted(0, -PORT_REACH, 0, PORT_REACH))
        return path

    def hoverEnterEvent(self, event) -> None:
        self._hovered = True
        self._show_tip()
        self.update()

    def hoverLeaveEvent(self, event) -> None:
        self._hovered = False
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        scale = option.levelOfDetailFromTransform(painter.worldTransform())
        if self.face is None or scale < NO_TEXT:
            return  # so far away the scene draws all blocks at once
        with_ink = ink()
        self._texts = self._texts or self._fitted(with_ink, self.face)
        self._paint_card(painter, with_ink, self.face, scale)
        if scale >= NO_DETAIL:
            self._paint_detail(painter, with_ink, self.face, self._texts, scale)
        else:
            painter.setPen(with_ink.text)
            painter.setFont(with_ink.large_name)
            painter.drawText(QPointF(LARGE_LEFT, LARGE_BASE), self._texts.large_name)
        if self.face.severity:
            self._paint_badge(painter, with_ink, self.face)
        if self._hovered or self.wiring or self.isSelected():
            self._paint_ports(painter, with_ink)

    def _paint_card(self, painter: QPainter, with_ink: Ink, face: Face, scale: float) -> None:
        near = scale >= NO_DETAIL
        if self.isSelected() and face.severity == "error":
            painter.setPen(pen(with_ink.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(CARD.adjusted(-2.5, -2.5, 2.5, 2.5), RADIUS + 2.5, RADIUS + 2.5)
        sharpness = scale * painter.device().devicePixelRatio()
        painter.drawImage(BOUNDS.topLeft(), _ground(type(self), scale, sharpness, with_ink.dark))
        outline, width = self._outline(with_ink, face)
        if outline != with_ink.border:
            painter.setPen(pen(outline, width if near else width / scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(CARD.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 0.5, RADIUS - 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_spine(painter, with_ink, face)

    @staticmethod
    def paint_ground(painter: QPainter, with_ink: Ink, line: float) -> None:
        """The card and its shadow, without what is on it; its border has a width of `line`."""
        painter.setPen(Qt.PenStyle.NoPen)
        for spread, colour in enumerate(with_ink.shadows):
            painter.setBrush(colour)
            painter.drawRoundedRect(CARD.adjusted(-spread, 1, spread, spread + 1.5), RADIUS + spread, RADIUS + spread)
        painter.setPen(pen(with_ink.border, line))
        painter.setBrush(with_ink.card)
        painter.drawRoundedRect(CARD.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 0.5, RADIUS - 0.5)

    def _paint_spine(self, painter: QPainter, with_ink: Ink, face: Face) -> None:
        painter.setBrush(with_ink.family(face.layer_class.family))
        painter.drawRoundedRect(SPINE, 2, 2)

    def _paint_icon(self, painter: QPainter, with_ink: Ink, face: Face, sharpness: float) -> None:
        painter.drawImage(ICON.topLeft(), icon_image(face.layer_class, ICON.width(), sharpness))

    def _outline(self, with_ink: Ink, face: Face):
        if self.mark in ("legal", "target"):
            return with_ink.accent, 2.5 if self.mark == "target" else 1.5
        if face.severity == "error":
            return with_ink.error, 2.0
        if self.isSelected():
            return with_ink.accent, 2.0
        return (with_ink.tertiary if self._hovered else with_ink.border), 1.0

    def _paint_detail(self, painter: QPainter, with_ink: Ink, face: Face, texts: Texts, scale: float) -> None:
        self._paint_icon(painter, with_ink, face, scale * painter.device().devicePixelRatio())
        if face.part:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(with_ink.pale(face.layer_class.family))
            bar = QRectF(TEXT_LEFT, BAR_BASE, max(BAR_HEIGHT, face.part * (TEXT_RIGHT - TEXT_LEFT)), BAR_HEIGHT)
            painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        painter.setPen(with_ink.text)
        painter.setFont(with_ink.name)
        painter.drawText(QPointF(TEXT_LEFT, NAME_BASE), texts.name)
        painter.setFont(with_ink.small)
        painter.setPen(with_ink.secondary)
        painter.drawText(QPointF(TEXT_LEFT, CAPTION_BASE), texts.caption)
        if texts.share:
            painter.setPen(with_ink.accent if face.change else with_ink.tertiary)
            width = with_ink.small_width.horizontalAdvance(texts.share)
            painter.drawText(QPointF(TEXT_RIGHT - width, CAPTION_BASE), texts.share)
        if face.weights:
            painter.setPen(with_ink.text)
            painter.setFont(with_ink.count)
            width = with_ink.count_width.horizontalAdvance(face.weights)
            painter.drawText(QPointF(TEXT_RIGHT - width, NAME_BASE), face.weights)

    def _paint_badge(self, painter: QPainter, with_ink: Ink, face: Face) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_ink.error if face.severity == "error" else with_ink.warning)
        painter.drawEllipse(BADGE, BADGE_RADIUS, BADGE_RADIUS)
        painter.setPen(with_ink.on_accent)
        painter.setFont(with_ink.badge)
        painter.drawText(QRectF(BADGE.x() - 8, BADGE.y() - 8.5, 16, 17), Qt.AlignmentFlag.AlignCenter, "!")

    def _paint_ports(self, painter: QPainter, with_ink: Ink) -> None:
        painter.setPen(pen(with_ink.accent if self.mark != "illegal" else with_ink.tertiary, 1.5))
        painter.setBrush(with_ink.card)
        for offset in self.entries.values() if self.wiring != "out" else ():
            painter.drawEllipse(QPointF(offset, CARD.top()), PORT_RADIUS, PORT_RADIUS)
        if self.wiring != "in":
            painter.setBrush(with_ink.soft_accent)
            painter.drawEllipse(QPointF(0, CARD.bottom()), PORT_RADIUS, PORT_RADIUS)


@lru_cache(32)
def _ground(kind: type[Block], scale: float, sharpness: float, dark: bool) -> QImage:
    """A card without anything on it, at the sharpness of the screen: drawn once for all blocks, as most of the time
    that painting takes goes into rounded corners."""
    image = QImage((BOUNDS.size() * sharpness).toSize() + QSize(1, 1), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(sharpness)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-BOUNDS.topLeft())
    kind.paint_ground(painter, ink(), 1.0 if scale >= NO_DETAIL else 1.0 / scale)
    painter.end()
    return image
