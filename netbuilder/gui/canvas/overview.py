"""All blocks and wires -> the picture of them from far away, in a few strokes: bars in their families' colours."""

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter

from .block import CARD, Block
from .frame import Frame
from .ink import ink, pen
from .note import Slip
from .wire import Wire

SPINE = 24.0
OUTLINE = 10.0


def paint_overview(
    painter: QPainter, blocks: Iterable[Block], wires: Iterable[Wire], frames: Iterable[Frame], notes: Iterable[Slip]
) -> None:
    """Draw what items would draw one by one, of which a thousand take too long for a smooth pan."""
    with_ink = ink()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(with_ink.frame_line)
    painter.drawRects([area for frame in frames for area in frame.areas])
    painter.setBrush(with_ink.paper_line)
    painter.drawRects([slip.paper() for slip in notes])
    lines: dict[str, list[QLineF]] = {"wire": [], "error": [], "accent": []}
    for wire in wires:
        kind = "accent" if wire.lit or wire.isSelected() else "error" if wire.broken else "wire"
        lines[kind] += [QLineF(*start, *end) for start, end in pairwise(wire.wiring.points)]
    for kind, found in lines.items():
        line = pen(getattr(with_ink, kind), 1.0)
        line.setCosmetic(True)
        painter.setPen(line)
        painter.drawLines(found)
    cards: dict[str, list[QRectF]] = {}
    outlines: dict[str, list[QRectF]] = {"error": [], "accent": []}
    for block in blocks:
        if block.face is None:
            continue
        card = block.card()
        cards.setdefault(block.face.layer_class.family, []).append(card)
        if block.isSelected() or block.face.severity == "error":
            outlines["accent" if block.isSelected() else "error"].append(card)
    painter.setPen(Qt.PenStyle.NoPen)
    for family, found in cards.items():
        painter.setBrush(with_ink.pale(family))
        painter.drawRects(found)
        painter.setBrush(with_ink.family(family))
        painter.drawRects([QRectF(card.left(), card.top(), SPINE, CARD.height()) for card in found])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for kind, found in outlines.items():
        painter.setPen(pen(getattr(with_ink, kind), OUTLINE))
        painter.drawRects(found)
    painter.restore()
