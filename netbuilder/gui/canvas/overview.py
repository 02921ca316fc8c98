"""All items -> the picture of them from far away, in a few strokes: bars in their families' colours."""

from collections.abc import Iterable

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter

from .block import CARD, Block
from .frame import Frame
from .ink import ink, pen
from .note import Slip
from .wire import Wire

SPINE = 24.0
OUTLINE = 2.0  # on the screen


class Overview:
    """What items would draw one by one, of which a thousand take too long for a smooth pan. Made once for a state."""

    def __init__(self, blocks: Iterable[Block], wires: Iterable[Wire], frames: Iterable[Frame], notes: Iterable[Slip]):
        self._frames = [area for frame in frames for area in frame.areas]
        self._notes = [slip.paper() for slip in notes]
        self._lines: dict[str, list[QLineF]] = {"wire": [], "error": [], "accent": []}
        for wire in wires:
            kind = "accent" if wire.lit or wire.isSelected() else "error" if wire.broken else "wire"
            self._lines[kind] += wire.lines
        self._cards: dict[str, list[QRectF]] = {}
        self._spines: dict[str, list[QRectF]] = {}
        self._outlines: dict[str, list[QRectF]] = {"error": [], "accent": []}
        left, top, width, height = CARD.x(), CARD.y(), CARD.width(), CARD.height()
        for block in blocks:
            if (face := block.face) is None:
                continue
            at, family = block.pos(), face.layer_class.family
            card = QRectF(at.x() + left, at.y() + top, width, height)
            self._cards.setdefault(family, []).append(card)
            self._spines.setdefault(family, []).append(QRectF(card.x(), card.y(), SPINE, height))
            if block.isSelected() or face.severity == "error":
                self._outlines["accent" if block.isSelected() else "error"].append(card)

    def paint(self, painter: QPainter) -> None:
        """Draw all of it, in the coordinates of the scene."""
        with_ink = ink()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for areas, colour in ((self._frames, with_ink.frame_line), (self._notes, with_ink.paper_line)):
            painter.setBrush(colour)
            painter.drawRects(areas)
        for kind, lines in self._lines.items():
            line = pen(getattr(with_ink, kind), 1.0)
            line.setCosmetic(True)
            painter.setPen(line)
            painter.drawLines(lines)
        painter.setPen(Qt.PenStyle.NoPen)
        for family, cards in self._cards.items():
            painter.setBrush(with_ink.pale(family))
            painter.drawRects(cards)
            painter.setBrush(with_ink.family(family))
            painter.drawRects(self._spines[family])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for kind, cards in self._outlines.items():
            line = pen(getattr(with_ink, kind), OUTLINE)
            line.setCosmetic(True)
            painter.setPen(line)
            painter.drawRects(cards)
        painter.restore()
