"""A problem -> the edits that would solve it, each a whole new graph ready to be committed as one step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.graph import STEP, Edge, Graph, GraphError, Node
from netbuilder.layers import Concat, Conv2D, Flatten, GlobalAveragePool2D, ImageShape, Input, Layer, SettingError


@dataclass(frozen=True)
class Repair:
    """An edit that solves a problem: what a button says, and the design it gives."""

    label: str
    graph: Graph


Proposals = Iterator[tuple[str, Callable[[], Graph]]]


def repairs(graph: Graph, report: Report, problem: Problem) -> tuple[Repair, ...]:
    """The edits that make `problem` go away, the best first; none where only a person can decide.

    Every proposal is tried: one that cannot be made, or leaves its layer with a problem, is dropped.
    """
    propose = _PROPOSALS.get(problem.code)
    if propose is None or (problem.node is None and problem.code != "no-input"):
        return ()
    found: list[Repair] = []
    for label, edit in propose(graph, report, problem.node or 0):
        try:
            edited = edit()
        except (GraphError, SettingError):
            continue
        if _solved(edited, problem):
            found.append(Repair(label, edited))
    return tuple(found)


def _solved(graph: Graph, problem: Problem) -> bool:
    after = analyze(graph)
    if problem.code in ("no-input", "several-inputs", "several-outputs"):
        return not any(other.code == problem.code for other in after.problems)
    return problem.node not in graph.nodes or not after.at(problem.node or 0)


# ---- what to try for each code ---------------------------------------------------------------------------------------


def _flatten(graph: Graph, report: Report, key: int) -> Proposals:
    edge = graph.incoming(key)[0]
    yield "Insert Flatten", lambda: _inserted(graph, edge, Flatten())
    shape = report.layers[edge.source].shape
    if isinstance(shape, ImageShape):
        label = f"Insert GlobalAveragePool2D ({shape.channels:,} numbers)"
        yield label, lambda: _inserted(graph, edge, GlobalAveragePool2D())


def _window(graph: Graph, report: Report, key: int) -> Proposals:
    node = graph.nodes[key]
    yield "Set padding to same", lambda: graph.set(key, padding="same")
    shape = report.layers[graph.inputs(key)[0]].shape
    if isinstance(shape, ImageShape):
        side = min(shape.height, shape.width)
        name = "kernel_size" if "kernel_size" in node.layer.values() else "pool_size"
        yield f"Shrink the window to {side}×{side}", lambda: graph.set(key, **{name: side})
    yield f"Remove “{node.name}”", lambda: graph.remove(key)


def _groups(graph: Graph, _report: Report, key: int) -> Proposals:
    yield "Use one group", lambda: graph.set(key, groups=1)


def _channels(graph: Graph, _report: Report, key: int) -> Proposals:
    yield "Treat as 1 channel", lambda: graph.set(key, channels=1)
    yield "Treat as 3 channels", lambda: graph.set(key, channels=3)


def _merge(graph: Graph, report: Report, key: int) -> Proposals:
    shapes = {edge: report.layers[edge.source].shape for edge in graph.incoming(key)}
    maps = {edge: shape for edge, shape in shapes.items() if isinstance(shape, ImageShape)}
    if len(maps) == len(shapes):
        longest = max(maps, key=lambda edge: len(graph.upstream(edge.source)))
        yield from _matching(graph, maps, longest)
        yield "Join them with Concat instead", lambda: graph.exchange(key, Concat())
    yield f"Remove “{graph.nodes[key].name}”", lambda: graph.remove(key)


def _matching(graph: Graph, maps: dict[Edge, ImageShape], longest: Edge) -> Proposals:
    """Make every other branch fit the longest one with a 1×1 convolution, as residual networks do."""
    goal = maps[longest]
    others = {edge: shape for edge, shape in maps.items() if shape != goal}
    first = next(iter(others.values()), goal)
    stride = -(-first.height // goal.height), -(-first.width // goal.width)
    step = f", stride {stride[0]}" if stride != (1, 1) else ""

    def edit() -> Graph:
        edited = graph
        for edge, shape in others.items():
            steps = -(-shape.height // goal.height), -(-shape.width // goal.width)
            edited = _inserted(edited, edge, Conv2D(filters=goal.channels, kernel_size=1, stride=steps))
        return edited

    yield f"Put a 1×1 Conv2D, {goal.channels}{step} on the shorter branch", edit


def _unconnected(graph: Graph, _report: Report, key: int) -> Proposals:
    node = graph.nodes[key]
    for end in _ends(graph, key):
        yield f"Connect it behind “{end.name}”", lambda end=end: _joined(graph, end, node)
    yield f"Remove “{node.name}”", lambda: graph.remove(key)


def _joined(graph: Graph, end: Node, node: Node) -> Graph:
    for _ in range(max(1, node.layer.least_inputs - len(graph.incoming(node.id)))):
        port = graph.free_port(node.id)
        if port is None:
            raise GraphError(f"“{node.name}” has no free input.")
        graph = graph.connect(end.id, node.id, port)
    return graph


def _ends(graph: Graph, key: int) -> list[Node]:
    """Other layers whose output goes nowhere yet, the lowest on the canvas first."""
    behind = graph.downstream(key)
    free = [node for node in graph.nodes.values() if not graph.outgoing(node.id) and node.id not in behind]
    fed = [node for node in free if graph.incoming(node.id) or isinstance(node.layer, Input)]
    return sorted(fed, key=lambda node: -node.position[1])[:2]


def _input(graph: Graph, _report: Report, _key: int) -> Proposals:
    def edit() -> Graph:
        starts = [node for node in graph.nodes.values() if node.layer.most_inputs != 0 and not graph.incoming(node.id)]
        first = min(starts, key=lambda node: node.position[1])
        x, y = first.position
        edited, node = graph.add(Input(), position=(x, y - STEP))
        return edited.connect(node.id, first.id)

    yield "Add an Input of 28×28×1", edit


def _extra(graph: Graph, _report: Report, key: int) -> Proposals:
    yield f"Remove “{graph.nodes[key].name}”", lambda: graph.remove(key, heal=False)


def _inserted(graph: Graph, edge: Edge, layer: Layer) -> Graph:
    """A layer put into a wire, above the layer the wire ends at; what lies below that in its column moves down."""
    target = graph.nodes[edge.target]
    x, y = target.position
    below = {
        key: (node.position[0], node.position[1] + STEP)
        for key, node in graph.nodes.items()
        if abs(node.position[0] - x) < 1 and node.position[1] >= y
    }
    return graph.move(below).insert(edge, layer, position=(x, y))[0]


_PROPOSALS: dict[str, Callable[[Graph, Report, int], Proposals]] = {
    "needs-flatten": _flatten,
    "window-too-large": _window,
    "groups-mismatch": _groups,
    "no-channels": _channels,
    "merge-shapes": _merge,
    "not-connected": _unconnected,
    "no-input": _input,
    "several-inputs": _extra,
    "several-outputs": _extra,
}
