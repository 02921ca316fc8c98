"""The inspector's second tab: the table of the whole network, with its sums always in sight, and ways to copy it."""

from collections.abc import Collection

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from netbuilder.gui.document import Document
from netbuilder.gui.labels import Text
from netbuilder.gui.network_table import (
    EDGE,
    MACS,
    NAME,
    PAD,
    WEIGHTS,
    NetworkTable,
    TableModel,
    aligned,
    figures,
    padded,
)
from netbuilder.gui.summary_table import FORMATS, table
from netbuilder.gui.theme import theme
from netbuilder.gui.wording import counted
from netbuilder.layers import Order

FOOT = 34


class NetworkPage(QWidget):
    """Table, sums and the button that copies them. A click on a row says `layer_clicked`."""

    layer_clicked = Signal(int)

    def __init__(self, document: Document):
        super().__init__()
        self.setObjectName("network_page")
        self._document = document
        self.model = TableModel()
        self.view = NetworkTable(self.model)
        self.sums = SumsRow(self.view)
        self.caption = Text("", "secondary")
        self.copy_button = QPushButton("Copy")
        self.copy_button.setObjectName("copy_table")
        self.copy_button.setToolTip("Copy the table as text, Markdown, LaTeX or CSV (Ctrl+C in the table: text)")
        menu = QMenu(self.copy_button)
        for name in FORMATS:
            action = QAction(f"As {name if name != 'Text' else 'text'}", menu)
            action.triggered.connect(lambda _checked=False, name=name: self.copy(name))
            menu.addAction(action)
        self.copy_button.setMenu(menu)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(lambda at: menu.popup(self.view.viewport().mapToGlobal(at)))
        self._lay_out()
        self.view.clicked.connect(lambda index: self.layer_clicked.emit(self.model.table.rows[index.row()].id))
        self.view.entered_row.connect(lambda row: self.layer_clicked.emit(self.model.table.rows[row].id))
        self.view.copying.connect(lambda: self.copy("Text"))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(EDGE + PAD, 10, EDGE + PAD, 8)
        head.addWidget(self.caption, 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self.sums)

    def show_network(self, ids: Collection[int], order: Order) -> None:
        """Show the design, or its preview, with these layers marked."""
        _graph, report = self._document.preview or (self._document.graph, self._document.report)
        shown = table(report, order)
        self.model.show_table(shown)
        self.view.mark(ids)
        known = counted(shown.weights, "weight") + (" so far" if shown.unknown else "")
        self.caption.say(" · ".join(part for part in (counted(len(shown.rows), "layer"), known, shown.remark) if part))
        self.view.fit_columns()
        self.sums.update()

    def copy(self, name: str) -> None:
        """Put the table on the clipboard in one of the formats."""
        QApplication.clipboard().setText(FORMATS[name](self.model.table))


class SumsRow(QWidget):
    """The last line, under the table's own columns, in sight however far one has scrolled."""

    def __init__(self, view: NetworkTable):
        super().__init__()
        self.setObjectName("network_sums")
        self._view = view
        self.setFixedHeight(FOOT)

    def paintEvent(self, event: QPaintEvent) -> None:
        model = self._view.model()
        assert isinstance(model, TableModel)
        self.setAccessibleName(f"Total: {', '.join(model.table.sums()[2:])}")
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), 1), QColor(theme.colours.border))
        painter.setFont(figures(bold=True))
        painter.setPen(QColor(theme.colours.text))
        for column in (NAME, WEIGHTS, MACS):
            box = QRect(self._view.columnViewportPosition(column), 0, self._view.columnWidth(column), FOOT)
            painter.drawText(padded(box, column), aligned(column), model.total(column))
