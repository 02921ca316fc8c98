"""The line at the window's foot: whether the design is valid and what it weighs, passing messages, the axes' order."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStatusBar, QWidget

from netbuilder.analysis import Problem, Report
from netbuilder.gui.difference import arrow, weights
from netbuilder.gui.document import Document
from netbuilder.gui.estimates import Estimates
from netbuilder.gui.labels import ShortenedText, Text, mark, tip
from netbuilder.gui.theme import STATUS
from netbuilder.gui.training.progress import about
from netbuilder.gui.wording import counted, memory, thousands
from netbuilder.layers import Order

ORDERS: dict[Order, str] = {"hwc": "H × W × C", "chw": "C × H × W"}
MESSAGE_MS = 6000


class StatusBar(QStatusBar):
    """Follows the document by itself. `problem_clicked` carries the first Problem, `order_chosen` "hwc" or "chw"."""

    problem_clicked = Signal(object)
    order_chosen = Signal(str)

    def __init__(self, document: Document, estimates: Estimates, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("status_bar")
        self.setSizeGripEnabled(False)
        self.setFixedHeight(STATUS)
        self._document, self._estimates = document, estimates
        self._batch, self._seconds = 64, None
        self._order: Order = "hwc"
        self.verdict = Verdict()
        self.order_button = QPushButton()
        self.order_button.setObjectName("order_button")
        self.order_button.setProperty("role", "quiet")
        self.order_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.order_button.setToolTip("The order in which shapes are written. Click to write them the other way.")
        self.addWidget(self.verdict, 1)
        self.addPermanentWidget(self.order_button)
        self.setContentsMargins(10, 0, 10, 0)
        self.verdict.clicked.connect(self._show_problem)
        self.order_button.clicked.connect(self._turn)
        document.changed.connect(self.sync)
        document.preview_changed.connect(self.sync)
        estimates.ready.connect(self.sync)
        self.set_order("hwc")
        self.sync()

    def say(self, text: str, milliseconds: int = MESSAGE_MS) -> None:
        """Show a passing message in place of the verdict."""
        self.showMessage(text, milliseconds)

    def set_order(self, order: Order) -> None:
        """Show which order of axes is in force."""
        self._order = order
        self.order_button.setText(ORDERS[order])
        self.order_button.setAccessibleName(f"Shapes are written {ORDERS[order]}")

    def show_training(self, batch: int, seconds: float | None) -> None:
        """Say what training takes in batches of so many, and for how long an epoch where that is known."""
        if (batch, seconds) != (self._batch, self._seconds):
            self._batch, self._seconds = batch, seconds
            self.sync()

    def sync(self) -> None:
        """Read the report again, or the preview's where there is one."""
        report, preview = self._document.report, self._document.preview
        shown = preview[1] if preview else report
        self.verdict.show_report(shown, report if preview else None, self._cost(shown, report))

    def _cost(self, shown: Report, committed: Report) -> str:
        """'5.3 MB to train at batch 64 · ≈ 4 s an epoch on this laptop'."""
        if not shown.valid or (taken := self._estimates.of(shown, self._batch)) is None:
            return ""
        before = None if shown is committed or not committed.valid else self._estimates.of(committed, self._batch)
        size = arrow(memory((before or taken).training), memory(taken.training))
        time = f" · {about(self._seconds)} an epoch on this machine" if self._seconds and shown is committed else ""
        return f"{size} to train at batch {self._batch}{time}"

    def _turn(self) -> None:
        self.set_order("chw" if self._order == "hwc" else "hwc")
        self.order_chosen.emit(self._order)

    def _show_problem(self) -> None:
        problem = first_problem(self._document.report)
        if problem is not None:
            self.problem_clicked.emit(problem)


class Verdict(QWidget):
    """A sign and a sentence; `clicked` leads to the first problem where there is one."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("verdict")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # so that the style sheet's focus ring shows
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.sign, self.words = Text("", wrap=False), ShortenedText("secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.sign)
        row.addWidget(self.words, 1)

    def show_report(self, report: Report, before: Report | None = None, cost: str = "") -> None:
        """Say how the design stands; `before` is the committed design's report while a preview is shown."""
        problem = first_problem(report)
        role = "good" if report.valid else "error"
        self.sign.say("" if not report.layers else "✓" if report.valid else "✗")
        if self.sign.property("role") != role:
            self.sign.setProperty("role", role)
            self.sign.style().unpolish(self.sign)
            self.sign.style().polish(self.sign)
        sentence = verdict(report, before, cost)
        self.words.say(sentence)
        mark(self.words, before is not None)
        self.setAccessibleName(sentence)
        self.setToolTip(tip(problem.message) if problem else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if problem else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if problem else Qt.FocusPolicy.NoFocus)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


def first_problem(report: Report) -> Problem | None:
    """The first error, else the first warning, else none."""
    for severity in ("error", "warning"):
        for problem in report.problems:
            if problem.severity == severity:
                return problem
    return None


def verdict(report: Report, before: Report | None = None, cost: str = "") -> str:
    """'Valid · 1 warning · 61,706 weights · 416,520 multiply-adds · ' and what training will cost, or what is known so
    far.

    With the report `before` a preview: 'Valid · 61,706 → 60,498 weights (−1,208) · …'.
    """
    totals = report.totals
    errors = sum(problem.severity == "error" for problem in report.problems)
    if not report.layers:
        return "The design is empty"
    if errors:
        return f"{counted(errors, 'problem')} · {weights(before or report, report)}"
    old = before.totals if before and before.valid else totals
    warnings = sum(problem.severity == "warning" for problem in report.problems)
    parts = [
        "Valid · " + counted(warnings, "warning") if warnings else "Valid",
        weights(before, report) if before else counted(totals.parameters, "weight"),
        f"{arrow(thousands(old.macs), thousands(totals.macs))} multiply-adds",
        cost,
    ]
    return " · ".join(part for part in parts if part)
