"""From a layer's declared setting to its editor: limits, words, unit and help come from the declaration alone."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from netbuilder.gui.boxes import NumberBox, RealBox, Tick, WordBox
from netbuilder.layers.settings import (
    Choice,
    Flag,
    Integer,
    OptionalInteger,
    OptionalPair,
    PaddingRule,
    PairOf,
    Real,
    Setting,
)

EXPLICIT = "explicit"
PADDINGS = {"valid": "valid — none", "same": "same — ⌈size / stride⌉", EXPLICIT: "explicit…"}
SIDES = ("top", "bottom", "left", "right")
ON_WORDS = {"ceil_mode": "a last, cut window too", "count_include_pad": "padding counts as 0"}


class Editor(QWidget):
    """Edits one setting. `edited` carries a new value a person chose, `refused` why typed text is none ('' again when
    it is), `finished` says that the focus went elsewhere. Escape takes back what was edited since it came.
    """

    edited = Signal(object)
    refused = Signal(str)
    finished = Signal()

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(parent)
        self.setting = setting
        self.mixed = False
        self._value: Any = setting.default
        self._start: list[Any] = []
        self.boxes: list[QWidget] = []

    def value(self) -> Any:
        """The value as the layer takes it."""
        return self._value

    def set_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show a value without saying `edited`; `mixed` where several layers differ and this is the first one's."""
        self._value, self.mixed = value, mixed
        self._show()

    def _show(self) -> None:
        raise NotImplementedError

    def _choose(self, value: Any) -> None:
        """A person chose this."""
        if value == self._value and not self.mixed:
            return
        if not self._start and not self.mixed:
            self._start = [self._value]
        self._value, self.mixed = value, False
        self._show()
        self.edited.emit(value)

    def _adopt(self, box: Any, name: str = "") -> None:
        """Make a box part of this editor: named for people who hear it and for tests, and listened to."""
        title = f"{self.setting.label}, {name}" if name else self.setting.label
        box.setAccessibleName(title)
        box.setAccessibleDescription(described(self.setting))
        box.setToolTip(described(self.setting))
        box.setObjectName(f"setting_{self.setting.name}" + (f"_{name}" if name else ""))
        box.left.connect(self._left)
        if hasattr(box, "refused"):
            box.refused.connect(lambda reason: self.refused.emit(f"{self.setting.label} {reason}." if reason else ""))
        if not self.boxes:
            self.setFocusProxy(box)
        self.boxes.append(box)

    def _left(self) -> None:
        focus = QApplication.focusWidget()
        if focus is None or not self.isAncestorOf(focus):
            self._start = []
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._start:
            before = self._start.pop()
            self._choose(before)
            self._start = []
        else:
            super().keyPressEvent(event)


class WholeNumber(Editor):
    """One whole number; None, where allowed, reads 'none'."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        kind: Any = setting.kind
        self._box = NumberBox(kind.low, kind.high, "none" if isinstance(kind, OptionalInteger) else "")
        self._box.edited.connect(self._choose)
        self._adopt(self._box)
        _row(self).addWidget(self._box)

    def _show(self) -> None:
        self._box.show_number(self._value, mixed=self.mixed)


class RealNumber(Editor):
    """One real number."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        self._box = RealBox(setting.kind)
        self._box.edited.connect(self._choose)
        self._adopt(self._box)
        _row(self).addWidget(self._box)

    def _show(self) -> None:
        self._box.show_number(self._value, mixed=self.mixed)


class OnOff(Editor):
    """A tick with words that say what it turns on."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        self._box = Tick(on_words(setting))
        self._box.edited.connect(self._choose)
        self._adopt(self._box)
        _row(self).addWidget(self._box)

    def _show(self) -> None:
        self._box.show_state(self._value, mixed=self.mixed)


class Words(Editor):
    """One of a few words."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        kind: Any = setting.kind
        self._box = WordBox({option: option.replace("_", " ") for option in kind.options})
        self._box.edited.connect(self._choose)
        self._adopt(self._box)
        _row(self).addWidget(self._box)

    def _show(self) -> None:
        self._box.show_choice(self._value, mixed=self.mixed)


class Pair(Editor):
    """Two whole numbers, [5] × [5]; where the pair may be None both read 'auto', and the layer's own rule holds."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        kind: Any = setting.kind
        blank = "auto" if isinstance(kind, OptionalPair) else ""
        self._pair = [NumberBox(kind.low, kind.high, blank, arrows=False) for _ in range(2)]
        row = _row(self)
        for index, (box, name) in enumerate(zip(self._pair, ("height", "width"), strict=True)):
            if index:
                cross = QLabel("×")
                cross.setProperty("role", "tertiary")
                row.addWidget(cross)
            row.addWidget(box, 1)
            self._adopt(box, name)
            box.edited.connect(lambda number, index=index: self._chose(index, number))

    def _chose(self, index: int, number: int | None) -> None:
        both = list(self._value) if self._value else [number, number]
        both[index] = number
        self._choose(None if number is None else tuple(both))

    def _show(self) -> None:
        for box, number in zip(self._pair, self._value or (None, None), strict=True):
            box.show_number(number, mixed=self.mixed)


class Padding(Editor):
    """A rule by its name, or four small boxes for the four sides; these begin with `sides`, what the rule gave."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        kind: Any = setting.kind
        self.sides = (0, 0, 0, 0)
        self._rule = WordBox(PADDINGS)
        self._rule.edited.connect(lambda rule: self._choose(self.sides if rule == EXPLICIT else rule))
        self._adopt(self._rule)
        self._sides = QWidget()
        grid = QGridLayout(self._sides)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setSpacing(4)
        self._numbers = [NumberBox(0, kind.high, arrows=False) for _ in SIDES]
        for column, (box, side) in enumerate(zip(self._numbers, SIDES, strict=True)):
            self._adopt(box, side)
            box.edited.connect(lambda number, column=column: self._chose(column, number))
            label = QLabel(side)
            label.setProperty("role", "tertiary")
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(box, 0, column)
            grid.addWidget(label, 1, column)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._rule)
        column.addWidget(self._sides)

    def _chose(self, side: int, number: int) -> None:
        sides = list(self._value)
        sides[side] = number
        self._choose(tuple(sides))

    def _show(self) -> None:
        explicit = isinstance(self._value, tuple) and not self.mixed
        self._rule.show_choice(EXPLICIT if explicit else self._value, mixed=self.mixed)
        self._sides.setVisible(explicit)
        if explicit:
            for box, number in zip(self._numbers, self._value, strict=True):
                box.show_number(number)


EDITORS: Mapping[type, type[Editor]] = {
    Integer: WholeNumber,
    OptionalInteger: WholeNumber,
    Real: RealNumber,
    Flag: OnOff,
    Choice: Words,
    PairOf: Pair,
    OptionalPair: Pair,
    PaddingRule: Padding,
}


def editor_for(setting: Setting, parent: QWidget | None = None) -> Editor:
    """The editor of a declared setting, showing its default."""
    editor = EDITORS[type(setting.kind)](setting, parent)
    editor.set_value(setting.default)
    return editor


def on_words(setting: Setting) -> str:
    """What a tick turns on, in a few words: 'one per filter' where the help ends '… learned number per filter.'"""
    _rest, per, whom = setting.help.removesuffix(".").partition(" per ")
    return ON_WORDS.get(setting.name) or (f"one per {whom.split(',')[0]}" if per else "on")


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


def _row(editor: Editor) -> QHBoxLayout:
    row = QHBoxLayout(editor)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    return row
