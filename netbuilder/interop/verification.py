"""A written ONNX file, the program it came from and some samples -> whether both compute the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine import Program
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import OnnxFile

TOLERANCE = 1e-5
"""Largest difference allowed, relative to the largest score: some hundred roundings of float32."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the outputs of an exported file lie from the engine's on the same samples.

    `largest_difference` is absolute, `relative_difference` the same divided by the largest score. `agreeing` counts
    the samples on which both give the same label, `correct` those on which the file gives the true one, where known.
    """

    backend: str
    version: str
    samples: int
    largest_difference: float
    relative_difference: float
    agreeing: int
    correct: int | None = None

    @property
    def passed(self) -> bool:
        """Whether the file is as good as the network it was made from."""
        return self.relative_difference <= TOLERANCE and self.agreeing == self.samples

    def sentence(self) -> str:
        """The figures in one sentence, for the export dialog and the command line."""
        who = f"{self.backend} {self.version} ran the file on {self.samples:,} sample{'' if self.samples == 1 else 's'}"
        if not isfinite(self.largest_difference):
            return f"{who}: some outputs are not finite numbers, so the file cannot be trusted."
        label = f"all {self.samples:,} labels agree"
        if self.agreeing < self.samples:
            label = f"only {self.agreeing:,} labels agree"
        return (
            f"{who}: scores differ by at most {self.largest_difference:.1e} "
            f"({self.relative_difference:.1e} of the largest score, {TOLERANCE:.0e} allowed) and {label}."
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
) -> Verification:
    """Run the bytes of a written file on samples (N, *shape) and compare them with the program.

    `softmax` says that the file was exported with one at its end. onnxruntime runs the file where it is installed;
    otherwise, or with `reference`, ONNX's reference evaluator. Raises OnnxFileError where the file cannot be run.
    """
    file = OnnxFile.read(path)
    backend = file.backend(reference=reference)
    theirs = file.run(samples, batch_size=batch_size, backend=backend)
    batches = [program.predict(weights, samples[i : i + batch_size]) for i in range(0, len(samples), batch_size)]
    ours = np.concatenate(batches)
    if softmax:
        ours = _softmax(ours)
    ours, theirs = ours.reshape(len(samples), -1), theirs.reshape(len(samples), -1)
    difference, largest = float(np.abs(ours - theirs).max()), float(np.abs(ours).max())
    if not isfinite(difference) or not isfinite(largest):
        difference = float("inf")
    named = theirs.argmax(1)
    return Verification(
        backend.name,
        backend.version,
        len(samples),
        difference,
        difference / largest if largest else difference,
        int((ours.argmax(1) == named).sum()),
        None if labels is None else int((named == np.asarray(labels)).sum()),
    )


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)
