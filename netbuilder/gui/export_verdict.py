"""What became of an export: a stage with a bar while it runs, then a verdict and the figures behind it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from netbuilder.gui.exporting import Refused, Written
from netbuilder.gui.wording import memory


class Verdict(QFrame):
    """Hidden until there is something to say."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setProperty("role", "note")
        self.sentence, self.figures = QLabel(self), QLabel(self)
        self.sentence.setObjectName("export_verdict")
        self.figures.setObjectName("export_figures")
        self.figures.setProperty("role", "secondary")
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        for label in (self.sentence, self.figures):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for part in (self.sentence, self.bar, self.figures):
            column.addWidget(part)
        self.hide()

    def show_stage(self, text: str) -> None:
        """Say what is being done."""
        self._say(text, "secondary", "")
        self.bar.show()

    def show_message(self, message: Written | Refused) -> None:
        """Say how it ended."""
        self.bar.hide()
        if isinstance(message, Refused):
            self.show_refusal(message.message)
            return
        size = f"{message.path.name}, {memory(message.size)}, opset 17."
        found = message.verification
        if found is None:
            self._say("✓ Written; not compared with the network.", "good", size)
        elif found.passed:
            kind = "real" if message.sampled else "random"
            verdict = (
                f"✓ {found.samples:,} {kind} samples, largest difference {found.largest_difference:.1e}, "
                f"all labels agree ({found.backend} {found.version})"
            )
            self._say(verdict, "good", size)
        else:
            self._say(f"✗ The file does not compute what the network does. {found.sentence()}", "error", size)

    def show_refusal(self, sentence: str) -> None:
        """Say why nothing was written."""
        self.bar.hide()
        self._say(sentence, "error", "")

    def _say(self, verdict: str, role: str, figures: str) -> None:
        self.sentence.setText(verdict)
        self.sentence.setProperty("role", role)
        self.sentence.style().unpolish(self.sentence)
        self.sentence.style().polish(self.sentence)
        self.figures.setText(figures)
        self.figures.setVisible(bool(figures))
        self.show()
