"""A design or a run -> code on disk: a module with its weights, or a project that trains it."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from netbuilder.cli.arguments import build_parser
from netbuilder.cli.command import DONE, Refusal, WrongUsage
from netbuilder.cli.export_words import MODEL_WORDS
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import note, quoted, say
from netbuilder.cli.trained import located, unused_weights
from netbuilder.data import catalogue
from netbuilder.engine import Job, compile
from netbuilder.graph import Graph
from netbuilder.interop.code import CodeError, export_code, export_project
from netbuilder.interop.importing import import_onnx
from netbuilder.kernels.scratch import Array
from netbuilder.layers import ImageShape
from netbuilder.runs import Run

OWN_WORDS = {"verb", "source", "output", "folder", "framework", "data", "resize", "force", "seed"}


def is_code(options: Namespace) -> bool:
    """Whether this export is one of code: by its name, or by a word that only code has."""
    return options.output.suffix.lower() == ".py" or _is_folder(options)


def _is_folder(options: Namespace) -> bool:
    return options.folder or options.output.is_dir()


def export(options: Namespace) -> int:
    """Write the module or the project and say where it is."""
    _check_words(options)
    try:
        return _project(options) if _is_folder(options) else _module(options)
    except CodeError as problem:
        hint = " --force replaces what is there." if "there already" in str(problem) else ""
        raise Refusal(f"{problem}{hint}") from problem


def _module(options: Namespace) -> int:
    path = options.source
    unused = unused_weights(path)  # before code is written, whose own come to lie there
    graph, weights = _read(path)
    for file in export_code(
        graph,
        options.output,
        weights=weights,
        framework=options.framework or "pytorch",
        title=_title(path),
        replace=options.force,
    ):
        say(f"Written to {file}")
    if weights is None:
        random = (
            f"“{path.name}” is a design without a run, so no weights are written: those of the code start at random."
        )
        note(random + unused)
    return DONE


def _project(options: Namespace) -> int:
    if options.framework == "keras":
        raise WrongUsage("A project is written for PyTorch; for Keras there are modules, names that end in .py.")
    path, weights = options.source, None
    if path.is_dir():
        if options.data or options.resize or options.seed is not None:
            raise WrongUsage("--data, --resize and --seed are for designs: a run has been trained on data of its own.")
        run = Run.open(path)
        job, weights = run.job, run.weights()
    else:
        graph, weights = _read(path)
        job = _first_job(graph, options.data, options.seed or 0, resize=options.resize)
        note(f"“{path.name}” is a design without a run, so the project trains it on {job.data} by a usual recipe.")
    written = export_project(job, options.output, weights=weights, title=_title(path), replace=options.force)
    say(f"Written to {written}")
    say(f"Train it with `python {quoted(written / 'train.py')}`")
    return DONE


def _first_job(graph: Graph, data: str | None, seed: int, *, resize: bool) -> Job:
    """A training of a design that has had none. Where no data are named, a built-in set of as many classes."""
    if data is not None:
        return Job(graph, located(data), seed=seed, resize=resize)
    program = compile(graph)
    shape, classes = program.input_shape, program.output_shape.size
    suiting = [info for info in catalogue() if len(info.classes) == classes]
    for info in suiting:
        if info.shape == shape:
            return Job(graph, info.name, seed=seed)
    if isinstance(shape, ImageShape):
        for info in suiting:
            if isinstance(info.shape, ImageShape) and info.shape.channels == shape.channels:
                return Job(graph, info.name, seed=seed, resize=True)
    raise Refusal(
        f"No built-in data set suits an input of {shape.text()} and {classes:,} outputs; name yours with --data."
    )


def check_words(options: Namespace) -> None:
    """Refuse the words of code where none is written."""
    for word in ("framework", "force"):
        if getattr(options, word) not in (None, False):
            raise WrongUsage(f"--{word} is for code (a name ending in .py or /), but “{options.output.name}” is not.")


def _check_words(options: Namespace) -> None:
    """Refuse words that mean nothing for code: all that differ from what is said by silence, but its own."""
    silent = build_parser().parse_args(["export", "x", "-o", "x.py"])
    own = OWN_WORDS if _is_folder(options) else OWN_WORDS - {"data", "resize", "seed"}
    for word, value in vars(options).items():
        if word not in own and word in silent and value != getattr(silent, word):
            kind = "models (.onnx)" if word in MODEL_WORDS else "figures (.svg, .png, .pdf)"
            kind += " and projects (names ending in /)" if word in OWN_WORDS else ""
            raise WrongUsage(f"--{word} is for {kind}, but “{options.output.name}” is code.")


def _read(path: Path) -> tuple[Graph, Mapping[str, Array] | None]:
    """The design, with weights where there are any."""
    if path.is_dir():
        run = Run.open(path)
        return run.graph, run.weights()
    return import_onnx(path) if path.suffix.lower() == ".onnx" else (opened(path), None)


def _title(path: Path) -> str:
    """What the network is called: as its file, or as the file whose run it is."""
    parent = path.resolve().parent
    return parent.stem if path.is_dir() and parent.suffix == ".runs" else path.stem
