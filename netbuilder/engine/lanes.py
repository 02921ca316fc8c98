"""A pass through the network for one part of the batch, and several of them side by side: one thread for each."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import sleep
from typing import Any, TypeVar

import numpy as np

from netbuilder.kernels.scratch import Array, like
from netbuilder.layers.base import Pullback

from .buffers import Arena, Gradients, Noise, Shared, StepBuffers
from .steps import Step

Bound = Sequence[Mapping[str, Array]]
T = TypeVar("T")
PATIENCE = 1000
"""How often a lane looks for the others before it sleeps in between."""


class Lane:
    """The network's buffers for one part of the batch, and its way through them, forward and back."""

    def __init__(self, steps: Sequence[Step], dtype: np.dtype[Any]) -> None:
        self._shared = Shared(Arena(), Gradients())
        self.buffers = [
            StepBuffers(step.name, dtype, any(steps[i].learns for i in step.inputs), self._shared) for step in steps
        ]
        self._pullbacks: list[Pullback] = []

    def forward(
        self, steps: Sequence[Step], bound: Bound, x: Array, training: bool, noise: Noise, first: int = 0
    ) -> list[Array]:
        """All steps' outputs; `first` is the place of the first example in the batch."""
        self._pullbacks = []  # what the last pass left behind may be in the way of larger arrays
        values, pullbacks = [x], list[Pullback]()
        with np.errstate(all="ignore"):
            for step, run, weights in zip(steps[1:], self.buffers[1:], bound[1:], strict=True):
                run.begin(training, noise, first, may_overwrite=step.may_overwrite)
                y, pullback = step.layer.forward(run, weights, *[values[i] for i in step.inputs])
                values.append(y)
                pullbacks.append(pullback)
        self._pullbacks = pullbacks
        return values

    def backward(self, steps: Sequence[Step], read: Mapping[int, Array]) -> dict[str, Array]:
        """Gradients by full weight name, from the loss gradient by the output of each step that the loss has read."""
        into = dict(read)
        summed: set[int] = set()
        gradients: dict[str, Array] = {}
        pool = self._shared.gradients
        with np.errstate(all="ignore"):
            for index in range(max(read), 0, -1):
                step = steps[index]
                if not step.learns or index not in into:
                    continue
                inputs, learned = self._pullbacks[index - 1](into.pop(index))
                for bare, gradient in learned.items():
                    gradients[step.weights[bare]] = gradient
                for source, dx in zip(step.inputs, inputs, strict=True):
                    if dx is not None and steps[source].learns:
                        self._collect(into, summed, source, dx)
                pool.keep(into.values())
        return gradients

    def _collect(self, into: dict[int, Array], summed: set[int], source: int, dx: Array) -> None:
        """Add one reader's gradient to a value's. What a layer returned may be another's too, so it is not written."""
        known = into.get(source)
        if known is None:
            into[source] = dx
        elif source in summed:
            known += dx
        else:
            into[source] = np.add(known, dx, out=like(self.buffers[source].gradient, "sum", dx))
            summed.add(source)

    @property
    def bytes(self) -> int:
        """Memory that the buffers take by now."""
        return sum(each.bytes for each in (*self.buffers, self._shared.temporary, self._shared.gradients))


@dataclass(frozen=True, slots=True)
class Passed:
    """The steps taken, and for every part of the batch all their outputs."""

    steps: tuple[Step, ...]
    shares: list[slice]
    values: list[list[Array]]

    def output(self, index: int) -> Array:
        """One step's output for the whole batch."""
        first, *others = (values[index] for values in self.values)
        return np.concatenate([first, *others]) if others else first


class _GivenUp(Exception):
    """Another lane failed, so that nothing is left to wait for."""


class Lanes:
    """Several lanes at work on one batch, each in a thread of its own, the first one in the caller's."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._pool = ThreadPoolExecutor(len(lanes) - 1, "netbuilder lane") if len(lanes) > 1 else None
        self._said: tuple[list[Any], list[Any]] = ([None] * len(lanes), [None] * len(lanes))
        self._met, self._busy, self._failed = [0] * len(lanes), 1, False
        for number, lane in enumerate(lanes):
            meeting = self._meeting_of(number) if len(lanes) > 1 else None
            for run in lane.buffers:
                run.meeting = meeting

    def each(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of one task for each of the first lanes, done at once. What one of them raises is raised."""
        self._met, self._busy, self._failed = [0] * len(self._met), len(tasks), False
        if self._pool is None or self._busy == 1:
            return [tasks[0]()]
        others = [self._pool.submit(self._heeding, task) for task in tasks[1:]]
        found: list[T] = []
        errors: list[BaseException] = []
        for get in (partial(self._heeding, tasks[0]), *(other.result for other in others)):
            try:
                found.append(get())
            except BaseException as error:
                errors.append(error)
        if errors:
            raise next((error for error in errors if not isinstance(error, _GivenUp)), errors[0])
        return found

    def _heeding(self, task: Callable[[], T]) -> T:
        """Nobody waits for a lane that failed."""
        try:
            return task()
        except BaseException:
            self._failed = True
            raise

    def _meeting_of(self, number: int) -> Callable[[Any], Sequence[Any]]:
        """What one lane hears from all that are busy, itself included, at the points where they meet.

        They arrive within microseconds of each other, many times a step, so waiting keeps the processor for a while.
        """

        def meeting(values: Any) -> Sequence[Any]:
            if self._busy == 1:
                return (values,)
            self._met[number] = turn = self._met[number] + 1
            said = self._said[turn % 2]  # what was said may still be read when the next meeting begins
            said[number] = values
            tries = 0
            while min(self._met[: self._busy]) < turn:
                if self._failed:
                    raise _GivenUp
                tries += 1
                sleep(0 if tries < PATIENCE else 0.0002)
            return tuple(said[: self._busy])

        return meeting
