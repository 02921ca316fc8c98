"""From problems to cards: how grave, what is wrong, and buttons that preview and make the edits that solve it."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from netbuilder.analysis import Problem
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.labels import Text
from netbuilder.gui.offer import Offer
from netbuilder.gui.outcome import outcome
from netbuilder.gui.severity import WORDS, SeveritySign
from netbuilder.gui.wording import in_order
from netbuilder.layers import Order
from netbuilder.repairs import Repair, repairs


class ProblemCard(QFrame):
    """One problem of the committed design with its repairs, the best one first.

    A `folded` card shows only what is wrong; pressing it, or Enter, says `chosen`. Repairs are looked for a moment
    after the card is shown, since each is tried on the whole design.
    """

    chosen = Signal()

    def __init__(self, document: Document, problem: Problem, order: Order, *, folds: bool):
        super().__init__()
        self.problem, self.offers = problem, list[FixButton]()
        self.folds = self.folded = folds
        self._document = document
        self._order: Order = order
        self._looked_at: Graph | None = None
        self.setProperty("role", "card")
        self.setObjectName("problem_card")
        word = WORDS[problem.severity]
        self.setAccessibleName(f"{word}: {problem.message}")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 9, 10, 10)
        self._column.setSpacing(8)
        head, words = QHBoxLayout(), QVBoxLayout()
        head.setSpacing(8)
        words.setSpacing(2)
        title = Text(f"{word} in {problem.layer}" if folds and problem.layer else word, f"severity-{problem.severity}")
        quiet = problem.severity == "information"
        self.sentence = Text(in_order(problem.message, order), "secondary" if quiet else "plain")
        words.addWidget(title)
        words.addWidget(self.sentence)
        head.addWidget(SeveritySign(problem.severity), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self._column.addLayout(head)
        if folds:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setToolTip("Show the layer" if problem.node is not None else "")
        else:
            self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def fold(self, folded: bool) -> None:
        """Hide the repairs, or show them."""
        self.folded = self.folds and folded
        for offer in self.offers:
            offer.setVisible(not self.folded)
        self.refresh(self._order)

    def refresh(self, order: Order) -> None:
        """Look for repairs anew where design or order of axes have changed since."""
        if order != self._order:
            self._order, self._looked_at = order, None
            self.sentence.say(in_order(self.problem.message, order))
        if not self.folded and self._looked_at is not self._document.graph:
            QTimer.singleShot(0, self, self._look)

    def _look(self) -> None:
        document, graph = self._document, self._document.graph
        if self.folded or self._looked_at is graph or self.problem not in document.report.problems:
            return
        self._looked_at = graph
        for offer in self.offers:
            offer.hide()
            offer.deleteLater()
        found = repairs(graph, document.report, self.problem)
        self.offers = [
            FixButton(document, self.problem, repair, self._order, best=not index) for index, repair in enumerate(found)
        ]
        for offer in self.offers:
            self._column.addWidget(offer)
            offer.show()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.folds and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.folds and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class FixButton(Offer):
    """A repair: what it does, what it gives."""

    def __init__(self, document: Document, problem: Problem, repair: Repair, order: Order, *, best: bool):
        gives = outcome(document.graph, document.report, repair.graph, problem, order)
        title = in_order(repair.label, order)
        super().__init__(document, repair.label, repair.graph, title, gives, best="Fix" if best else "")
        self.setObjectName("fix_button")
        self.setAccessibleName(f"Fix: {repair.label}")
