"""A box for a whole number: what a person turns or types is tried at once and kept after a rest or on Enter."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSpinBox, QWidget

MIXED = "—"
"""What a box shows for several layers that differ."""
MOST = 2**31 - 1
PADDING, HEIGHT = 7, 26
REST_MS = 400
"""How long arrows and wheel must rest, once let go of, before the number they show is kept."""
TURNING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class NumberBox(QSpinBox):
    """A whole number within limits. Turns with wheel and arrows while it has the focus.

    `tried` carries each number a person passes, `settled` says that the last one may be kept: after a rest where it
    was turned; typed ones wait for Enter or for the focus to leave, which is the owner's to notice. With a `blank`
    word, one step below the lowest number means None. Text that is no such number is not refused keystroke by
    keystroke but reported through `refused` and `dropped`, and put right when the focus leaves.
    """

    tried = Signal(object)
    settled = Signal()
    dropped = Signal()
    refused = Signal(str)
    left = Signal()

    def __init__(self, low: int, high: int, blank: str = "", *, arrows: bool = True, parent: QWidget | None = None):
        super().__init__(parent)
        self._low, self._high, self._blank = low, min(high, MOST), blank
        self._mixed = self._nonsense = self._stepping = self._held = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.settled)
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
        """Show a value without saying `tried`; a mixed one shows as a dash and steps from this number."""
        target = self._low - 1 if number is None else number
        if target == self.value() and mixed == self._mixed and not (mixed and self.hasFocus()):
            return
        typed = self.lineEdit().text()
        with QSignalBlocker(self):
            self._mixed = mixed
            self.setValue(target)
            if self._nonsense:  # a number half typed is left alone; Escape or leaving puts it right
                self.lineEdit().setText(typed)
            elif not self.hasFocus() or self._parsed(self.text()) != target:
                self.lineEdit().setText(self.textFromValue(target))

    def put_right(self) -> None:
        """Show the number again in place of text that is none."""
        if self._nonsense:
            self._nonsense = False
            self.lineEdit().setText(self.textFromValue(self.value()))
            self.refused.emit("")

    def _changed(self, _value: int) -> None:
        self._mixed = self._nonsense = False
        self._rest.stop()
        if self._stepping and not self._held:
            self._rest.start()
        self.refused.emit("")
        self.tried.emit(self.number())

    def _typed(self, text: str) -> None:
        self._rest.stop()
        try:
            number = self._read(text)
        except ValueError as reason:
            self._nonsense = True
            self.refused.emit(str(reason) if text.strip() else "")
            self.dropped.emit()
            return
        self._nonsense = False
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

    def _hold(self) -> None:
        self._held = True
        self._rest.stop()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._rest.start()

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
        self._stepping = True
        super().stepBy(steps)
        self._stepping = False
        if before and not self.lineEdit().text().isdecimal():
            self.lineEdit().setText(self.textFromValue(self.value()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in TURNING:
            self._hold()
        elif event.key() == Qt.Key.Key_Escape:
            self.put_right()
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() in TURNING and not event.isAutoRepeat():
            self._let_go()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hold()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._let_go()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._held = self._nonsense = False
        self._rest.stop()
        self.refused.emit("")
        self.left.emit()
