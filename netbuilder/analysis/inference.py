"""Graph -> Report: shapes flow from the input through every layer, as far as they fit."""

from collections.abc import Mapping

from netbuilder.graph import Graph, Node
from netbuilder.layers import Facts, Misfit

from .receptive_field import sight
from .report import LayerReport, Problem, Report
from .structure import structure, unconnected


def analyze(graph: Graph, previous: Report | None = None) -> Report:
    """Propagate shapes from the input. Never raises: a layer that does not fit stops only what lies behind it.

    With the report of a `previous` version of the design, layers whose settings and inputs are as they were are taken
    from it, so that an edit costs what it changes. The result is the same.
    """
    before = previous.layers if previous else {}
    layers: dict[int, LayerReport] = {}
    problems = structure(graph)
    for key in graph.order:
        node, inputs = graph.nodes[key], graph.inputs(key)
        old = before.get(key)
        if old and old.facts and old.node.layer is node.layer and _as_before(inputs, old, layers, before):
            layers[key] = old if old.node is node else LayerReport(node, inputs, old.facts, old.sight)
            continue
        sources = [layers[i] for i in inputs]
        facts, problem = _inferred(node, sources)
        if problem:
            problems.append(problem)
        layers[key] = LayerReport(
            node, inputs, facts, sight(node, facts, [s.sight for s in sources]) if facts else None
        )
    places = {key: index for index, key in enumerate(layers)}
    problems.sort(key=lambda p: -1 if p.node is None else places[p.node])
    return Report(layers, tuple(problems))


def _as_before(
    inputs: tuple[int, ...], old: LayerReport, layers: dict[int, LayerReport], before: Mapping[int, LayerReport]
) -> bool:
    """Whether what flows into a layer is what flowed into it in the previous report."""
    if inputs != old.inputs:
        return False
    pairs = [(layers[i], before[i]) for i in inputs]
    return all(a is b or (a.shape == b.shape and a.sight == b.sight) for a, b in pairs)


def _inferred(node: Node, sources: list[LayerReport]) -> tuple[Facts | None, Problem | None]:
    """A layer's facts, or what keeps it from having any; neither where the break lies further up."""
    if len(sources) < node.layer.least_inputs:
        return None, unconnected(node, len(sources))
    shapes = [source.shape for source in sources if source.shape]
    if len(shapes) < len(sources):
        return None, None
    try:
        return node.layer.infer(*shapes), None
    except Misfit as misfit:
        sentence = misfit.sentence(node.title, [f"“{source.node.name}”" for source in sources])
        return None, Problem(misfit.code, "error", node.id, node.name, sentence)
