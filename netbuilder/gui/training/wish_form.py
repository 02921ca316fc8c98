"""From the wishes of one section to a form with a line of help beneath each, and back to what the engine is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from netbuilder.gui.boxes import RealBox
from netbuilder.gui.editor import Editor
from netbuilder.gui.fields import WholeNumber, Words, editor_for
from netbuilder.gui.form import SettingsForm
from netbuilder.gui.labels import Text
from netbuilder.gui.training.class_weights import ClassWeights
from netbuilder.gui.training.loss_editor import LossEditor
from netbuilder.gui.training.wishes import Wish
from netbuilder.layers.settings import Real, Setting


class Shares(Editor):
    """Two numbers from 0 to below 1."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        self._pair = [RealBox(Real(0, 1, high_open=True)) for _ in range(2)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for index, (box, name) in enumerate(zip(self._pair, ("first", "second"), strict=True)):
            self._adopt(box, name)
            box.tried.connect(lambda number, index=index: self._tried(index, number))
            row.addWidget(box)

    def _tried(self, index: int, number: float) -> None:
        both = list(self._value)
        both[index] = number
        self._try(tuple(both))

    def _show(self) -> None:
        for box, number in zip(self._pair, self._value, strict=True):
            box.show_number(number, mixed=self.mixed)


class WishForm(SettingsForm):
    """`changed` says that `values` are others."""

    changed = Signal()

    def __init__(self, wishes: Sequence[Wish], parent: QWidget | None = None):
        super().__init__((), parent)
        self.wishes = {each.name: each for each in wishes}
        self.settings = tuple(wishes)
        self._values: dict[str, Any] = {}
        for wish in wishes:
            self._add(wish)
            help_ = Text(wish.help, "tertiary")
            help_.setContentsMargins(0, 0, 0, 6)
            self._grid.addWidget(help_, self._grid.rowCount(), 0, 1, 2)
        self.edited.connect(self._take)

    def changes(self) -> dict[str, Any]:
        """What is not as usual, as the engine has it."""
        return {
            name: self.wishes[name].to_engine(value)
            for name, value in self._values.items()
            if value != self.wishes[name].default
        }

    def show_changes(self, given: Mapping[str, Any]) -> None:
        """Show these, and the usual of all others."""
        for name, wish in self.wishes.items():
            value = wish.of_engine(given[name]) if name in given else wish.default
            self._values[name] = value
            self.refuse(name, "")
            self.editors[name].forget()
            self.editors[name].set_value(value)

    def _take(self, name: str, value: object) -> None:
        self._values[name] = value
        self.changed.emit()

    def _editor(self, setting: Setting) -> Editor:
        if not isinstance(setting, Wish):
            return super()._editor(setting)
        if setting.name == "class_weights":
            editor: Editor = ClassWeights(setting)
        elif setting.name == "loss":
            editor = LossEditor(setting)
        elif setting.name == "betas":
            editor = Shares(setting)
        elif setting.words:
            editor = Words(setting, words=setting.words)
        elif setting.blank:
            editor = WholeNumber(setting, blank=setting.blank)
        else:
            return editor_for(setting)
        editor.set_value(setting.default)
        return editor
