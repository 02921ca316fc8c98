"""A written ONNX file, the program it came from and some samples -> whether both compute the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine import Program, compile
from netbuilder.interop.backends import REFERENCE, Backend
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import OnnxFile, OnnxFileError
from netbuilder.interop.options import Precision

TOLERANCE = 1e-5
"""Largest difference allowed, relative to the largest score: some hundred roundings of float32."""
TOLERANCES: dict[Precision, float | None] = {"float32": TOLERANCE, "float16": 1e-2, "int8": None}
"""Half precision keeps 11 bits of every weight, and some layers multiply what that leaves out. Of int8 only labels tell
how much is lost, so it is said rather than judged."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the outputs of an exported file lie from the engine's on the same samples.

    `largest_difference` is absolute, `relative_difference` the same divided by the largest score. `agreeing` counts
    the samples on which both give the same label, or one that ties with it as far as float32 tells; `correct` those on
    which the file gives the true one, where known. `allowed` is the relative difference that is put up with, where it
    is not the usual one of the precision.
    """

    backend: str
    version: str
    samples: int
    largest_difference: float
    relative_difference: float
    agreeing: int
    correct: int | None = None
    precision: Precision = "float32"
    allowed: float | None = None

    @property
    def tolerance(self) -> float | None:
        """The relative difference that is put up with; None where any is."""
        return TOLERANCES[self.precision] if self.allowed is None else self.allowed

    @property
    def passed(self) -> bool:
        """Whether the file is as good as the network it was made from, or as its precision allows."""
        tolerance = self.tolerance
        if tolerance is None:
            return isfinite(self.relative_difference)
        return self.relative_difference <= tolerance and (self.precision != "float32" or self.agreeing == self.samples)

    def sentence(self) -> str:
        """The figures in one sentence, for the export dialog and the command line."""
        who = f"{self.backend} {self.version} ran the file on {self.samples:,} sample{'' if self.samples == 1 else 's'}"
        if not isfinite(self.largest_difference):
            return f"{who}: some outputs are not finite numbers, so the file cannot be trusted."
        label = f"all {self.samples:,} labels agree" if self.samples > 1 else "its label agrees"
        if self.agreeing < self.samples:
            few = self.precision == "float32"
            label = f"only {self.agreeing:,} labels agree" if few else f"{self.agreeing:,} labels agree"
        allowed = f", {self.tolerance:.0e} allowed" if self.tolerance else ""
        if self.allowed is not None:
            allowed += " since single precision is no nearer to double here"
        return (
            f"{who}: scores differ by at most {self.largest_difference:.1e} "
            f"({self.relative_difference:.1e} of the largest score{allowed}) and {label}."
        )


def verify(
    path: str | Path,
    program: Program,
    weights: dict[str, Array],
    samples: Array,
    labels: Sequence[int] | NDArray[Any] | None = None,
    *,
    softmax: bool = False,
    batch_size: int = 64,
    reference: bool = False,
    precision: Precision = "float32",
    raw: Array | None = None,
) -> Verification:
    """Run the bytes of a written file on samples (N, *shape) and compare them with the program.

    `softmax` says that the file was exported with one at its end, `precision` in which, and `raw` holds the samples as
    the file takes them where it was exported with its preprocessing. onnxruntime runs the file where it is installed;
    otherwise, or with `reference`, ONNX's reference evaluator. Raises OnnxFileError where the file cannot be run.
    """
    file = OnnxFile.read(path)
    ours = scores(program, weights, samples, softmax=softmax, batch_size=batch_size)
    backend = file.backend(reference=reference)
    return compared(
        file, backend, samples if raw is None else raw, ours, labels, batch_size=batch_size, precision=precision
    )


def scores(
    program: Program, weights: dict[str, Array], samples: Array, *, softmax: bool = False, batch_size: int = 64
) -> dict[str, Array]:
    """What the engine gives for prepared samples, batch by batch, of every output, the main one first. With `softmax`
    scores become probabilities: outputs as large as the main one that do not end in a softmax."""
    batches = [
        program.predict_outputs(weights, samples[i : i + batch_size]) for i in range(0, len(samples), batch_size)
    ]
    found: dict[str, Array] = {}
    for head in program.heads:
        ours = np.concatenate([batch[head.name] for batch in batches])
        found[head.name] = (
            _softmax(ours) if softmax and not head.softmax and head.shape == program.output_shape else ours
        )
    return found


def compared(
    file: OnnxFile,
    backend: Backend,
    inputs: Array,
    ours: Mapping[str, Array],
    labels: Sequence[int] | NDArray[Any] | None = None,
    *,
    batch_size: int = 64,
    precision: Precision = "float32",
    allowed: float | None = None,
) -> Verification:
    """Have an interpreter run a file on what it takes, and lay its outputs beside the engine's, in order. Of several
    the one that differs most counts; the main one gives the labels."""
    if len(file.outputs) != len(ours):
        raise OnnxFileError(f"“{file.name}” has {len(file.outputs)} outputs, but the network has {len(ours)}.")
    pairs: list[tuple[Array, Array]] = []
    for name, own in zip(file.outputs, ours.values(), strict=True):
        runs = file.backend(reference=backend.name == REFERENCE, output=name) if pairs else backend
        theirs = file.run(inputs, batch_size=batch_size, backend=runs)
        pairs.append((own.reshape(len(inputs), -1), theirs.reshape(len(inputs), -1)))
    difference, relative = max((_apart(*pair) for pair in pairs), key=lambda each: each[1])
    own, other = pairs[0]
    named = other.argmax(1)
    lead = own.max(1) - own[np.arange(len(own)), named]  # of the engine's best over what the file names
    tied = (allowed or TOLERANCE) * np.abs(own).max() if precision == "float32" else 0
    return Verification(
        backend.name,
        backend.version,
        len(inputs),
        difference,
        relative,
        int((lead <= tied).sum()),
        None if labels is None else int((named == np.asarray(labels)).sum()),
        precision,
        allowed,
    )


def rounding(
    program: Program, weights: dict[str, Array], samples: Array, ours: Mapping[str, Array], *, softmax: bool = False
) -> float:
    """How far what the engine gives lies from what it gives in double precision, relative to the largest number."""
    precise = compile(program.graph, "float64", program.threads)
    exact = scores(precise, {key: array.astype(np.float64) for key, array in weights.items()}, samples, softmax=softmax)
    return max(_apart(exact[name], array)[1] for name, array in ours.items())


def _apart(ours: Array, theirs: Array) -> tuple[float, float]:
    """The largest difference, and the same relative to the largest number."""
    difference, largest = float(np.abs(ours - theirs).max()), float(np.abs(ours).max())
    if not isfinite(difference) or not isfinite(largest):
        difference = float("inf")
    return difference, difference / largest if largest else difference


def _softmax(values: Array) -> Array:
    powers = np.exp(values - values.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)
