"""The inspector's second tab: the table of the whole network with its sums, ways to copy it, and all its problems."""

from collections.abc import Collection

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from netbuilder.analysis import Problem
from netbuilder.gui.difference import weights
from netbuilder.gui.document import Document
from netbuilder.gui.estimates import Estimates
from netbuilder.gui.labels import Line, Text
from netbuilder.gui.network_table import (
    EDGE,
    FIGURES,
    NAME,
    PAD,
    NetworkTable,
    TableModel,
    aligned,
    figures,
    padded,
)
from netbuilder.gui.problem_list import ProblemList
from netbuilder.gui.theme import theme
from netbuilder.gui.wording import counted
from netbuilder.layers import Order
from netbuilder.tables import FORMATS, Rows, table

FOOT = 34


class NetworkPage(QWidget):
    """Table, sums and the button that copies them, over the list of problems where there are any. A click on a row or
    on a problem says `layer_clicked`."""

    layer_clicked = Signal(int)

    def __init__(self, document: Document, estimates: Estimates):
        super().__init__()
        self.setObjectName("network_page")
        self._document, self._estimates = document, estimates
        self._shown: tuple[Order, int] = ("hwc", 1)
        self._rows_order: Order = "hwc"
        self._rows: Rows = {}
        self.model = TableModel()
        self.view = NetworkTable(self.model)
        self.sums = SumsRow(self.view)
        self.caption = Text("", "secondary")
        self.problems, self.problem_place = ProblemList(document), QScrollArea()
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
        self.problems.layer_clicked.connect(self.layer_clicked)
        estimates.ready.connect(lambda: self._show_table(*self._shown))
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
        column.addWidget(self.problem_place, 1)
        body = QWidget()
        body.setProperty("role", "surface")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(EDGE + PAD, 10, EDGE + PAD, 10)
        inner.addWidget(Line())
        inner.addSpacing(6)
        inner.addWidget(self.problems)
        inner.addStretch(1)
        self.problem_place.setObjectName("network_problems")
        self.problem_place.setWidget(body)
        self.problem_place.setWidgetResizable(True)
        self.problem_place.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.problem_place.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_network(self, ids: Collection[int], order: Order, batch: int) -> None:
        """Show the design, or its preview, with these layers marked."""
        self._shown = order, batch
        self._show_table(order, batch)
        self.view.mark(ids)
        found = self._document.report.problems if self._document.graph.nodes else ()
        self.problems.show_problems(found, order, "", linked=True)
        self.problem_place.setVisible(bool(found))

    def show_problem(self, problem: Problem) -> None:
        """Unfold one of the problems, and bring it into sight."""
        if card := self.problems.choose(problem):
            card.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, card, lambda: self.problem_place.ensureWidgetVisible(card))

    def _show_table(self, order: Order, batch: int) -> None:
        report = self._document.preview[1] if self._document.preview else self._document.report
        if order != self._rows_order or len(self._rows) > 2 * len(report.layers):
            self._rows_order, self._rows = order, {}
        shown = table(report, order, self._estimates.of(report, batch), self._rows)
        self.model.show_table(shown)
        known = counted(shown.weights, "weight") + (" so far" if shown.unknown else "")
        if self._document.preview:
            known = weights(self._document.report, report)
        self.caption.say(" · ".join(part for part in (counted(len(shown.rows), "layer"), known, shown.remark) if part))
        self.caption.mark(self._document.preview is not None)
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
        for column in (NAME, *FIGURES):
            if self._view.isColumnHidden(column):
                continue
            box = QRect(self._view.columnViewportPosition(column), 0, self._view.columnWidth(column), FOOT)
            painter.drawText(padded(box, column), aligned(column), model.total(column))
