"""Commands on layers -> edits of the document, each one commit; and the selection they work on."""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import replace

from PySide6.QtCore import QPoint, QRectF, Signal
from PySide6.QtWidgets import QWidget

from netbuilder.graph import Edge, Graph, GraphError, Point
from netbuilder.gui.document import Document
from netbuilder.layers import Layer, Order

from . import clipboard
from .describing import counted, description
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
        """Select every layer and note."""
        graph = self.document.graph
        self.canvas.select([*graph.nodes, *graph.notes])

    def _tell_selection(self) -> None:
        self._describe()
        self.selection_changed.emit()

    def _describe(self) -> None:
        """What a screen reader says of the canvas."""
        self.setAccessibleDescription(description(self.canvas))

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
        """Remove all that is selected; healing, what fed a removed chain then feeds what it fed."""
        canvas, graph = self.canvas, self.document.graph
        chosen, wires, notes = canvas.selected(), canvas.selected_wires(), canvas.selected_notes()
        text = f"Delete {self._counted((*chosen, *notes))}" if chosen or notes else "Disconnect"
        for wire in wires:
            for edge in canvas.committed.behind(wire):
                graph = graph.disconnect(edge)
        graph = removed(graph, chosen, heal=heal) if chosen else graph
        for key in notes:
            graph = graph.change_note(key, text="")
        if chosen or wires or notes:
            self.document.commit(text, graph)

    def disconnect_wire(self, wire: Edge) -> None:
        """Take a wire away, as it is seen."""
        graph = self.document.graph
        for edge in self.canvas.committed.behind(wire):
            graph = graph.disconnect(edge)
        self.document.commit("Disconnect", graph)

    def zoom(self, factor: float, about: QPoint | None = None) -> None:
        for editor in self.viewport().findChildren(NameEditor):
            editor.close_editor()
        super().zoom(factor, about)

    def rename_selected(self) -> None:
        """Let the name of the selected layer, or of the group that is selected, be edited in place."""
        group, chosen = self.canvas.selected_group(), self.selected()
        if group is not None:
            self.rename_group(group.id)
        elif len(chosen) == 1 and chosen[0] in self.canvas.blocks:
            key = chosen[0]
            self.reveal(key)
            self._edit_name(self.document.graph[key].name, self.canvas.blocks[key].name_rect(), self._renaming(key))

    def rename_group(self, key: int, merge: Hashable = None) -> None:
        """Let a group's name be edited in place; the renaming is one step with what has the same `merge` key."""
        canvas = self.canvas
        item = canvas.frames.get(key) or canvas.blocks[key]
        self.ensureVisible(item.name_rect(), round(MARGIN), round(MARGIN))

        def take(name: str) -> bool:
            renamed = self._commit(
                f"Rename to {name.strip()}",
                lambda: self.document.graph.change_group(key, name=name.strip()),
                merge,
            )
            self.document.seal()
            return renamed

        self._edit_name(self.document.graph.groups[key].name, item.name_rect(), take)

    def _edit_name(self, name: str, place: QRectF, take: Callable[[str], bool]) -> None:
        NameEditor(name, self.mapFromScene(place).boundingRect(), self.scale_now, take, self.viewport())

    def _renaming(self, key: int) -> Callable[[str], bool]:
        return lambda name: self._commit(
            f"Rename to {name.strip()}", lambda: self.document.graph.rename(key, name.strip())
        )

    def _commit(self, text: str, edit: Callable[[], Graph], merge: Hashable = None) -> bool:
        """Make an edit as one step; an impossible one is told, changes nothing and is False."""
        try:
            graph = edit()
        except GraphError as error:
            self.said.emit(str(error))
            return False
        self.document.commit(text, graph, merge)
        return True

    def copy(self) -> None:
        """Put what is selected into the clipboard."""
        part = self._selected_part()
        if part is not None:
            clipboard.put(part)
            self.said.emit(f"Copied {self._counted((*part.nodes, *part.notes))}.")

    def cut(self) -> None:
        """Put what is selected into the clipboard and remove it; the chain heals."""
        part = self._selected_part()
        if part is not None:
            clipboard.put(part)
            text = f"Cut {self._counted((*part.nodes, *part.notes))}"
            graph = removed(self.document.graph, part.nodes.keys(), heal=True) if part.nodes else self.document.graph
            for key in part.notes:
                graph = graph.change_note(key, text="")
            self.document.commit(text, graph)

    def paste(self, at: Point | None = None) -> None:
        """Add what is in the clipboard, beside where it was copied from, or around a point of the canvas."""
        part = clipboard.get()
        if part is None:
            self.said.emit("The clipboard holds no layers.")
            return
        self._add_copy("Paste", part, at)

    def duplicate(self) -> None:
        """Add a copy of what is selected beside it; the clipboard keeps what it has."""
        part = self._selected_part()
        if part is not None:
            self._add_copy("Duplicate", part, None)

    def _selected_part(self) -> Graph | None:
        """The selected layers with the wires between them, and the selected notes."""
        graph, notes = self.document.graph, self.canvas.selected_notes()
        if not self.selected() and not notes:
            return None
        return replace(graph.selected(self.selected()), notes={key: graph.notes[key] for key in notes})

    def _add_copy(self, text: str, part: Graph, at: Point | None) -> None:
        before = self.document.graph
        graph, copies = clipboard.pasted(before, part, at)
        counted_ = counted(part, (*part.nodes, *part.notes))
        self.document.commit(f"{text} {counted_}", graph)
        self.select([*copies, *(graph.notes.keys() - before.notes.keys())])
        if copies:
            self.reveal(copies[0])

    def set_order(self, order: Order) -> None:
        """How shapes are written on wires and in tooltips."""
        self.canvas.set_order(order)

    def _counted(self, keys: Collection[int]) -> str:
        return counted(self.document.graph, keys)
