"""A design or a run -> an ONNX file, and on demand the proof that it computes what the engine computes; or a figure."""

from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netbuilder.analysis import analyze
from netbuilder.cli.code_exporting import check_words, is_code
from netbuilder.cli.code_exporting import export as export_code
from netbuilder.cli.command import DONE, WrongUsage
from netbuilder.cli.export_words import MODEL_WORDS, wishes
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import document, note, say
from netbuilder.cli.trained import located, opened_run, unused_weights
from netbuilder.data import Dataset, Preprocessing, check_outputs, fit, load
from netbuilder.engine import Program, compile
from netbuilder.graph import Graph
from netbuilder.interop.about import told
from netbuilder.interop.emitter import Array
from netbuilder.interop.export_data import ExportData
from netbuilder.interop.figures import PICTURES, export_figure
from netbuilder.interop.importing import import_onnx
from netbuilder.interop.onnx_export import export_onnx
from netbuilder.interop.options import ExportOptions
from netbuilder.interop.verified import RANDOM_SAMPLES, export_verified
from netbuilder.runs import Run

FIGURE_WORDS = ("style", "dark", "arrange", "table", "order")


@dataclass(frozen=True, eq=False)
class Source:
    """What is exported: a network with its weights, what is known of them, and the data it learned or would learn."""

    graph: Graph
    weights: dict[str, Array]
    metadata: dict[str, Any]
    data: ExportData | None = None
    class_names: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None


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
    """Write the model. int8 is always verified, since nobody knows otherwise what it costs."""
    if options.resize and not options.data:
        raise WrongUsage("--resize is for the images of --data, and none are named.")
    if options.seed is not None and path.is_dir():
        raise WrongUsage("--seed is for designs without a run: a run has weights and a seed of its own.")
    chosen = ExportOptions(**wishes(options))
    source = _from_run(path, options) if path.is_dir() else _from_design(path, options)
    known: dict[str, Any] = {
        "options": chosen,
        "data": source.data,
        "class_names": source.class_names,
        "preprocessing": source.preprocessing,
        "metadata": source.metadata,
    }
    if not (options.verify or chosen.precision == "int8"):
        written = export_onnx(source.graph, source.weights, options.output, **known)
        _tell(written, None, [], options)
        return DONE
    if source.data is None and chosen.precision != "int8":
        note(f"No data is known, so the file is verified on {RANDOM_SAMPLES} random samples.")
    done = export_verified(source.graph, source.weights, options.output, **known)
    lines = [*done.certificate.sentences(), f"Certified in {done.certificate_path}"]
    _tell(done.path, done.certificate.to_dict(), lines, options)
    return DONE


def _tell(path: Path, certificate: dict[str, Any] | None, lines: list[str], options: Namespace) -> None:
    if options.json:
        document({"format": 1, "file": str(path), "bytes": path.stat().st_size, "certificate": certificate})
    else:
        say("\n".join([f"Written to {path}", *lines]))


def _from_design(path: Path, options: Namespace) -> Source:
    """A design with initial weights, or a model from elsewhere with its own and with what it says of itself."""
    if path.suffix.lower() == ".onnx":
        graph, weights = import_onnx(path)
        about = told(graph, analyze(graph))
        data = _known(compile(graph), options, about.preprocessing)
        metadata = {**(about.metadata or {}), "source": path.name}
        return Source(graph, dict(weights), metadata, data, about.class_names, about.preprocessing)
    program, seed = compile(opened(path)), options.seed or 0
    initial = f"“{path.name}” is a design without a run, so its weights are initial ones (seed {seed}), not trained."
    note(initial + unused_weights(path))
    return Source(program.graph, program.init(seed), {"seed": seed, "trained": False}, _known(program, options))


def _from_run(path: Path, options: Namespace) -> Source:
    trained = opened_run(path)
    name, fitted = trained.run.job.data, trained.dataset
    if options.data:
        name, fitted = located(options.data), trained.on(options.data, resize=options.resize)
    data = ExportData(load(name, seed=trained.run.job.seed), fitted)
    return Source(
        trained.program.graph,
        trained.weights,
        trained.metadata,
        data,
        trained.dataset.classes,
        trained.dataset.preprocessing,
    )


def _known(program: Program, options: Namespace, preprocessing: Preprocessing | None = None) -> ExportData | None:
    """The data that was named, made ready as the model says, or as a training on them would. Raises DataError."""
    if not options.data:
        return None
    stored = load(located(options.data), seed=options.seed or 0)
    fitted = fit(stored, program.input_shape, resize=options.resize, layer=program.steps[0].name)
    check_outputs(fitted, program.output_shape.size, program.output)
    return ExportData(stored, prepared_by(fitted, preprocessing) if preprocessing else fitted)


def prepared_by(dataset: Dataset, preprocessing: Preprocessing) -> Dataset:
    """The same samples, made ready another way."""
    parts: dict[str, Any] = {name: replace(part, preprocessing=preprocessing) for name, part in dataset.parts.items()}
    return replace(dataset, **parts)
