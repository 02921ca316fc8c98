"""From an update to the numbers that say whether every layer learns: seldom, and for little time."""

from collections.abc import Iterator
from math import hypot, isfinite
from time import monotonic

import numpy as np

from netbuilder.kernels.scratch import Array
from netbuilder.layers import ReLU

from .events import Health, LayerHealth
from .learning import Learned
from .state import State

EVERY, SHARE = 0.5, 0.01
"""Seconds from one look to the next at least, and the share of time that looking takes at most."""


class Monitor:
    """Says when a look is due and takes it. A look reads only: it changes no number of the training."""

    def __init__(self, state: State):
        self.state = state
        self._next = monotonic() + EVERY

    @property
    def due(self) -> bool:
        """Whether the next update should be watched."""
        return monotonic() >= self._next

    def look(self, learned: Learned) -> Health:
        """What a watched update shows, and a pass over its last batch, as the network now answers it."""
        begun, state = monotonic(), self.state
        outputs = state.ready.program.outputs(state.bound, learned.inputs)
        layers, not_finite = tuple(self._layers(learned, outputs)), self._first_not_finite(outputs)
        ended = monotonic()
        self._next = ended + max(EVERY, (ended - begun) / SHARE)
        return Health(state.step, state.progress, layers, not_finite)

    def _layers(self, learned: Learned, outputs: list[Array]) -> Iterator[LayerHealth]:
        """Every layer that has weights to learn, or is a ReLU."""
        movement = learned.movement or {}
        for step, output in zip(self.state.ready.program.steps, outputs, strict=True):
            if isinstance(step.layer, ReLU):
                yield LayerHealth(step.name, dead=dead(output))
            elif moved := [movement[key] for key in step.weights.values() if key in movement]:
                gradient, weight, change = (hypot(*lengths) for lengths in zip(*moved, strict=True))
                yield LayerHealth(step.name, gradient, change / weight if weight else 0.0)

    def _first_not_finite(self, outputs: list[Array]) -> str | None:
        with np.errstate(all="ignore"):
            for step, output in zip(self.state.ready.program.steps, outputs, strict=True):
                if not isfinite(float(np.sum(output))):
                    return step.name
        return None


def dead(output: Array) -> float:
    """The share of a ReLU's channels, or features, that are 0 for every sample and everywhere: no gradient gets
    through them."""
    flat = output.reshape(*output.shape[:2], -1)
    return float((flat.max(axis=(0, 2)) <= 0).mean())
