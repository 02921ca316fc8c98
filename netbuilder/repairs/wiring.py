"""Layers that hang loose, inputs and ends that are too many, names that collide -> what to try."""

from dataclasses import replace

from netbuilder.analysis import Report
from netbuilder.graph import STEP, Edge, Graph, GraphError, Node
from netbuilder.layers import Concat, Input, Output

from .placing import below, beside, fed_only_by, feeding_only, removal
from .proposals import Proposals


def connected(graph: Graph, _report: Report, key: int) -> Proposals:
    """A layer with too few inputs: connect it behind a loose end, or take it out with all that hangs on it."""
    node = graph.nodes[key]
    for end in _loose(graph, key):
        yield f"Connect it behind “{end.name}”", lambda end=end: _joined(graph, end, node)
    if graph.incoming(key):
        yield f"Remove “{node.name}”", lambda: graph.remove(key)
    stray = fed_only_by(graph, key)
    yield removal(graph, key, stray), lambda: graph.remove(stray, heal=False)


def _joined(graph: Graph, end: Node, node: Node) -> Graph:
    for _ in range(max(1, node.layer.least_inputs - len(graph.incoming(node.id)))):
        port = graph.free_port(node.id)
        if port is None:
            raise GraphError(f"“{node.name}” has no free input.")
        graph = graph.connect(end.id, node.id, port)
    return graph


def _loose(graph: Graph, key: int) -> list[Node]:
    """Other layers whose output goes nowhere yet, the lowest on the canvas first."""
    behind = graph.downstream(key)
    free = [node for node in graph.nodes.values() if not graph.outgoing(node.id) and node.id not in behind]
    open_ = [node for node in free if not isinstance(node.layer, Output)]
    fed = [node for node in open_ if graph.incoming(node.id) or isinstance(node.layer, Input)]
    return sorted(fed, key=lambda node: -node.position[1])[:2]


def entered(graph: Graph, _report: Report, _key: int) -> Proposals:
    """No input: one above the topmost layer that lacks one."""

    def edit() -> Graph:
        starts = [node for node in graph.nodes.values() if not graph.incoming(node.id)]
        first = min(starts, key=lambda node: node.position[1])
        x, y = first.position
        edited, node = graph.add(Input(), position=(x, y - STEP))
        return edited.connect(node.id, first.id)

    yield "Add an Input of 28×28×1", edit


def one_input(graph: Graph, _report: Report, key: int) -> Proposals:
    """A second input: feed its layers from the first one, or take it out with all that only it feeds."""
    wires = graph.outgoing(key)
    if wires:
        main = max(
            (node for node in graph.nodes.values() if isinstance(node.layer, Input) and node.id != key),
            key=lambda node: len(graph.downstream(node.id)),
        )
        yield f"Feed its layers from “{main.name}”", lambda: _fed(graph, key, main.id)
    stray = fed_only_by(graph, key)
    yield removal(graph, key, stray), lambda: graph.remove(stray, heal=False)


def _fed(graph: Graph, key: int, source: int) -> Graph:
    edges = frozenset(edge._replace(source=source) if edge.source == key else edge for edge in graph.edges)
    return replace(graph, edges=edges).remove(key, heal=False)


def one_output(graph: Graph, _report: Report, key: int) -> Proposals:
    """A second end: take it out with all that only leads there, say that it is meant, or join all ends."""
    stray = feeding_only(graph, key)
    yield removal(graph, key, stray), lambda: graph.remove(stray, heal=False)
    yield f"Put an Output behind “{graph.nodes[key].name}”", lambda: _meant(graph, key)
    ends = [n for n in graph.nodes.values() if not graph.outgoing(n.id) and graph.incoming(n.id)]
    yield f"Join the {len(ends)} ends with Concat", lambda: _together(graph, ends)


def _meant(graph: Graph, key: int) -> Graph:
    """An Output block below an end."""
    edited, node = graph.add(Output(), position=below(graph, key))
    return edited.connect(key, node.id)


def passed_on(graph: Graph, _report: Report, key: int) -> Proposals:
    """An Output block in the middle: let what follows it follow what it follows, or take it out."""
    name = graph.nodes[key].name
    if graph.incoming(key):
        source = graph.inputs(key)[0]
        yield f"Let “{name}” end a branch of its own", lambda: _aside(graph, key, source)
        yield f"Remove “{name}”", lambda: graph.remove(key)
        return
    yield f"Remove “{name}”", lambda: graph.remove(key, heal=False)


def _aside(graph: Graph, key: int, source: int) -> Graph:
    """The block moves beside its column, out of the way of what leads past it now."""
    edges = frozenset(edge._replace(source=source) if edge.source == key else edge for edge in graph.edges)
    return replace(graph, edges=edges).move({key: beside(graph, graph.nodes[key].position)})


def _together(graph: Graph, ends: list[Node]) -> Graph:
    lowest = max(ends, key=lambda node: node.position[1])
    x, y = lowest.position
    graph, join = graph.add(Concat(), position=(x, y + STEP))
    edges = {Edge(end.id, join.id, port) for port, end in enumerate(ends)}
    return replace(graph, edges=graph.edges | edges)


def renamed(graph: Graph, _report: Report, key: int) -> Proposals:
    """A name whose weights are another layer's."""
    name = graph.nodes[key].name.replace(".", "_")
    names = {node.name for node in graph.nodes.values()}
    new = graph.free_name(name) if name in names else name
    yield f"Rename it to “{new}”", lambda: graph.rename(key, new)
