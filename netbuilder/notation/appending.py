"""A graph, a chain of layers and a place -> the graph with the chain wired in, and the blocks below making room."""

from collections.abc import Sequence

from netbuilder.graph import STEP, Graph, Point
from netbuilder.layers import Layer


def append_chain(graph: Graph, layers: Sequence[Layer], after: int | None = None) -> tuple[Graph, tuple[int, ...]]:
    """The graph with a chain of new layers behind block `after`, or behind the network's end, and their ids.

    Where a wire leads on from there, the chain goes into it (of several wires, into the one straight below); else it
    is the new end. The blocks stand one below another, and what is in the way moves down. A chain that begins with an
    Input stands by itself. Raises GraphError where a layer cannot be wired so.
    """
    if after is None and graph.nodes and layers and layers[0].most_inputs != 0:
        after = graph.end
    if after is None or not layers:
        return _chained(graph, layers, None, (0.0, _lowest(graph) + STEP))
    wire = graph.onward(after)
    if wire is not None and wire.target == after:  # an Output block stays the end
        after = wire.source
    x, y = graph[after].position
    graph = _with_room(graph, (x, y), len(layers))
    graph, keys = _chained(graph, layers, after, (x, y + STEP))
    if wire is not None:
        # The port keeps its wire's place: connecting displaces what was in it.
        graph = graph.connect(keys[-1], wire.target, wire.port)
    return graph, keys


def _chained(graph: Graph, layers: Sequence[Layer], before: int | None, start: Point) -> tuple[Graph, tuple[int, ...]]:
    keys: list[int] = []
    for row, layer in enumerate(layers):
        graph, node = graph.add(layer, position=(start[0], start[1] + row * STEP))
        if before is not None:
            graph = graph.connect(before, node.id)
        before = node.id
        keys.append(node.id)
    return graph, tuple(keys)


def _lowest(graph: Graph) -> float:
    return max((node.position[1] for node in graph.nodes.values()), default=-STEP)


def _with_room(graph: Graph, above: Point, count: int) -> Graph:
    """The graph with `count` free places below a block: the rest of its column moves down by what is missing."""
    x, y = above
    column = {k: n.position for k, n in graph.nodes.items() if abs(n.position[0] - x) < 1 and n.position[1] > y}
    room = min((place[1] for place in column.values()), default=float("inf")) - y
    missing = (count + 1) * STEP - room
    return graph.move({k: (cx, cy + missing) for k, (cx, cy) in column.items()}) if missing > 0 else graph
