"""From the open design and another file to the lines that say what differs, in a process of its own. Knows no Qt."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from netbuilder.graph import Graph
from netbuilder.layers import Order

if TYPE_CHECKING:
    from netbuilder.analysis import LayerReport, Report
    from netbuilder.comparison import ArrayChange, Difference, Pair

NONE, UNKNOWN = "—", "?"
Part = Literal["edits", "follows", "totals", "weights"]


@dataclass(frozen=True)
class Question:
    """What is compared: `graph` with its `weights`, where it has any, seen from the design in a file or of a run."""

    graph: Graph
    weights: Mapping[str, Any] | None
    other: Path | Graph
    axes: Order = "hwc"


@dataclass(frozen=True)
class Line:
    """One difference. `key` is the layer's in the open design; None where it is not in it."""

    part: Part
    change: str
    layer: str
    what: str
    before: str
    after: str
    key: int | None = None


@dataclass(frozen=True)
class Answer:
    """All that differs; `sentence` sums it up, or says why there is nothing to compare, which `refused` tells."""

    sentence: str
    lines: tuple[Line, ...] = ()
    refused: bool = False


def compared(pipe: "Connection[Any, Any]") -> None:
    """Answer one question after another until nobody asks any more."""
    known: dict[Path, tuple[Graph, Mapping[str, Any] | None]] = {}
    with suppress(EOFError, OSError):
        while True:
            question: Question = pipe.recv()
            try:
                other = question.other
                if isinstance(other, Path) and other not in known:
                    known[other] = _opened(other)
                pipe.send(_answer(question, *(known[other] if isinstance(other, Path) else (other, None))))
            except (ValueError, MemoryError) as error:  # all of this program's own errors are ValueErrors
                pipe.send(Answer(str(error) or "There is not enough memory to compare these.", refused=True))


def _opened(path: Path) -> tuple[Graph, Mapping[str, Any] | None]:
    """A .netb design or an .onnx model. Raises FileError or OnnxFileError."""
    if path.suffix.lower() == ".onnx":
        from netbuilder.interop.importing import import_onnx

        return import_onnx(path)
    from netbuilder import files

    return files.load(path), None


def _answer(question: Question, other: Graph, weights: Mapping[str, Any] | None) -> Answer:
    from netbuilder.comparison import compare

    both = weights is not None and question.weights is not None
    found = compare(other, question.graph, weights if both else None, dict(question.weights or {}) if both else None)
    axes = question.axes
    lines = (*_edits(found, axes), *_consequences(found, axes), *_totals(found), *_weights(found.weights or ()))
    return Answer(_sentence(found), () if found.same else lines)


def _sentence(found: "Difference") -> str:
    if found.same:
        return "Both are the same network" + (", with the same weights." if found.weights is not None else ".")
    edited = sum(pair.edited for pair in found.changed)
    follows = len(found.changed) - edited
    counts = (
        (len(found.added), "added"),
        (len(found.removed), "removed"),
        (edited, "changed"),
        (follows, "with other numbers"),
    )
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    return f"Layers: {told}." if told else "Both are the same network, with other weights."


def _edits(found: "Difference", axes: Order) -> Iterator[Line]:
    for layer in found.added:
        name, key = layer.node.name, layer.node.id
        yield Line("edits", "added", name, _kind(layer, found.after), NONE, _shape(layer, axes), key)
    for layer in found.removed:
        yield Line("edits", "removed", layer.node.name, _kind(layer, found.before), _shape(layer, axes), NONE)
    for pair in found.changed:
        yield from _changes(pair)


def _changes(pair: "Pair") -> Iterator[Line]:
    name, key = pair.after.node.name, pair.after.node.id
    if pair.renamed:
        yield Line("edits", "renamed", name, "name", pair.before.node.name, name, key)
    if pair.retyped:
        old, new = (type(each.node.layer).__name__ for each in (pair.before, pair.after))
        yield Line("edits", "exchanged", name, "type", old, new, key)
    for setting, (before, after) in pair.settings.items():
        yield Line("edits", "set", name, setting.replace("_", " "), _value(before), _value(after), key)
    if pair.places:
        old, new = (f"{place:,}" for place in pair.places)
        yield Line("edits", "moved", name, "place in order", old, new, key)
    for wire in pair.rewired:
        port = "input" if pair.after.node.layer.most_inputs == 1 else f"input {wire.port + 1}"
        yield Line("edits", "wired", name, port, wire.before or NONE, wire.after or NONE, key)


def _consequences(found: "Difference", axes: Order) -> Iterator[Line]:
    for pair in found.changed:
        a, b = pair.before, pair.after
        name, key = b.node.name, b.node.id
        if a.shape != b.shape:
            yield Line("follows", "", name, "shape", _shape(a, axes), _shape(b, axes), key)
        if a.parameters != b.parameters:
            yield Line("follows", "", name, "weights", _number(a.parameters), _number(b.parameters), key)


def _totals(found: "Difference") -> Iterator[Line]:
    totals = found.totals
    for name, words in (("layers", "layers"), ("parameters", "weights"), ("macs", "multiply-adds")):
        before, after = totals[name]
        if before != after:
            yield Line("totals", "", "", words, f"{before:,}", f"{after:,}")


def _weights(arrays: "tuple[ArrayChange, ...]") -> Iterator[Line]:
    for each in arrays:
        if each.same:
            continue
        if each.largest is None or each.relative is None:
            old, new = ("×".join(map(str, shape)) if shape else NONE for shape in (each.before, each.after))
            yield Line("weights", "", each.layer, each.array, old, new)
        else:
            share = f"{100 * each.relative:.3g} % of the largest"
            yield Line("weights", "", each.layer, each.array, f"differ by up to {each.largest:.3g}", share)


def _kind(layer: "LayerReport", report: "Report") -> str:
    """'ReLU behind conv1'."""
    sources = " + ".join(report.layers[key].node.name for key in layer.inputs[:3])
    kind = type(layer.node.layer).__name__
    return f"{kind} behind {sources}{' + …' if len(layer.inputs) > 3 else ''}" if sources else kind


def _shape(layer: "LayerReport", axes: Order) -> str:
    return layer.shape.text(axes) if layer.shape else UNKNOWN


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _value(value: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "on" if value else "off"
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
