"""How far a run is: a bar, epoch and step, the time left, images a second."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QWidget

from netbuilder.gui.training.record import Record
from netbuilder.gui.wording import memory

ROOM = 20
"""Pixels between what stands left and what stands right in a line."""


class Progress(QWidget):
    """A bar over two lines of small print. What it shows is told to it; it measures nothing."""

    PARTS = 1000

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._where = ""
        self.bar = QProgressBar(self)
        self.bar.setObjectName("training_progress")
        self.bar.setAccessibleName("Progress of the training")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, self.PARTS)
        self.where = self._label("secondary", "training_where")
        self.left = self._label("strong", "training_left")
        self.pace = self._label("tertiary", "training_pace")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.bar, 0, 0, 1, 2)
        grid.addWidget(self.where, 1, 0)
        grid.addWidget(self.left, 1, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.pace, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def show_state(self, part: float, where: str, left: str = "", pace: str = "") -> None:
        """Show the part done, from 0 to 1, and what the lines say.

        Where there is no room for all of `where`, what stands behind its dot is left out.
        """
        self.bar.setValue(round(min(max(part, 0.0), 1.0) * self.PARTS))
        self._where = where
        for label, text in ((self.left, left), (self.pace, pace)):
            if label.text() != text:
                label.setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - ROOM - self.left.fontMetrics().horizontalAdvance(self.left.text())
        fits = self.where.fontMetrics().horizontalAdvance(self._where) <= room
        text = self._where if fits else self._where.partition(" · ")[0]
        if self.where.text() != text:
            self.where.setText(text)

    def _label(self, role: str, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setMinimumWidth(1)  # so that a long line is cut, not the panel widened
        return label


def about(seconds: float) -> str:
    """'< 0.1 s', '≈ 0.4 s', '≈ 4 s', '≈ 3 min': a prediction, no finer than it can be."""
    if seconds < 0.1:
        return "< 0.1 s"
    return f"≈ {seconds:.1g} s" if seconds < 0.95 else f"≈ {duration(seconds)}"


def moment(seconds: float) -> str:
    """'0.04 s', '0.8 s', '1.3 s', '14 s': a measurement, as fine as people compare."""
    return f"{seconds:.1g} s" if seconds < 0.95 else f"{seconds:.1f} s" if seconds < 9.95 else duration(seconds)


def foreseen(record: Record) -> str:
    """'An epoch took 3.8 s, predicted were 4.0 s; memory 25.9 MB, predicted were 26.0 MB.', as far as it is known."""
    (hoped, bytes_hoped), (took, bytes_took) = record.expected, record.took
    if not hoped:
        return ""
    if not took:
        return f"Predicted: {moment(hoped)} an epoch, {memory(bytes_hoped)}."
    return (
        f"An epoch took {moment(took)}, predicted were {moment(hoped)}; memory {memory(bytes_took)}, predicted were "
        f"{memory(bytes_hoped)}."
    )


def duration(seconds: float) -> str:
    """'14 s', '85 s', '3 min', '2 h 5 min': what a person would say."""
    whole = max(0, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
