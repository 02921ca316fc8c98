"""A Table as a widget: model, view and the delegate that paints a faint bar behind each figure."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from netbuilder.gui.labels import tip
from netbuilder.gui.theme import SMALL, family_colour, font, theme
from netbuilder.gui.wording import UNKNOWN, compact, memory, share, thousands
from netbuilder.tables import Row, Table

COLUMNS = ("Layer", "Activation", "Weights", "Memory", "MACs")
NAME, SHAPE, WEIGHTS, MEMORY, MACS = range(5)
TIPS = (
    "The layers in the order data passes them.",
    "The shape of each layer's output.",
    "Trainable numbers, biases included.",
    "What one pass forward takes for a batch, weights included.",
    "Multiply-accumulates for one example.",
)
ROW, EDGE, PAD = 26, 8, 5
NARROWEST_NAME, WIDEST_FITTED_NAME = 40, 96
FIGURES: Mapping[int, Callable[[Row], int | None]] = {
    WEIGHTS: lambda row: row.weights,
    MEMORY: lambda row: row.memory,
    MACS: lambda row: row.macs,
}
FEWER = (SHAPE, WEIGHTS, MACS)
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class TableModel(QAbstractTableModel):
    """A Table for Qt's views."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table((), 0, 0, 0)
        self.exact = True
        self._largest: Mapping[int, int] = {}

    def show_table(self, shown: Table) -> None:
        """Show another table; where only figures differ, rows stay where they are."""
        if shown == self.table:
            return
        self._largest = {
            column: max((figure(row) or 0 for row in shown.rows), default=0) for column, figure in FIGURES.items()
        }
        same = [row.id for row in shown.rows] == [row.id for row in self.table.rows]
        if same:
            self.table = shown
            self.dataChanged.emit(self.index(0, 0), self.index(len(shown.rows) - 1, MACS))
        else:
            self.beginResetModel()
            self.table = shown
            self.endResetModel()

    def part(self, row: Row, column: int) -> float:
        """A figure as a part of its column's largest: how long the bar behind it is."""
        return share(FIGURES[column](row), self._largest.get(column, 0)) if column in FIGURES else 0.0

    def cell(self, row: Row, column: int) -> str:
        """What a cell reads; its tooltip is exact where it is not."""
        if column in (NAME, SHAPE):
            return row.name if column == NAME else row.shape or UNKNOWN
        figure = FIGURES[column](row)
        return UNKNOWN if figure is None else self.figure(figure, column)

    def total(self, column: int) -> str:
        """What the last line reads in a column."""
        shown = self.table
        sums = {WEIGHTS: shown.weights, MEMORY: shown.memory, MACS: shown.macs}
        return "Total" if column == NAME else self.figure(sums[column], column) if column in sums else ""

    def figure(self, figure: int, column: int) -> str:
        """How a column writes a number."""
        if column == MEMORY:
            return memory(figure)
        return thousands(figure) if self.exact else compact(figure)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return TIPS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return aligned(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.table.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(described(row, self.table))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return aligned(index.column())
        return None


class NetworkTable(QTableView):
    """Whole rows are chosen; with arrow keys `entered_row`, with Ctrl+C `copying`."""

    entered_row = Signal(int)
    copying = Signal()

    def __init__(self, model: TableModel):
        super().__init__()
        self.setObjectName("network_table")
        self.setAccessibleName("Layers with activation shape, weights and multiply-adds")
        self.setAccessibleDescription("The current row's layer is selected on the canvas.")
        self.setModel(model)
        self._model = model
        self._fitted: tuple[int, Table] | None = None
        self.setItemDelegate(CellDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = TableHead(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(head)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(20)
        head.setHighlightSections(False)

    def mark(self, ids: Collection[int]) -> None:
        """Show which layers are selected on the canvas."""
        wanted = {row for row, line in enumerate(self._model.table.rows) if line.id in ids}
        marked = {index.row() for index in self.selectionModel().selectedRows()}
        if wanted == marked:
            return
        flags = self.selectionModel().SelectionFlag
        self.selectionModel().clearSelection()
        for row in sorted(wanted):
            self.selectionModel().select(self._model.index(row, 0), flags.Select | flags.Rows)
        if wanted:
            first = self._model.index(min(wanted), 0)
            self.selectionModel().setCurrentIndex(first, flags.NoUpdate)
            self.scrollTo(first)

    def fit_columns(self) -> None:
        """Give every column the room it needs and names what is left. Memory is shown where there is room for it;
        large figures are shortened where exact ones would leave too little."""
        wide, model = self.viewport().width() - 2 * EDGE, self._model
        if self._fitted == (wide, model.table):
            return
        words = {NAME: self._widest(NAME), SHAPE: self._widest(SHAPE)}
        for exact, columns in ((True, (SHAPE, WEIGHTS, MEMORY, MACS)), (True, FEWER), (False, FEWER)):
            model.exact = exact
            figures = {column: self._widest(column) for column in columns if column in FIGURES}
            needed = {column: width + 2 * PAD for column, width in (words | figures).items()}
            room = wide - sum(needed[column] for column in columns)
            if room >= min(needed[NAME], WIDEST_FITTED_NAME) and (MEMORY not in columns or model.table.memory):
                break
        self._fitted = wide, model.table
        self.setColumnHidden(MEMORY, MEMORY not in needed)
        self.setColumnWidth(NAME, max(NARROWEST_NAME, room) + EDGE)
        for column in needed.keys() - {NAME}:
            self.setColumnWidth(column, needed[column] + (EDGE if column == MACS else 0))

    def _widest(self, column: int) -> int:
        """Pixels of the longest text in a column, its title and its sum included."""
        model = self._model
        if column in FIGURES:
            values = {FIGURES[column](row) for row in model.table.rows}
            texts = {UNKNOWN if value is None else model.figure(value, column) for value in values}
        else:
            texts = {model.cell(row, column) for row in model.table.rows}
        widest = max((width(text) for text in texts), default=0)
        return max(widest, width(model.total(column), bold=True), width(COLUMNS[column])) + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copying.emit()
            return
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() != before and self.currentIndex().isValid():
            self.entered_row.emit(self.currentIndex().row())


class TableHead(QHeaderView):
    """Column titles, above their cells to the pixel."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), ROW)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.save()
        painter.fillRect(rect, QColor(theme.colours.surface))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.colours.border))
        painter.setFont(figures())
        painter.setPen(QColor(theme.colours.secondary))
        painter.drawText(padded(rect, logicalIndex), aligned(logicalIndex), COLUMNS[logicalIndex])
        painter.restore()


class CellDelegate(QStyledItemDelegate):
    """Paints a cell's text, and behind a figure a faint bar as long as its share of the sum."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(40, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        model = index.model()
        assert isinstance(model, TableModel)
        row, column = model.table.rows[index.row()], index.column()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(theme.colours.accent_soft))
        room = padded(box, column)
        part = model.part(row, column)
        if part > 0:
            bar = QRectF(room.adjusted(-PAD + 2, 3, PAD - 2, -3))
            bar.setLeft(bar.right() - max(2.0, bar.width() * part))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(family_colour(row.family, soft=True))
            painter.drawRoundedRect(bar, 3, 3)
        if column == NAME:
            painter.fillRect(QRectF(box.left() + 5, box.top() + 6, 3, box.height() - 12), family_colour(row.family))
        painter.setFont(figures())
        words = model.cell(row, column)
        quiet = column == SHAPE or words in ("0", UNKNOWN)
        painter.setPen(QColor(theme.colours.secondary if quiet else theme.colours.text))
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width() + 2)
        painter.drawText(room.adjusted(-1, 0, 1, 0), aligned(column), text)
        painter.restore()


@lru_cache(4096)
def width(text: str, *, bold: bool = False) -> int:
    """Pixels of a text in the table's font."""
    return QFontMetrics(figures(bold=bold)).horizontalAdvance(text)


def figures(*, bold: bool = False) -> QFont:
    """The table's font."""
    return font(SMALL, weight=QFont.Weight.DemiBold if bold else QFont.Weight.Normal)


def described(row: Row, shown: Table) -> str:
    """A row's tooltip: nothing shortened."""
    if row.weights is None or row.macs is None:
        return f"{row.name}: {row.type}. Unknown, because something before it does not fit."
    return (
        f"{row.name}: {row.type}, {row.shape}. {row.weights:,} weights ({share(row.weights, shown.weights):.1%}), "
        f"{row.macs:,} multiply-adds ({share(row.macs, shown.macs):.1%})."
    )


def aligned(column: int) -> Qt.AlignmentFlag:
    """Figures right, words left."""
    side = Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def padded(box: QRect, column: int) -> QRect:
    """The room for a cell's text."""
    return box.adjusted(PAD + (EDGE if column == NAME else 0), 0, -PAD - (EDGE if column == MACS else 0), 0)
