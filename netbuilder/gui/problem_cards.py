"""From problems and their repairs to cards: a sentence, and buttons that preview and make the edit that solves it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.labels import Text
from netbuilder.gui.wording import counted, signed, spaced
from netbuilder.layers import Concat, Order
from netbuilder.repairs import Repair, repairs


class ProblemCards(QWidget):
    """The problems of a layer or of the whole design, one card each; a calm note where there are none."""

    layer_clicked = Signal(int)

    def __init__(self, document: Document):
        super().__init__()
        self._document = document
        self._shown: tuple[object, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(8)

    def show_problems(self, problems: Sequence[Problem], order: Order, calm: str, *, linked: bool = False) -> None:
        """Show these problems of the committed design, `calm` where there are none; `linked` ones lead to a layer."""
        graph, report = self._document.graph, self._document.report
        state = (tuple(problems), graph if problems else None, order, calm, linked)
        if state == self._shown:
            return
        self._shown = state
        while taken := self._column.takeAt(0):
            if widget := taken.widget():
                widget.hide()
                widget.deleteLater()
        for problem in problems:
            card = ProblemCard(self._document, problem, repairs(graph, report, problem), order, linked=linked)
            card.layer_clicked.connect(self.layer_clicked)
            self._column.addWidget(card)
        if not problems:
            self._column.addWidget(Note(calm))


class Note(QFrame):
    """A calm remark."""

    def __init__(self, text: str):
        super().__init__()
        self.setProperty("role", "note")
        self.setObjectName("calm_note")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(Text(text, "secondary"))


class ProblemCard(QFrame):
    """One problem with its repairs, the best one first."""

    layer_clicked = Signal(int)

    def __init__(
        self, document: Document, problem: Problem, offers: Sequence[Repair], order: Order, *, linked: bool = False
    ):
        super().__init__()
        self.setProperty("role", "card")
        self.setObjectName("problem_card")
        self.setAccessibleName(problem.message)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        sentence = Text(problem.message, problem.severity if problem.severity != "information" else "secondary")
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(sentence)
        if linked and problem.node is not None:
            link = QPushButton("Show the layer")
            link.setProperty("role", "link")
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.clicked.connect(lambda _checked=False: self.layer_clicked.emit(problem.node))
            column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        for index, repair in enumerate(offers):
            best = index == 0 and problem.severity != "information"
            column.addWidget(FixButton(document, problem, repair, order, best=best))


class FixButton(QPushButton):
    """A repair: what it does, what it gives. Hovering or tabbing to it previews it, pressing commits it once."""

    def __init__(self, document: Document, problem: Problem, repair: Repair, order: Order, *, best: bool):
        super().__init__()
        self._document, self._repair = document, repair
        gives = outcome(document.graph, document.report, repair.graph, problem, order)
        self.setProperty("role", "fix-best" if best else "fix")
        self.setObjectName("fix_button")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Fix: {repair.label}")
        self.setAccessibleDescription(gives)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        title, detail = Text(repair.label, "fix-title"), Text(gives, "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout()
        column.setSpacing(2)
        for label in (title, detail):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        row.addLayout(column, 1)
        if best:
            fix = QLabel("Fix ⏎")
            fix.setProperty("role", "fix-sign")
            fix.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(fix)
        self.clicked.connect(self._fix)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else super().heightForWidth(width)

    def _fix(self) -> None:
        self._document.commit(self._repair.label, self._repair.graph)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._document.show_preview(self._repair.graph)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._document.show_preview(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._document.show_preview(self._repair.graph)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._document.show_preview(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()


def outcome(before: Graph, report: Report, after: Graph, problem: Problem, order: Order) -> str:
    """What an edit would give, in one line: '14×14×32 = 14×14×32 ✓ +544 weights'."""
    new = analyze(after)
    parts: list[str] = []
    layer = new.layers.get(problem.node) if problem.node is not None else None
    if layer is not None and layer.shape is not None:
        fed = [spaced(new.layers[key].shape, order).replace(" ", "") for key in layer.inputs]
        out = spaced(layer.shape, order).replace(" ", "")
        if len(fed) > 1:
            sign = " + " if isinstance(layer.node.layer, Concat) else " = "
            parts.append(sign.join(fed))
        else:
            parts.append(" → ".join([*fed, out]))
    left = len([p for p in new.problems if p.severity == "error"])
    parts.append("✓" if parts else "" if left else "a valid design ✓")
    kept = [key for key, old in report.layers.items() if old.facts or key == problem.node]
    added = [key for key in after.nodes if key not in before.nodes]
    change = sum(new.layers[key].parameters or 0 for key in [*kept, *added] if key in new.layers)
    change -= sum(report.layers[key].parameters or 0 for key in kept)
    parts.append(f"{signed(change)} weights" if change else "same weights")
    if left:
        parts.append(f"· {counted(left, 'problem')} left")
    return " ".join(part for part in parts if part)
