"""How much samples of each class count: all alike, rare ones more, or by a number a person gives each class."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from netbuilder.gui.boxes import WordBox, written
from netbuilder.gui.editor import Editor
from netbuilder.gui.labels import Text
from netbuilder.layers.settings import Real, Setting

BY_HAND = "by hand"
WORDS = {"none": "all classes alike", "balanced": "rare classes more", BY_HAND: "by hand…"}
ROW, MOST_ROWS = 24, 6
NUMBER = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
WEIGHT = 2
"""Column of the numbers."""


class ClassWeights(Editor):
    """A rule by its name, or a table with a number for every class. The classes come when they are known."""

    def __init__(self, setting: Setting, parent: QWidget | None = None):
        super().__init__(setting, parent)
        self._classes: tuple[str, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._by_hand = False
        self._rule = WordBox(WORDS, self)  # first, so that Tab goes from it to the table
        self.table, self.effect = QTableWidget(0, 3, self), Text("", "tertiary")
        self._rule.edited.connect(self._ruled)
        self._adopt(self._rule)
        self.table.setObjectName("class_weights")
        self.table.setAccessibleName("Weight of each class")
        self.table.setAccessibleDescription("Type a number of at least 0; 1 is usual.")
        self.table.setHorizontalHeaderLabels(["Class", "Samples", "Weight"])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        first = self.table.horizontalHeaderItem(0)
        assert first is not None
        first.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.itemChanged.connect(self._typed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self._rule, self.effect, self.table):
            column.addWidget(part)

    def show_classes(self, classes: Sequence[str], counts: Sequence[int] = ()) -> None:
        """The data's classes are known, and perhaps how many samples of each training has."""
        if (tuple(classes), tuple(counts)) != (self._classes, self._counts):
            self._classes, self._counts = tuple(classes), tuple(counts)
            self._show()

    def _ruled(self, rule: str) -> None:
        self._by_hand = rule == BY_HAND
        if not self._by_hand:
            self._choose(rule)
        elif self._classes:
            self._choose(self._numbers())
        self._show()

    def _numbers(self) -> tuple[float, ...]:
        """The weight of every class: as given, or 1 where there is none."""
        if isinstance(self._value, tuple) and len(self._value) == len(self._classes):
            return tuple(float(each) for each in self._value)
        return (1.0,) * len(self._classes)

    def _typed(self, item: QTableWidgetItem) -> None:
        text = item.text().strip().replace("−", "-")
        numbers = list(self._numbers())
        try:
            numbers[item.row()] = Real(0, 1e9)(float(text))
            found = self.setting.kind(tuple(numbers))
        except ValueError:
            name = self._classes[item.row()]
            self.refused.emit(f"The weight of “{name}” must be a number of at least 0, and one of them above 0.")
        else:
            self.refused.emit("")
            self._choose(found)
        self._show()

    def _show(self) -> None:
        by_hand = self._by_hand or isinstance(self._value, tuple)
        self._by_hand = by_hand
        self._rule.show_choice(BY_HAND if by_hand else self._value, mixed=self.mixed)
        self.effect.say(self._effect(by_hand))
        self.effect.setVisible(bool(self.effect.text()))
        self.table.setVisible(by_hand and bool(self._classes))
        if by_hand:
            self._fill()

    def _fill(self) -> None:
        """Name, samples and weight of every class."""
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._classes))
        counts = [f"{count:,}" for count in self._counts] or [""] * len(self._classes)
        rows = zip(self._classes, counts, (written(each) for each in self._numbers()), strict=True)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = self.table.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    self.table.setItem(row, column, item)
                item.setText(text)
                item.setFlags(NUMBER if column == WEIGHT else Qt.ItemFlag.ItemIsEnabled)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.table.blockSignals(False)
        if self.table.currentColumn() != WEIGHT:
            self.table.setCurrentCell(0, WEIGHT)
        self.table.setFixedHeight(28 + ROW * min(len(self._classes), MOST_ROWS) + 2)

    def _effect(self, by_hand: bool) -> str:
        """What balancing comes to for this data."""
        if by_hand:
            return "" if self._classes else "The classes are shown once the data is read."
        if self._value != "balanced" or not self._counts:
            return ""
        present = [(count, name) for count, name in zip(self._counts, self._classes, strict=True) if count]
        (fewest, rare), (most, common) = min(present), max(present)
        if fewest == most:
            return "All classes are equally frequent here, so it changes nothing."
        usual = sum(self._counts) / len(self._counts)
        return f"“{rare}” counts {usual / fewest:.2g}, “{common}” {usual / most:.2g}."
