"""What training makes small: chosen by its name, or a sum of the losses there are, each by a factor."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from netbuilder.engine.mixture import AUTO, MOST, Term, terms, written
from netbuilder.gui.boxes import RealBox, WordBox
from netbuilder.gui.editor import Editor
from netbuilder.layers.settings import Real, Setting

SUM = "sum"
WORDS = {AUTO: "by the data", "cross_entropy": "cross-entropy", "mse": "mean squared error", SUM: "a sum of both…"}
USUAL = (Term("cross_entropy", 1.0), Term("mse", 0.5))
"""The sum that is begun with."""


class LossEditor(Editor):
    """The value is the text a Job takes: 'auto', 'mse', 'cross_entropy + 0.5 mse'."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        self._name = WordBox(WORDS, self)
        self._name.edited.connect(self._named)
        self._adopt(self._name)
        self._sum = QWidget(self)
        row = QHBoxLayout(self._sum)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(6)
        self._factors: list[RealBox] = []
        for index, (loss, sign) in enumerate(zip(("cross-entropy", "squares"), ("·", "+"), strict=True)):
            if index:
                row.addWidget(_sign(sign))
            box = RealBox(Real(0, MOST, low_open=True))
            self._adopt(box, loss)
            box.setFixedWidth(52)
            box.tried.connect(lambda factor, index=index: self._weigh(index, factor))
            self._factors.append(box)
            row.addWidget(box)
            row.addWidget(_sign(loss))
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._name)
        column.addWidget(self._sum)

    def _terms(self) -> tuple[Term, ...]:
        """Both losses, where the value is a sum."""
        found = () if self._value == AUTO else terms(self._value)
        return tuple(sorted(found)) if len(found) == len(USUAL) else ()

    def _named(self, name: str) -> None:
        self._choose(written(self._terms() or USUAL) if name == SUM else name)

    def _weigh(self, index: int, factor: float) -> None:
        both = list(self._terms())
        both[index] = both[index]._replace(factor=factor)
        self._try(written(both))

    def _show(self) -> None:
        both = self._terms()
        self._name.show_choice(SUM if both else self._value, mixed=self.mixed)
        self._sum.setVisible(bool(both))
        for box, term in zip(self._factors, both, strict=False):
            box.show_number(term.factor)


def _sign(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "tertiary")
    return label
