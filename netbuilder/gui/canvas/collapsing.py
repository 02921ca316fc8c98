"""A design with a group to collapse or to open -> the design with that done, and what follows in its new place."""

from dataclasses import replace

from netbuilder.arrangement import STEP, arrange, fold, loop
from netbuilder.graph import Graph, GraphError, Group

from .placement import Places, closed, settled, shifted


def collapsed(graph: Graph, key: int) -> Graph:
    """The design with a group collapsed, and what follows it moved up as far as it took more room. Raises GraphError
    where a layer outside lies between its layers."""
    group = graph.groups[key]
    between = loop(graph, group)
    if between is not None:
        name = graph[between].name
        raise GraphError(f"“{name}” lies between the layers of “{group.name}”: take it in, and it can be one block.")
    height = _height(graph, group)
    folding = fold(graph.change_group(key, collapsed=True))
    seen = folding.seen
    if key not in seen.nodes:
        return folding.design
    y = seen[key].position[1]
    below = {edge.target for edge in seen.outgoing(key) if seen[edge.target].position[1] > y}
    return settled(folding, closed(seen, below, height)) if below and height else folding.design


def expanded(graph: Graph, key: int) -> Graph:
    """The design with a group opened, and what follows it moved down where it needs the room. Where others have come
    to stand in the way meanwhile, its blocks are arranged anew, below each other."""
    opened = _with_room(graph.change_group(key, collapsed=False), key)
    if _stands_free(opened, key):
        return opened
    members = graph.groups[key].members
    anchor, own = fold(graph).seen[key].position, arrange(replace(graph.selected(members), groups={}))
    top = sorted(place for place in own.values() if place[1] == 0)
    first = top[(len(top) - 1) // 2]
    places = {member: (x + anchor[0] - first[0], y + anchor[1] - first[1]) for member, (x, y) in own.items()}
    return _with_room(graph.move(places).change_group(key, collapsed=False), key)


def _with_room(graph: Graph, key: int) -> Graph:
    """The design with what follows an open group at least a step below it."""
    group, folding = graph.groups[key], fold(graph)
    seen = folding.seen
    ys = [graph[member].position[1] for member in group.members]
    targets = {edge.target for member in group.members for edge in graph.outgoing(member)} - group.members
    heights = {folding.block(target): seen[folding.block(target)].position[1] for target in targets}
    below = {block: y for block, y in heights.items() if y > min(ys)}
    missing = max(ys) + STEP - min(below.values(), default=max(ys) + STEP)
    return settled(folding, shifted(seen, below, missing)) if missing > 0 else folding.design


def _stands_free(graph: Graph, key: int) -> bool:
    """Whether no other block lies on those of an open group."""
    places = Places(fold(graph).seen, graph.groups[key].members)
    return all(places.free(graph[member].position) for member in graph.groups[key].members)


def _height(graph: Graph, group: Group) -> float:
    """From the first row of a group's blocks to the last."""
    ys = [graph[member].position[1] for member in group.members]
    return max(ys) - min(ys)
