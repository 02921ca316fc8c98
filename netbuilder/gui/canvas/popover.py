"""A problem of a block -> a card beside it that says what is wrong and offers the repairs."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from netbuilder.analysis import Problem
from netbuilder.gui.document import Document
from netbuilder.gui.labels import Text
from netbuilder.gui.problem_cards import FixButton
from netbuilder.gui.severity import SeveritySign
from netbuilder.gui.theme import theme
from netbuilder.layers import Order
from netbuilder.repairs import repairs

from .ink import ink

WIDTH, SHADOW, GAP, EDGE = 320, 10, 14, 8
TITLES: Mapping[str, str] = {
    "merge-shapes": "{type} needs shapes that match",
    "needs-flatten": "{type} needs a flat list",
    "needs-image": "{type} needs a map",
    "window-too-large": "The window is larger than its input",
    "groups-mismatch": "The groups do not divide the channels",
    "no-channels": "The channels are not known",
    "not-connected": "{type} is not connected",
    "several-inputs": "A second input",
    "several-outputs": "More than one end",
    "output-inside": "Something follows an output",
    "no-layers": "Nothing follows the input",
    "no-activation": "Nothing between two linear layers",
    "activation-last": "An activation at the very end",
    "double-softmax": "Softmax twice",
    "names-collide": "Two names that collide",
    "axis-order": "Height, width and channels mixed up",
}


class ProblemPopover(QFrame):
    """Floats over the canvas beside one block. Pointing at a repair previews it, pressing makes it, Enter makes the
    first; up and down go between them, Escape closes. It closes by itself when the design becomes another."""

    closed = Signal()

    def __init__(self, document: Document, problem: Problem, order: Order, parent: QWidget):
        super().__init__(parent)
        self.problem, self._owner = problem, parent
        self.setObjectName("problem_popover")
        self.setAccessibleName(problem.message)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        node = document.graph.nodes.get(problem.node) if problem.node is not None else None
        kind = type(node.layer).__name__ if node else "The design"
        title = TITLES.get(problem.code, "{type} has a problem").format(type=kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(SHADOW + 16, SHADOW + 12, SHADOW + 16, SHADOW + 16)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(SeveritySign(problem.severity), 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(Text(title, f"severity-{problem.severity}"), 1)
        column.addLayout(head)
        sentence = Text(problem.message, "secondary")
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(sentence)
        found = repairs(document.graph, document.report, problem)
        self.fixes = [FixButton(document, problem, each, order, best=not index) for index, each in enumerate(found)]
        for fix in self.fixes:
            column.addWidget(fix)
        self.setFixedWidth(WIDTH + 2 * SHADOW)
        document.changed.connect(self.close_popover)

    def open_beside(self, block: QRect, room: QRect) -> None:
        """Appear at the right of a block, or wherever there is room, and take the keyboard."""
        layout = self.layout()
        self.setFixedHeight(layout.heightForWidth(self.width()) if layout else self.sizeHint().height())
        spots = (
            QPoint(block.right() + GAP - SHADOW, block.top() - SHADOW),
            QPoint(block.left() - GAP + SHADOW - self.width(), block.top() - SHADOW),
            QPoint(block.left(), block.bottom() + GAP - SHADOW),
            QPoint(block.left(), block.top() - GAP + SHADOW - self.height()),
        )
        inner = room.adjusted(EDGE - SHADOW, EDGE - SHADOW, SHADOW - EDGE, SHADOW - EDGE)
        fitting = (spot for spot in spots if inner.left() <= spot.x() <= inner.right() - self.width())
        spot = next(fitting, spots[0])
        x = max(inner.left(), min(spot.x(), inner.right() - self.width()))
        y = max(inner.top(), min(spot.y(), inner.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.raise_()
        (self.fixes[0] if self.fixes else self).setFocus(Qt.FocusReason.PopupFocusReason)

    def close_popover(self) -> None:
        """Go away; the keyboard goes back to the canvas."""
        if not self.isHidden():
            focus = QApplication.focusWidget()
            if focus is not None and (focus is self or self.isAncestorOf(focus)):
                self._owner.setFocus()
            self.hide()
            self.deleteLater()
            self.closed.emit()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_popover()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.fixes:
            step = 1 if key == Qt.Key.Key_Down else -1
            here = next((index for index, fix in enumerate(self.fixes) if fix.hasFocus()), 0 if step < 0 else -1)
            self.fixes[(here + step) % len(self.fixes)].setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.fixes:
            self.fixes[0].click()
        else:
            super().keyPressEvent(event)
            event.accept()  # nothing typed here is meant for the canvas below

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        card = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        for spread in range(SHADOW, 0, -2):
            painter.setBrush(QColor(0, 0, 0, 14 if ink().dark else 5))
            painter.drawRoundedRect(card.adjusted(-spread, 2 - spread, spread, spread), 8 + spread, 8 + spread)
        painter.setPen(QColor(theme.colours.border))
        painter.setBrush(QColor(theme.colours.card))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
