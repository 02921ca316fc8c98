"""The boxes a form is made of besides whole numbers: reals, choices and ticks that speak only when a person did."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from netbuilder.gui.number_box import HEIGHT, MIXED


class RealBox(QLineEdit):
    """A real number, written as people do: 0.1, 1e-3. `tried` as it is typed; `settled` says it may be kept."""

    tried = Signal(object)
    settled = Signal()
    dropped = Signal()
    refused = Signal(str)
    left = Signal()

    def __init__(self, kind: Any, parent: QWidget | None = None):
        super().__init__(parent)
        self._kind, self._number, self._mixed, self._nonsense = kind, 0.0, False, False
        self.setFixedHeight(HEIGHT)
        self.textEdited.connect(self._typed)
        self.returnPressed.connect(self._accept)

    def number(self) -> float:
        return self._number

    def show_number(self, number: float, *, mixed: bool = False) -> None:
        """Show a value without saying `tried`; text that is being typed is left alone."""
        if number == self._number and mixed == self._mixed and self.text():
            return
        self._number, self._mixed = number, mixed
        if not self._nonsense:
            self.setText(MIXED if mixed else written(number))

    def put_right(self) -> None:
        """Show the number again in place of text that is none."""
        self._nonsense = False
        self.setText(MIXED if self._mixed else written(self._number))
        self.refused.emit("")

    def _typed(self, text: str) -> None:
        try:
            number = self._read(text)
        except ValueError as reason:
            self._nonsense = True
            self.refused.emit(str(reason) if text.strip() else "")
            self.dropped.emit()
            return
        self._nonsense = False
        self.refused.emit("")
        if number != self._number or self._mixed:
            self._number, self._mixed = number, False
            self.tried.emit(number)

    def _read(self, text: str) -> float:
        try:
            number = float(text.strip().replace("−", "-"))
        except ValueError:
            raise ValueError("must be a number, such as 0.1 or 1e-3") from None
        return self._kind(number)

    def _accept(self) -> None:
        if not self._nonsense:
            self.put_right()
            self.settled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._nonsense:
            self.put_right()
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.put_right()
        self.left.emit()


class WordBox(QComboBox):
    """One of a few values, each with its words. `hovered` carries one pointed at in the open list, `unhovered` says
    that the list is closed.
    """

    edited = Signal(object)
    hovered = Signal(object)
    unhovered = Signal()
    left = Signal()

    def __init__(self, words: Mapping[Any, str], parent: QWidget | None = None):
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPlaceholderText(MIXED)
        self.setFixedHeight(HEIGHT)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        for value, text in words.items():
            self.addItem(text, value)
        self.activated.connect(lambda index: self.edited.emit(self.itemData(index)))
        self.view().installEventFilter(self)
        self.highlighted.connect(self._point_at)

    def _point_at(self, index: int) -> None:
        if self.view().isVisible():  # a closed list follows the choice, which is no pointing
            self.hovered.emit(self.itemData(index))

    def show_choice(self, value: object, *, mixed: bool = False) -> None:
        """Show a value without saying `edited`."""
        index = -1 if mixed else self.findData(value)
        if index != self.currentIndex():
            self.setCurrentIndex(index)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:  # however the list was closed
            self.unhovered.emit()
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class Tick(QCheckBox):
    """On or off, with words beside it; half-ticked for several layers that differ."""

    edited = Signal(object)
    left = Signal()

    def __init__(self, words: str, parent: QWidget | None = None):
        super().__init__(words, parent)
        self.clicked.connect(self._clicked)

    def show_state(self, on: bool, *, mixed: bool = False) -> None:
        """Show a value without saying `edited`."""
        wanted = Qt.CheckState.PartiallyChecked if mixed else Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if wanted != self.checkState():
            self.setTristate(mixed)
            self.setCheckState(wanted)

    def _clicked(self) -> None:
        self.setTristate(False)
        self.edited.emit(self.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


def written(number: float) -> str:
    """The shortest text that reads back as this number: '0.1', '1e-05'."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)
