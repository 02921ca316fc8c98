"""The panel at the right: the selected layers with settings and workings, and the table of the whole network."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from netbuilder.analysis import Problem
from netbuilder.gui.document import Document
from netbuilder.gui.estimates import Estimates
from netbuilder.gui.layer_page import LayerPage
from netbuilder.gui.network_page import NetworkPage
from netbuilder.gui.theme import INSPECTOR
from netbuilder.layers import Order


class Inspector(QWidget):
    """Tabs Layer and Network. Follows the document by itself; the window tells it the selection.

    `layer_clicked` carries the id of a layer a person pointed at here, for the canvas to select.
    """

    layer_clicked = Signal(int)

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(INSPECTOR)
        self._document = document
        self._ids: tuple[int, ...] = ()
        self._order: Order = "hwc"
        self._batch = 64
        self._values: tuple[object, ...] = (None, None)
        self._view: tuple[object, ...] = ()
        self.estimates = Estimates(self)
        self.layer_page = LayerPage(document, self.estimates)
        self.network_page = NetworkPage(document, self.estimates)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("inspector_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleDescription("What is selected, or the whole network. Left and Right choose.")
        self.tabs.addTab(self.layer_page, "Layer")
        self.tabs.addTab(self.network_page, "Network")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        for page in (self.layer_page, self.network_page):
            page.layer_clicked.connect(self.layer_clicked)
        self.tabs.currentChanged.connect(lambda _index: self.sync())
        document.changed.connect(self.sync)
        document.preview_changed.connect(self.sync)
        self.sync()

    def show_selection(self, ids: Collection[int]) -> None:
        """Show these layers; none of them: the design as a whole. What is being tried in a form is kept first."""
        self.layer_page.edits.settle()
        self._ids = tuple(sorted(ids))
        self.sync()

    def set_order(self, order: Order) -> None:
        """Write shapes as height × width × channels, or channels first."""
        self._order = order
        self.sync()

    def set_batch_size(self, size: int, slots: int = 0) -> None:
        """State memory for this many examples at a time, and so many numbers that an optimizer keeps for a weight."""
        if (size, slots) != (self._batch, self.estimates.slots):
            self._batch, self.estimates.slots = size, slots
            self.sync()

    def rename(self) -> None:
        """Let a person type another name for the one selected layer."""
        if len(self._ids) == 1:
            self.tabs.setCurrentWidget(self.layer_page)
            self.layer_page.head.name.begin()

    def show_problem(self, problem: Problem) -> None:
        """Show the list of all problems, and one of them with its repairs."""
        self.tabs.setCurrentWidget(self.network_page)
        self.network_page.show_problem(problem)

    def sync(self) -> None:
        """Read document and selection again; nothing happens where nothing changed."""
        document, page = self._document, self.tabs.currentIndex()
        values = (document.graph, document.preview)  # compared by identity: they are never changed in place
        view = (document.title, self._ids, self._order, self._batch, page)
        if view == self._view and all(a is b for a, b in zip(values, self._values, strict=True)):
            return
        self._values, self._view = values, view
        if page == 0:
            self.layer_page.show_layers(self._ids, self._order, self._batch)
        else:
            self.network_page.show_network(self._ids, self._order, self._batch)
