"""A note on the canvas: plain text on a slip of paper, and the field in which it is written."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QPlainTextEdit, QStyleOptionGraphicsItem, QWidget

from netbuilder.graph import Note
from netbuilder.gui.theme import font
from netbuilder.gui.wording import breakable

from .block import NO_DETAIL, NO_TEXT
from .ink import NAME_SIZE, ink, pen

EDGE_X, EDGE_Y = 10.0, 8.0
LEAST_WIDTH, LEAST_HEIGHT = 80.0, 34.0
GRIP = 8.0
FLAGS = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class Slip(QGraphicsItem):
    """Mirrors a note. Its position is its top left corner; its height follows from the text."""

    def __init__(self, key: int):
        super().__init__()
        self.key = key
        self.text = ""
        self.size = QSizeF(LEAST_WIDTH, LEAST_HEIGHT)
        self._hovered = False
        self.setZValue(0.7)
        self.setAcceptHoverEvents(True)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)

    def show_note(self, note: Note, width: float | None = None) -> None:
        """Say what a note says, perhaps at another width while that is being dragged."""
        wide = note.width if width is None else width
        if (note.text, wide) == (self.text, self.size.width()):
            return
        self.prepareGeometryChange()
        self.text, self.size = note.text, QSizeF(wide, height(note.text, wide))
        self.update()

    def paper(self) -> QRectF:
        """The slip, in the scene."""
        return QRectF(self.pos(), self.size)

    def grip(self) -> QRectF:
        """Its right edge, in the scene: dragging there changes the width."""
        return QRectF(self.paper().right() - GRIP / 2, self.pos().y(), GRIP, self.size.height())

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:
        return QRectF(-1, -1, self.size.width() + 2, self.size.height() + 2)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self.size.width() + GRIP / 2, self.size.height()))
        return path

    def hoverEnterEvent(self, event) -> None:
        self._hovered = True
        self.update()

    def hoverLeaveEvent(self, event) -> None:
        self._hovered = False
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        scale = option.levelOfDetailFromTransform(painter.worldTransform())
        if scale < NO_TEXT:
            return  # so far away the scene draws all notes at once
        with_ink, paper = ink(), QRectF(0, 0, self.size.width(), self.size.height())
        selected = self.isSelected()
        painter.setPen(pen(with_ink.accent if selected else with_ink.paper_line, 2 if selected else 1))
        painter.setBrush(with_ink.paper)
        painter.drawRoundedRect(paper.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if scale >= NO_DETAIL:
            painter.setPen(with_ink.text)
            painter.setFont(with_ink.note)
            painter.drawText(paper.adjusted(EDGE_X, EDGE_Y, -EDGE_X, -EDGE_Y), int(FLAGS), breakable(self.text))
        if self._hovered or selected:
            painter.setPen(pen(with_ink.paper_line, 2))
            middle = paper.center().y()
            painter.drawLine(QPointF(paper.right() - 4, middle - 6), QPointF(paper.right() - 4, middle + 6))


def height(text: str, width: float) -> float:
    """How tall a note of this width becomes."""
    room = QRectF(0, 0, width - 2 * EDGE_X, 100_000)
    metrics: QFontMetricsF = ink().note_width
    return max(LEAST_HEIGHT, metrics.boundingRect(room, int(FLAGS), breakable(text)).height() + 2 * EDGE_Y)


class NoteEditor(QPlainTextEdit):
    """Lies over a note while it is written. Ctrl+Enter or leaving it keeps the text, Escape the old one."""

    def __init__(self, text: str, rect: QRect, zoom: float, take: Callable[[str], object], parent: QWidget):
        super().__init__(text, parent)
        self.setObjectName("note_editor")
        self.setAccessibleName("Note")
        self.setPlaceholderText("A note")
        self.setTabChangesFocus(True)
        size = max(10, round(NAME_SIZE * zoom))
        self.setFont(font(size))
        colours = ink()
        self.setStyleSheet(
            f"QPlainTextEdit {{ font-size: {size}px; color: {colours.text.name()}; background: {colours.paper.name()};"
            f" border: 2px solid {colours.accent.name()}; border-radius: 4px; padding: 2px 3px; }}"
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._owner, self._take, self._over, self._least = parent, take, False, rect
        self.textChanged.connect(self._grow)
        self._grow()
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _grow(self) -> None:
        lines = max(1, round(self.document().size().height()))
        wanted = lines * self.fontMetrics().lineSpacing() + 18
        self.setGeometry(self._least.x(), self._least.y(), self._least.width(), max(self._least.height(), wanted))

    def close_editor(self, *, keep: bool = False) -> None:
        """Go away, with or without keeping what was written."""
        if not self._over:
            self._over = True
            text = self.toPlainText().strip()
            self._owner.setFocus()
            self.hide()
            self.deleteLater()
            if keep:
                self._take(text)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.close_editor()
        elif entered and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.close_editor(keep=True)
        else:
            super().keyPressEvent(event)
        event.accept()  # no key meant for the text should reach the canvas below

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.close_editor(keep=True)
