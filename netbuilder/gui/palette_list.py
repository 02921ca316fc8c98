"""The palette's list: paints entries under small headings and lets them be dragged, chosen and walked by keyboard."""

from collections.abc import Iterable

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QFocusEvent, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from netbuilder.gui.icons import paint_icon
from netbuilder.gui.miniature import block_pixmap, network_pixmap
from netbuilder.gui.palette_entries import EXAMPLE, MIME, Entry
from netbuilder.gui.theme import PALETTE, RADIUS, font, theme

ENTRY = Qt.ItemDataRole.UserRole
ROW, HEADING, ICON, MARGIN = 29, 28, 20, 6


class LayerList(QListWidget):
    """Rows under small headings. `chosen` carries an entry, `returning` means: up beyond the first row."""

    chosen = Signal(object)
    returning = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("palette_list")
        self.setAccessibleName("Layers and examples")
        self.setAccessibleDescription("Enter adds a layer behind the selected one, or opens an example.")
        self.setItemDelegate(RowDelegate(self))
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setDragDropMode(QListWidget.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.itemDoubleClicked.connect(self._choose)

    def show_families(self, among: Iterable[Entry]) -> None:
        """Everything, each family under its heading."""
        self.clear()
        family = ""
        for entry in among:
            if entry.family != family:
                family = entry.family
                self._add_heading(family)
            self._add(entry)

    def show_hits(self, hits: list[Entry]) -> None:
        """What a search found, the likeliest first and ready for Enter."""
        self.clear()
        for entry in hits:
            self._add(entry)
        if hits:
            self.setCurrentRow(0)
        else:
            self._add_heading("nothing found")

    def enter(self) -> None:
        """Take the focus, on the first row if there was none."""
        self.setFocus()
        self._begin()

    def _begin(self) -> None:
        if self.currentItem() is None:
            first = next((row for row in range(self.count()) if self.item(row).data(ENTRY)), None)
            if first is not None:
                self.setCurrentRow(first)

    def _add(self, entry: Entry) -> None:
        item = QListWidgetItem(entry.title, self)
        item.setData(ENTRY, entry)
        item.setToolTip(entry.tip)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.tip)

    def _add_heading(self, family: str) -> None:
        item = QListWidgetItem(family.upper(), self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _choose(self, item: QListWidgetItem) -> None:
        if item.data(ENTRY):
            self.chosen.emit(item.data(ENTRY))

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, items: Iterable[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        for item in items:
            data.setData(MIME, item.data(ENTRY).payload.encode())
        return data

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        item = self.currentItem()
        if item is None or not item.data(ENTRY):
            return
        entry: Entry = item.data(ENTRY)
        drag = QDrag(self)
        drag.setMimeData(self.mimeData([item]))
        ratio = self.devicePixelRatioF()
        pixmap = (
            block_pixmap(entry.layer, ratio) if entry.layer else network_pixmap(entry.payload[len(EXAMPLE) :], ratio)
        )
        size = pixmap.deviceIndependentSize()
        drag.setPixmap(pixmap)
        drag.setHotSpot(QPoint(round(size.width() / 2), round(size.height() / 2)))
        drag.exec(Qt.DropAction.CopyAction)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._choose(item)
        elif event.key() == Qt.Key.Key_Up and not any(self.item(row).data(ENTRY) for row in range(self.currentRow())):
            self.returning.emit()
        else:
            super().keyPressEvent(event)


class RowDelegate(QStyledItemDelegate):
    """Paints a row as icon and name, a heading in small capitals."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(PALETTE, ROW if index.data(ENTRY) else HEADING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        entry: Entry | None = index.data(ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry is None:
            self._paint_heading(painter, box, index.data(), first=index.row() == 0)
        else:
            self._paint_row(painter, box, entry, option.state)  # pyright: ignore[reportAttributeAccessIssue]
        painter.restore()

    def _paint_heading(self, painter: QPainter, box: QRect, text: str, *, first: bool) -> None:
        if text == "EXAMPLES" and not first:
            painter.setPen(QPen(QColor(theme.colours.border), 1))
            painter.drawLine(box.left(), box.top() + 4, box.right(), box.top() + 4)
        small = font(11, weight=QFont.Weight.DemiBold)
        small.setLetterSpacing(small.SpacingType.AbsoluteSpacing, 0.8)
        painter.setFont(small)
        painter.setPen(QColor(theme.colours.tertiary))
        painter.drawText(box.adjusted(14, 0, 0, -5), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _paint_row(self, painter: QPainter, box: QRect, entry: Entry, state: QStyle.StateFlag) -> None:
        colours = theme.colours
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent_soft if chosen else colours.field))
            painter.drawRoundedRect(box.adjusted(MARGIN, 0, -MARGIN, 0), RADIUS - 2, RADIUS - 2)
        left = box.left() + 14
        if entry.layer is not None:
            paint_icon(painter, QRectF(left, box.center().y() - ICON // 2 + 1, ICON, ICON), entry.layer)
            left += ICON + 10
        painter.setFont(font(13))
        painter.setPen(QColor(colours.text))
        room = QRect(left, box.top(), box.right() - left - MARGIN, box.height())
        text = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
