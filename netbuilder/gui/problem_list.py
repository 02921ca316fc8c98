"""The problems of a layer or of the whole design, one card each, the gravest first; notes are folded away."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from netbuilder.analysis import Problem
from netbuilder.gui.document import Document
from netbuilder.gui.labels import Text
from netbuilder.gui.problem_cards import ProblemCard
from netbuilder.gui.wording import counted
from netbuilder.layers import Order

MOST = 40
"""Cards that are shown at most; whoever has more problems solves these first."""
GRAVITY = ("error", "warning", "information")


class ProblemList(QWidget):
    """Cards for problems, a calm note where there are none. `layer_clicked` carries the layer of one that is chosen.

    Of a `linked` list, which is of the whole design, only the chosen card shows its repairs.
    """

    layer_clicked = Signal(int)

    def __init__(self, document: Document):
        super().__init__()
        self._document = document
        self._shown: tuple[object, ...] | None = None
        self._chosen: tuple[str, int | None] | None = None
        self._notes: Sequence[Problem] = ()
        self._order: Order = "hwc"
        self._linked = self._unfolded = False
        self.note, self.more = Note(), Text("", "secondary")
        self.disclosure = QPushButton()
        self.disclosure.setObjectName("notes_disclosure")
        self.disclosure.setAccessibleName("Notes")
        self.disclosure.setToolTip("Notes are remarks on a design that works as it is")
        self.disclosure.setProperty("role", "link")
        self.disclosure.setCursor(Qt.CursorShape.PointingHandCursor)
        self.disclosure.clicked.connect(self._disclose)
        self._grave, self._light, column = QVBoxLayout(), QVBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        for layout in (self._grave, self._light, column):
            layout.setSpacing(8)
        column.addLayout(self._grave)
        column.addWidget(self.more)
        column.addWidget(self.note)
        column.addWidget(self.disclosure, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._light)

    @property
    def cards(self) -> list[ProblemCard]:
        """The cards in sight, in order."""
        return [*_cards(self._grave), *_cards(self._light)]

    def show_problems(self, problems: Sequence[Problem], order: Order, calm: str, *, linked: bool = False) -> None:
        """Show these problems of the committed design, and what `calm` says, where it says something."""
        self.note.say(calm)
        state = (tuple(problems), order, linked)
        if state != self._shown:
            self._shown, self._order, self._linked = state, order, linked
            grave = [p for gravity in GRAVITY[:2] for p in problems if p.severity == gravity]
            self._notes = [p for p in problems if p.severity == "information"]
            if linked and all(_key(problem) != self._chosen for problem in problems):
                self._chosen = _key(grave[0]) if grave else None
            self._fill(self._grave, grave[:MOST])
            self.more.say(f"and {counted(len(grave) - MOST, 'more problem')}" if len(grave) > MOST else "")
            self.more.setVisible(bool(self.more.text()))
            self._show_notes()
        for card in self.cards:
            card.refresh(order)

    def choose(self, problem: Problem) -> ProblemCard | None:
        """Unfold one card, fold the others; the card, where there is one."""
        self._chosen = _key(problem)
        if problem.severity == "information" and not self._unfolded:
            self._disclose()
        for card in self.cards:
            card.fold(_key(card.problem) != self._chosen)
        return next((card for card in self.cards if _key(card.problem) == self._chosen), None)

    def _fill(self, place: QVBoxLayout, problems: Sequence[Problem]) -> None:
        """Show cards for these problems; one that is there already stays as it is."""
        old: dict[tuple[Problem, bool], ProblemCard] = {}
        while taken := place.takeAt(0):
            if isinstance(card := taken.widget(), ProblemCard):
                old[card.problem, card.folds] = card
        for problem in problems:
            card = old.pop((problem, self._linked), None) or self._card(problem)
            place.addWidget(card)
            card.show()
            card.fold(self._linked and _key(problem) != self._chosen)
        for card in old.values():
            card.hide()
            card.deleteLater()

    def _card(self, problem: Problem) -> ProblemCard:
        card = ProblemCard(self._document, problem, self._order, folds=self._linked)
        card.chosen.connect(lambda: self._point_at(problem))
        return card

    def _point_at(self, problem: Problem) -> None:
        self.choose(problem)
        if problem.node is not None:
            self.layer_clicked.emit(problem.node)

    def _show_notes(self) -> None:
        notes = self._notes
        self.disclosure.setVisible(bool(notes))
        self.disclosure.setText(f"{'▾' if self._unfolded else '▸'} {counted(len(notes), 'note')}")
        self.disclosure.setAccessibleName(f"{'Hide' if self._unfolded else 'Show'} {counted(len(notes), 'note')}")
        self._fill(self._light, notes[:MOST] if self._unfolded else ())

    def _disclose(self) -> None:
        self._unfolded = not self._unfolded
        self._show_notes()


class Note(QFrame):
    """A calm remark."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "note")
        self.setObjectName("calm_note")
        self.words = Text("", "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(self.words)

    def say(self, text: str) -> None:
        """Show another remark, or none."""
        self.words.say(text)
        self.setVisible(bool(text))


def _cards(layout: QVBoxLayout) -> list[ProblemCard]:
    items = [item for index in range(layout.count()) if (item := layout.itemAt(index))]
    return [card for item in items if isinstance(card := item.widget(), ProblemCard)]


def _key(problem: Problem) -> tuple[str, int | None]:
    """What stays the same of a problem while its numbers change."""
    return problem.code, problem.node
