"""The design: an immutable value of named layers and wires; every edit returns a new one that shares the old parts."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from netbuilder.layers import Layer

from .parts import STEP, Edge, GraphError, Group, Node, Note, Point, check_name, check_text
from .reading import Reference, Wiring

P = TypeVar("P", Group, Note)


@dataclass(frozen=True)
class Graph(Wiring):
    """A design and every edit to it. See Wiring for what it holds."""

    @classmethod
    def chain(cls, *layers: Layer, names: Sequence[str] | None = None) -> Self:
        """Layers wired one after another, top to bottom, named `names` or conv2d_1, relu_1, …"""
        counts = Counter[str]()
        nodes: dict[int, Node] = {}
        for key, layer in enumerate(layers, start=1):
            stem = type(layer).__name__.lower()
            counts[stem] += 1
            name = names[key - 1] if names else f"{stem}_{counts[stem]}"
            check_name(name)
            nodes[key] = Node(key, name, layer, (0.0, (key - 1) * STEP))
        graph = cls(nodes, next_id=len(nodes) + 1)
        for key in list(nodes)[1:]:
            graph.check_connect(key - 1, key)
        if len(graph._named) < len(nodes):
            raise GraphError("Two layers of a chain cannot have the same name.")
        return replace(graph, edges=frozenset(Edge(key - 1, key) for key in list(nodes)[1:]))

    def add(self, layer: Layer, name: str | None = None, position: Point | None = None) -> tuple[Self, Node]:
        """The graph with one more, unconnected layer, and its node. Without a name it is called conv2d_1, relu_1, …"""
        name = self.free_name(type(layer).__name__.lower()) if name is None else self._checked_name(name)
        if position is None:
            lowest = max((node.position[1] for node in self.nodes.values()), default=-STEP)
            position = (0.0, lowest + STEP)
        node = Node(self.next_id, name, layer, position)
        return replace(self, nodes={**self.nodes, node.id: node}, next_id=node.id + 1), node

    def remove(self, references: Iterable[Reference] | Reference, *, heal: bool = True) -> Self:
        """The graph without these layers. Healing wires what fed a removed chain to what it fed; else a gap stays.

        What a removed layer's first port received goes on to every port it fed.
        """
        if isinstance(references, (int, str)):
            references = (references,)
        gone = {self[reference].id for reference in references}
        kept = {edge for edge in self.edges if edge.source not in gone and edge.target not in gone}
        if heal:
            for edge in self.edges:
                if edge.source in gone and edge.target not in gone:
                    source = self._surviving_source(edge.source, gone)
                    if source is not None:
                        kept.add(edge._replace(source=source))
        nodes = {key: node for key, node in self.nodes.items() if key not in gone}
        return replace(self, nodes=nodes, edges=frozenset(kept), groups=_without(self.groups, gone))

    def _surviving_source(self, key: int, gone: Collection[int]) -> int | None:
        while key in gone:
            sources = self.inputs(key)
            if not sources:
                return None
            key = sources[0]
        return key

    def check_connect(self, source: Reference, target: Reference, port: int = 0) -> None:
        """Raise GraphError, with the reason, where this wire is not possible."""
        a, b = self[source], self[target]
        most = b.layer.most_inputs
        if most == 0:
            raise GraphError(f"“{b.name}” is where data enters: it has no input.")
        if port < 0 or (most is not None and port >= most):
            raise GraphError(f"“{b.name}” has {most} input{'' if most == 1 else 's'}; there is no input {port + 1}.")
        if a.id in self.downstream(b.id):
            raise GraphError(f"“{a.name}” already depends on “{b.name}”: a network cannot feed back into itself.")

    def connect(self, source: Reference, target: Reference, port: int = 0) -> Self:
        """The graph with this wire; one that was in the same port is displaced. Raises GraphError on a cycle."""
        self.check_connect(source, target, port)
        edge = Edge(self[source].id, self[target].id, port)
        others = {e for e in self.edges if (e.target, e.port) != (edge.target, edge.port)}
        return replace(self, edges=frozenset(others | {edge}))

    def disconnect(self, edge: Edge) -> Self:
        """The graph without this wire. Raises GraphError where there is no such wire."""
        if edge not in self.edges:
            raise GraphError("There is no such wire in this design.")
        return replace(self, edges=self.edges - {edge})

    def splice(self, edge: Edge, reference: Reference) -> Self:
        """The graph with a layer put into a wire: what the wire carried now passes through it."""
        node = self[reference]
        if node.id in edge[:2]:
            raise GraphError(f"“{node.name}” is an end of this wire.")
        port = self.free_port(node.id)
        if port is None:
            raise GraphError(f"“{node.name}” has no free input.")
        return self.disconnect(edge).connect(edge.source, node.id, port).connect(node.id, edge.target, edge.port)

    def insert(
        self, edge: Edge, layer: Layer, name: str | None = None, position: Point | None = None
    ) -> tuple[Self, Node]:
        """The graph with a new layer spliced into a wire, and its node."""
        graph, node = self.add(layer, name, position)
        return graph.splice(edge, node.id), node

    def set(self, reference: Reference, **settings: Any) -> Self:
        """The graph with some of a layer's settings changed. Raises SettingError."""
        node = self[reference]
        return self._put(replace(node, layer=node.layer.using(**settings)))

    def exchange(self, reference: Reference, layer: Layer) -> Self:
        """The graph with another layer in a node's place, under its name and on its wires.

        Raises GraphError where the other layer has too few inputs for them.
        """
        node, most = self[reference], layer.most_inputs
        if most is not None and any(edge.port >= most for edge in self.incoming(node.id)):
            raise GraphError(f"“{node.name}” has more wires than a {type(layer).__name__} takes.")
        return self._put(replace(node, layer=layer))

    def rename(self, reference: Reference, name: str) -> Self:
        """The graph with a layer renamed. Raises GraphError where the name is taken, empty or too long."""
        node = self[reference]
        return self if name == node.name else self._put(replace(node, name=self._checked_name(name)))

    def move(self, positions: Mapping[int, Point]) -> Self:
        """The graph with some layers elsewhere on the canvas (centres, in canvas pixels)."""
        moved = {key: replace(self[key], position=(float(x), float(y))) for key, (x, y) in positions.items()}
        return replace(self, nodes={**self.nodes, **moved})

    def selected(self, references: Iterable[Reference]) -> Self:
        """Some layers with the wires between them and the groups that lie wholly among them: what is copied."""
        keys = {self[reference].id for reference in references}
        return replace(
            self,
            nodes={key: node for key, node in self.nodes.items() if key in keys},
            edges=frozenset(edge for edge in self.edges if edge.source in keys and edge.target in keys),
            notes={},
            groups={key: group for key, group in self.groups.items() if group.members <= keys},
        )

    def paste(self, part: "Graph", offset: Point = (0.0, 0.0)) -> tuple[Self, tuple[int, ...]]:
        """The graph with a copy of another's layers and wires, and the copies' ids. Taken names get a number."""
        graph, copies = self, dict[int, int]()
        for node in part.nodes.values():
            name = graph.free_name(node.name) if node.name in graph._named else node.name
            x, y = node.position
            graph, copy = graph.add(node.layer, name, (x + offset[0], y + offset[1]))
            graph = graph._put(replace(copy, extra=node.extra))
            copies[node.id] = copy.id
        wires = {Edge(copies[edge.source], copies[edge.target], edge.port) for edge in part.edges}
        graph = replace(graph, edges=graph.edges | wires)
        for group in part.groups.values():
            graph, _ = graph.group([copies[key] for key in group.members], group.name, collapsed=group.collapsed)
        for note in part.notes.values():
            x, y = note.position
            graph, _ = graph.write_note(note.text, (x + offset[0], y + offset[1]), note.width)
        return graph, tuple(copies.values())

    # ---- groups and notes --------------------------------------------------------------------------------------------

    def group(
        self, references: Iterable[Reference], name: str = "Group", *, collapsed: bool = False
    ) -> tuple[Self, Group]:
        """The graph with these layers as one group, and the group; they leave the groups they were in.

        Raises GraphError for fewer than two layers, or a name that cannot be shown.
        """
        check_name(name)
        members = frozenset(self[reference].id for reference in references)
        if len(members) < 2:
            raise GraphError("A group needs at least two layers.")
        group = Group(self.next_id, name, members, collapsed)
        groups = {**_without(self.groups, members), group.id: group}
        return replace(self, groups=groups, next_id=group.id + 1), group

    def change_group(self, key: int, *, name: str | None = None, collapsed: bool | None = None) -> Self:
        """The graph with a group renamed, collapsed or expanded. Raises GraphError."""
        group = self._known(self.groups, key)
        if name is not None:
            check_name(name)
        changed = replace(
            group,
            name=group.name if name is None else name,
            collapsed=group.collapsed if collapsed is None else collapsed,
        )
        return replace(self, groups={**self.groups, key: changed})

    def ungroup(self, key: int) -> Self:
        """The graph with a group dissolved; its layers stay. Raises GraphError."""
        self._known(self.groups, key)
        return replace(self, groups={other: group for other, group in self.groups.items() if other != key})

    def write_note(self, text: str, position: Point, width: float = 216.0) -> tuple[Self, Note]:
        """The graph with one more note, and the note. Raises GraphError for a text that is too long."""
        check_text(text)
        note = Note(self.next_id, text, position, width)
        return replace(self, notes={**self.notes, note.id: note}, next_id=note.id + 1), note

    def change_note(self, key: int, **changes: Any) -> Self:
        """The graph with a note's text, position or width changed; an empty text removes it. Raises GraphError."""
        note = replace(self._known(self.notes, key), **changes)
        if not note.text.strip():
            return replace(self, notes={other: kept for other, kept in self.notes.items() if other != key})
        check_text(note.text)
        return replace(self, notes={**self.notes, key: note})

    def _known(self, parts: Mapping[int, P], key: int) -> P:
        if key not in parts:
            raise GraphError("It is no longer in this design.")
        return parts[key]

    # ---- names -------------------------------------------------------------------------------------------------------

    def free_name(self, stem: str) -> str:
        """`stem` with the first number that makes it unused: conv2d_1, conv2d_2, …; a number it has goes first."""
        head, _, tail = stem.rpartition("_")
        stem = head if head and tail.isdecimal() else stem
        index = 1
        while f"{stem}_{index}" in self._named:
            index += 1
        return f"{stem}_{index}"

    def _checked_name(self, name: str) -> str:
        check_name(name)
        if name in self._named:
            raise GraphError(f"There is already a layer “{name}”.")
        return name

    def _put(self, node: Node) -> Self:
        return replace(self, nodes={**self.nodes, node.id: node})


def _without(groups: Mapping[int, Group], gone: Collection[int]) -> dict[int, Group]:
    """Groups less some layers; one that has fewer than two left is no group any more."""
    rest = {key: replace(group, members=group.members.difference(gone)) for key, group in groups.items()}
    return {key: group for key, group in rest.items() if len(group.members) > 1}
