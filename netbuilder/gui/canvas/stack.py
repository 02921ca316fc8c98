"""A collapsed group on the canvas: one block that looks like a pile of cards, its spine in its layers' colours."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from netbuilder.drawing.faces import Face
from netbuilder.gui.theme import RADIUS

from .block import CARD, ICON, SPINE, Block
from .ink import Ink, paint_chevron, pen

CARDS = ((14.0, 6.0), (7.0, 3.0))
"""The cards beneath, lowest first: how much narrower at each side, and how far they look out."""


class Stack(Block):
    """Mirrors a collapsed group. Its key is the group's."""

    def chevron_rect(self) -> QRectF:
        """Where a click opens the group, in the scene."""
        return ICON.adjusted(-2, -2, 2, 2).translated(self.pos())

    @staticmethod
    def paint_ground(painter: QPainter, with_ink: Ink, line: float) -> None:
        for inset, down in CARDS:
            painter.setPen(pen(with_ink.border, line))
            painter.setBrush(with_ink.card)
            painter.drawRoundedRect(CARD.adjusted(inset, 12, -inset, down - 0.5), RADIUS - 1, RADIUS - 1)
        Block.paint_ground(painter, with_ink, line)

    def _paint_spine(self, painter: QPainter, with_ink: Ink, face: Face) -> None:
        """One piece of spine for each layer, as far as pieces can be told apart."""
        outline = QPainterPath()
        outline.addRoundedRect(SPINE, 2, 2)
        painter.save()
        painter.setClipPath(outline)
        step = SPINE.height() / len(face.families)
        for index, family in enumerate(face.families):
            painter.fillRect(QRectF(SPINE.left(), SPINE.top() + index * step, 4, step + 0.5), with_ink.family(family))
        painter.restore()

    def _paint_icon(self, painter: QPainter, with_ink: Ink, face: Face, sharpness: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_ink.frame)
        painter.drawRoundedRect(ICON, 5, 5)
        paint_chevron(painter, ICON.center(), with_ink.secondary, opened=False)
