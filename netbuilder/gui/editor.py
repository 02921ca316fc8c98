"""What every editor of a setting does: values are tried in sight, kept, or given up; only a person makes it speak."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from netbuilder.gui.boxes import RealBox, WordBox
from netbuilder.gui.number_box import NumberBox
from netbuilder.layers.settings import Integer, OptionalInteger, OptionalPair, PairOf, Real, Setting


class Editor(QWidget):
    """Edits one setting. `previewed` carries a value that is only tried, `withdrawn` says that it no longer is, and
    `edited` carries one to keep: after a rest of arrows and wheel, with Enter, or when the focus leaves.

    `abandoned` says that Escape took back what was done here since the focus came, `refused` why typed text is no
    value ('' again when it is), `finished` that this visit is over, by Enter or because the focus went elsewhere.
    """

    previewed = Signal(object)
    withdrawn = Signal()
    edited = Signal(object)
    abandoned = Signal()
    refused = Signal(str)
    finished = Signal()

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(parent)
        self.setting = setting
        self.mixed = False
        self._value: Any = setting.default
        self._kept: tuple[Any, bool] | None = None
        self._touched = self._hovering = False
        self.boxes: list[QWidget] = []

    @property
    def pending(self) -> bool:
        """Whether a value is tried that is not kept yet."""
        return self._kept is not None

    def value(self) -> Any:
        """The value as the layer takes it."""
        return self._value

    def set_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show a value; `mixed` where several layers differ and this is the first one's. One that is being tried
        stays in sight until it is kept or given up."""
        if not self.pending and not self._hovering:
            self._value, self.mixed = value, mixed
            self._show()

    def settle(self) -> None:
        """Keep what is being tried."""
        if self.pending:
            self._kept, self._touched = None, True
            self.edited.emit(self._value)

    def forget(self) -> None:
        """Give up what is being tried, without a word."""
        if self._kept is not None:
            (value, mixed), self._kept = self._kept, None
            self.set_value(value, mixed=mixed)

    def _show(self) -> None:
        raise NotImplementedError

    def _try(self, value: Any) -> None:
        """A person passes this value, and may go on."""
        if not self.pending:
            if value == self._value and not self.mixed:
                return
            self._kept = (self._value, self.mixed)
        self._value, self.mixed = value, False
        self._show()
        self.previewed.emit(value)

    def _choose(self, value: Any) -> None:
        """A person chose this, and is done."""
        self.forget()
        if value != self._value or self.mixed:
            self._value, self.mixed, self._touched = value, False, True
            self._show()
            self.edited.emit(value)

    def _drop(self) -> None:
        """What is typed at the moment is no value."""
        if self.pending:
            self.forget()
            self.withdrawn.emit()

    def _hover(self, value: Any) -> None:
        self._hovering = True
        self.previewed.emit(value)

    def _unhover(self) -> None:
        if self._hovering:
            self._hovering = False
            self.withdrawn.emit()

    def _adopt(self, box: Any, name: str = "") -> None:
        """Make a box part of this editor: named for people who hear it and for tests, and listened to."""
        title = f"{self.setting.label}, {name}" if name else self.setting.label
        box.setAccessibleName(title)
        box.setAccessibleDescription(described(self.setting))
        box.setToolTip(described(self.setting))
        box.setObjectName(f"setting_{self.setting.name}" + (f"_{name}" if name else ""))
        box.left.connect(self._left)
        if isinstance(box, (NumberBox, RealBox)):
            box.settled.connect(self.settle)
            box.dropped.connect(self._drop)
            box.refused.connect(lambda reason: self.refused.emit(f"{self.setting.label} {reason}." if reason else ""))
        elif isinstance(box, WordBox):
            box.unhovered.connect(self._unhover)
        if not self.boxes:
            self.setFocusProxy(box)
        self.boxes.append(box)

    def _left(self) -> None:
        focus = QApplication.focusWidget()
        if focus is None or not self.isAncestorOf(focus):
            self._finish()

    def _finish(self) -> None:
        self.settle()
        self._touched = False
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.pending or self._touched):
            self.forget()
            self._touched = False
            self.abandoned.emit()
            if isinstance(box := self.focusWidget(), (NumberBox, RealBox)):
                box.selectAll()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        else:
            super().keyPressEvent(event)


def described(setting: Setting) -> str:
    """What a tooltip says: the help, the unit and the limits."""
    kind: Any = setting.kind
    parts = [setting.help]
    if setting.unit:
        parts.append(f"In {setting.unit}.")
    if isinstance(kind, (Integer, OptionalInteger, PairOf, OptionalPair)):
        parts.append(f"From {kind.low} to {kind.high:,}.")
    if isinstance(kind, OptionalPair):
        parts.append("“auto” leaves it to the layer.")
    if isinstance(kind, Real):
        left = f"Above {kind.low:g}" if kind.low_open else f"From {kind.low:g}"
        parts.append(f"{left} to {'below ' if kind.high_open else ''}{kind.high:g}.")
    return " ".join(parts)
