"""An edit that was typed or pointed at -> the graph it would give, and the sentence that says what changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.drawing.routing import Wiring
from netbuilder.graph import Edge, Graph, GraphError, Node, Point
from netbuilder.gui.canvas.placement import appended, near_spot, snapped
from netbuilder.gui.document import Document
from netbuilder.gui.wording import counted, signed
from netbuilder.layers import Layer, Order, Setting, SettingError
from netbuilder.notation import describe

Ways = Mapping[Edge, Wiring]


@dataclass(frozen=True)
class Proposal:
    """An edit not made yet. `text` names its undo step, `sentence` says what it gives, `problem` what it would break.

    Without a `graph` it cannot be made, and `problem` is the reason. `chosen` are the layers to select afterwards.
    """

    text: str
    graph: Graph | None
    sentence: str
    problem: str = ""
    chosen: tuple[int, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where new layers go: behind `after` (None: the network's end), around `at`; `loose` wires them from `after` but
    splices nothing, as when a wire was let go over empty canvas."""

    after: int | None
    at: Point
    loose: bool = False


def chain(document: Document, ways: Ways, layers: Sequence[Layer], place: Place, order: Order) -> Proposal:
    """Put a chain of new layers into the design."""
    graph, keys = document.graph, list[int]()
    source = place.after
    try:
        for layer in layers:
            if place.loose and not keys:
                graph, node = _wired(graph, layer, place)
            else:
                graph, node = _behind(graph, ways, layer, keys[-1] if keys else source, place.at)
            keys.append(node.id)
    except GraphError as error:
        return Proposal("", None, "", str(error))
    report = analyze(graph, document.report)
    behind = [graph[edge.source].name for edge in graph.incoming(keys[0])]
    what = describe(layers) if len(layers) == 1 else counted(len(layers), "layer")
    where = f" after {behind[0]}" if behind else ""
    shape = report.layers[keys[-1]].shape
    gives = f" → {shape.text(order)}" if shape else ""
    text = f"Add {graph[keys[0]].name if len(keys) == 1 else counted(len(keys), 'layer')}"
    sentence = f"Adds {what}{where}{gives}, {_weights(document.report, report)}"
    return Proposal(text, graph, sentence, _broken(document.report, report), tuple(keys))


def _behind(graph: Graph, ways: Ways, layer: Layer, after: int | None, at: Point) -> tuple[Graph, Node]:
    return appended(graph, ways, layer, after, at)


def _wired(graph: Graph, layer: Layer, place: Place) -> tuple[Graph, Node]:
    graph, node = graph.add(layer, position=near_spot(graph, snapped(place.at)))
    return graph.connect(place.after if place.after is not None else -1, node.id), node


def change(document: Document, keys: Collection[int], setting: Setting, value: object, order: Order) -> Proposal:
    """Give a setting of one or several layers another value."""
    graph = document.graph
    names = [graph[key].name for key in keys]
    try:
        for key in keys:
            graph = graph.set(key, **{setting.name: value})
    except SettingError as error:
        return Proposal("", None, "", str(error))
    report = analyze(graph, document.report)
    many = len(names) > 1
    text = f"{setting.label} of {counted(len(names), 'layer')}" if many else setting.label
    shape = None if many else report.layers[next(iter(keys))].shape
    gives = f" → {shape.text(order)}" if shape else ""
    whose = counted(len(names), "layer") if many else names[0]
    sentence = f"Sets {setting.label.lower()} of {whose} to {said(value)}{gives}, {_weights(document.report, report)}"
    return Proposal(text, graph, sentence, _broken(document.report, report), tuple(keys))


def said(value: object) -> str:
    """A setting's value as a person would write it: '3×5', 'on', 'none', '0.5'."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "×".join(map(str, value)) if len(value) == 2 else ", ".join(map(str, value))
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _weights(before: Report, after: Report) -> str:
    """'+18,496 weights', for the whole network."""
    difference = after.totals.parameters - before.totals.parameters
    if difference:
        return f"{signed(difference)} weights{' so far' if after.totals.unknown else ''}"
    return "weights not known yet" if after.totals.unknown else "no more weights"


def _broken(before: Report, after: Report) -> str:
    """What would be wrong that was not wrong before: the first such sentence."""
    known = {_mark(problem) for problem in before.problems}
    new = [p.message for p in after.problems if p.severity == "error" and _mark(p) not in known]
    return new[0] if new else ""


def _mark(problem: Problem) -> tuple[str, int | None]:
    return problem.code, problem.node
