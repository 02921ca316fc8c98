"""An order for an ONNX file -> the file, once independent interpreters have run its bytes, and their certificate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Unpack

import numpy as np

from netbuilder.engine import Program, compile
from netbuilder.engine.randomness import stream
from netbuilder.graph import Graph
from netbuilder.interop import certificate_file
from netbuilder.interop.backends import Backend
from netbuilder.interop.certificate import Baseline, Certificate
from netbuilder.interop.emitter import Array
from netbuilder.interop.export_data import ExportData, Samples
from netbuilder.interop.onnx_export import onnx_path, serialized
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import ExportError
from netbuilder.interop.order import Extras, Order, ordered
from netbuilder.interop.timing import milliseconds
from netbuilder.interop.verification import TOLERANCE, Verification, compared, rounding, scores
from netbuilder.storage import FileError, write_atomic
from netbuilder.version import __version__

RANDOM_SAMPLES = 64
MOST_NUMBERS = 1 << 27
"""Of a large test part, as many samples as make up to half a gigabyte are compared."""
SECOND_OPINIONS, SECOND_MACS = 512, 1_000_000_000
"""Samples, and multiply-accumulates of these, that ONNX's evaluator gets beside onnxruntime: seconds of its time."""
TIMED_BATCH = 64
ROUNDINGS, MOST_ROUNDING = 8, 1e-3
"""How many times the engine's own distance from double precision a file may differ, where that is more than usual, and
how much at the very most."""


class VerificationFailed(ExportError):
    """A file that does not compute what the network computes; it was not written. `certificate` has the figures."""

    def __init__(self, certificate: Certificate):
        figures = " ".join(finding.sentence() for finding in certificate.findings if not finding.passed)
        super().__init__(f"The file would not compute what the design does, so it was not written. {figures}")
        self.certificate = certificate


@dataclass(frozen=True, eq=False)
class Verified:
    """A file that has been verified, and the certificate beside it."""

    path: Path
    certificate: Certificate
    certificate_path: Path


def export_verified(
    graph: Graph,
    weights: Mapping[str, Array],
    path: str | Path,
    *,
    most: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
    **extras: Unpack[Extras],
) -> Verified:
    """Write an ONNX file that has been verified, and its certificate; takes what `export_onnx` takes.

    Its bytes are run by ONNX's reference evaluator and, where it is installed, onnxruntime, on at most `most` samples
    of the test part of `data`, on random ones without. Only once they compute what the engine does are they written,
    and read back. `tell` hears what is being done. Raises ExportError, VerificationFailed, OnnxFileError, FileError;
    an older file is then untouched.
    """
    order, path = ordered(graph, weights, **extras), onnx_path(path)
    tell("Writing the file …")
    content = serialized(order)
    tell("Comparing it with the network …")
    found = certified(order, content, path.name, extras.get("data"), most)
    if not found.passed:
        raise VerificationFailed(found)
    write_atomic(path, content)
    if not found.matches(path.read_bytes()):
        raise FileError(f"“{path.name}” was not kept as it was written: do not use it.")
    return Verified(path, found, certificate_file.save(found, path))


def certified(
    order: Order, content: bytes, name: str, data: ExportData | None = None, most: int | None = None
) -> Certificate:
    """What every interpreter at hand finds when it runs the bytes. Raises OnnxFileError where one cannot."""
    program, weights = compile(order.graph), dict(order.weights)
    file = OnnxFile.of(content, name)
    samples = _samples(program, order, data, most)
    ours = scores(program, weights, samples.ready, softmax=order.options.softmax)
    inputs = samples.raw if order.options.prepares else samples.ready
    labels = samples.labels

    def findings(allowed: float | None = None) -> tuple[Verification, ...]:
        return tuple(
            compared(
                file,
                backend,
                inputs[:count],
                {name: each[:count] for name, each in ours.items()},
                None if labels is None else labels[:count],
                precision=order.options.precision,
                allowed=allowed,
            )
            for backend, count in _interpreters(file, program, len(inputs))
        )

    found = findings()
    if order.options.precision == "float32" and not all(each.passed for each in found):
        own = rounding(program, weights, samples.ready, ours, softmax=order.options.softmax)
        found = findings(min(own * ROUNDINGS, MOST_ROUNDING)) if own * ROUNDINGS > TOLERANCE else found
    return Certificate(
        file=name,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        options=order.options,
        samples=len(inputs),
        findings=found,
        netbuilder=__version__,
        written=datetime.now(UTC).isoformat(timespec="seconds"),
        dataset=data and data.title,
        digest=data and data.digest,
        correct=_right(ours[program.output], labels),
        baseline=_baseline(order, file, inputs),
    )


def _samples(program: Program, order: Order, data: ExportData | None, most: int | None) -> Samples:
    """Real ones where there are any; otherwise random ones of the kind the file takes."""
    shape, raw = program.input_shape, order.preparation
    largest = max(shape.size, raw.raw.size if raw else 0)
    count = max(1, MOST_NUMBERS // largest)
    if data is not None:
        return data.test(count if most is None else min(most, count))
    random = stream(0, "verify")
    size = (min(RANDOM_SAMPLES if most is None else most, count), *shape.array)
    if raw is None:
        ready = random.standard_normal(size, np.float32)
        return Samples(ready, ready, None)
    stored = random.integers(0, 256, size, np.uint8) if raw.bytes else random.standard_normal(size, np.float32)
    return Samples(stored, raw.preprocessing.apply(stored), None)


def _interpreters(file: OnnxFile, program: Program, samples: int) -> list[tuple[Backend, int]]:
    """onnxruntime for all samples where it is installed, and ONNX's own evaluator for as many as it is quick with."""
    own, found = file.backend(reference=True), file.backend()
    if found.name == own.name:
        return [(own, samples)]
    few = min(SECOND_OPINIONS, max(1, SECOND_MACS // max(program.report.totals.macs, 1)))
    return [(found, samples), (own, min(samples, few))]


def _right(ours: Array, labels: Array | None) -> int | None:
    return None if labels is None else int((ours.reshape(len(ours), -1).argmax(1) == labels).sum())


def _baseline(order: Order, file: OnnxFile, inputs: Array) -> Baseline | None:
    """What the same network is as float32, where the file is not."""
    if order.options.precision == "float32":
        return None
    plain = serialized(replace(order, options=replace(order.options, precision="float32")))
    batch = order.options.batch or min(TIMED_BATCH, len(inputs))
    taken = milliseconds([OnnxFile.of(plain, file.name), file], inputs[:batch])
    return Baseline(len(plain), min(batch, len(inputs)), *(taken or (None, None)))
