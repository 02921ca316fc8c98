"""The runs of this session as a list: what they learned from, how well, and which lie over the curves."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from netbuilder.gui.labels import tip
from netbuilder.gui.theme import theme
from netbuilder.gui.training.progress import foreseen, moment
from netbuilder.gui.training.record import Record

COLUMNS = ("Run", "Started", "Data", "Optimizer", "Rate", "Epochs", "Validation", "Test", "Epoch took")
COLOURS = ("#8B5CF6", "#0D9488", "#DB2777", "#78716C", "#16A34A", "#0EA5E9")
"""Colours of overlaid runs, in turn: none of them is the current run's blue or orange."""
FIGURES = (4, 5, 6, 7)
"""Columns of numbers."""
RECORD, PAST = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class RunsList(QTreeWidget):
    """Newest first. A tick lays a run over the curves; a double click asks for its design back."""

    compared_changed = Signal()
    restore_requested = Signal(object)
    continue_requested = Signal(object)
    settings_requested = Signal(object)
    difference_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("runs_list")
        self.setAccessibleName("Runs")
        self.setAccessibleDescription("Space lays a run over the curves; the menu key offers its design.")
        self.setHeaderLabels(COLUMNS)
        for column in FIGURES:
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.headerItem().setToolTip(8, "Measured, and in brackets what was predicted before")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(12, 12))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setMinimumSectionSize(16)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(len(COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        self.itemChanged.connect(self._changed)
        self.itemDoubleClicked.connect(lambda item, _column: self.restore_requested.emit(item.data(0, RECORD)))

    def add(self, record: Record) -> None:
        """List a run that has begun; the one of this session before it becomes one to compare with."""
        self.blockSignals(True)
        for known in [each for each in self._items() if each.data(0, RECORD) is record]:
            self.takeTopLevelItem(self.indexOfTopLevelItem(known))  # it goes on, and is the newest again
        before = self.topLevelItem(0)
        item = self._item(record)
        item.setIcon(0, _dot(theme.colours.accent))
        self.insertTopLevelItem(0, item)
        if before is not None and before.data(0, Qt.ItemDataRole.CheckStateRole) is None:
            first = sum(not each.data(0, PAST) for each in self._items()) == 2
            before.setCheckState(0, Qt.CheckState.Checked if first else Qt.CheckState.Unchecked)
            before.setIcon(0, _dot(self._colour(before)))
        self.blockSignals(False)
        self.refresh(record)
        self.compared_changed.emit()

    def show_past(self, records: Sequence[Record]) -> None:
        """List other runs of earlier sessions, oldest first, below those of this one."""
        self.blockSignals(True)
        for item in self._items():
            if item.data(0, PAST):
                self.takeTopLevelItem(self.indexOfTopLevelItem(item))
        for record in reversed(records):
            item = self._item(record)
            item.setData(0, PAST, True)
            item.setCheckState(0, Qt.CheckState.Unchecked)
            self.addTopLevelItem(item)
        for item in self._items():
            if item.data(0, Qt.ItemDataRole.CheckStateRole) is not None:
                item.setIcon(0, _dot(self._colour(item)))
        self.blockSignals(False)
        for record in records:
            self.refresh(record)
        self.compared_changed.emit()

    def _item(self, record: Record) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, RECORD, record)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setToolTip(0, "Tick to draw this run over the curves; double-click to get its design back")
        for column in FIGURES:
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item

    def refresh(self, record: Record) -> None:
        """Show what is known of a run by now."""
        item = next((each for each in self._items() if each.data(0, RECORD) is record), None)
        if item is None:
            return
        texts = (
            record.name,
            _when(record.began),
            record.data,
            record.method,
            f"{record.rate:g}",
            f"{record.epochs}",
            _percent(record.best_accuracy),
            _percent(record.test_accuracy),
            _beside(record) or (record.note if record.test_accuracy is None else ""),
        )
        self.blockSignals(True)
        for column, text in enumerate(texts):
            item.setText(column, text)
            if column:
                item.setToolTip(column, tip(foreseen(record)) if foreseen(record) else "")
        self.blockSignals(False)

    def compared(self) -> tuple[tuple[Record, str], ...]:
        """The ticked runs with their colours, oldest first."""
        ticked = [item for item in self._items() if item.checkState(0) is Qt.CheckState.Checked]
        return tuple((item.data(0, RECORD), self._colour(item)) for item in reversed(ticked))

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _colour(self, item: QTreeWidgetItem) -> str:
        age = self.topLevelItemCount() - 1 - self.indexOfTopLevelItem(item)
        return COLOURS[age % len(COLOURS)]

    def _changed(self, _item: QTreeWidgetItem, column: int) -> None:
        if column == 0:
            self.compared_changed.emit()

    def _ask(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        record = item.data(0, RECORD)
        go_on = menu.addAction("&Continue from its last checkpoint")
        go_on.setEnabled(record.resumable)
        go_on.triggered.connect(lambda _checked=False: self.continue_requested.emit(record))
        settings = menu.addAction("&Use its settings again")
        settings.setEnabled(bool(record.settings))
        settings.triggered.connect(lambda _checked=False: self.settings_requested.emit(record))
        restore = menu.addAction("&Restore its design")
        restore.triggered.connect(lambda _checked=False: self.restore_requested.emit(item.data(0, RECORD)))
        differs = menu.addAction("See what &differs from its design")
        differs.triggered.connect(lambda _checked=False: self.difference_requested.emit(record))
        menu.popup(self.viewport().mapToGlobal(place))


def _beside(record: Record) -> str:
    """'3.8 s (4.0 s)': what an epoch took, and what was predicted."""
    took, hoped = record.took[0], record.expected[0]
    return f"{moment(took)} ({moment(hoped)})" if took and hoped else ""


def _when(moment: datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == datetime.now().date() else f"{moment:%Y-%m-%d}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"


def _dot(colour: str) -> QIcon:
    pixmap = QPixmap(36, 36)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(4, 4, 28, 28)
    painter.end()
    return QIcon(pixmap)
