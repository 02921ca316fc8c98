"""What differs between the open design and another one, as a list; a line picked is shown on the canvas."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from netbuilder.graph import Graph
from netbuilder.gui.comparing import Answer, Line, Part, Question, compared
from netbuilder.gui.document import Document
from netbuilder.gui.errand import Errand
from netbuilder.gui.labels import tip
from netbuilder.gui.theme import SMALL, font
from netbuilder.layers import Order

PARTS: Mapping[Part, str] = {"edits": "Edits", "follows": "What follows", "totals": "In all", "weights": "Weights"}
MOMENT_MS = 400
SIZE, GAP = QSize(640, 340), 34
KEY = Qt.ItemDataRole.UserRole
Weights = Callable[[], Mapping[str, Any] | None]


class CompareDialog(QDialog):
    """Stays beside the window and follows its design. `wanted` carries the id of a layer that is to be shown."""

    wanted = Signal(int)

    def __init__(
        self, document: Document, other: Path | Graph, name: str, axes: Order, weights: Weights, parent: QWidget
    ):
        super().__init__(parent)
        self.setObjectName("compare_dialog")
        self.setWindowTitle(f"Compared with {name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document, self._other, self._weights = document, other, weights
        self._axes: Order = axes
        self._asked: Graph | None = None
        self.answer: Answer | None = None
        self.sentence, self.list = QLabel("Comparing …", self), QTreeWidget(self)
        self.list.setHeaderLabels(["Change", "Layer", "What", f"In {name}", "Here"])
        self.copy, self.shut = QPushButton("Copy as text", self), QPushButton("Close", self)
        self.errand = Errand(compared, self)
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(MOMENT_MS)
        self._lay_out()
        self._connect()
        self._ask()

    # ---- asking ------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Compare the design as it is now, once the question before is answered."""
        graph = self._document.graph
        if self._asked is None:
            self._asked = graph
            self.errand.send(Question(graph, self._weights(), self._other, self._axes))

    def _hear(self, answer: Answer) -> None:
        asked, self._asked = self._asked, None
        self._show(answer)
        if asked is not self._document.graph:
            self._moment.start()

    def _changed(self) -> None:
        if self._document.graph is not self._asked:
            self._moment.start()

    # ---- showing -----------------------------------------------------------------------------------------------------

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        self.sentence.setText(answer.sentence)
        self.sentence.setProperty("role", "error" if answer.refused else "title")
        self.sentence.style().unpolish(self.sentence)
        self.sentence.style().polish(self.sentence)
        self.copy.setEnabled(bool(answer.lines))
        place = self.list.verticalScrollBar().value()
        self.list.clear()
        for part, title in PARTS.items():
            lines = [line for line in answer.lines if line.part == part]
            if lines:
                head = QTreeWidgetItem([title])
                head.setFirstColumnSpanned(True)
                head.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.list.addTopLevelItem(head)
                head.setFirstColumnSpanned(True)
                head.setFont(0, font(SMALL, weight=font().Weight.DemiBold))
                for line in lines:
                    head.addChild(_item(line))
                head.setExpanded(True)
        self.list.setVisible(bool(answer.lines))
        self.list.verticalScrollBar().setValue(place)

    def _pick(self, item: QTreeWidgetItem | None) -> None:
        key = item.data(0, KEY) if item is not None else None
        if key is not None and key in self._document.graph.nodes:
            self.wanted.emit(key)

    def _copy(self) -> None:
        lines = self.answer.lines if self.answer else ()
        rows = [
            "\t".join((PARTS[each.part], each.change, each.layer, each.what, each.before, each.after)) for each in lines
        ]
        QGuiApplication.clipboard().setText("\n".join(rows) + "\n")

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def done(self, arg__1: int) -> None:
        self.errand.end()
        super().done(arg__1)

    def closeEvent(self, arg__1: QCloseEvent) -> None:
        self.errand.end()
        super().closeEvent(arg__1)

    # ---- making ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.errand.told.connect(self._hear)
        self.errand.ended.connect(lambda: self._show(Answer("Comparing ended unexpectedly.", refused=True)))
        self._moment.timeout.connect(self._ask)
        self._document.changed.connect(self._changed)
        self.list.currentItemChanged.connect(lambda now, _before: self._pick(now))
        self.list.itemClicked.connect(lambda item, _column: self._pick(item))
        self.copy.clicked.connect(self._copy)
        self.shut.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        self.sentence.setObjectName("compare_sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.list.setObjectName("compare_list")
        self.list.setAccessibleName("Differences")
        self.list.setAccessibleDescription("A line that is picked is shown on the canvas.")
        self.list.setRootIsDecorated(False)
        self.list.setIndentation(12)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.header().setStretchLastSection(True)
        self.list.hide()
        self.copy.setObjectName("compare_copy")
        self.shut.setObjectName("compare_close")
        self.shut.setDefault(True)
        self.copy.setEnabled(False)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.shut)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.sentence)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        column.addLayout(foot)
        self.resize(SIZE)
        if (window := self.parentWidget()) is not None:  # where it hides neither the design nor its numbers
            corner = window.mapToGlobal(QPoint(GAP, window.height() - SIZE.height() - GAP))
            self.move(corner)


def _item(line: Line) -> QTreeWidgetItem:
    texts = [line.change, line.layer, line.what, line.before, line.after]
    item = QTreeWidgetItem(texts)
    item.setData(0, KEY, line.key)
    for column, text in enumerate(texts):
        item.setToolTip(column, tip(text))
    if line.key is None:
        item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, "Not in the open design.")
    return item
