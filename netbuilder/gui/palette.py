"""The layers to choose from, by family, and the examples: from a search or a double-click to a wish for a block."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from netbuilder.gui.glyphs import glyph
from netbuilder.gui.palette_entries import EXAMPLE, MIME, Entry, entries, found
from netbuilder.gui.palette_list import ENTRY, LayerList
from netbuilder.gui.theme import PALETTE, theme

__all__ = ["EXAMPLE", "MIME", "Palette"]


class Palette(QWidget):
    """Search field and list. `layer_chosen` carries a layer class, `example_chosen` the name of an example."""

    layer_chosen = Signal(object)
    example_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("palette")
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(PALETTE)
        self._entries = entries()
        self.search = SearchField(self)
        self.list = LayerList(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(6)
        field = QVBoxLayout()
        field.setContentsMargins(10, 0, 10, 0)
        field.addWidget(self.search)
        column.addLayout(field)
        column.addWidget(self.list, 1)
        self.setFocusProxy(self.search)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._take_first)
        self.search.leaving.connect(self.list.enter)
        self.list.returning.connect(self.search.setFocus)
        self.list.chosen.connect(self._choose)
        theme.changed.connect(self.list.viewport().update)
        self._fill("")

    def _fill(self, query: str) -> None:
        if query.strip():
            self.list.show_hits(found(query, self._entries))
        else:
            self.list.show_families(self._entries)

    def _take_first(self) -> None:
        item = self.list.currentItem() if self.search.text().strip() else None
        if item is not None:
            self._choose(item.data(ENTRY))
            self.search.clear()

    def _choose(self, entry: Entry) -> None:
        if entry.layer is not None:
            self.layer_chosen.emit(entry.layer)
        else:
            self.example_chosen.emit(entry.payload.removeprefix(EXAMPLE))


class SearchField(QLineEdit):
    """“Find a layer”. Down goes to the list, Escape empties it."""

    leaving = Signal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("palette_search")
        self.setPlaceholderText("Find a layer")
        self.setAccessibleName("Find a layer")
        self.setToolTip("Type part of a name, a family or what it does. Enter adds the first one found.")
        self._empty = self.addAction(QIcon(), QLineEdit.ActionPosition.TrailingPosition)
        self._empty.setText("Show all layers again")
        self._empty.setToolTip("Show all layers again (Escape)")
        self._empty.triggered.connect(self.clear)
        self.textChanged.connect(lambda text: self._empty.setVisible(bool(text)))
        self._empty.setVisible(False)
        theme.changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        self._empty.setIcon(glyph("close", theme.colours.tertiary))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.leaving.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
