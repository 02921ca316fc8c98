"""From weights and a batch to outputs, and from the outputs' gradients to the weights': in one lane, or divided between
several where a batch is worth it."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array

from .buffers import Noise
from .crew import PROCESS_BYTES, Crew
from .lanes import Bound, Lane
from .member import Network
from .plan import Exchange, Plan
from .steps import Step
from .threads import limited

WORTH_LANES = 20_000_000
"""Multiply-accumulates of a batch from which on it is worth dividing."""
WORTH_STARTING = 100_000_000_000
"""Multiply-accumulates, about a second's, from which on processes are worth the half second they take to start."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass forward through these steps: for the whole batch, the outputs of those that were asked for, which hold
    until the next pass; and by whom, if it was divided."""

    steps: Sequence[Step]
    count: int
    outputs: Sequence[Array] | Mapping[int, Array]
    crew: Crew | None = None

    def output(self, index: int) -> Array:
        """One step's output."""
        return self.outputs[index]


class Passes:
    """The ways through one network, forward and back, and the lanes for them: the first is here, others are processes
    that are started when a batch is first worth it. Unless somebody `asked` for several, it never is before there is a
    lot to compute."""

    def __init__(
        self, graph: Graph, network: Network, threads: int, macs: int, ends: Sequence[int], *, asked: bool
    ) -> None:
        self._graph, self._network, self._threads, self._macs = graph, network, threads, macs
        self._divides = asked
        self._ends = tuple(sorted(set(ends)))
        self._lane = Lane(network.drawn, network.dtype)
        self._crew: Crew | None = None

    def start(self, batch: int) -> None:
        """Divide batches from now on, if those of so many examples are worth it: start the lanes and wait for them."""
        if self.lanes(batch) > 1:
            self._divides = True
            self._crew_of(self.lanes(batch)).await_ready()

    @contextmanager
    def expecting(self, count: int) -> Generator[None]:
        """Within this context so many examples will be computed, in lanes where that takes long."""
        before = self._divides
        self._divides = before or self._macs * count >= WORTH_STARTING
        try:
            yield
        finally:
            self._divides = before

    def forward(
        self, bound: Bound, x: Array, training: bool = False, noise: Noise = (0, 0), *, every: bool = False
    ) -> Passed:
        """The outputs of the network's ends, or those of every step as the design is drawn."""
        steps = self._network.drawn if every else self._network.quickest
        shares = _cut(len(x), self.lanes(len(x)) if self._divides else 1)
        with limited(self._inner_threads(len(x))):
            if len(shares) == 1:
                return Passed(steps, len(x), self._lane.forward(steps, bound, x, training, noise))
            wanted, crew = range(len(steps)) if every else self._ends, self._crew_of(len(shares))
            plan = Plan(every, training, noise[0], shares, tuple(wanted))
            return Passed(steps, len(x), crew.forward(plan, bound, x, noise[1]), crew)

    def backward(self, run: Passed, read: Mapping[int, Array]) -> dict[str, Array]:
        """Gradients by full weight name, from the loss gradient by what the loss has read, after the pass forward."""
        with limited(self._inner_threads(run.count)):
            return self._lane.backward(run.steps, read) if run.crew is None else run.crew.backward(read)

    @property
    def remembered(self) -> dict[str, Array]:
        """New values that layers proposed in the last pass for what they remember, by full name."""
        return {
            step.weights[bare]: array
            for step, buffers in zip(self._network.drawn, self._lane.buffers, strict=True)
            for bare, array in buffers.remembered.items()
        }

    @property
    def bytes(self) -> int:
        """Memory that the buffers take by now, those of other processes included."""
        return self._lane.bytes + (self._crew.bytes if self._crew else 0)

    def beside(self, count: int) -> int:
        """Memory that lanes take beside their own arrays where such a batch is divided: the processes, and what they
        share."""
        shares = _cut(count, self.lanes(count))
        shared = Exchange(self._network.drawn, self._network.dtype, Plan(False, True, 0, shares, self._ends)).bytes
        return (len(shares) - 1) * PROCESS_BYTES + shared if len(shares) > 1 else 0

    def lanes(self, count: int) -> int:
        """How many parts a batch of so many examples is divided into where it is: one for each thread, or all in one
        where threads are not worth it."""
        most = min(self._threads, count) if self._macs * count >= WORTH_LANES else 1
        return len(_cut(count, most))

    def _inner_threads(self, count: int) -> int:
        """Threads inside a matrix product: those that lanes leave idle, where there is but one example."""
        return self._threads if count == 1 and self._macs >= WORTH_LANES else 1

    def _crew_of(self, lanes: int) -> Crew:
        """One of so many lanes or more."""
        if self._crew is None or self._crew.lanes < lanes or not self._crew.ready:
            if self._crew is not None:
                self._crew.close()
            self._crew = Crew(self._graph, self._network, self._lane, lanes)
        return self._crew


def _cut(count: int, parts: int) -> tuple[slice, ...]:
    """So many examples in equal parts, the last of which may be smaller."""
    size = -(-count // max(parts, 1)) or 1
    return tuple(slice(start, min(start + size, count)) for start in range(0, max(count, 1), size))
