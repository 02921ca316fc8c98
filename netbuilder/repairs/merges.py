"""Branches that meet in different shapes -> what to try: fit one to the other, or join them side by side."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from netbuilder.analysis import Report, analyze
from netbuilder.graph import Edge, Graph
from netbuilder.layers import (
    Concat,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePool2D,
    ImageShape,
    SeparableConv2D,
    Shape,
    VectorShape,
)
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool
from netbuilder.layers.settings import Pair, Value

from .placing import feeding_only, inserted, removal
from .proposals import Proposals


def agreeing(graph: Graph, report: Report, key: int) -> Proposals:
    """Inputs of a merge that differ in size, channels, length or kind."""
    shapes = {edge: shape for edge in graph.incoming(key) if (shape := report.layers[edge.source].shape)}
    maps = {edge: shape for edge, shape in shapes.items() if isinstance(shape, ImageShape)}
    lists = {edge: shape for edge, shape in shapes.items() if isinstance(shape, VectorShape)}
    if maps and lists:
        yield from _mixed(graph, maps, lists)
        return
    yield from _maps(graph, report, key, maps) if maps else _lists(graph, report, key, lists)
    main = max(shapes, key=lambda edge: _length(graph, edge))
    gone = feeding_only(graph, key) - graph.upstream(main.source)
    yield removal(graph, key, gone), lambda: _unmerged(graph, key, main, gone)


def _unmerged(graph: Graph, key: int, main: Edge, gone: Collection[int]) -> Graph:
    """Only the longest branch is left, and leads on to where the merge led."""
    for wire in graph.outgoing(key):
        graph = graph.connect(main.source, wire.target, wire.port)
    return graph.remove(gone, heal=False)


# ---- maps ------------------------------------------------------------------------------------------------------------


def _maps(graph: Graph, report: Report, key: int, shapes: Mapping[Edge, ImageShape]) -> Proposals:
    """Fit every branch to the one with the smallest map, since a convolution can only shrink; of equals the longest."""
    side_by_side = isinstance(graph.nodes[key].layer, Concat)
    main = min(shapes, key=lambda edge: (shapes[edge].height * shapes[edge].width, -_length(graph, edge)))
    goal = shapes[main]
    others = [edge for edge, shape in shapes.items() if _steps(shape, goal) != (1, 1)]
    if not side_by_side:
        others = [edge for edge, shape in shapes.items() if shape != goal]
    yield (
        _projected_label(graph, main, others, shapes, side_by_side),
        lambda: _projected(graph, main, others, shapes, side_by_side),
    )
    for edge in sorted(shapes, key=lambda edge: edge != main):
        rest = {shape for other, shape in shapes.items() if other != edge}
        if len(rest) == 1 and (found := _refitted(graph, report, edge, rest.pop(), side_by_side)):
            label, edited = found
            yield label, lambda edited=edited: edited
    if not side_by_side:
        sized = [edge for edge in others if _steps(shapes[edge], goal) != (1, 1)]
        yield (
            "Match the size, then use Concat" if sized else "Use Concat instead",
            lambda: _projected(graph, main, sized, shapes, True).exchange(key, Concat()),
        )


def _length(graph: Graph, edge: Edge) -> int:
    """Layers on and before a branch: a skip has fewer than what it skips."""
    return len(graph.upstream(edge.source))


def _steps(shape: ImageShape, goal: ImageShape) -> Pair:
    """The stride that brings one map to about the size of another."""
    return -(-shape.height // goal.height), -(-shape.width // goal.width)


def _projected(
    graph: Graph, main: Edge, edges: Sequence[Edge], shapes: Mapping[Edge, ImageShape], own_channels: bool
) -> Graph:
    """A 1×1 convolution on each of these wires, as residual networks have it where they shrink."""
    for edge in edges:
        filters = shapes[edge].channels if own_channels else shapes[main].channels
        graph = inserted(graph, edge, Conv2D(filters=filters, kernel_size=1, stride=_steps(shapes[edge], shapes[main])))
    return graph


def _projected_label(
    graph: Graph, main: Edge, edges: Sequence[Edge], shapes: Mapping[Edge, ImageShape], own_channels: bool
) -> str:
    """'Put Conv2D 1×1, 32, stride 2 on the skip'."""
    if len(edges) != 1:
        return "Put a 1×1 Conv2D on every other branch"
    (edge,) = edges
    filters = shapes[edge].channels if own_channels else shapes[main].channels
    steps = _steps(shapes[edge], shapes[main])
    stride = "" if steps == (1, 1) else f", stride {steps[0] if steps[0] == steps[1] else f'{steps[0]}×{steps[1]}'}"
    return f"Put Conv2D 1×1, {filters}{stride} {_place(graph, main, edge)}"


def _place(graph: Graph, main: Edge, edge: Edge) -> str:
    if _length(graph, edge) < _length(graph, main):
        return "on the skip"
    return f"behind “{graph.nodes[edge.source].name}”"


def _refitted(
    graph: Graph, report: Report, edge: Edge, goal: ImageShape, own_channels: bool
) -> tuple[str, Graph] | None:
    """A branch whose own layers are set so that it gives the goal: its last convolution, or the padding of all, or the
    stride of all; the least change that does it."""
    windows = _windows(graph, edge)
    last = next((key for key in windows if isinstance(graph.nodes[key].layer, (Conv2D, SeparableConv2D))), None)
    shape = report.layers[edge.source].shape
    if last is None or not isinstance(shape, ImageShape):
        return None
    filters: dict[str, Any] = {} if own_channels or shape.channels == goal.channels else {"filters": goal.channels}
    entering = report.layers[graph.inputs(last)[0]].shape
    assert isinstance(entering, ImageShape)
    tries: list[dict[int, dict[str, Any]]] = [{last: filters}]
    for padding in ({}, {"padding": "same"}):
        tries += [{last: {**filters, "stride": steps, **padding}} for steps in _strides(entering, goal)]
    for changes in ({"padding": "same"}, {"padding": "same", "stride": 1}):
        tries.append(dict.fromkeys(windows, changes) | {last: {**filters, **changes}})
    for settings in tries:
        edited = graph
        for key, changes in settings.items():
            edited = edited.set(key, **changes)
        found = analyze(edited, report).layers[edge.source].shape
        if isinstance(found, ImageShape) and _fits(found, goal, own_channels):
            return _settings_label(graph, edited), edited
    return None


def _fits(shape: ImageShape, goal: ImageShape, own_channels: bool) -> bool:
    return (shape.height, shape.width) == (goal.height, goal.width) and (own_channels or shape == goal)


def _windows(graph: Graph, edge: Edge) -> list[int]:
    """Layers with a window on a branch, the last first, up to where it forks, merges or begins."""
    found: list[int] = []
    key = edge.source
    while len(graph.outgoing(key)) == 1 and len(graph.incoming(key)) == 1:
        if isinstance(graph.nodes[key].layer, (Sliding, Pool)):
            found.append(key)
        key = graph.inputs(key)[0]
    return found


def _strides(entering: ImageShape, goal: ImageShape) -> list[Pair]:
    near = _steps(entering, goal)
    below = max(1, entering.height // goal.height), max(1, entering.width // goal.width)
    return list(dict.fromkeys([near, below]))


def _settings_label(graph: Graph, edited: Graph) -> str:
    """'Set “conv1” to stride 1 and “conv3” to 16 filters, padding same'."""
    parts: list[str] = []
    for key, node in edited.nodes.items():
        old = graph.nodes[key].layer.values()
        words = [_words(name, value) for name, value in node.layer.values().items() if value != old[name]]
        parts += [f"“{node.name}” to {', '.join(words)}"] if words else []
    return f"Set {' and '.join(parts)}"


def _words(name: str, value: Value) -> str:
    if name == "filters":
        return f"{value} filter{'' if value == 1 else 's'}"
    if isinstance(value, tuple):
        return f"{name} {value[0] if value[0] == value[1] else f'{value[0]}×{value[1]}'}"
    return f"{name} {value}"


# ---- lists -----------------------------------------------------------------------------------------------------------


def _lists(graph: Graph, report: Report, key: int, shapes: Mapping[Edge, VectorShape]) -> Proposals:
    """Fit every list to the longest branch's, or change how many numbers that one gives, or lay them side by side."""
    main = max(shapes, key=lambda edge: _length(graph, edge))
    goal = shapes[main].features
    others = [edge for edge, shape in shapes.items() if shape.features != goal]

    def mixed() -> Graph:
        edited = graph
        for edge in others:
            edited = inserted(edited, edge, Dense(units=goal))
        return edited

    place = _place(graph, main, others[0]) if len(others) == 1 else "on every other branch"
    yield f"Put Dense {goal:,} {place}", mixed
    for edge in shapes:
        rest = {shape.features for other, shape in shapes.items() if other != edge}
        dense = _dense(graph, report, edge)
        if len(rest) == 1 and dense is not None:
            units = rest.pop()
            name = graph.nodes[dense].name
            yield f"Set “{name}” to {units:,} units", lambda dense=dense, units=units: graph.set(dense, units=units)
    yield "Use Concat instead", lambda: graph.exchange(key, Concat())


def _dense(graph: Graph, report: Report, edge: Edge) -> int | None:
    """The Dense layer that decides how long a branch's list is."""
    key = edge.source
    while not isinstance(graph.nodes[key].layer, Dense):
        sources = graph.inputs(key)
        if len(sources) != 1 or report.layers[sources[0]].shape != report.layers[key].shape:
            return None
        key = sources[0]
    return key


def _mixed(graph: Graph, maps: Mapping[Edge, Shape], lists: Mapping[Edge, VectorShape]) -> Proposals:
    """A map and a list: lay the map out as a list, or take its channels' means, as many as the list has."""
    names = " and ".join(f"“{graph.nodes[edge.source].name}”" for edge in maps)
    length = max(shape.features for shape in lists.values())

    def flat() -> Graph:
        edited = graph
        for edge in maps:
            edited = inserted(edited, edge, Flatten())
        return edited

    def averaged(units: int | None) -> Graph:
        edited = graph
        for edge in maps:
            edited = inserted(edited, edge, GlobalAveragePool2D())
            if units is not None:
                edited = inserted(edited, edge._replace(source=edited.next_id - 1), Dense(units=units))
        return edited

    yield f"Insert GlobalAveragePool2D behind {names}", lambda: averaged(None)
    yield f"Insert Flatten behind {names}", flat
    yield f"Insert GlobalAveragePool2D and Dense {length:,} behind {names}", lambda: averaged(length)
