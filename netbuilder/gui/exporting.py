"""From an order for a file to the file and the proof that it is right, in a process of its own. Knows no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from netbuilder.graph import Graph

if TYPE_CHECKING:
    from netbuilder.engine import Job
    from netbuilder.interop.certificate import Certificate
    from netbuilder.interop.export_data import ExportData

Framework = Literal["pytorch", "keras"]


@dataclass(frozen=True)
class Source:
    """What is exported. `weights` None means initial ones; `data` is what samples and classes are taken from."""

    graph: Graph
    title: str
    weights: Mapping[str, Any] | None = None
    data: str | None = None
    resize: bool = False
    seed: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class OnnxOrder:
    """An ONNX file. `options` are those of ExportOptions by name; `verify` says whether only one is written that
    interpreters have run and found right."""

    source: Source
    path: Path
    options: Mapping[str, Any]
    verify: bool


@dataclass(frozen=True)
class CodeOrder:
    """A module of code, with the weights beside it."""

    source: Source
    path: Path
    framework: Framework
    replace: bool = False


@dataclass(frozen=True)
class ProjectOrder:
    """A folder in which PyTorch trains what the job says."""

    source: Source
    path: Path
    job: "Job"
    replace: bool = False


Order = OnnxOrder | CodeOrder | ProjectOrder


@dataclass(frozen=True)
class Stage:
    """What is being done now."""

    text: str


@dataclass(frozen=True)
class Written:
    """The files are there, the main one first. `certificate` is of an ONNX file that was verified, and lies beside it;
    `options` says how it was written, `hint` what to do with it."""

    files: tuple[Path, ...]
    size: int
    certificate: "Certificate | None" = None
    options: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Refused:
    """It could not be done; a sentence."""

    message: str


Message = Stage | Written | Refused


def carry_out(pipe: "Connection[Any, Any]") -> None:
    """Take an order and tell everything through the pipe. The last message is Written or Refused."""
    order = pipe.recv()
    try:
        pipe.send(_done(order, pipe))
    except (ValueError, OSError, MemoryError) as error:  # all of this program's own errors are ValueErrors
        pipe.send(Refused(str(error) or "There is not enough memory for this export."))
    finally:
        pipe.close()


def _done(order: Order, pipe: "Connection[Any, Any]") -> Written:
    pipe.send(Stage("Writing …"))
    if isinstance(order, OnnxOrder):
        return _onnx(order, pipe)
    return _code(order) if isinstance(order, CodeOrder) else _project(order)


def _onnx(order: OnnxOrder, pipe: "Connection[Any, Any]") -> Written:
    from netbuilder.engine import compile
    from netbuilder.interop.onnx_export import export_onnx
    from netbuilder.interop.options import ExportOptions
    from netbuilder.interop.verified import export_verified

    source, options = order.source, ExportOptions(**order.options)
    program = compile(source.graph)
    weights = program.init(seed=source.seed) if source.weights is None else dict(source.weights)
    data = _data(source, program)
    known: Any = {"options": options, "data": data, "metadata": source.metadata}
    if not order.verify:
        path = export_onnx(source.graph, weights, order.path, **known)
        return Written((path,), path.stat().st_size, None, options.words())
    done = export_verified(
        source.graph, weights, order.path, tell=lambda stage: pipe.send(Stage(stage)), most=None, **known
    )
    return Written((done.path, done.certificate_path), done.certificate.size, done.certificate, options.words())


def _data(source: Source, program: Any) -> "ExportData | None":
    """The data set that belongs to the network; None where there is none that suits."""
    from netbuilder.data import DataError, check_outputs, fit, load
    from netbuilder.interop.export_data import ExportData

    if source.data is None:
        return None
    try:
        stored = load(source.data, seed=source.seed)
        fitted = fit(stored, program.input_shape, resize=source.resize)
        check_outputs(fitted, program.output_shape.size)
    except DataError:
        return None
    return ExportData(stored, fitted)


def _code(order: CodeOrder) -> Written:
    from netbuilder.interop.code import export_code

    source, weights = order.source, None if order.source.weights is None else dict(order.source.weights)
    files = export_code(
        source.graph,
        order.path,
        weights=weights,
        framework=order.framework,
        title=source.title,
        replace=order.replace,
    )
    hint = f"It loads {files[1].name} by itself." if len(files) > 1 else "Without weights: it starts from random ones."
    return Written(tuple(files), _size(files), hint=hint)


def _project(order: ProjectOrder) -> Written:
    from netbuilder.interop.code import export_project

    source = order.source
    job = replace(order.job, graph=source.graph)
    weights = None if source.weights is None else dict(source.weights)
    folder = export_project(job, order.path, weights=weights, title=source.title, replace=order.replace)
    files = sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))
    hint = "In it, “python train.py” trains the network; README.md says how to use several machines."
    return Written((folder, *files), _size(files), hint=hint)


def _size(files: Any) -> int:
    return sum(each.stat().st_size for each in files)
