"""A design with a group to collapse or to open -> the design with that done, and what follows in its new place."""

from netbuilder.arrangement import STEP, fold, loop
from netbuilder.graph import Graph, GraphError, Group

from .placement import closed, settled, shifted


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
    """The design with a group opened, and what follows it moved down where it needs the room."""
    folding = fold(graph.change_group(key, collapsed=False))
    group, seen = graph.groups[key], folding.seen
    bottom = max(graph[member].position[1] for member in group.members)
    targets = {edge.target for member in group.members for edge in graph.outgoing(member)} - group.members
    top = min(graph[member].position[1] for member in group.members)
    heights = {folding.block(target): seen[folding.block(target)].position[1] for target in targets}
    below = {block: y for block, y in heights.items() if y > top}
    missing = bottom + STEP - min(below.values(), default=bottom + STEP)
    return settled(folding, shifted(seen, below, missing)) if missing > 0 else folding.design


def _height(graph: Graph, group: Group) -> float:
    """From the first row of a group's blocks to the last."""
    ys = [graph[member].position[1] for member in group.members]
    return max(ys) - min(ys)
