"""The whole design in a corner, with the part that is seen framed; dragging in it moves the view."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme import RADIUS

from .block import CARD
from .ink import ink, pen
from .scene import Canvas

SIZE = QSize(120, 80)
MARGIN = 6.0
THINNEST, ROUND = 1.5, 3.0  # thinner bars are not drawn, and thinner ones have no round corners: many take long


class Minimap(QWidget):
    """A picture of the canvas. `wanted` carries the point of the scene that should come to the middle of the view."""

    wanted = Signal(QPointF)

    def __init__(self, canvas: Canvas, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("minimap")
        self.setAccessibleName("Map of the design")
        self.setToolTip("Drag to move the view")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(SIZE)
        self._canvas, self._seen = canvas, QRectF()
        self._picture: QPixmap | None = None

    def show_seen(self, seen: QRectF) -> None:
        """Frame the part of the scene that is in view."""
        if seen != self._seen:
            self._seen = seen
            self.update()

    def forget(self) -> None:
        """The design looks different now."""
        self._picture = None
        self.update()

    def _frame(self) -> tuple[float, QPointF]:
        """Scale and offset from the scene to this picture, so that design and view are both inside."""
        whole = self._canvas.extent()
        room = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        scale = min(room.width() / max(whole.width(), 1), room.height() / max(whole.height(), 1))
        return scale, room.center() - whole.center() * scale

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._picture = self._drawn()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(ink().accent, 1.5))
        scale, offset = self._frame()
        seen = QRectF(self._seen.topLeft() * scale + offset, self._seen.size() * scale)
        painter.drawRoundedRect(seen.intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2)), 2, 2)

    def _drawn(self) -> QPixmap:
        """The design itself, kept until it changes: scrolling only moves the frame over it."""
        with_ink = ink()
        picture = QPixmap(self.size() * self.devicePixelRatioF())
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(with_ink.border, 1))
        painter.setBrush(with_ink.card)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS - 2, RADIUS - 2)
        scale, offset = self._frame()
        painter.setPen(Qt.PenStyle.NoPen)
        for areas, colour in (
            ([area for frame in self._canvas.frames.values() for area in frame.areas], with_ink.frame_line),
            ([slip.paper() for slip in self._canvas.notes.values()], with_ink.paper_line),
        ):
            painter.setBrush(colour)
            for area in areas:
                painter.drawRoundedRect(QRectF(area.topLeft() * scale + offset, area.size() * scale), 1.5, 1.5)
        width, height = max(THINNEST, CARD.width() * scale), max(THINNEST, CARD.height() * scale)
        left, top = offset.x() - width / 2, offset.y() - height / 2
        bars: dict[str, list[QRectF]] = {}
        for block in self._canvas.blocks.values():
            if (face := block.face) is not None:
                at = block.pos()
                bar = QRectF(at.x() * scale + left, at.y() * scale + top, width, height)
                bars.setdefault("" if face.severity == "error" else face.layer_class.family, []).append(bar)
        for family, found in bars.items():
            painter.setBrush(with_ink.family(family) if family else with_ink.error)
            if height < ROUND:
                painter.drawRects(found)
                continue
            for bar in found:
                painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.end()
        return picture

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _ask(self, at: QPointF) -> None:
        scale, offset = self._frame()
        self.wanted.emit((at - offset) / scale)
