"""A pass through the network for one part of the batch, forward and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netbuilder.kernels.scratch import Array, like
from netbuilder.layers.base import Pullback

from .buffers import Arena, Gradients, Meeting, Noise, Shared, StepBuffers
from .steps import Step

Bound = Sequence[Mapping[str, Array]]


class Lane:
    """The network's buffers for one part of the batch, and its way through them, forward and back."""

    def __init__(self, steps: Sequence[Step], dtype: np.dtype[Any]) -> None:
        self._shared = Shared(Arena(), Gradients())
        self.buffers = [
            StepBuffers(step.name, dtype, any(steps[i].learns for i in step.inputs), self._shared) for step in steps
        ]
        self._pullbacks: list[Pullback] = []

    def forward(
        self,
        steps: Sequence[Step],
        bound: Bound,
        x: Array,
        training: bool,
        noise: Noise,
        first: int = 0,
        meeting: Meeting | None = None,
    ) -> list[Array]:
        """All steps' outputs; `first` is the place of the first example in the batch, and `meeting` how this lane hears
        of the others, where there are others."""
        self._pullbacks = []  # what the last pass left behind may be in the way of larger arrays
        values, pullbacks = [x], list[Pullback]()
        with np.errstate(all="ignore"):
            for step, run, weights in zip(steps[1:], self.buffers[1:], bound[1:], strict=True):
                run.begin(training, noise, first, meeting, may_overwrite=step.may_overwrite)
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
        pool.begin()
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
