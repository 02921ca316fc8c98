"""From a valid design to one that runs: layers in execution order, with the buffers their passes need."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.analysis.memory import evaluated_at_once
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.layers import ImageShape, Shape, Weight

from .buffers import Noise
from .heads import Head, Judged, Reading, heads_of, judge
from .losses import Loss, LossFunction
from .member import Network
from .passes import Passes
from .starts import Scheme, start
from .steps import quickest, steps_of
from .threads import default_threads

Weights = Mapping[str, Array]


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

    `output` is the main one, `remembered` are proposed new values of untrained arrays, BatchNorm's statistics, by full
    name, and `shares` is what each output adds to the loss, {} where there is but one.
    """

    loss: float
    output: Array
    gradients: dict[str, Array]
    remembered: dict[str, Array]
    shares: dict[str, float]


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
    return Program(graph, report, dtype, threads)


class Program:
    """A valid design, ready to run. It owns all buffers, so one thread may use it at a time; pickling drops them.

    Weights are passed in by full name, "<layer name>.<weight name>", and never written to. `weights` declares them.
    `heads` are the ends of the network, the main one first; `output` and `output_shape` are of that one.
    """

    def __init__(self, graph: Graph, report: Report, dtype: str, threads: int | None):
        self.graph, self.report = graph, report
        self.dtype = np.dtype(dtype)
        self.threads, self._asked = threads or default_threads(report.totals.macs), threads
        self.steps = steps_of(report)
        self.weights: Mapping[str, Weight] = MappingProxyType(
            {key: step.facts.weights[bare] for step in self.steps for bare, key in step.weights.items()}
        )
        self.input_shape: Shape = self.steps[0].facts.shape
        self.heads: tuple[Head, ...] = heads_of(report)
        self.output_shape: Shape = self.heads[0].shape
        self.output = self.heads[0].name
        network = Network(self.steps, quickest(self.steps), self.dtype)
        ends = [index for head in self.heads for index in (head.index, head.scores)]
        self._passes = Passes(graph, network, self.threads, report.totals.macs, ends, asked=threads is not None)
        self._readings: dict[Loss, tuple[Reading, ...]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return compile, (self.graph, self.dtype.name, self._asked)

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
        """Main outputs (N, …) for inputs (N, …), in evaluation mode, as a fresh array. Raises Misuse."""
        return self.predict_outputs(weights, x)[self.output]

    def predict_outputs(self, weights: Weights, x: Array) -> dict[str, Array]:
        """What `predict` gives, of every output by its name, the main one first. Raises Misuse."""
        bound, x = self.bind(weights), self._checked(x)
        found = {head.name: np.empty((len(x), *head.shape.array), self.dtype) for head in self.heads}
        with self.expecting(len(x)):
            for start_ in range(0, len(x), self.chunk):
                part = slice(start_, start_ + self.chunk)
                run = self._passes.forward(bound, x[part])
                for head in self.heads:
                    found[head.name][part] = run.output(head.index)
        return found

    def activations(self, weights: Weights, x: Array) -> dict[str, Array]:
        """Every layer's output by name, in execution order and evaluation mode, as fresh arrays. Raises Misuse."""
        bound, x = self.bind(weights), self._checked(x)
        return {step.name: value.copy() for step, value in zip(self.steps, self.outputs(bound, x), strict=True)}

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

        `loss` is "cross_entropy", "mse", or a mixture such as "cross_entropy + 0.5 mse"; of several outputs the losses
        are summed, each with its weight. `training` switches batch statistics and dropout on, the latter drawn from
        `seed` (0 by default). Where an output ends in a softmax, cross-entropy is taken from what enters it: the same
        number, without the rounding. Raises Misuse, and LossError where outputs and labels cannot be compared.
        """
        bound, x = self.bind(weights), self._checked(x)
        try:
            self.readings(loss)
        except ValueError as reason:
            raise Misuse(f"The loss {reason}.") from None
        if not len(x):
            raise Misuse("A loss is a mean over samples, and there is none in this batch.")
        outcome = self.step(bound, x, np.asarray(labels), loss, training, (seed or 0, 0))
        return outcome.loss, {key: gradient.copy() for key, gradient in outcome.gradients.items()}

    def forward(self, bound: list[dict[str, Array]], x: Array) -> Array:
        """Main outputs in evaluation mode, of one chunk that was made ready; a view that holds until the next pass."""
        return self._passes.forward(bound, x).output(self.heads[0].index)

    def judged(self, bound: list[dict[str, Array]], x: Array, targets: Array, loss: Loss) -> tuple[Judged, Array]:
        """What the loss says of one chunk that was made ready, in evaluation mode, and the main outputs, a view that
        holds until the next pass."""
        run = self._passes.forward(bound, x)
        return judge(self.readings(loss), run.output, targets), run.output(self.heads[0].index)

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

        `measure` takes cross-entropy's place where training weighs classes or smooths labels.
        """
        run = self._passes.forward(bound, x, training, noise)
        found = judge(self.readings(loss), run.output, targets, measure)
        gradients = self._passes.backward(run, found.gradients)
        return Outcome(found.loss, run.output(self.heads[0].index), gradients, self._passes.remembered, found.shares)

    def outputs(
        self, bound: list[dict[str, Array]], x: Array, training: bool = False, noise: Noise = (0, 0)
    ) -> list[Array]:
        """Every step's output for a batch that was made ready; views that hold until the next pass."""
        run = self._passes.forward(bound, x, training, noise, every=True)
        return [run.output(i) for i in range(len(self.steps))]

    def not_finite(
        self, bound: list[dict[str, Array]], x: Array, training: bool = False, noise: Noise = (0, 0)
    ) -> str | None:
        """The first layer, in execution order, whose weights or outputs hold NaN or infinity."""
        for step, weights, value in zip(self.steps, bound, self.outputs(bound, x, training, noise), strict=True):
            if not all(np.isfinite(array).all() for array in (*weights.values(), value)):
                return step.name
        return None

    @property
    def chunk(self) -> int:
        """How many samples are evaluated at once."""
        return evaluated_at_once(self.report)

    @property
    def buffer_bytes(self) -> int:
        """Memory that the buffers take by now, and the processes of other lanes."""
        return self._passes.bytes

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

    def lanes(self, count: int) -> int:
        """How many threads a batch of so many examples is divided between."""
        return self._passes.lanes(count)

    def start_lanes(self, batch: int) -> None:
        """Divide batches from now on, if those of so many examples are worth it, and have the processes loaded that it
        takes. Where threads were asked for, that is done at the first such batch anyway. Raises LaneLost."""
        self._passes.start(batch)

    def expecting(self, count: int) -> AbstractContextManager[None]:
        """Within this context so many examples will be computed, in lanes where that takes long."""
        return self._passes.expecting(count)

    def bytes_beside(self, count: int) -> int:
        """Memory that dividing such a batch takes beside every lane's own arrays."""
        return self._passes.beside(count)

    def readings(self, loss: Loss) -> tuple[Reading, ...]:
        """All that a loss reads of this network's outputs. Raises ValueError, the end of a sentence about the loss."""
        if loss not in self._readings:
            self._readings[loss] = tuple(reading for head in self.heads for reading in head.readings(loss))
        return self._readings[loss]


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
