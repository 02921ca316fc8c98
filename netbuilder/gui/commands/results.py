"""The list of what was found: headings in small capitals, and rows of icon, title, detail and shortcut."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from netbuilder.gui.theme import RADIUS, font, theme

from .entries import Entry, Row
from .marks import SIDE, paint_mark

ROW_HEIGHT, HEADING_HEIGHT, MARGIN, GAP, LEAST_DETAIL = 30, 26, 8, 10, 48
TITLE_SIZE, DETAIL_SIZE, HEADING_SIZE = 13, 12, 11
ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    """The rows, as Qt asks for them. Headings cannot be chosen."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.rows: Sequence[Row] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        usable = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return usable if self.rows[index.row()].entry else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(row.entry) if row.entry else row.heading
        return None


class Results(QListView):
    """Shows rows and keeps one of them current. `chosen` says that the mouse chose the current one."""

    moved = Signal()
    chosen = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("command_results")
        self.setAccessibleName("What was found")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.model_ = Rows(self)
        self.setModel(self.model_)
        self.setItemDelegate(Painter(self))
        self.setStyleSheet("QListView { background: transparent; border: none; }")
        self.selectionModel().currentChanged.connect(lambda *_: self.moved.emit())

    @property
    def entry(self) -> Entry | None:
        """The current row's entry."""
        index = self.currentIndex()
        return self.model_.rows[index.row()].entry if index.isValid() else None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; the first of them becomes current."""
        self.model_.show(rows)
        self.step(1)
        self.scrollToTop()

    def step(self, steps: int) -> None:
        """Make a row further down (or up) current; beyond the last comes the first."""
        usable = [place for place, row in enumerate(self.model_.rows) if row.entry]
        if not usable:
            return
        here = usable.index(self.currentIndex().row()) if self.currentIndex().isValid() else -1
        place = usable[(here + steps) % len(usable) if abs(steps) == 1 else min(max(here + steps, 0), len(usable) - 1)]
        self.setCurrentIndex(self.model_.index(place))
        if place == usable[0]:
            self.scrollToTop()  # with its heading

    def wanted_height(self) -> int:
        """So tall that all rows show."""
        headings = sum(row.entry is None for row in self.model_.rows)
        return headings * HEADING_HEIGHT + (len(self.model_.rows) - headings) * ROW_HEIGHT

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index == self.currentIndex() and self.entry:
            self.chosen.emit()


def spoken(entry: Entry) -> str:
    """An entry in words, for those who hear it."""
    return ", ".join(part for part in (entry.title, entry.detail, entry.shortcut) if part)


class Painter(QStyledItemDelegate):
    """Paints a row: icon, title with the typed letters bold, detail, and the shortcut at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ROW_HEIGHT if index.data(ROLE).entry else HEADING_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        row: Row = index.data(ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.entry is None:
            _paint_heading(painter, box, row.heading)
        else:
            _paint_ground(painter, box, state)
            _paint_entry(painter, box.adjusted(MARGIN, 0, -MARGIN, 0), row.entry, row.at)
        painter.restore()


def _paint_heading(painter: QPainter, box: QRect, text: str) -> None:
    small = font(HEADING_SIZE, weight=QFont.Weight.DemiBold)
    small.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.8)
    painter.setFont(small)
    painter.setPen(QColor(theme.colours.secondary))
    place = box.adjusted(2 * MARGIN, 0, 0, -5)
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text.upper())


def _paint_ground(painter: QPainter, box: QRect, state: QStyle.StateFlag) -> None:
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours.accent_soft if chosen else theme.colours.field))
        painter.drawRoundedRect(box.adjusted(MARGIN, 0, -MARGIN, 0), RADIUS - 2, RADIUS - 2)


def _paint_entry(painter: QPainter, box: QRect, entry: Entry, at: Sequence[int]) -> None:
    paint_mark(painter, QRectF(box.left() + MARGIN, box.center().y() - SIDE // 2 + 1, SIDE, SIDE), entry)
    room = box.adjusted(MARGIN + SIDE + GAP, 0, -MARGIN, 0)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(font(DETAIL_SIZE))
    if entry.shortcut:
        painter.setPen(QColor(theme.colours.secondary))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, entry.shortcut)
        room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(entry.shortcut) - 2 * GAP)
    room.setLeft(room.left() + _paint_title(painter, room, entry.title, at) + GAP)
    if room.width() > LEAST_DETAIL:
        painter.setFont(font(DETAIL_SIZE))
        painter.setPen(QColor(theme.colours.secondary))
        text = painter.fontMetrics().elidedText(entry.detail, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, text)


def _paint_title(painter: QPainter, room: QRect, title: str, at: Sequence[int]) -> int:
    """Draw the title, the letters `at` these places bold, and return its width."""
    plain = font(TITLE_SIZE, weight=QFont.Weight.Medium)
    shown = QFontMetrics(plain).elidedText(title, Qt.TextElideMode.ElideRight, room.width())
    layout = QTextLayout(shown, plain)
    layout.setFormats([_bold(place) for place in at if place < len(shown)])
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(room.width())
    layout.endLayout()
    painter.setPen(QColor(theme.colours.text))
    layout.draw(painter, QPointF(room.left(), room.top() + (room.height() - line.height()) / 2))
    return round(line.naturalTextWidth())


def _bold(place: int) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start, found.length = place, 1  # pyright: ignore[reportAttributeAccessIssue]
    how = QTextCharFormat()
    how.setFontWeight(QFont.Weight.Bold)
    how.setForeground(QColor(theme.colours.accent))
    found.format = how  # pyright: ignore[reportAttributeAccessIssue]
    return found
