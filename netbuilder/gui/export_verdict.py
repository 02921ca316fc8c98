"""What became of an export: a stage with a bar while it runs, then a verdict and the figures behind it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from netbuilder.gui.exporting import Refused, Written
from netbuilder.gui.labels import Text
from netbuilder.gui.wording import counted, memory

if TYPE_CHECKING:
    from netbuilder.interop.certificate import Certificate
    from netbuilder.interop.verification import Verification


class Verdict(QFrame):
    """Hidden until there is something to say: a sentence, a table of figures, and what a person should know."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setProperty("role", "note")
        self.setObjectName("export_result")
        self.sentence, self.warning = QLabel(self), QLabel(self)
        self.sentence.setObjectName("export_verdict")
        self.warning.setObjectName("export_warning")
        self.warning.setProperty("role", "warning")
        self.bar = QProgressBar(self)
        self.bar.setAccessibleName("Progress of the export")
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.rows: list[tuple[str, str]] = []
        self._table = QWidget(self)
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 2, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        for label in (self.sentence, self.warning):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for part in (self.sentence, self.bar, self.warning, self._table):
            column.addWidget(part)
        self.hide()

    def show_stage(self, text: str) -> None:
        """Say what is being done."""
        self._say(text, "secondary")
        self.bar.show()

    def show_message(self, message: Written | Refused) -> None:
        """Say how it ended."""
        if isinstance(message, Refused):
            self.show_refusal(message.message)
            return
        self.bar.hide()
        found = message.certificate
        if found is not None:
            self._say(verdict(found), "good", figures(message, found), " ".join(found.warnings))
        else:
            first, *others = message.files
            told = f"✓ Wrote “{first.name}”" + (f" with {counted(len(others), 'file')}." if len(others) > 1 else ".")
            if message.options:
                told = f"✓ Wrote “{first.name}”; it was not compared with the network."
            rows = [("Size", memory(message.size))]
            rows += [("Written as", message.options)] if message.options else []
            rows += [("Beside it", others[0].name)] if len(others) == 1 else []
            rows += [("To use it", message.hint)] if message.hint else []
            self._say(told, "good", rows)

    def show_refusal(self, sentence: str) -> None:
        """Say why nothing was written."""
        self.bar.hide()
        self._say(sentence, "error")

    def _say(self, verdict: str, role: str, rows: list[tuple[str, str]] | None = None, warning: str = "") -> None:
        self.sentence.setText(verdict)
        self.sentence.setProperty("role", role)
        self.sentence.style().unpolish(self.sentence)
        self.sentence.style().polish(self.sentence)
        self.warning.setText(f"⚠ {warning}" if warning else "")
        self.warning.setVisible(bool(warning))
        self.rows.clear()
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for row in rows or ():
            self._add(*row)
        self._table.setVisible(bool(rows))
        self.show()

    def _add(self, name: str, value: str) -> None:
        row = len(self.rows)
        self.rows.append((name, value))
        label, text = Text(name, "tertiary", wrap=False), Text(value, "secondary", selectable=True)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, row, 1)


def verdict(found: "Certificate") -> str:
    """'✓ 2,000 samples of “Fashion-MNIST”: all labels agree.'"""
    first = found.findings[0]
    samples = (
        f"{first.samples:,} samples of “{found.dataset}”" if found.dataset else f"{first.samples:,} random samples"
    )
    agree = "all labels agree" if first.agreeing == first.samples else f"{first.agreeing:,} labels agree"
    return f"✓ {samples}: {agree}."


def figures(message: Written, found: "Certificate") -> list[tuple[str, str]]:
    """What was measured, by name."""
    rows = [(f"{each.backend} {each.version}", _interpreter(each)) for each in found.findings]
    after = found.findings[0]
    if found.accuracy is not None and after.correct is not None:
        right = f"{100 * after.correct / after.samples:.1f} %"
        rows.append(("Accuracy", f"{100 * found.accuracy:.1f} % before, {right} in the file"))
    base = found.baseline
    rows.append(("Size", memory(found.size) + (f", as float32 {memory(base.size)}" if base else "")))
    if base is not None and base.before is not None and base.after is not None:
        rows.append(("Speed", f"{base.after:.2f} ms for {base.batch} samples, as float32 {base.before:.2f} ms"))
    rows.append(("Written as", message.options))
    rows.append(("Certificate", message.files[1].name))
    return rows


def _interpreter(each: "Verification") -> str:
    """'differs by up to 1.2e-06 · all 2,000 labels agree'."""
    share = f"all {each.samples:,}" if each.agreeing == each.samples else f"{each.agreeing:,} of {each.samples:,}"
    agree = f"{share} labels agree"
    return f"differs by up to {each.largest_difference:.2g} · {agree}"
