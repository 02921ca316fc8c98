"""A window onto the canvas: dotted ground, zoom, panning, fitting, and what floats above: zoom label, map and hint."""

from math import ceil, floor, log2

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QInputDevice, QPainter, QPaintEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QLabel, QStyleOptionGraphicsItem, QWidget

from netbuilder.gui.theme import theme

from .block import NO_DETAIL, NO_TEXT
from .ink import grid, ink, pen
from .legend import Legend
from .minimap import Minimap
from .scene import Canvas

DOTS = 24
MARGIN, LEAST_MARGIN = 28.0, 8.0
LEAST_ZOOM, MOST_ZOOM, WHEEL_STEP = 0.05, 4.0, 1.15
EDGE, EDGE_STEP, EDGE_INTERVAL = 20, 12, 25  # this near to the edge a drag scrolls by so much, every so many ms
EDGE_REST = 350  # but only after a rest there, so that nothing runs away when a drag merely comes in
EMPTY = "Drag a layer here, or press Tab and type:  in 28x28x1 | c3 8 | r"


class Viewport(QGraphicsView):
    """Looks at a Canvas. Knows nothing of editing."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None):
        super().__init__(canvas, parent)
        self.canvas = canvas
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlags(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        # Above the view rather than in its viewport, which would carry them along when it scrolls.
        self.zoom_label = QLabel("100 %", self)
        self.zoom_label.setObjectName("zoom_label")
        self.zoom_label.setProperty("role", "tertiary")
        self.minimap = Minimap(canvas, self)
        self.minimap.wanted.connect(self.centerOn)
        self.legend = Legend(self)
        self.legend_wanted = True
        self.note = _floating("canvas_note", self)
        self.note.setText(EMPTY)
        self.hint = _floating("canvas_hint", self)
        self.hint.hide()
        self._zooming = False
        self._pan_from: QPoint | None = None
        self._followed: QPoint | None = None
        self._follower = QTimer(self)
        self._follower.timeout.connect(self._follow)
        canvas.moved.connect(self._sync_view)
        canvas.redrawn.connect(self.minimap.forget)
        canvas.hinted.connect(self.show_hint)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._sync_view()

    # ---- zoom and place ----------------------------------------------------------------------------------------------

    @property
    def scale_now(self) -> float:
        """Screen pixels (before the screen's own scale) to a canvas pixel."""
        return self.transform().m11()

    def zoom(self, factor: float, about: QPoint | None = None) -> None:
        """Look closer or from further away; the point under `about` (or the middle) stays where it is."""
        about = self.viewport().rect().center() if about is None else about
        wanted = min(max(self.scale_now * factor, LEAST_ZOOM), MOST_ZOOM)
        if abs(wanted - 1) < 0.04:
            wanted = 1.0
        before = self.mapToScene(about)
        self._zooming = True
        self.resetTransform()
        self.scale(wanted, wanted)
        self._make_room()
        self._scroll_by(self.mapFromScene(before) - about)
        self._zooming = False
        self._sync_view()

    def fit(self) -> None:
        """Show the whole design, at no more than full size."""
        whole = self.canvas.extent()
        if whole.isEmpty():
            self.resetTransform()
            self.centerOn(0, 0)
        else:
            # Full size is sharpest: rather less margin than 97 %.
            room = self.viewport().size()
            margin = MARGIN if _fits(whole, room, MARGIN) or not _fits(whole, room, LEAST_MARGIN) else LEAST_MARGIN
            whole.adjust(-margin, -margin, margin, margin)
            wanted = min(1.0, room.width() / whole.width(), room.height() / whole.height())
            self.resetTransform()
            self.scale(max(wanted, LEAST_ZOOM), max(wanted, LEAST_ZOOM))
            self._sync_view()
            self.centerOn(whole.center())
        self._sync_view()

    def reveal(self, key: int) -> None:
        """Scroll until a layer, a collapsed group or a note is in view."""
        canvas = self.canvas
        block, note = canvas.blocks.get(canvas.folding.block(key)), canvas.notes.get(key)
        place = block.card() if block else note.paper() if note else None
        if place is not None:
            self.ensureVisible(place, round(MARGIN), round(MARGIN))

    def seen(self) -> QRectF:
        """The part of the canvas in view."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def _scroll_by(self, delta: QPoint) -> None:
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + delta.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + delta.y())

    def _sync_view(self) -> None:
        """Keep room to pan around the design, and what floats above in step."""
        self._make_room()
        mode = QGraphicsView.ViewportUpdateMode
        far = self.scale_now < NO_TEXT
        self.setViewportUpdateMode(mode.FullViewportUpdate if far else mode.MinimalViewportUpdate)
        self.zoom_label.setText(f"{100 * self.scale_now:.0f} %")
        self.note.setVisible(self.canvas.extent().isEmpty())
        self._sync_map()

    def _make_room(self) -> None:
        whole, room = self.canvas.extent(), self.viewport().size() / self.scale_now
        self.setSceneRect(whole.adjusted(-room.width(), -room.height(), room.width(), room.height()))

    def _sync_map(self) -> None:
        seen, whole = self.seen(), self.canvas.extent()
        self.minimap.setVisible(not whole.isEmpty() and not seen.contains(whole))
        self.minimap.show_seen(seen)
        self._sync_legend()

    def show_legend(self, shown: bool) -> None:
        """Explain the cuboids in a corner, where no block is in the way."""
        self.legend_wanted = shown
        self._sync_legend()

    def _sync_legend(self) -> None:
        wanted = self.legend_wanted and not self.canvas.extent().isEmpty() and self.scale_now >= NO_DETAIL
        taken = self.minimap.width() + 12 if self.minimap.isVisibleTo(self) else 0
        self.legend.find_place(self.viewport().size(), taken, self._is_empty if wanted else None)

    def _is_empty(self, place: QRect) -> bool:
        """Whether nothing is drawn in a part of the view."""
        return not self.canvas.touches(self.mapToScene(place).boundingRect())

    # ---- panning -----------------------------------------------------------------------------------------------------

    def begin_pan(self, at: QPoint) -> None:
        """The view follows the mouse from now on."""
        self._pan_from = at
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def pan_to(self, at: QPoint) -> bool:
        """Whether the view is being panned; if so it has followed."""
        if self._pan_from is None:
            return False
        self._scroll_by(self._pan_from - at)
        self._pan_from = at
        return True

    def end_pan(self) -> None:
        """Leave the view where it is."""
        self._pan_from = None
        self.viewport().unsetCursor()

    def follow(self, at: QPoint | None) -> None:
        """While something is dragged to the edge, scroll towards it; None ends that."""
        self._followed = at
        inner = self.viewport().rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        if at is None or inner.contains(at):
            self._follower.stop()
        elif not self._follower.isActive():
            self._follower.start(EDGE_REST)

    def _follow(self) -> None:
        inner, at = self.viewport().rect().adjusted(EDGE, EDGE, -EDGE, -EDGE), self._followed
        if at is None:
            return
        self._follower.setInterval(EDGE_INTERVAL)
        step = QPoint(_beyond(at.x(), inner.left(), inner.right()), _beyond(at.y(), inner.top(), inner.bottom()))
        self._scroll_by(step * EDGE_STEP)
        self.followed(at)

    def followed(self, at: QPoint) -> None:
        """The view has scrolled under the mouse, which rests at this point of it."""

    # ---- what floats above -------------------------------------------------------------------------------------------

    def show_hint(self, text: str) -> None:
        """A sentence beside the mouse; '' takes it away."""
        self.hint.setVisible(bool(text))
        if not text:
            return
        self.hint.setText(text)
        self.hint.setFixedWidth(min(280, self.hint.fontMetrics().horizontalAdvance(text) + 24))
        self.hint.adjustSize()
        at = self.mapFromGlobal(self.cursor().pos()) + QPoint(16, 18)
        room = self.size() - self.hint.size()
        self.hint.move(max(0, min(at.x(), room.width() - 8)), max(0, min(at.y(), room.height() - 8)))
        self.hint.raise_()

    def _restyle(self) -> None:
        c = theme.colours
        self.setStyleSheet(
            f"#canvas {{ border: 1px solid transparent; background: {c.canvas}; }}"
            f"#canvas:focus {{ border-color: {c.accent}; }}"
            f"#canvas_hint {{ background: {c.card}; color: {c.error}; border: 1px solid {c.error}; border-radius: 6px;"
            f" padding: 4px 8px; font-size: 12px; }}"
            f"#canvas_note {{ color: {c.tertiary}; font-size: 14px; }}"
        )
        self.minimap.forget()
        self.legend.update()
        self.viewport().update()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """From far away everything is drawn in a few strokes; Qt would ask each of a thousand items what it draws."""
        if self.scale_now >= NO_TEXT:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setRenderHints(self.renderHints())
        painter.setWorldTransform(self.viewportTransform())
        self.drawBackground(painter, self.mapToScene(event.rect()).boundingRect())
        for item in self.canvas.over:
            if item.isVisible():
                painter.save()
                painter.translate(item.pos())
                item.paint(painter, QStyleOptionGraphicsItem())
                painter.restore()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRectF) -> None:
        painter.fillRect(rect, ink().canvas)
        step = DOTS * 2 ** max(0, ceil(-log2(self.scale_now) - 0.5))
        dot = pen(ink().dots, 2)
        dot.setCosmetic(True)
        painter.setPen(dot)
        xs = range(floor(rect.left() / step), ceil(rect.right() / step) + 1)
        ys = range(floor(rect.top() / step), ceil(rect.bottom() / step) + 1)
        painter.drawPoints(grid(xs, ys, step))
        super().drawBackground(painter, rect)

    def wheelEvent(self, event: QWheelEvent) -> None:
        held = event.modifiers()
        pad = event.device().type() == QInputDevice.DeviceType.TouchPad
        delta = event.angleDelta()
        if held & Qt.KeyboardModifier.ShiftModifier:
            self._scroll_by(QPoint(-(delta.y() or delta.x()) // 2, 0))
        elif pad and not held & Qt.KeyboardModifier.ControlModifier:
            self._scroll_by(-(event.pixelDelta() if not event.pixelDelta().isNull() else delta / 2))
        elif delta.y():
            self.zoom(WHEEL_STEP ** (delta.y() / 120), event.position().toPoint())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self._sync_view()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if not self._zooming:
            self._sync_map()

    def _lay_out(self) -> None:
        self.zoom_label.setFixedWidth(60)
        self.zoom_label.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.zoom_label.move(self.width() - 72, 10)
        self.minimap.move(self.width() - self.minimap.width() - 12, self.height() - self.minimap.height() - 12)
        self.note.adjustSize()
        self.note.move((self.width() - self.note.width()) // 2, (self.height() - self.note.height()) // 2)


def _floating(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(name == "canvas_hint")
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label


def _fits(whole: QRectF, room: QSize, margin: float) -> bool:
    return whole.width() + 2 * margin <= room.width() and whole.height() + 2 * margin <= room.height()


def _beyond(value: int, low: int, high: int) -> int:
    return -1 if value < low else 1 if value > high else 0
