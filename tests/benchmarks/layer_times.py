"""A design -> what each of its layers takes of a training step in one thread, forward and back."""

import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from netbuilder.analysis import analyze
from netbuilder.engine import compile
from netbuilder.engine.lanes import Lane
from netbuilder.engine.steps import Step, quickest, steps_of
from netbuilder.engine.threads import limited
from netbuilder.graph import Graph
from netbuilder.layers import Layer

WARM_UP = 3
Times = dict[tuple[int, str], list[float]]


@dataclass(frozen=True)
class LayerTime:
    """Milliseconds of one layer, medians, and billions of operations a second where it multiplies: a multiplication and
    an addition count as two, and back it does as many for its weights, and again for its input where that is wanted."""

    name: str
    kind: str
    shape: str
    forward: float
    back: float
    forward_rate: float | None
    back_rate: float | None

    def __str__(self) -> str:
        rates = [f"{rate:5.0f}" if rate else " " * 5 for rate in (self.forward_rate, self.back_rate)]
        return (
            f"  {self.name:24.24} {self.kind:20.20} {self.shape:14} forward {self.forward:7.3f} ms {rates[0]}"
            f"   back {self.back:7.3f} ms {rates[1]}"
        )


class Timed:
    """A layer that notes how long its calls take."""

    def __init__(self, layer: Layer, index: int, times: Times) -> None:
        self._layer, self._index, self._times = layer, index, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    def forward(self, run: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (y, pullback) = self._timed("forward", lambda: self._layer.forward(run, weights, *inputs))
        return y, lambda dy: self._timed("back", lambda: pullback(dy))

    def _timed(self, way: str, call: Any) -> Any:
        begun = time.perf_counter()
        result = call()
        self._times[self._index, way].append(time.perf_counter() - begun)
        return result


def layer_times(graph: Graph, batch: int, runs: int) -> list[LayerTime]:
    """Every layer but the input, in execution order; the loss and the optimizer are left out."""
    steps, program = quickest(steps_of(analyze(graph))), compile(graph, threads=1)
    times: Times = defaultdict(list)
    timed = tuple(replace(step, layer=cast(Layer, Timed(step.layer, index, times))) for index, step in enumerate(steps))
    lane, bound, draw = Lane(steps, program.dtype), program.bind(program.init()), np.random.default_rng(0)
    x = draw.standard_normal((batch, *program.input_shape.array), np.float32)
    with limited(1):
        for _ in range(runs + WARM_UP):
            scores = lane.forward(timed, bound, x, True, (0, 0))[-1]
            lane.backward(timed, {len(steps) - 1: draw.standard_normal(scores.shape, np.float32) / batch})
    return [_row(steps, index, batch, times) for index in range(1, len(steps))]


def _row(steps: tuple[Step, ...], index: int, batch: int, times: Times) -> LayerTime:
    step = steps[index]
    forward, back = (
        statistics.median(times[index, way][WARM_UP:]) if times[index, way] else 0.0 for way in ("forward", "back")
    )
    operations = 2 * step.facts.macs.result * batch / 1e9
    twice = 1 + any(steps[source].learns for source in step.inputs)
    return LayerTime(
        step.name,
        type(step.layer).__name__,
        "×".join(map(str, step.facts.shape.array)),
        forward * 1e3,
        back * 1e3,
        operations / forward if operations and forward else None,
        twice * operations / back if operations and back else None,
    )
