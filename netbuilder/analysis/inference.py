"""Graph -> Report: shapes flow from the input through every layer, as far as they fit."""

from collections.abc import Mapping
from itertools import groupby

from netbuilder.graph import Graph, Node
from netbuilder.layers import Facts, ImageShape, Input, Misfit

from .endings import cut_scores
from .linearity import linear_pairs
from .notes import notes
from .receptive_field import sight
from .report import LayerReport, Problem, Report, Severity
from .structure import ends, shared_names, structure, unconnected

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information")
MOST_SIZES = 9


def analyze(graph: Graph, previous: Report | None = None) -> Report:
    """Propagate shapes from the input. Never raises: a layer that does not fit stops only what lies behind it.

    With the report of a `previous` version of the design, layers whose settings and inputs are as they were are taken
    from it, so that an edit costs what it changes. The result is the same.
    """
    before = previous.layers if previous else dict[int, LayerReport]()
    layers: dict[int, LayerReport] = {}
    outputs = ends(graph)
    problems = structure(graph, outputs)
    for key in graph.order:
        node, inputs = graph.nodes[key], graph.inputs(key)
        old = before.get(key)
        if old and old.facts and old.node.layer is node.layer and _as_before(inputs, old, layers, before):
            layers[key] = old if old.node is node else _renewed(old, node, layers)
            continue
        facts, problem = _inferred(node, inputs, layers)
        if problem:
            problems.append(problem)
        layers[key] = LayerReport(node, inputs, facts)
        if facts:
            seen = sight(node, facts, [layers[i].sight for i in inputs])
            layers[key] = LayerReport(node, inputs, facts, seen, notes(node, facts, [layers[i].shape for i in inputs]))
    for layer in layers.values():
        problems += layer.notes
    problems += linear_pairs(graph, layers) + cut_scores(layers, outputs) + shared_names(graph, layers)
    return Report(layers, tuple(_ordered(problems, layers)), outputs)


def _as_before(
    inputs: tuple[int, ...], old: LayerReport, layers: dict[int, LayerReport], before: Mapping[int, LayerReport]
) -> bool:
    """Whether what flows into a layer is what flowed into it in the previous report."""
    if inputs != old.inputs:
        return False
    pairs = [(layers[i], before[i]) for i in inputs]
    return all(a is b or (a.shape == b.shape and a.sight == b.sight) for a, b in pairs)


def _renewed(old: LayerReport, node: Node, layers: Mapping[int, LayerReport]) -> LayerReport:
    """The report of a layer that was only moved or renamed."""
    assert old.facts is not None
    said = old.notes
    if said and old.node.name != node.name:
        said = notes(node, old.facts, [layers[i].shape for i in old.inputs])
    return LayerReport(node, old.inputs, old.facts, old.sight, said)


def _inferred(
    node: Node, inputs: tuple[int, ...], layers: Mapping[int, LayerReport]
) -> tuple[Facts | None, Problem | None]:
    """A layer's facts, or what keeps it from having any; neither where the break lies further up."""
    if len(inputs) < node.layer.least_inputs:
        return None, unconnected(node, len(inputs))
    sources = [layers[key] for key in inputs]
    shapes = [source.shape for source in sources if source.shape]
    if len(shapes) < len(sources):
        return None, None
    try:
        return node.layer.infer(*shapes), None
    except Misfit as misfit:
        sentence = misfit.sentence(node.title, [f"“{source.node.name}”" for source in sources])
        if misfit.code == "window-too-large":
            sentence = sentence.removesuffix(".") + _shrinking(sources[0], layers) + "."
        return None, Problem(misfit.code, "error", node.id, node.name, sentence)


def _shrinking(row: LayerReport, layers: Mapping[int, LayerReport]) -> str:
    """' (28→14→7→3→1)': the sizes a map had on its way here, or nothing where it has always been this small."""
    maps: list[ImageShape] = []
    while isinstance(shape := row.shape, ImageShape):
        maps.insert(0, shape)
        if not row.inputs:
            break
        row = layers[row.inputs[0]]
    square = all(shape.height == shape.width for shape in maps)
    texts = [str(shape.height) if square else f"{shape.height}×{shape.width}" for shape in maps]
    sizes = [text for text, _ in groupby(texts)]
    if len(sizes) > MOST_SIZES:
        sizes = [*sizes[: MOST_SIZES // 2], "…", *sizes[-(MOST_SIZES // 2) :]]
    return f" ({'→'.join(sizes)})" if len(sizes) > 1 else ""


def _ordered(problems: list[Problem], layers: Mapping[int, LayerReport]) -> list[Problem]:
    """By cause: what enters the network first, then by severity, then in execution order."""
    if len(problems) < 2:
        return problems
    places = {key: index for index, key in enumerate(layers)}

    def order(problem: Problem) -> tuple[bool, int, int]:
        if problem.node is None:
            return False, 0, -1
        derived = not isinstance(layers[problem.node].node.layer, Input)
        return derived, SEVERITIES.index(problem.severity), places[problem.node]

    return sorted(problems, key=order)
