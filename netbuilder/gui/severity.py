"""How grave a problem is, as a word and as a drawn sign, so that colour never says it alone."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from netbuilder.analysis import Severity
from netbuilder.gui.theme import font, theme

WORDS: Mapping[Severity, str] = {"error": "Problem", "warning": "Warning", "information": "Note"}
SIZE = 16


class SeveritySign(QWidget):
    """A disc with ! for an error, a triangle with ! for a warning, a ring with i for a note."""

    def __init__(self, severity: Severity):
        super().__init__()
        self._severity: Severity = severity
        self.setFixedSize(SIZE, SIZE)
        self.setAccessibleName(WORDS[severity])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = severity_colour(self._severity)
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(colour)
        if self._severity == "warning":
            painter.setBrush(colour)
            corners = (QPointF(room.center().x(), room.top()), room.bottomRight(), room.bottomLeft())
            painter.drawPolygon(QPolygonF(corners))
            room.translate(0, 1.5)
        else:
            painter.setBrush(colour if self._severity == "error" else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(room)
        painter.setFont(font(10, weight=QFont.Weight.Bold))
        painter.setPen(colour if self._severity == "information" else QColor(theme.colours.card))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "i" if self._severity == "information" else "!")


def severity_colour(severity: Severity) -> QColor:
    """Its colour in the scheme in force."""
    colours = theme.colours
    named = {"error": colours.error, "warning": colours.warning, "information": colours.secondary}
    return QColor(named[severity])
