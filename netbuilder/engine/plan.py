"""What the passes of many steps have in common, and where in shared memory the lanes find what they exchange."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from netbuilder.kernels.scratch import Array

from .shared_memory import SharedMemory
from .steps import Step

ALIGNED = 64
"""Bytes of a cache line."""


class Plan(NamedTuple):
    """A pass but for its numbers: whether through the design as drawn (`every`) or the quickest steps, in training or
    not, how the batch is divided, and which steps' outputs are wanted."""

    every: bool
    training: bool
    seed: int
    shares: tuple[slice, ...]
    wanted: tuple[int, ...]

    @property
    def elsewhere(self) -> int:
        """The first example that is not the first lane's."""
        return self.shares[0].stop

    def behind(self, lane: int) -> slice:
        """A lane's share, counted from there."""
        share = self.shares[lane]
        return slice(share.start - self.elsewhere, share.stop - self.elsewhere)

    def part(self, lane: int, count: int) -> slice:
        """Which of so many numbers a lane sums."""
        size = -(-count // (len(self.shares) * ALIGNED)) * ALIGNED
        return slice(lane * size, (lane + 1) * size)


class Exchange:
    """A plan's arrays in shared memory: weights, and of all lanes but the first the inputs and the outputs' gradients,
    come from the first one; outputs and gradients by weights are written by all."""

    def __init__(self, steps: Sequence[Step], dtype: np.dtype[Any], plan: Plan) -> None:
        self._steps, self._dtype = steps, dtype
        self._learned = [
            (key, step.facts.weights[bare].shape)
            for step in steps
            for bare, key in step.weights.items()
            if step.facts.weights[bare].trainable
        ]
        count, elsewhere = plan.shares[-1].stop, plan.shares[-1].stop - plan.elsewhere
        numbers = sum(prod(shape) for _, shape in self._learned)
        roles: dict[tuple[str, Any], tuple[int, ...]] = {("x", 0): (elsewhere, *steps[0].facts.shape.array)}
        for i in plan.wanted:
            roles["output", i] = (count, *steps[i].facts.shape.array)
            roles["dy", i] = (0 if plan.every else elsewhere, *steps[i].facts.shape.array)
        for lane in range(len(plan.shares)):
            roles["gradient", lane] = (0 if plan.every else numbers,)
        for step in steps:
            roles.update({("weight", key): step.facts.weights[bare].shape for bare, key in step.weights.items()})
        self._shapes = roles
        sizes = [prod(shape) * dtype.itemsize for shape in self._shapes.values()]
        self._offsets = np.cumsum([0, *(-(-size // ALIGNED) * ALIGNED for size in sizes)]).tolist()

    @property
    def bytes(self) -> int:
        """Shared memory this takes."""
        return self._offsets[-1]

    def attach(self, memory: SharedMemory) -> None:
        """Lay the arrays into this memory."""
        found = {
            role: memory.array(offset, shape, self._dtype)
            for (role, shape), offset in zip(self._shapes.items(), self._offsets, strict=False)
        }
        self.x = found["x", 0]
        self.outputs: Mapping[int, Array] = {i: each for (kind, i), each in found.items() if kind == "output"}
        self.dys: Mapping[int, Array] = {i: each for (kind, i), each in found.items() if kind == "dy"}
        self.bound = [{bare: found["weight", key] for bare, key in step.weights.items()} for step in self._steps]
        self.flat = [each for (kind, _), each in found.items() if kind == "gradient"]
        self.gradients = [dict(self._cut(flat)) for flat in self.flat]

    def _cut(self, flat: Array) -> Iterator[tuple[str, Array]]:
        """One lane's gradients by full weight name; the first lane's become the sums of all."""
        start = 0
        for key, shape in self._learned if flat.size else ():
            yield key, flat[start : start + prod(shape)].reshape(shape)
            start += prod(shape)
