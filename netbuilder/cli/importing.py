"""A model from elsewhere -> a design file, its weights beside it, and the proof that both compute the same."""

from argparse import Namespace
from dataclasses import replace
from math import isfinite
from pathlib import Path

from netbuilder.analysis import analyze
from netbuilder.cli.command import DONE, REFUSED, Refusal
from netbuilder.cli.terminal import count, note, quoted, say
from netbuilder.files import SUFFIX, save
from netbuilder.interop.importing import Imported, compare, imported
from netbuilder.interop.onnx_file import OnnxFileError, file_bytes
from netbuilder.kernels.scratch import Array
from netbuilder.runs import save_weights


def import_model(options: Namespace) -> int:
    """Write design and weights and say where they are; compare both with the original where that can be run."""
    path, model = _suffixed(options.output, SUFFIX), options.model
    beside = path.with_suffix(".safetensors")
    for target in (path, beside):
        if target.exists() and not options.force:
            raise Refusal(f"“{target}” is already there; --force replaces it.")
    data = file_bytes(model)
    found = imported(data, model.name)
    weights = found.weighed()
    found = replace(found, weights=weights)  # which lets go of those that lie in the file's bytes
    report = analyze(found.graph)
    save(found.graph, path)
    save_weights(weights, beside)
    say(f"Written to {path}: {count(len(found.graph.nodes), 'layer')}, {count(report.totals.parameters, 'weight')}")
    say(f"Written to {beside}")
    if not report.valid:
        note(f"The design has problems; `netbuilder summary {quoted(path)}` names them.")
        return DONE
    return _compared(data, found, weights, path)


def _compared(data: bytes, found: Imported, weights: dict[str, Array], path: Path) -> int:
    try:
        comparison = compare(data, found, weights)
    except OnnxFileError as problem:
        note(f"Not compared with the original: {problem}")
        return DONE
    if comparison is None:
        note("Not compared with the original: onnxruntime is not installed, or the design needs too much memory.")
        return DONE
    say(comparison.sentence())
    if not isfinite(comparison.difference):
        note(f"Whether “{path.name}” computes what “{found.name}” does is not known: do not rely on it.")
    elif not comparison.passed:
        note(f"“{path.name}” does not compute what “{found.name}” does: do not rely on it.")
    return DONE if comparison.passed else REFUSED


def _suffixed(path: Path, suffix: str) -> Path:
    return path if path.suffix == suffix else path.with_name(path.name + suffix)
