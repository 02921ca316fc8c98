"""From a valid design to one that runs: layers in execution order, with the buffers their passes need."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array, like
from netbuilder.layers import ImageShape, Shape, Weight
from netbuilder.layers.base import Pullback

from .buffers import Arena, Noise, StepBuffers
from .losses import LOSSES, Loss, LossFunction
from .starts import Scheme, start
from .steps import steps_of
from .threads import default_threads, limited

Weights = Mapping[str, Array]
CHUNK_NUMBERS = 1 << 22
"""Activations held at once while predicting; the batch is cut into chunks of at most so many."""


class InvalidDesign(ValueError):
    """A design that cannot run; the message holds a sentence for every error, `problems` the errors themselves."""

    def __init__(self, problems: tuple[Problem, ...]):
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


class Misuse(ValueError):
    """Weights or inputs that do not suit the program; the sentence names the numbers."""


@dataclass(frozen=True)
class Outcome:
    """One pass with gradients. The arrays belong to the program and hold until its next pass.

    `remembered` are proposed new values of untrained arrays, BatchNorm's statistics, by full name.
    """

    loss: float
    output: Array
    gradients: dict[str, Array]
    remembered: dict[str, Array]


def compile(graph: Graph, dtype: str = "float32", threads: int | None = None) -> "Program":
    """The program of a design. Raises InvalidDesign, naming every error, where it is not valid.

    `dtype` is float32 or float64; `threads` bounds the matrix library (default: see `default_threads`).
    """
    report = analyze(graph)
    if not report.valid:
        raise InvalidDesign(tuple(p for p in report.problems if p.severity == "error"))
    if dtype not in ("float32", "float64"):
        raise ValueError(f"A program computes in float32 or float64, not in {dtype}.")
    if threads is not None and threads < 1:
        raise ValueError(f"A program needs at least one thread, not {threads}.")
    heaviest = max(layer.macs or 0 for layer in report.layers.values())
    return Program(graph, report, dtype, threads or default_threads(heaviest))


class Program:
    """A valid design, ready to run. It owns all buffers, so one thread may use it at a time; pickling drops them.

    Weights are passed in by full name, "<layer name>.<weight name>", and never written to. `weights` declares them.
    """

    def __init__(self, graph: Graph, report: Report, dtype: str, threads: int):
        self.graph, self.report = graph, report
        self.dtype = np.dtype(dtype)
        self.threads = threads
        self.steps = steps_of(report)
        self.weights: Mapping[str, Weight] = MappingProxyType(
            {key: step.facts.weights[bare] for step in self.steps for bare, key in step.weights.items()}
        )
        self.input_shape: Shape = self.steps[0].facts.shape
        self.output_shape: Shape = self.steps[-1].facts.shape
        self.output = self.steps[-1].name
        self._shared = Arena()
        self._buffers = [
            StepBuffers(step.name, self.dtype, any(self.steps[i].learns for i in step.inputs), self._shared)
            for step in self.steps
        ]
        self._closing_softmax = type(self.steps[-1].layer).__name__ == "Softmax"

    def __reduce__(self) -> tuple[Any, ...]:
        return compile, (self.graph, self.dtype.name, self.threads)

    # ---- weights -----------------------------------------------------------------------------------------------------

    def init(self, seed: int = 0, scheme: Scheme = "he") -> dict[str, Array]:
        """Fresh weights. Each depends on the seed and its own name only, whatever other layers there are."""
        return {key: start(key, weight, self.dtype, seed, scheme) for key, weight in self.weights.items()}

    def check(self, weights: Weights) -> None:
        """Raises Misuse unless these are exactly the weights of this design."""
        for step in self.steps:
            for bare, key in step.weights.items():
                if key not in weights:
                    raise Misuse(f"The {_words(bare)} of “{step.name}” is missing from these weights.")
                if weights[key].shape != self.weights[key].shape:
                    raise Misuse(_other_shape(step.name, bare, weights[key].shape, self.weights[key].shape))
        if extra := next((key for key in weights if key not in self.weights), None):
            raise Misuse(f"These weights hold “{extra}”, which is not in this design.")

    def bind(self, weights: Weights) -> list[dict[str, Array]]:
        """Each step's weights by bare name, in the program's type: what `step` takes. Raises Misuse."""
        self.check(weights)
        return [
            {bare: np.asarray(weights[key], self.dtype) for bare, key in step.weights.items()} for step in self.steps
        ]

    # ---- running -----------------------------------------------------------------------------------------------------

    def predict(self, weights: Weights, x: Array) -> Array:
        """Outputs (N, …) for inputs (N, …), in evaluation mode, as a fresh array. Raises Misuse."""
        bound, x = self.bind(weights), self._checked(x)
        out = np.empty((len(x), *self.output_shape.array), self.dtype)
        for start_ in range(0, len(x), self.chunk):
            part = slice(start_, start_ + self.chunk)
            out[part] = self.forward(bound, x[part])
        return out

    def activations(self, weights: Weights, x: Array) -> dict[str, Array]:
        """Every layer's output by name, in execution order and evaluation mode, as fresh arrays. Raises Misuse."""
        bound, x = self.bind(weights), self._checked(x)
        values, _ = self._forward(bound, x)
        return {step.name: value.copy() for step, value in zip(self.steps, values, strict=True)}

    def loss_and_gradients(
        self,
        weights: Weights,
        x: Array,
        labels: Array,
        loss: Loss = "cross_entropy",
        training: bool = False,
        seed: int | None = None,
    ) -> tuple[float, dict[str, Array]]:
        """The mean loss over a batch and its gradient by every trainable weight, as fresh arrays.

        `training` switches batch statistics and dropout on, the latter drawn from `seed` (0 by default). Where the
        design ends in a softmax, cross-entropy is taken from what enters it: the same number, without the rounding.
        Raises Misuse, and LossError where outputs and labels cannot be compared.
        """
        bound, x = self.bind(weights), self._checked(x)
        if loss not in LOSSES:
            raise Misuse(f"There is no loss “{loss}”; there are {' and '.join(LOSSES)}.")
        if not len(x):
            raise Misuse("A loss is a mean over samples, and there is none in this batch.")
        outcome = self.step(bound, x, np.asarray(labels), loss, training, (seed or 0, 0))
        return outcome.loss, {key: gradient.copy() for key, gradient in outcome.gradients.items()}

    def forward(self, bound: list[dict[str, Array]], x: Array) -> Array:
        """Outputs in evaluation mode, of one chunk that was made ready; a view that holds until the next pass."""
        return self._forward(bound, x)[0][-1]

    def scores(self, bound: list[dict[str, Array]], x: Array, loss: Loss) -> tuple[Array, Array]:
        """What the loss reads, and the outputs, in evaluation mode; views that hold until the next pass."""
        values, _ = self._forward(bound, x)
        return values[self._read_by(loss)], values[-1]

    def step(
        self,
        bound: list[dict[str, Array]],
        x: Array,
        targets: Array,
        loss: Loss,
        training: bool = True,
        noise: Noise = (0, 0),
        measure: LossFunction | None = None,
    ) -> Outcome:
        """One pass forward and back over a batch that was made ready, without copies: what the trainer calls.

        `measure` takes the loss's place where training weighs classes or smooths labels.
        """
        values, pullbacks = self._forward(bound, x, training, noise)
        last = self._read_by(loss)
        with limited(self.threads), np.errstate(all="ignore"):
            value, dy = (measure or LOSSES[loss])(values[last], targets)
            gradients = self._backward(pullbacks, last, dy.reshape(values[last].shape))
        remembered = {
            self.steps[i].weights[bare]: array
            for i, run in enumerate(self._buffers)
            for bare, array in run.remembered.items()
        }
        return Outcome(value, values[-1], gradients, remembered)

    def outputs(
        self, bound: list[dict[str, Array]], x: Array, training: bool = False, noise: Noise = (0, 0)
    ) -> list[Array]:
        """Every step's output for a batch that was made ready; views that hold until the next pass."""
        return self._forward(bound, x, training, noise)[0]

    def not_finite(
        self, bound: list[dict[str, Array]], x: Array, training: bool = False, noise: Noise = (0, 0)
    ) -> str | None:
        """The first layer, in execution order, whose weights or outputs hold NaN or infinity."""
        values, _ = self._forward(bound, x, training, noise)
        for step, weights, value in zip(self.steps, bound, values, strict=True):
            if not all(np.isfinite(array).all() for array in (*weights.values(), value)):
                return step.name
        return None

    @property
    def chunk(self) -> int:
        """How many samples are evaluated at once."""
        numbers = sum(step.facts.shape.size for step in self.steps)
        return max(1, min(256, CHUNK_NUMBERS // numbers))

    @property
    def buffer_bytes(self) -> int:
        """Memory that the buffers take by now."""
        return self._shared.bytes + sum(buffers.bytes for buffers in self._buffers)

    def _checked(self, x: Array) -> Array:
        x = np.asarray(x)
        shape = self.input_shape.array
        if x.shape[1:] != shape or x.ndim != len(shape) + 1:
            kind = "images" if isinstance(self.input_shape, ImageShape) else "features"
            wanted, got = ", ".join(map(str, shape)), ", ".join(map(str, x.shape))
            raise Misuse(
                f"“{self.steps[0].name}” takes {self.input_shape.text()} {kind}, arrays of (N, {wanted}); "
                f"this one is ({got})."
            )
        return np.ascontiguousarray(x, self.dtype)

    def _forward(
        self, bound: list[dict[str, Array]], x: Array, training: bool = False, noise: Noise = (0, 0)
    ) -> tuple[list[Array], list[Pullback]]:
        """All steps' outputs, and the pullbacks of all steps but the input."""
        values: list[Array] = [x]
        pullbacks: list[Pullback] = []
        with limited(self.threads), np.errstate(all="ignore"):
            for step, run, weights in zip(self.steps[1:], self._buffers[1:], bound[1:], strict=True):
                run.begin(training, noise)
                y, pullback = step.layer.forward(run, weights, *[values[i] for i in step.inputs])
                values.append(y)
                pullbacks.append(pullback)
        return values, pullbacks

    def _backward(self, pullbacks: list[Pullback], last: int, dy: Array) -> dict[str, Array]:
        """Gradients by full weight name, from the loss gradient by the output of step `last`."""
        into: dict[int, Array] = {last: dy}
        summed: set[int] = set()
        gradients: dict[str, Array] = {}
        for index in range(last, 0, -1):
            step = self.steps[index]
            if not step.learns:
                continue
            inputs, learned = pullbacks[index - 1](into.pop(index))
            for bare, gradient in learned.items():
                gradients[step.weights[bare]] = gradient
            for source, dx in zip(step.inputs, inputs, strict=True):
                if dx is not None and self.steps[source].learns:
                    self._collect(into, summed, source, dx)
        return gradients

    def _read_by(self, loss: Loss) -> int:
        """The step whose output the loss reads: for cross-entropy what enters a closing softmax."""
        last = len(self.steps) - 1
        return self.steps[last].inputs[0] if loss == "cross_entropy" and self._closing_softmax else last

    def _collect(self, into: dict[int, Array], summed: set[int], source: int, dx: Array) -> None:
        """Add one reader's gradient to a value's. What a layer returned may be another's too, so it is not written."""
        known = into.get(source)
        if known is None:
            into[source] = dx
        elif source in summed:
            known += dx
        else:
            total = like(self._buffers[source], "sum of gradients", dx)
            into[source] = np.add(known, dx, out=total)
            summed.add(source)


def _words(bare: str) -> str:
    """'running mean' for 'running_mean'."""
    return bare.replace("_", " ").replace(".", " ")


def _other_shape(layer: str, bare: str, got: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """'“fc1” was trained for 1,050 inputs, but now receives 1,568.', or both shapes where more than that differs."""
    if bare == "weight" and len(got) == len(wanted) >= 2 and (got[0], *got[2:]) == (wanted[0], *wanted[2:]):
        what = "inputs" if len(got) == 2 else "channels"
        return f"“{layer}” was trained for {got[1]:,} {what}, but now receives {wanted[1]:,}."
    shapes = [" × ".join(f"{n:,}" for n in shape) for shape in (got, wanted)]
    return f"The {_words(bare)} of “{layer}” was trained as {shapes[0]}, but is now {shapes[1]}."
