"""A design file -> the table every textbook prints, or the same numbers as one JSON document."""

from argparse import Namespace
from itertools import pairwise
from pathlib import Path
from typing import Any

from netbuilder import files, tables
from netbuilder.analysis import LayerReport, Problem, Report, analyze
from netbuilder.cli.command import DONE, REFUSED, Refusal, WrongUsage
from netbuilder.cli.terminal import Column, count, document, note, say, size, table
from netbuilder.graph import Graph
from netbuilder.layers import Output
from netbuilder.layers.shapes import Order
from netbuilder.repairs import repairs
from netbuilder.storage import write_atomic

UNKNOWN, NONE = "?", "–"
ENDINGS = {".md": "markdown", ".tex": "latex", ".csv": "csv", ".txt": "text"}
FORMATS = {name.lower(): make for name, make in tables.FORMATS.items()}


def summary(options: Namespace) -> int:
    """Print the summary of a design, or write its table; an invalid one exits with 1."""
    written = _format(options)
    graph = opened(options.file)
    report = analyze(graph)
    if options.json:
        document(as_document(graph, report))
    elif written:
        text = FORMATS[written](tables.table(report, options.order))
        if options.output is None:
            say(text.removesuffix("\n"))
        else:
            write_atomic(options.output, text.encode())
            say(f"Written to {options.output}")
    else:
        say(as_text(graph, report, options.order))
    errors = sum(problem.severity == "error" for problem in report.problems)
    if errors and not options.json:
        note(f"This design cannot be trained or exported yet: it has {count(errors, 'problem')}.")
    return DONE if report.valid else REFUSED


def _format(options: Namespace) -> str | None:
    """The format of a table to print or to write: what is asked for, else by the file's name."""
    if options.format or not options.output:
        return options.format
    if options.json:
        raise WrongUsage("--output is for tables; --json prints one document.")
    ending = options.output.suffix.lower()
    if ending not in ENDINGS:
        raise WrongUsage(f"“{options.output.name}” ends in none of {', '.join(ENDINGS)}; --format says what to write.")
    return ENDINGS[ending]


def opened(path: Path) -> Graph:
    """The design in a .netb file, or in an .onnx model. Raises Refusal for a folder, FileError or OnnxFileError."""
    if path.is_dir():
        raise Refusal(_no_design(path))
    if path.suffix.lower() != ".onnx":
        return files.load(path)
    from netbuilder.interop.importing import read_design  # which loads onnx

    return read_design(path)


def _no_design(folder: Path) -> str:
    from netbuilder.runs.folder import DESIGN, is_run  # which loads the engine

    if is_run(folder):
        return f"“{folder}” is a run folder; the design in it is “{folder / DESIGN}”."
    return f"“{folder.resolve().name}” is a folder, not a design."


def as_document(graph: Graph, report: Report) -> dict[str, Any]:
    """`report.to_dict()` with the labels of every problem's repairs, the first being the default."""
    found = report.to_dict()
    for entry, problem in zip(found["problems"], report.problems, strict=True):
        entry["fixes"] = [repair.label for repair in repairs(graph, report, problem)]
    return found


def as_text(graph: Graph, report: Report, order: Order = "hwc") -> str:
    """The table of layers, the totals, and every problem with what would repair it."""
    parts = [layer_table(graph, report, order)] if report.layers else []
    parts.append(_totals(report))
    parts += [_problem(graph, report, problem) for problem in report.problems]
    return "\n\n".join(part for part in parts if part)


def layer_table(graph: Graph, report: Report, order: Order = "hwc") -> str:
    """One row a layer; where the network branches, a column says what feeds each."""
    layers = list(report.layers.values())
    branches = any(layer.inputs != (before.node.id,) for before, layer in pairwise(layers))
    columns = [
        *(Column("Layer"), Column("Type")),
        *([Column("From")] if branches else []),
        *(Column("Output", True), Column("Weights", True), Column("MACs", True), Column("Sees", True)),
    ]
    rows = [_row(graph, layer, order, branches) for layer in layers]
    totals = report.totals
    footer = [count(len(layers), "layer"), *[""] * (len(columns) - 5)]
    footer += ["", f"{totals.parameters:,}", f"{totals.macs:,}", ""]
    return table(columns, rows, footer)


def _row(graph: Graph, layer: LayerReport, order: Order, branches: bool) -> list[str]:
    field = layer.receptive_field
    sources = [_sources([graph.nodes[key].name for key in layer.inputs])] if branches else []
    if layer.shape is None:
        numbers = [UNKNOWN] * 4
    else:
        numbers = [layer.shape.text(order), _number(layer.parameters), _number(layer.macs)]
        numbers.append(f"{field[0]}×{field[1]}" if field else NONE)
    return [layer.node.name, type(layer.node.layer).__name__, *sources, *numbers]


def _sources(names: list[str]) -> str:
    """'conv1 + relu2', or the ends of a list that would push everything aside."""
    text = " + ".join(names)
    return text if len(names) <= 3 or len(text) <= 40 else f"{names[0]} + … + {names[-1]} ({len(names)})"


def _number(value: int | None) -> str:
    return f"{value:,}" if value else NONE


def _totals(report: Report) -> str:
    totals = report.totals
    if totals.unknown:
        return f"{count(totals.parameters, 'weight')} so far, {count(totals.unknown, 'layer')} unknown."
    if not report.layers:
        return ""
    lines = [
        f"{count(totals.parameters, 'weight')}, {size(4 * totals.parameters)} as float32.",
        f"One sample: {count(totals.macs, 'multiply-accumulate')}, {size(totals.activation_bytes)} of activations.",
    ]
    if totals.statistics:
        lines.append(f"{count(totals.statistics, 'more number')} are remembered by BatchNorm, not learned.")
    return "\n".join([*lines, *_outputs(report)])


def _outputs(report: Report) -> list[str]:
    """'2 outputs: “scores”, which predicts, and “aux” (counts 0.3).'"""
    if len(report.outputs) < 2:
        return []
    names: list[str] = []
    for key in report.outputs:
        node = report.layers[key].node
        counts = f" (counts {node.layer.weight:g})" if isinstance(node.layer, Output) and node.layer.weight != 1 else ""
        names.append(f"“{node.name}”{counts}" if names else f"“{node.name}”{counts}, which predicts,")
    return [f"{len(names)} outputs: {', '.join(names[:-1]).removesuffix(',')}, and {names[-1]}."]


def _problem(graph: Graph, report: Report, problem: Problem) -> str:
    lines = [f"{problem.severity}: {problem.message}"]
    lines += [f"  → {repair.label}" for repair in repairs(graph, report, problem)]
    return "\n".join(lines)
