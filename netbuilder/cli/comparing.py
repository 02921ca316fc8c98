"""Two designs, models or runs -> what is different about the second one, as tables or as one JSON document."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from netbuilder.analysis import LayerReport, Report
from netbuilder.cli.command import DONE, REFUSED
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import Column, count, document, note, plain, say, size, table
from netbuilder.comparison import ArrayChange, Difference, Pair, compare
from netbuilder.files import FileError
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.layers import Order
from netbuilder.layers.settings import Value

NONE, UNKNOWN = "–", "?"


class Side(NamedTuple):
    """One of the two, and its weights where it has any."""

    graph: Graph
    weights: Mapping[str, Array] | None


def diff(options: Namespace) -> int:
    """Print what is different. Exits with 0, or with --exit-code with 1 where anything is."""
    a, b = _side(options.before), _side(options.after)
    found = compare(a.graph, b.graph, a.weights, b.weights)
    if options.json:
        document({"before": str(options.before), "after": str(options.after), **found.to_dict()})
    else:
        say(as_text(found, options.order))
        if (a.weights is None) != (b.weights is None):
            bare = options.before if a.weights is None else options.after
            note(f"Weights are not compared: “{bare.name}” has none.")
    return REFUSED if options.exit_code and not found.same else DONE


def _side(path: Path) -> Side:
    """A .netb design, an .onnx model or a run folder. Raises FileError or OnnxFileError."""
    if path.is_dir():
        from netbuilder.runs import Run  # which loads the engine

        run, weights = Run.open(path), None
        with suppress(FileError):  # it ended before its first checkpoint
            weights = run.weights()
        return Side(run.graph, weights)
    if path.suffix.lower() == ".onnx":
        from netbuilder.interop.importing import import_onnx  # which loads onnx

        return Side(*import_onnx(path))
    return Side(opened(path), None)


def as_text(found: Difference, order: Order = "hwc") -> str:
    """What was done, what follows from it, the totals, and by how much weights differ."""
    if found.same:
        alike = "design and weights are" if found.weights is not None else "design is"
        return f"The {alike} the same: {count(len(found.after.layers), 'layer')}."
    rows = [*_edits(found, order)]
    follows = [row for pair in found.changed for row in _consequences(pair, order)]
    parts = ["The designs are the same."] if not rows and not follows else []
    if rows:
        titles = "Change", "Layer", "What", "Before", "After"
        parts.append(table([Column(title) for title in titles], rows))
    if follows:
        columns = [Column("What follows"), Column("Number"), Column("Before", True), Column("After", True)]
        parts.append(table(columns, follows))
    parts += [_totals(found), *_weights(found.weights)]
    return "\n\n".join(part for part in parts if part)


# ---- edits -----------------------------------------------------------------------------------------------------------


def _edits(found: Difference, order: Order) -> Iterator[list[str]]:
    for layer in found.added:
        yield ["added", layer.node.name, _kind(layer, found.after), NONE, _shape(layer, order)]
    for layer in found.removed:
        yield ["removed", layer.node.name, _kind(layer, found.before), _shape(layer, order), NONE]
    for pair in found.changed:
        name = pair.after.node.name
        if pair.renamed:
            yield ["renamed", name, "name", pair.before.node.name, name]
        if pair.retyped:
            yield ["exchanged", name, "type", *(type(each.node.layer).__name__ for each in (pair.before, pair.after))]
        for setting, values in pair.settings.items():
            yield ["set", name, setting.replace("_", " "), *map(_value, values)]
        if pair.places:
            yield ["moved", name, "place in order", *(f"{place:,}" for place in pair.places)]
        for wire in pair.rewired:
            port = "input" if pair.after.node.layer.most_inputs == 1 else f"input {wire.port + 1}"
            yield ["wired", name, port, wire.before or NONE, wire.after or NONE]


def _kind(layer: LayerReport, report: Report) -> str:
    """'ReLU behind conv1 + conv2'."""
    sources = " + ".join(report.layers[key].node.name for key in layer.inputs[:3])
    more = " + …" if len(layer.inputs) > 3 else ""
    kind = type(layer.node.layer).__name__
    return f"{kind} behind {sources}{more}" if sources else kind


def _shape(layer: LayerReport, order: Order) -> str:
    return layer.shape.text(order) if layer.shape else UNKNOWN


def _value(value: Value) -> str:
    if value is None:
        return NONE
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


# ---- numbers ---------------------------------------------------------------------------------------------------------


def _consequences(pair: Pair, order: Order) -> Iterator[list[str]]:
    a, b = pair.before, pair.after
    if a.shape != b.shape:
        yield [b.node.name, "shape", _shape(a, order), _shape(b, order)]
    if a.parameters != b.parameters:
        yield [b.node.name, "weights", _number(a.parameters), _number(b.parameters)]


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _totals(found: Difference) -> str:
    totals = found.totals
    names = {"layers": "Layers", "parameters": "Weights", "macs": "MACs"}
    rows = [[title, *(f"{n:,}" for n in totals[name]), _change(*totals[name])] for name, title in names.items()]
    a, b = totals["activation_bytes"]
    change = "" if a == b else f"{_sign(b - a)}{size(abs(b - a))} ({100 * (b / a - 1):+.1f} %)" if a else ""
    rows.append(["Activations of a sample", size(a), size(b), change])
    columns = [Column("In all"), Column("Before", True), Column("After", True), Column("Change", True)]
    lines = [table(columns, rows)]
    for report, word in ((found.before, "first"), (found.after, "second")):
        if not report.valid:
            errors = sum(problem.severity == "error" for problem in report.problems)
            lines.append(f"The {word} design has {count(errors, 'problem')}; `netbuilder summary` names them.")
    return "\n\n".join(lines)


def _change(before: int, after: int) -> str:
    if before == after:
        return ""
    share = f" ({100 * (after / before - 1):+.1f} %)" if before else ""
    return f"{_sign(after - before)}{abs(after - before):,}{share}"


def _sign(number: int) -> str:
    return "−" if number < 0 else "+"


def _weights(arrays: tuple[ArrayChange, ...] | None) -> Iterator[str]:
    if arrays is None:
        return
    rows = [_array(each) for each in arrays if not each.same]
    if not rows:
        yield "The weights of layers in both are the same."
        return
    columns = [Column("Weights"), Column("Array"), Column("Largest difference", True), Column("of the largest", True)]
    yield table(columns, rows)
    if len(rows) < len(arrays):
        yield f"{count(len(arrays) - len(rows), 'more array')} of weights do not differ."


def _array(change: ArrayChange) -> list[str]:
    if change.largest is not None and change.relative is not None:
        return [change.layer, change.array, f"{change.largest:.3g}", f"{100 * change.relative:.3g} %"]
    shapes = [NONE if shape is None else "×".join(map(str, shape)) for shape in (change.before, change.after)]
    words = f"{shapes[0]} → {shapes[1]}" if shapes[0] != shapes[1] else "not finite"
    return [change.layer, change.array, plain(words), NONE]
