"""A design and a layer's name -> why its numbers are what they are: formula, your numbers in it, and a sentence."""

from argparse import Namespace
from difflib import get_close_matches
from pathlib import Path
from textwrap import fill
from typing import Any

from netbuilder.analysis import LayerReport, Report, analyze
from netbuilder.cli.command import DONE, REFUSED, Refusal
from netbuilder.cli.explanations import sentence
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import count, document, note, say, size
from netbuilder.layers.shapes import Order

TOPICS = {
    "shape": "shape",
    "weights": "parameters",
    "macs": "macs",
    "memory": "memory",
    "receptive-field": "receptive_field",
}
"""What can be asked for -> what `summary --json` calls it."""
WIDTH = 100


def explain(options: Namespace) -> int:
    """Print the workings of one layer, or of one of its numbers; exit with 1 where they are unknown."""
    report = analyze(opened(options.file))
    layer = _layer(report, options.layer, options.file)
    topics = [options.topic] if options.topic else list(TOPICS)
    if options.json:
        document(as_document(report, layer, topics))
    else:
        say(as_text(report, layer, topics, options.order))
    if layer.facts is None and not options.json:
        note(_unknown(report, layer))
    return REFUSED if layer.facts is None else DONE


def _layer(report: Report, name: str, path: Path) -> LayerReport:
    """By name; else by id. Raises Refusal."""
    try:
        return report[name]
    except KeyError:
        names = [row.node.name for row in report.layers.values()]
    if name.isascii() and name.isdigit() and int(name) in report.layers:
        return report.layers[int(name)]
    near = get_close_matches(name, names, 1)
    hint = f" Did you mean “{near[0]}”?" if near else " `netbuilder summary` lists them."
    raise Refusal(f"There is no layer “{name}” in “{path.name}”.{hint}")


def as_document(report: Report, layer: LayerReport, topics: list[str]) -> dict[str, Any]:
    """The layer, its inputs' names, and for each topic its workings as in `summary --json`, with the sentence."""
    workings = layer.workings()
    return {
        "format": 1,
        "layer": layer.node.name,
        "type": type(layer.node.layer).__name__,
        "inputs": [report.layers[key].node.name for key in layer.inputs],
        "shape": layer.shape.to_dict() if layer.shape else None,
        "statistics": layer.statistics,
        "workings": {TOPICS[topic]: workings[TOPICS[topic]] for topic in topics if TOPICS[topic] in workings},
        "sentences": {TOPICS[topic]: sentence(topic, layer) for topic in topics if TOPICS[topic] in workings},
        "problems": [{"code": p.code, "severity": p.severity, "message": p.message} for p in report.at(layer.node.id)],
    }


def as_text(report: Report, layer: LayerReport, topics: list[str], order: Order) -> str:
    """The layer with its settings, a paragraph a topic, and the layer's problems."""
    parts = ["\n".join([layer.node.title, *_surroundings(report, layer, order)])]
    workings = layer.workings()
    for topic in topics if workings else []:
        if TOPICS[topic] in workings:
            parts.append(_paragraph(topic, layer, workings[TOPICS[topic]], order))
        else:
            parts.append(f"{_title(topic)}: none, for this layer does not look at a picture")
    parts += [f"{problem.severity}: {problem.message}" for problem in report.at(layer.node.id)]
    return "\n\n".join(parts)


def _surroundings(report: Report, layer: LayerReport, order: Order) -> list[str]:
    """What it is set to, and what it reads."""
    settings = layer.node.layer.caption()
    before = [report.layers[key] for key in layer.inputs]
    shapes = [f"“{row.node.name}”" + (f" {row.shape.text(order)}" if row.shape else "") for row in before]
    return [*([settings] if settings else []), *([f"reads {' and '.join(shapes)}"] if shapes else [])]


def _paragraph(topic: str, layer: LayerReport, working: dict[str, Any], order: Order) -> str:
    lines = [f"{_title(topic)}: {_result(topic, layer, order)}"]
    axes = {"": working} if "formula" in working else working
    width = max(len(axis) for axis in axes)
    for axis, found in axes.items():
        lines += _worked(axis.ljust(width), found)
    return "\n".join([*lines, fill(sentence(topic, layer), WIDTH, initial_indent="  ", subsequent_indent="  ")])


def _worked(axis: str, working: dict[str, Any]) -> list[str]:
    """The formula, and below it the same with numbers; a number that took no arithmetic stands alone."""
    lead = f"  {axis}  " if axis else "  "
    formula, filled, result = working["formula"], working["substituted"], working["result"]
    if filled == str(result):
        return [f"{lead}{formula} = {result}"] if formula != filled else [lead + filled] if axis else []
    return [lead + formula, f"{' ' * len(lead)}{filled} = {result}"]


def _result(topic: str, layer: LayerReport, order: Order) -> str:
    assert layer.shape is not None, "what is explained is known"
    match topic:
        case "shape":
            return layer.shape.text(order)
        case "weights":
            remembered = f", and {count(layer.statistics, 'number')} remembered" if layer.statistics else ""
            return f"{layer.parameters:,}{remembered}"
        case "macs":
            return f"{layer.macs:,} multiply-accumulates for one sample"
        case "memory":
            return f"{size(layer.activation_bytes or 0)} for one sample's output"
        case _:
            height, width = layer.receptive_field or (0, 0)
            return f"{height}×{width} pixels of the input"


def _title(topic: str) -> str:
    return "MACs" if topic == "macs" else topic.replace("-", " ").capitalize()


def _unknown(report: Report, layer: LayerReport) -> str:
    """Why nothing is known of a layer."""
    if report.at(layer.node.id):
        return f"The numbers of “{layer.node.name}” are unknown until its problem is solved."
    first = next((p for p in report.problems if p.severity == "error"), None)
    why = f" {first.message}" if first else ""
    return f"The numbers of “{layer.node.name}” are unknown: a layer before it has a problem.{why}"
