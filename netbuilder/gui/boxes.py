"""The boxes a form is made of: numbers, choices and ticks that say `edited` only when a person changed them."""

from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy, QSpinBox, QWidget

MIXED = "—"
"""What a box shows for several layers that differ."""
MOST = 2**31 - 1
PADDING, HEIGHT = 7, 26


class NumberBox(QSpinBox):
    """A whole number within limits. Turns with wheel and arrows while it has the focus; `edited` on a person's edits.

    With a `blank` word, one step below the lowest number means None. Text that is no such number is not refused
    keystroke by keystroke but reported through `refused`, and put right when the focus leaves.
    """

    edited = Signal(object)
    refused = Signal(str)
    left = Signal()

    def __init__(self, low: int, high: int, blank: str = "", *, arrows: bool = True, parent: QWidget | None = None):
        super().__init__(parent)
        self._low, self._high, self._blank, self._mixed = low, min(high, MOST), blank, False
        self.setRange(low - 1 if blank else low, self._high)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setAccelerated(True)
        if not arrows:
            self.setProperty("role", "plain")
        self.lineEdit().setTextMargins(PADDING, 0, 0, 0)  # a style sheet's padding does not reach this field
        self.valueChanged.connect(self._changed)
        self.lineEdit().textEdited.connect(self._typed)

    def number(self) -> int | None:
        """The value as a layer takes it."""
        return None if self._blank and self.value() < self._low else self.value()

    def show_number(self, number: int | None, *, mixed: bool = False) -> None:
        """Show a value without saying `edited`; a mixed one shows as a dash and steps from this number."""
        target = self._low - 1 if number is None else number
        if target == self.value() and mixed == self._mixed and not (mixed and self.hasFocus()):
            return
        with QSignalBlocker(self):
            self._mixed = mixed
            self.setValue(target)
            if not self.hasFocus() or self._parsed(self.text()) != target:
                self.lineEdit().setText(self.textFromValue(target))

    def _changed(self, _value: int) -> None:
        self._mixed = False
        self.refused.emit("")
        self.edited.emit(self.number())

    def _typed(self, text: str) -> None:
        try:
            number = self._read(text)
        except ValueError as reason:
            self.refused.emit(str(reason) if text.strip() else "")
            return
        self.refused.emit("")
        if self._mixed and number == self.value():  # Qt sees no change, but the other layers get a new value
            self._changed(number)

    def _read(self, text: str) -> int:
        """The number a text stands for. Raises ValueError with the end of a sentence."""
        text = text.strip()
        if self._blank and text == self._blank:
            return self._low - 1
        digits = text.replace(",", "").replace("\u202f", "")
        if not digits.removeprefix("-").isdecimal() or len(digits) > 20:
            raise ValueError("must be a whole number")
        number = int(digits)
        if not self._low <= number <= self._high:
            raise ValueError(f"must be from {self._low} to {self._high:,}, not {number:,}")
        return number

    def _parsed(self, text: str) -> int | None:
        try:
            return self._read(text)
        except ValueError:
            return None

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        return QSize(32, super().minimumSizeHint().height())

    def textFromValue(self, value: int) -> str:
        if self._mixed:
            return MIXED
        return self._blank if self._blank and value < self._low else str(value)

    def valueFromText(self, text: str) -> int:
        number = self._parsed(text)
        return self.value() if number is None else number

    def validate(self, text: str, pos: int) -> object:
        known = self._mixed and text == MIXED
        state = (
            QValidator.State.Acceptable if known or self._parsed(text) is not None else QValidator.State.Intermediate
        )
        return state, text, pos

    def fixup(self, text: str) -> str:
        return self.textFromValue(self.value())

    def stepBy(self, steps: int) -> None:
        before, self._mixed = self._mixed, False
        super().stepBy(steps)
        if before and not self.lineEdit().text().isdecimal():
            self.lineEdit().setText(self.textFromValue(self.value()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.refused.emit("")
        self.left.emit()


class RealBox(QLineEdit):
    """A real number, written as people do: 0.1, 1e-3. Takes effect with Enter or when the focus leaves."""

    edited = Signal(object)
    refused = Signal(str)
    left = Signal()

    def __init__(self, kind: Any, parent: QWidget | None = None):
        super().__init__(parent)
        self._kind, self._number, self._mixed = kind, 0.0, False
        self.setFixedHeight(HEIGHT)
        self.textEdited.connect(self._typed)
        self.returnPressed.connect(self._accept)

    def number(self) -> float:
        return self._number

    def show_number(self, number: float, *, mixed: bool = False) -> None:
        """Show a value without saying `edited`."""
        if number == self._number and mixed == self._mixed and self.text():
            return
        self._number, self._mixed = number, mixed
        self.setText(MIXED if mixed else written(number))

    def _typed(self, text: str) -> None:
        try:
            self._read(text)
        except ValueError as reason:
            self.refused.emit(str(reason) if text.strip() else "")
        else:
            self.refused.emit("")

    def _read(self, text: str) -> float:
        try:
            number = float(text.strip().replace("−", "-"))
        except ValueError:
            raise ValueError("must be a number, such as 0.1 or 1e-3") from None
        return self._kind(number)

    def _accept(self) -> None:
        try:
            number = self._read(self.text())
        except ValueError:
            return
        if number != self._number or self._mixed:
            self._number, self._mixed = number, False
            self.edited.emit(number)
        self.setText(written(number))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._accept()
        self.setText(MIXED if self._mixed else written(self._number))
        self.refused.emit("")
        self.left.emit()


class WordBox(QComboBox):
    """One of a few values, each with its words."""

    edited = Signal(object)
    left = Signal()

    def __init__(self, words: dict[Any, str], parent: QWidget | None = None):
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPlaceholderText(MIXED)
        self.setFixedHeight(HEIGHT)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        for value, text in words.items():
            self.addItem(text, value)
        self.activated.connect(lambda index: self.edited.emit(self.itemData(index)))

    def show_choice(self, value: object, *, mixed: bool = False) -> None:
        """Show a value without saying `edited`."""
        index = -1 if mixed else self.findData(value)
        if index != self.currentIndex():
            self.setCurrentIndex(index)

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
