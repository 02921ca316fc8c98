"""Reading a design: its layers by name or id, what feeds what, and the order of execution."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from netbuilder.layers import Input, Output

from .parts import Edge, GraphError, Group, Node, Note

Reference = int | str


@dataclass(frozen=True)
class Wiring:
    """Nodes by id and the wires between them, always without a cycle and with at most one wire in each port.

    `next_id` never decreases, so an id is not used again after its owner is gone; nodes, notes and groups share it.
    Layers may be named by id or by name wherever a method takes a reference; an unknown one raises GraphError.
    """

    nodes: Mapping[int, Node] = field(default_factory=dict[int, Node])
    edges: frozenset[Edge] = frozenset()
    notes: Mapping[int, Note] = field(default_factory=dict[int, Note])
    groups: Mapping[int, Group] = field(default_factory=dict[int, Group])
    next_id: int = field(default=1, compare=False)
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

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

    @property
    def end(self) -> int:
        """The last layer of the network that begins at the input, or of all; of several ends one that no Output block
        marks. Raises GraphError where there is no layer."""
        entry = next((node.id for node in self.nodes.values() if isinstance(node.layer, Input)), None)
        reached = self.nodes if entry is None else self.downstream(entry)
        ends = [key for key in self.order if key in reached and not self._outgoing[key]]
        if not ends:
            raise GraphError("There is no layer in this design.")
        return max(ends, key=lambda key: (not isinstance(self.nodes[key].layer, Output), ends.index(key)))

    def onward(self, reference: Reference) -> Edge | None:
        """The wire in which a network goes on from a layer: of several, the one straight below; of an Output block, the
        one that leads to it; None at any other end."""
        node = self[reference]
        if isinstance(node.layer, Output) and not self._outgoing[node.id]:
            return next(iter(self._incoming[node.id]), None)
        places = {edge: self.nodes[edge.target].position for edge in self._outgoing[node.id]}
        x, y = node.position
        return min(places, key=lambda edge: (abs(places[edge][0] - x), abs(places[edge][1] - y)), default=None)

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

    def group_of(self, reference: Reference) -> Group | None:
        """The group a layer belongs to."""
        key = self[reference].id
        return next((group for group in self.groups.values() if key in group.members), None)
