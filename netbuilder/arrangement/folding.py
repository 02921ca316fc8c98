"""A design -> the design as it is seen, every collapsed group one block, and the way back from what is seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netbuilder.graph import Edge, Graph, Group, Node, Point
from netbuilder.layers import Concat, Input

Entry = tuple[int, int]
"""Where a wire ends in the design: a layer and one of its ports."""


@dataclass(frozen=True)
class Folding:
    """What is seen of a design. `seen` has a node with the group's id for every folded group, and one wire into it for
    every layer outside that feeds it, however many layers inside it feeds.

    Without folded groups `seen` is the design itself.
    """

    design: Graph
    seen: Graph
    home: Mapping[int, int] = field(default_factory=dict[int, int])
    """The folded group that hides a layer."""
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """The layers a folded group hides, in execution order."""
    wires: Mapping[Edge, tuple[Edge, ...]] = field(default_factory=dict[Edge, tuple[Edge, ...]])
    """The wires of the design that a wire at a folded group stands for."""

    def block(self, key: int) -> int:
        """The block a layer is seen in."""
        return self.home.get(key, key)

    def layers(self, block: int) -> tuple[int, ...]:
        """The layers seen in a block."""
        return self.members.get(block, (block,))

    def behind(self, wire: Edge) -> tuple[Edge, ...]:
        """The wires of the design that a wire stands for."""
        return self.wires.get(wire, (wire,))

    def output(self, block: int) -> int:
        """The layer whose output leaves a block: the last that feeds something outside, else the last of all."""
        inside = set(self.layers(block))
        leaving = [key for key in self.layers(block) if any(e.target not in inside for e in self.design.outgoing(key))]
        return (leaving or self.layers(block))[-1]

    def entries(self, block: int, port: int) -> tuple[Entry, ...]:
        """Where a wire into a port of a block ends in the design; nowhere where a folded group takes no more."""
        if block not in self.members:
            return ((block, port),)
        found = next((wire for wire in self.seen.incoming(block) if wire.port == port), None)
        if found is not None:
            return tuple((edge.target, edge.port) for edge in self.behind(found))
        entry = _open_entry(self.design, self.members[block])
        return (entry,) if entry else ()

    def free_port(self, block: int) -> int | None:
        """The first port of a block that has no wire and could take one."""
        if block not in self.members:
            return self.seen.free_port(block)
        return self.seen.free_port(block) if _open_entry(self.design, self.members[block]) else None

    def spread(self, positions: Mapping[int, Point]) -> dict[int, Point]:
        """Places of blocks as places of layers: what a folded group hides keeps its own arrangement."""
        found: dict[int, Point] = {}
        for block, (x, y) in positions.items():
            was_x, was_y = self.seen.nodes[block].position
            for key in self.layers(block):
                kx, ky = self.design.nodes[key].position
                found[key] = (kx + x - was_x, ky + y - was_y)
        return found


def fold(graph: Graph) -> Folding:
    """What is seen of a design. A collapsed group that feeds itself through a layer outside stays open: folded, the
    network would run in a circle."""
    collapsed = [group for _, group in sorted(graph.groups.items()) if group.collapsed]
    home: dict[int, int] = {}
    for group in collapsed:
        if not loop(graph, group, home):
            home |= dict.fromkeys(group.members, group.id)
    if not home:
        return Folding(graph, graph)
    members: dict[int, tuple[int, ...]] = {}
    for key in graph.order:
        if key in home:
            members[home[key]] = (*members.get(home[key], ()), key)
    wires = _seen_wires(graph, home)
    nodes: dict[int, Node] = {}
    for key, node in graph.nodes.items():
        block = home.get(key, key)
        if block not in nodes:
            nodes[block] = _stand_in(graph, graph.groups[block], members[block]) if key in home else node
    groups = {key: group for key, group in graph.groups.items() if key not in members}
    seen = replace(graph, nodes=nodes, edges=frozenset(wires), groups=groups)
    return Folding(graph, seen, home, members, {wire: real for wire, real in wires.items() if real != (wire,)})


def loop(graph: Graph, group: Group, home: Mapping[int, int] | None = None) -> int | None:
    """A layer outside the group that lies between its layers, so that it cannot be one block; None where it can."""
    home = home or {}
    inside: dict[int, list[int]] = {}
    for key, block in home.items():
        inside.setdefault(block, []).append(key)

    def targets(keys: Iterable[int]) -> set[int]:
        return {edge.target for key in keys for edge in graph.outgoing(key)}

    waiting = list(targets(group.members) - group.members)
    begun = set(waiting)
    while waiting:
        key = waiting.pop()
        for target in targets(inside[home[key]] if key in home else (key,)):
            if target in group.members:
                return key
            if target not in begun:
                begun.add(target)
                waiting.append(target)
    return None


def _seen_wires(graph: Graph, home: Mapping[int, int]) -> dict[Edge, tuple[Edge, ...]]:
    """The wires between blocks, each with those of the design it stands for."""
    place = {key: index for index, key in enumerate(graph.order)}
    feeding: dict[int, list[int]] = {}
    found: dict[Edge, tuple[Edge, ...]] = {}
    for edge in sorted(graph.edges, key=lambda edge: (place[edge.target], edge.port)):
        source, target = home.get(edge.source, edge.source), home.get(edge.target, edge.target)
        if source == target:
            continue
        port = edge.port
        if edge.target in home:
            sources = feeding.setdefault(target, [])
            if edge.source not in sources:
                sources.append(edge.source)
            port = sources.index(edge.source)
        wire = Edge(source, target, port)
        found[wire] = (*found.get(wire, ()), edge)
    return found


def _stand_in(graph: Graph, group: Group, members: Sequence[int]) -> Node:
    """A node in a group's place: where the middle one of its topmost layers stands, taking what wires there are."""
    top = min(graph.nodes[key].position[1] for key in members)
    row = sorted(graph.nodes[key].position for key in members if graph.nodes[key].position[1] == top)
    fed = any(edge.source not in group.members for key in members for edge in graph.incoming(key))
    layer = Concat() if fed or _open_entry(graph, members) else Input()
    return Node(group.id, group.name, layer, row[(len(row) - 1) // 2])


def _open_entry(graph: Graph, members: Iterable[int]) -> Entry | None:
    """The first port inside that still needs a wire."""
    for key in members:
        if len(graph.incoming(key)) < graph.nodes[key].layer.least_inputs:
            port = graph.free_port(key)
            return None if port is None else (key, port)
    return None
