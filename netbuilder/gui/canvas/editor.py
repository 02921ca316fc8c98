"""Commands -> edits of the document, each one commit; and the selection they work on."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from netbuilder.arrangement import arrange
from netbuilder.graph import Edge, Graph, GraphError, Point
from netbuilder.gui.document import Document
from netbuilder.layers import Layer, Order

from . import clipboard
from .placement import appended, removed
from .rename import NameEditor
from .scene import Canvas
from .viewport import MARGIN, Viewport


class Editor(Viewport):
    """A viewport that can edit what it shows. Knows commands, not mouse and keys."""

    selection_changed = Signal()
    said = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(Canvas(document), parent)
        self.canvas.setParent(self)
        self.document = document
        self.canvas.selection_changed.connect(self._tell_selection)
        self.canvas.said.connect(self.said)
        document.changed.connect(self._describe)
        self._describe()

    # ---- selection ---------------------------------------------------------------------------------------------------

    def selected(self) -> tuple[int, ...]:
        """Ids of the selected layers, in execution order."""
        return self.canvas.selected()

    def select(self, ids: Iterable[int]) -> None:
        """Select these layers and nothing else."""
        self.canvas.select(ids)

    def select_all(self) -> None:
        """Select every layer."""
        self.canvas.select(self.document.graph.nodes)

    def _tell_selection(self) -> None:
        self._describe()
        self.selection_changed.emit()

    def _describe(self) -> None:
        """What a screen reader says of the canvas."""
        graph, chosen = self.document.graph, self.selected()
        count = f"{len(graph.nodes)} layer{'' if len(graph.nodes) == 1 else 's'}"
        if len(chosen) == 1 and chosen[0] in self.canvas.blocks:
            face = self.canvas.blocks[chosen[0]].face
            position = graph.order.index(chosen[0]) + 1
            said = f"{face.name}, {face.tip}, {face.caption}, layer {position} of {len(graph.nodes)}" if face else count
        else:
            said = f"{len(chosen)} of {count} selected" if chosen else count
        self.setAccessibleDescription(said)

    # ---- commands ----------------------------------------------------------------------------------------------------

    def append(self, layer: Layer | type[Layer]) -> None:
        """Add a layer behind the selected one, into its wire where it has one, or at the network's end."""
        made = layer() if isinstance(layer, type) else layer
        chosen = self.selected()
        middle = self.seen().center().toTuple()
        try:
            graph, node = appended(self.document.graph, self.canvas.ways, made, chosen[-1] if chosen else None, middle)
        except GraphError as error:
            self.said.emit(str(error))
            return
        self.document.commit(f"Add {node.name}", graph)
        self.select([node.id])
        self.reveal(node.id)

    def delete_selected(self, heal: bool = True) -> None:
        """Remove the selected layers and wires; healing, what fed a removed chain then feeds what it fed."""
        graph, chosen, wires = self.document.graph, self.selected(), self.canvas.selected_wires()
        for wire in wires:
            graph = graph.disconnect(wire)
        graph = removed(graph, chosen, heal=heal) if chosen else graph
        if chosen or wires:
            self.document.commit(f"Delete {self._counted(chosen)}" if chosen else "Disconnect", graph)

    def disconnect_wire(self, edge: Edge) -> None:
        """Take a wire away."""
        self.document.commit("Disconnect", self.document.graph.disconnect(edge))

    def zoom(self, factor: float, about: QPoint | None = None) -> None:
        for editor in self.viewport().findChildren(NameEditor):
            editor.close_editor()
        super().zoom(factor, about)

    def rename_selected(self) -> None:
        """Let the name of the selected layer be edited in place."""
        chosen = self.selected()
        if len(chosen) != 1:
            return
        key = chosen[0]
        self.reveal(key)
        rect = self.mapFromScene(self.canvas.blocks[key].name_rect()).boundingRect()
        name = self.document.graph[key].name
        NameEditor(name, rect, self.scale_now, lambda text: self._rename(key, text), self.viewport())

    def _rename(self, key: int, name: str) -> bool:
        try:
            graph = self.document.graph.rename(key, name.strip())
        except GraphError as error:
            self.said.emit(str(error))
            return False
        self.document.commit(f"Rename to {name.strip()}", graph)
        return True

    def copy(self) -> None:
        """Put the selected layers into the clipboard."""
        chosen = self.selected()
        if chosen:
            clipboard.put(self.document.graph.selected(chosen))
            self.said.emit(f"Copied {self._counted(chosen)}.")

    def cut(self) -> None:
        """Put the selected layers into the clipboard and remove them; the chain heals."""
        chosen = self.selected()
        if chosen:
            clipboard.put(self.document.graph.selected(chosen))
            text = f"Cut {self._counted(chosen)}"
            self.document.commit(text, removed(self.document.graph, chosen, heal=True))

    def paste(self, at: Point | None = None) -> None:
        """Add the layers in the clipboard, beside those they were copied from, or around a point of the canvas."""
        part = clipboard.get()
        if part is None:
            self.said.emit("The clipboard holds no layers.")
            return
        self._add_copy("Paste", part, at)

    def duplicate(self) -> None:
        """Add a copy of the selected layers beside them; the clipboard keeps what it has."""
        chosen = self.selected()
        if chosen:
            self._add_copy("Duplicate", self.document.graph.selected(chosen), None)

    def _add_copy(self, text: str, part: Graph, at: Point | None) -> None:
        graph, copies = clipboard.pasted(self.document.graph, part, at)
        self.document.commit(f"{text} {self._counted(part.nodes)}", graph)
        self.select(copies)
        if copies:
            self.reveal(copies[0])

    def arrange(self) -> None:
        """Lay all layers out in columns that fit the view, in one step; they glide to their places."""
        graph = self.document.graph
        room = self.viewport().size()
        places = arrange(graph, width=room.width() - 2 * MARGIN, height=room.height() - 3 * MARGIN)
        before = {key: node.position for key, node in graph.nodes.items()}
        self.document.commit("Arrange", graph.move(places))
        self.fit()
        self.canvas.glide(before)

    def set_order(self, order: Order) -> None:
        """How shapes are written on wires and in tooltips."""
        self.canvas.set_order(order)

    def _counted(self, keys: Iterable[int]) -> str:
        chosen = list(keys)
        known = self.document.graph.nodes
        return known[chosen[0]].name if len(chosen) == 1 and chosen[0] in known else f"{len(chosen)} layers"
