"""The design: an immutable value of named layers and wires; every edit returns a new one that shares the old parts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple, Self

from netbuilder.layers import Layer

Point = tuple[float, float]
Reference = int | str
STEP = 72.0
LONGEST_NAME = 80


class GraphError(ValueError):
    """An edit that would not leave a network; the sentence says why."""


class Edge(NamedTuple):
    """A wire from a layer's output to an input port of another. Where it goes is what it is, so it needs no id."""

    source: int
    target: int
    port: int = 0


def check_name(name: str) -> None:
    """Raise GraphError, with the reason, where a layer cannot be called this."""
    if not name.strip() or not name.isprintable():
        raise GraphError("A layer needs a name of printable characters.")
    if len(name) > LONGEST_NAME:
        raise GraphError(f"A layer's name has at most {LONGEST_NAME} characters; this one has {len(name)}.")


@dataclass(frozen=True)
class Node:
    """A layer in its place. `extra` keeps what a file said beyond what this version knows."""

    id: int
    name: str
    layer: Layer
    position: Point = (0.0, 0.0)
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        """'Conv2D “conv1”', as messages name a layer."""
        return f"{type(self.layer).__name__} “{self.name}”"


@dataclass(frozen=True)
class Graph:
    """Nodes by id and the wires between them, always without a cycle and with at most one wire in each port.

    `next_id` never decreases, so an id is not used again after its node is gone. Layers may be named by id or by name
    wherever a method takes a reference; an unknown one raises GraphError.
    """

    nodes: Mapping[int, Node] = field(default_factory=dict[int, Node])
    edges: frozenset[Edge] = frozenset()
    next_id: int = field(default=1, compare=False)
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

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

    # ---- reading -----------------------------------------------------------------------------------------------------

    def __getitem__(self, reference: Reference) -> Node:
        found = self.nodes.get(reference) if isinstance(reference, int) else self._named.get(reference)
        if found is None:
            raise GraphError(f"There is no layer {reference!r} in this design.")
        return found

    @cached_property
    def _named(self) -> Mapping[str, Node]:
        return {node.name: node for node in self.nodes.values()}

    @cached_property
    def _incoming(self) -> Mapping[int, tuple[Edge, ...]]:
        return self._grouped(lambda edge: edge.target)

    @cached_property
    def _outgoing(self) -> Mapping[int, tuple[Edge, ...]]:
        return self._grouped(lambda edge: edge.source)

    def _grouped(self, end: Callable[[Edge], int]) -> Mapping[int, tuple[Edge, ...]]:
        found: dict[int, list[Edge]] = {key: [] for key in self.nodes}
        for edge in self.edges:
            found[end(edge)].append(edge)
        return {key: tuple(sorted(edges, key=lambda e: (e.port, e.target))) for key, edges in found.items()}

    def incoming(self, reference: Reference) -> tuple[Edge, ...]:
        """Wires into a layer, by port."""
        return self._incoming[self[reference].id]

    def outgoing(self, reference: Reference) -> tuple[Edge, ...]:
        """Wires out of a layer."""
        return self._outgoing[self[reference].id]

    def inputs(self, reference: Reference) -> tuple[int, ...]:
        """Ids of the layers that feed this one, by port."""
        return tuple(edge.source for edge in self.incoming(reference))

    def downstream(self, reference: Reference) -> frozenset[int]:
        """Ids of all layers that can be reached from this one, itself included."""
        return self._reached(reference, lambda key: (edge.target for edge in self._outgoing[key]))

    def upstream(self, reference: Reference) -> frozenset[int]:
        """Ids of all layers that feed into this one, itself included."""
        return self._reached(reference, lambda key: (edge.source for edge in self._incoming[key]))

    def _reached(self, reference: Reference, step: Callable[[int], Iterable[int]]) -> frozenset[int]:
        found, waiting = {self[reference].id}, [self[reference].id]
        while waiting:
            new = set(step(waiting.pop())) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Ids sorted so that every layer follows its inputs, branch by branch in the order they were added."""
        done: dict[int, None] = {}
        for root in self.nodes:
            waiting = [root]
            while waiting:
                key = waiting[-1]
                missing = [source for source in self.inputs(key) if source not in done] if key not in done else []
                if missing:
                    waiting.extend(reversed(missing))
                else:
                    done.setdefault(waiting.pop())
        return tuple(done)

    def cycle(self) -> tuple[int, ...]:
        """Ids along a circle of wires, or () as it always is for a graph made by edits; files are checked with it."""
        try:
            TopologicalSorter({key: self.inputs(key) for key in self.nodes}).prepare()
        except CycleError as error:
            return tuple(error.args[1][:-1])
        return ()

    def free_port(self, reference: Reference) -> int | None:
        """The first input port without a wire, or None where all are taken."""
        node = self[reference]
        taken = {edge.port for edge in self.incoming(node.id)}
        port = next(port for port in range(len(taken) + 1) if port not in taken)
        most = node.layer.most_inputs
        return port if most is None or port < most else None

    # ---- editing -----------------------------------------------------------------------------------------------------

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
        return replace(
            self, nodes={key: node for key, node in self.nodes.items() if key not in gone}, edges=frozenset(kept)
        )

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

    def check_splice(self, edge: Edge, reference: Reference) -> None:
        """Raise GraphError, with the reason, where this layer cannot be put into this wire."""
        self.splice(edge, reference)

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
        """The graph with another layer in a node's place, under its name and on its wires."""
        return self._put(replace(self[reference], layer=layer))

    def rename(self, reference: Reference, name: str) -> Self:
        """The graph with a layer renamed. Raises GraphError where the name is taken, empty or too long."""
        node = self[reference]
        return self if name == node.name else self._put(replace(node, name=self._checked_name(name)))

    def move(self, positions: Mapping[int, Point]) -> Self:
        """The graph with some layers elsewhere on the canvas (centres, in canvas pixels)."""
        moved = {key: replace(self[key], position=(float(x), float(y))) for key, (x, y) in positions.items()}
        return replace(self, nodes={**self.nodes, **moved})

    def selected(self, references: Iterable[Reference]) -> Self:
        """Some layers with the wires between them: what is copied."""
        keys = {self[reference].id for reference in references}
        return replace(
            self,
            nodes={key: node for key, node in self.nodes.items() if key in keys},
            edges=frozenset(edge for edge in self.edges if edge.source in keys and edge.target in keys),
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
        return replace(graph, edges=graph.edges | wires), tuple(copies.values())

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
