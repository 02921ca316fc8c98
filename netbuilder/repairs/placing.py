"""A wire and a layer -> the graph with the layer put into it, where a person would have drawn it."""

from collections.abc import Collection

from netbuilder.graph import STEP, Edge, Graph, Point
from netbuilder.layers import Layer

PITCH = 264.0
"""From one column of blocks to the next, in canvas pixels, as `arrange` has it."""
NEAR = 1.0


def inserted(graph: Graph, edge: Edge, layer: Layer) -> Graph:
    """A layer put into a wire.

    On the straight way down it takes the place of the layer the wire ends at, and what lies below that in its column
    moves down one step. On a skip, which passes other layers, it stands beside them, a step above where the wire ends.
    """
    x, y = graph.nodes[edge.target].position
    if len(graph.incoming(edge.target)) > 1 and not _straight(graph, edge):
        return graph.insert(edge, layer, position=beside(graph, (x, y - STEP)))[0]
    below = {
        key: (node.position[0], node.position[1] + STEP)
        for key, node in graph.nodes.items()
        if abs(node.position[0] - x) < NEAR and node.position[1] >= y
    }
    return graph.move(below).insert(edge, layer, position=(x, y))[0]


def _straight(graph: Graph, edge: Edge) -> bool:
    """Whether a wire runs down a column with no block between its ends."""
    (x, top), (across, bottom) = graph.nodes[edge.source].position, graph.nodes[edge.target].position
    others = [node.position for key, node in graph.nodes.items() if key not in edge[:2]]
    passed = any(abs(a - x) < NEAR and top < b < bottom for a, b in others)
    return abs(x - across) < NEAR and not passed


def beside(graph: Graph, place: Point) -> Point:
    """The nearest free place in a column to the right or to the left."""
    x, y = place
    for column in range(1, len(graph.nodes) + 2):
        for sign in (1, -1):
            across = x + sign * column * PITCH
            if _free(graph, (across, y)):
                return across, y
    raise AssertionError("one column in so many is free")


def below(graph: Graph, key: int) -> Point:
    """The place a step below a layer, or one beside it where another layer is there."""
    x, y = graph.nodes[key].position
    place = x, y + STEP
    return place if _free(graph, place) else beside(graph, place)


def _free(graph: Graph, place: Point) -> bool:
    x, y = place
    return not any(abs(a - x) < PITCH and abs(b - y) < STEP for a, b in (n.position for n in graph.nodes.values()))


def fed_only_by(graph: Graph, key: int) -> frozenset[int]:
    """A layer and all behind it that would have no input left without it."""
    found = {key}
    for each in graph.order:
        sources = graph.inputs(each)
        if sources and all(source in found for source in sources):
            found.add(each)
    return frozenset(found)


def feeding_only(graph: Graph, key: int) -> frozenset[int]:
    """A layer and all before it whose output would lead nowhere without it."""
    found = {key}
    for each in reversed(graph.order):
        wires = graph.outgoing(each)
        if wires and all(wire.target in found for wire in wires):
            found.add(each)
    return frozenset(found)


def removal(graph: Graph, key: int, keys: Collection[int]) -> str:
    """'Remove “pool4”', or how many layers go with it."""
    more = len(keys) - 1
    rest = f" and {more} more layer{'' if more == 1 else 's'}" if more else ""
    return f"Remove “{graph.nodes[key].name}”{rest}"
