"""From an order for an ONNX file to the file and the proof that it is right, in a process of its own. Knows no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbuilder.graph import Graph

if TYPE_CHECKING:
    from netbuilder.data import Dataset
    from netbuilder.engine import Program
    from netbuilder.interop.verification import Verification

SAMPLES = 256
MOST_NUMBERS = 1 << 25
"""Of large images, as many as make up to 128 megabytes are compared."""


@dataclass(frozen=True)
class Order:
    """What to write. `weights` None means initial ones; `data` is what the samples for the check are taken from."""

    graph: Graph
    path: Path
    weights: Mapping[str, Any] | None
    softmax: bool
    verify: bool
    data: str | None
    resize: bool
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Stage:
    """What is being done now."""

    text: str


@dataclass(frozen=True)
class Written:
    """The file is there. `verification` is None where none was asked for; `sampled` says whether on real samples."""

    path: Path
    size: int
    verification: "Verification | None"
    sampled: bool


@dataclass(frozen=True)
class Refused:
    """It could not be done; a sentence."""

    message: str


Message = Stage | Written | Refused


def carry_out(order: Order, pipe: Connection) -> None:
    """Write the file, compare it, and tell everything through the pipe. The last message is Written or Refused."""
    try:
        pipe.send(_done(order, pipe))
    except (ValueError, OSError, MemoryError) as error:  # all of this program's own errors are ValueErrors
        pipe.send(Refused(str(error) or "There is not enough memory for this export."))
    finally:
        pipe.close()


def _done(order: Order, pipe: Connection) -> Written:
    from netbuilder.engine import compile
    from netbuilder.interop.onnx_export import export_onnx

    pipe.send(Stage("Writing the file …"))
    program = compile(order.graph)
    weights = program.init(seed=0) if order.weights is None else dict(order.weights)
    dataset = _dataset(order, program)
    path = export_onnx(
        order.graph,
        weights,
        order.path,
        softmax=order.softmax,
        class_names=dataset.classes if dataset else (),
        preprocessing=dataset.preprocessing if dataset else None,
        metadata=order.metadata,
    )
    found = None
    if order.verify:
        pipe.send(Stage("Comparing it with the network …"))
        found = _verified(order, path, program, weights, dataset)
    return Written(path, path.stat().st_size, found, dataset is not None)


def _dataset(order: Order, program: "Program") -> "Dataset | None":
    """The data set that belongs to the network, as it reads it; None where there is none that suits."""
    from netbuilder.data import DataError, check_outputs, fit, load

    if order.data is None:
        return None
    try:
        dataset = fit(load(order.data), program.input_shape, resize=order.resize)
        check_outputs(dataset, program.output_shape.size)
    except DataError:
        return None
    return dataset


def _verified(order: Order, path: Path, program: "Program", weights: Any, dataset: "Dataset | None") -> "Verification":
    from netbuilder.interop.verification import verify

    count = max(1, min(SAMPLES, MOST_NUMBERS // program.input_shape.size))
    labels = None
    if dataset is not None:
        samples = dataset.test.batch(slice(0, count))
        labels = dataset.test.targets[:count] if dataset.classes else None
    else:
        from netbuilder.engine.randomness import stream

        samples = stream(0, "verify").standard_normal((count, *program.input_shape.array), "float32")
    return verify(path, program, weights, samples, labels, softmax=order.softmax)
