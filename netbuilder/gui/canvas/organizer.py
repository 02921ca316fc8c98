"""Commands on the arrangement -> edits of the document: groups, notes, lines and columns; and the problems."""

from collections.abc import Callable, Collection, Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF

from netbuilder.arrangement import arrange, fold
from netbuilder.graph import Graph, Point

from .collapsing import collapsed, expanded
from .editor import Editor
from .gestures import put
from .lining import Direction, Line, aligned, distributed
from .note import LEAST_HEIGHT, NoteEditor
from .placement import snapped
from .popover import ProblemPopover
from .viewport import MARGIN

NOTE_WIDTH = 216.0
GRAVITY = ("error", "warning", "information")


class Organizer(Editor):
    """An editor that also says where things lie, what belongs together, and what is wrong."""

    _popover: ProblemPopover | None = None

    # ---- groups ------------------------------------------------------------------------------------------------------

    def group(self) -> None:
        """Make the selected layers one group, and let it be named at once. Collapsed groups among them are opened."""
        before, chosen = self.document.graph, self.selected()
        merge = ("group", before.next_id)

        def grouped() -> Graph:
            graph = before
            for key in self.canvas.selected_blocks():
                graph = expanded(graph, key) if key in before.groups else graph
            return graph.group(chosen)[0]

        if self._commit("Group", grouped, merge):
            (key,) = self.document.graph.groups.keys() - before.groups.keys()
            self.canvas.select(self.document.graph.groups[key].members)
            self.rename_group(key, merge)

    def ungroup(self) -> None:
        """Dissolve the groups of the selected layers; the layers stay."""
        graph, chosen = self.document.graph, set(self.selected())
        keys = [key for key, group in graph.groups.items() if group.members & chosen]
        for key in keys:
            graph = (expanded(graph, key) if graph.groups[key].collapsed else graph).ungroup(key)
        if keys:
            before = self._starts(keys)
            self.document.commit("Ungroup", graph)
            self.canvas.glide(before)

    def toggle_group(self, key: int | None = None) -> None:
        """Collapse a group to one block, or open it again; without an id, that of the selected layers."""
        graph = self.document.graph
        if key is None:
            found = self.canvas.selected_group() or (graph.group_of(self.selected()[0]) if self.selected() else None)
            if found is None:
                return
            key = found.id
        group, before = graph.groups[key], self._starts([key])
        opening = key in self.canvas.committed.members
        text = f"{'Open' if opening else 'Collapse'} {group.name}"
        if self._commit(text, lambda: (expanded if opening else collapsed)(graph, key)):
            self.canvas.select(group.members)
            self.canvas.glide(before)

    def delete_selected(self, heal: bool = True) -> None:
        """Remove all that is selected. Where only a part of a collapsed group is meant, it is opened first, and shows
        what would go."""
        opened = self._open_around(self.selected())
        if not opened:
            super().delete_selected(heal)
            return
        names = " and ".join(f"“{self.document.graph.groups[key].name}”" for key in opened)
        self.said.emit(f"What is selected lies in {names}, which is open now: delete again to remove it.")

    def rename_selected(self) -> None:
        """Let the name of the selected layer be edited in place; a collapsed group that hides it is opened first."""
        self._open_around(self.selected())
        super().rename_selected()

    def _open_around(self, chosen: Collection[int]) -> list[int]:
        """Open the collapsed groups of which only a part is chosen; it stays chosen. Gives these groups."""
        home, graph = self.canvas.committed.home, self.document.graph
        groups = dict.fromkeys(home[key] for key in chosen if key in home)
        partly = [key for key in groups if not graph.groups[key].members <= set(chosen)]
        if partly:
            before = self._starts(partly)
            for key in partly:
                graph = expanded(graph, key)
            names = ", ".join(graph.groups[key].name for key in partly)
            self.document.commit(f"Open {names}", graph)
            self.canvas.select(chosen)
            self.canvas.glide(before)
        return partly

    def _starts(self, groups: Collection[int]) -> dict[int, Point]:
        """Where everything is now; layers that collapsed groups hide are where those stand, and glide out of there."""
        places, folding = self.canvas.places(), self.canvas.committed
        hidden = {layer: places[key] for key in groups if key in folding.members for layer in folding.members[key]}
        return places | hidden

    # ---- notes -------------------------------------------------------------------------------------------------------

    def add_note(self, at: QPointF | None = None) -> None:
        """Write a note at a point of the canvas, or in the middle of what is seen. It exists once it says something."""
        at = self.seen().center() - QPointF(NOTE_WIDTH / 2, LEAST_HEIGHT / 2) if at is None else at
        place = snapped(at.toTuple())

        def take(text: str) -> None:
            if text and self._commit("Add note", lambda: self.document.graph.write_note(text, place, NOTE_WIDTH)[0]):
                self.select([max(self.document.graph.notes)])

        self._write("", QRectF(QPointF(*place), QPointF(place[0] + NOTE_WIDTH, place[1] + LEAST_HEIGHT)), take)

    def edit_note(self, key: int) -> None:
        """Let a note be written anew in place; an empty one goes away."""
        slip = self.canvas.notes[key]
        self.ensureVisible(slip.paper(), round(MARGIN), round(MARGIN))

        def take(text: str) -> None:
            if key in self.document.graph.notes:
                self._commit(
                    "Edit note" if text else "Delete note", lambda: self.document.graph.change_note(key, text=text)
                )

        self._write(slip.text, slip.paper(), take)

    def _write(self, text: str, place: QRectF, take: Callable[[str], object]) -> None:
        NoteEditor(text, self.mapFromScene(place).boundingRect(), self.scale_now, take, self.viewport())

    # ---- problems ----------------------------------------------------------------------------------------------------

    def troubled(self, keys: Iterable[int] | None = None) -> list[int]:
        """The layers with a problem, of these or of all, in execution order."""
        wanted = None if keys is None else set(keys)
        found = [p.node for p in self.document.report.problems if p.node is not None and p.severity != "information"]
        return [key for key in dict.fromkeys(found) if wanted is None or key in wanted]

    def show_problem(self, key: int) -> None:
        """Say beside a layer what is wrong with it, the gravest first, and offer the repairs."""
        self.close_problem()
        found = sorted(self.document.report.at(key), key=lambda p: GRAVITY.index(p.severity))
        block = self.canvas.blocks.get(self.canvas.folding.block(key))
        if not found or block is None:
            return
        self.reveal(key)
        self._popover = ProblemPopover(self.document, found[0], self.canvas.order, self)
        self._popover.closed.connect(self._forget_problem)
        self._popover.open_beside(self.mapFromScene(block.card()).boundingRect(), self.rect())

    def next_problem(self) -> None:
        """Go to the next layer with a problem and show it; behind the last comes the first."""
        found, order = self.troubled(), self.document.graph.order
        if not found:
            self.said.emit("There is no problem on the canvas.")
            return
        here = order.index(self.selected()[0]) if self.selected() else -1
        shown = self._popover.problem.node if self._popover else None
        behind = (key for key in found if order.index(key) >= here and key != shown)
        key = next((key for key in behind if order.index(key) > here or shown is None), found[0])
        self.canvas.select(self.canvas.layers_of(self.canvas.committed.block(key)))
        self.show_problem(key)

    def close_problem(self) -> None:
        """Put the card of a problem away."""
        if self._popover is not None:
            self._popover.close_popover()

    def _forget_problem(self) -> None:
        self._popover = None

    # ---- lines and columns -------------------------------------------------------------------------------------------

    def align(self, line: Line) -> None:
        """Put the selected blocks on one line: their left or right edges, centres, tops, middles or bottoms."""
        self._line_up(f"Align {line}", lambda places: aligned(places, line), 2)

    def distribute(self, direction: Direction) -> None:
        """Put equal steps between the selected blocks, "horizontally" or "vertically"."""
        self._line_up(f"Distribute {direction}", lambda places: distributed(places, direction), 3)

    def _line_up(self, text: str, wanted: Callable[[Mapping[int, Point]], dict[int, Point]], least: int) -> None:
        canvas = self.canvas
        before = canvas.places()
        places = {key: before[key] for key in canvas.selected_blocks()}
        if len(places) < least:
            self.said.emit(f"Select at least {('two', 'three')[least - 2]} blocks first.")
            return
        folding, positions = canvas.committed, wanted(places)
        self.document.commit(text, put(folding, positions))
        canvas.glide(before)

    def arrange(self) -> None:
        """Lay all layers out in columns that fit the view, in one step; they glide to their places. A note goes where
        the block nearest to it goes."""
        graph, before = self.document.graph, self.canvas.places()
        room = self.viewport().size()
        arranged = graph.move(arrange(graph, width=room.width() - 2 * MARGIN, height=room.height() - 3 * MARGIN))
        blocks = fold(arranged).seen.nodes
        for key, note in graph.notes.items() if blocks else ():
            x, y = note.position
            nearest = min(blocks, key=lambda block: (before[block][0] - x) ** 2 + (before[block][1] - y) ** 2)
            (was_x, was_y), (is_x, is_y) = before[nearest], blocks[nearest].position
            arranged = arranged.change_note(key, position=(x + is_x - was_x, y + is_y - was_y))
        self.document.commit("Arrange", arranged)
        self.fit()
        self.canvas.glide(before)
