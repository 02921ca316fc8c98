"""A design or a run -> an ONNX file, and on demand the proof that it computes what the engine computes; or a figure."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.cli.code_exporting import check_words, is_code
from netbuilder.cli.code_exporting import export as export_code
from netbuilder.cli.command import DONE, REFUSED, WrongUsage
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import note, say
from netbuilder.cli.trained import opened_run
from netbuilder.data import Preprocessing
from netbuilder.engine import Program, compile
from netbuilder.engine.randomness import stream
from netbuilder.interop.emitter import Array
from netbuilder.interop.figures import PICTURES, export_figure
from netbuilder.interop.importing import import_onnx
from netbuilder.interop.onnx_export import export_onnx
from netbuilder.interop.verification import verify
from netbuilder.runs import Run

RANDOM_SAMPLES = 64
MOST_NUMBERS = 1 << 27
"""Of a large test part, as many samples as make up to half a gigabyte are compared."""
MODEL_WORDS, FIGURE_WORDS = ("verify", "softmax", "seed"), ("style", "dark", "arrange", "table", "order")


@dataclass(frozen=True, eq=False)
class Source:
    """What is exported: a network with its weights, what is known of them, and samples to verify the file on."""

    program: Program
    weights: dict[str, Array]
    metadata: dict[str, Any]
    class_names: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
    samples: Array | None = None
    labels: Array | None = None


def export(options: Namespace) -> int:
    """Write the file its name asks for and say where it is; compare a model with the engine if asked."""
    path, output = options.source, options.output
    if is_code(options):
        return export_code(options)
    check_words(options)
    figure = output.suffix.lower() in PICTURES
    for word in MODEL_WORDS if figure else FIGURE_WORDS:
        if getattr(options, word) not in (None, False):
            kind, other = ("models (.onnx)", "figure") if figure else ("figures (.svg, .png, .pdf)", "model")
            raise WrongUsage(f"--{word} is for {kind}, but “{output.name}” is a {other}.")
    return _drawn(path, options) if figure else _written(path, options)


def _drawn(path: Path, options: Namespace) -> int:
    """Draw the design, whether or not it is valid."""
    graph = Run.open(path).graph if path.is_dir() else opened(path)
    written = export_figure(
        graph,
        options.output,
        style=options.style or "cards",
        dark=options.dark,
        order=options.order or "hwc",
        table=options.table,
        arrange=options.arrange,
    )
    say(f"Written to {written}")
    return DONE


def _written(path: Path, options: Namespace) -> int:
    """Write the model."""
    source = _from_run(path) if path.is_dir() else _from_design(path, options.seed or 0)
    written = export_onnx(
        source.program.graph,
        source.weights,
        options.output,
        softmax=options.softmax,
        class_names=source.class_names,
        preprocessing=source.preprocessing,
        metadata=source.metadata,
    )
    say(f"Written to {written}")
    return _verified(written, source, options.softmax) if options.verify else DONE


def _from_design(path: Path, seed: int) -> Source:
    if path.suffix.lower() == ".onnx":
        graph, weights = import_onnx(path)
        return Source(compile(graph), weights, {"source": path.name})
    program = compile(opened(path))
    note(f"“{path.name}” is a design without a run, so its weights are initial ones (seed {seed}), not trained.")
    return Source(program, program.init(seed), {"seed": seed, "trained": False})


def _from_run(path: Path) -> Source:
    trained = opened_run(path)
    test, shape = trained.dataset.test, trained.program.input_shape
    rows = slice(0, max(1, MOST_NUMBERS // shape.size))
    return Source(
        trained.program,
        trained.weights,
        trained.metadata,
        trained.dataset.classes,
        trained.dataset.preprocessing,
        test.batch(rows),
        test.targets[rows] if trained.dataset.classes else None,
    )


def _verified(path: Path, source: Source, softmax: bool) -> int:
    samples = source.samples
    if samples is None:
        shape = (RANDOM_SAMPLES, *source.program.input_shape.array)
        samples = stream(0, "verify").standard_normal(shape, np.float32)
        note(f"No data is known, so the file is verified on {RANDOM_SAMPLES} random samples.")
    found = verify(path, source.program, source.weights, samples, source.labels, softmax=softmax)
    say(found.sentence())
    if not found.passed:
        note(f"“{path.name}” does not compute what the design does: do not use it.")
    return DONE if found.passed else REFUSED
