"""From a layer's declared setting to its editor: limits, words, unit and help come from the declaration alone."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from netbuilder.gui.boxes import RealBox, Tick, WordBox
from netbuilder.gui.editor import Editor
from netbuilder.gui.number_box import NumberBox
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
ON_WORDS = {
    "ceil_mode": "a last, cut window too",
    "count_include_pad": "padding counts as 0",
    "spatial": "whole channels",
    "shared": "one for all channels",
}


class WholeNumber(Editor):
    """One whole number; None, where allowed, reads `blank`."""

    def __init__(self, setting: Setting, parent: QWidget | None = None, blank: str = "none"):
        super().__init__(setting, parent)
        kind: Any = setting.kind
        self._box = NumberBox(kind.low, kind.high, blank if isinstance(kind, OptionalInteger) else "")
        self._box.tried.connect(self._try)
        self._adopt(self._box)
        _row(self).addWidget(self._box)

    def _show(self) -> None:
        self._box.show_number(self._value, mixed=self.mixed)


class RealNumber(Editor):
    """One real number."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        self._box = RealBox(setting.kind)
        self._box.tried.connect(self._try)
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
    """One of a few words, shown as `words` say it."""

    def __init__(self, setting: Setting, parent: QWidget | None = None, words: Mapping[Any, str] | None = None):
        super().__init__(setting, parent)
        kind: Any = setting.kind
        self._box = WordBox(words or {option: option.replace("_", " ") for option in kind.options})
        self._box.edited.connect(self._choose)
        self._box.hovered.connect(self._hover)
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
            box.tried.connect(lambda number, index=index: self._tried(index, number))

    def _tried(self, index: int, number: int | None) -> None:
        both = list(self._value) if self._value else [number, number]
        both[index] = number
        self._try(None if number is None else tuple(both))

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
        self._rule.edited.connect(lambda rule: self._choose(self._padding(rule)))
        self._rule.hovered.connect(lambda rule: self._hover(self._padding(rule)))
        self._adopt(self._rule)
        self._sides = QWidget()
        grid = QGridLayout(self._sides)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setSpacing(4)
        self._numbers = [NumberBox(0, kind.high, arrows=False) for _ in SIDES]
        for column, (box, side) in enumerate(zip(self._numbers, SIDES, strict=True)):
            self._adopt(box, side)
            box.tried.connect(lambda number, column=column: self._tried(column, number))
            label = QLabel(side)
            label.setProperty("role", "tertiary")
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(box, 0, column)
            grid.addWidget(label, 1, column)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._rule)
        self._rule.setVisible(bool(kind.rules))
        column.addWidget(self._sides)

    def _padding(self, rule: str) -> Any:
        """What a rule's name stands for; explicit sides that are already given stay."""
        if rule != EXPLICIT:
            return rule
        return self._value if isinstance(self._value, tuple) and not self.mixed else self.sides

    def _tried(self, side: int, number: int) -> None:
        sides = list(self._value)
        sides[side] = number
        self._try(tuple(sides))

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


def _row(editor: Editor) -> QHBoxLayout:
    row = QHBoxLayout(editor)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    return row
