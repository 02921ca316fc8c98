"""From a training about to begin to the seconds one epoch will take here: some of its own updates are rehearsed.

Measured on copies, within some 200 ms, so that nothing of the training is touched. A design too heavy for that is
reckoned from how fast this machine multiplies in a small convolution.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import perf_counter

import numpy as np

from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.layers import Conv2D, GlobalAveragePool2D, Input, ReLU

from .job import Prepared
from .learning import NotFinite, learn
from .program import Weights, compile
from .state import State
from .updates import Updates

BUDGET = 0.15
"""Seconds to measure in."""
FEWEST = 4
"""Samples to begin with."""
LEAST_FURTHER = 0.4
"""What one more sample costs at least, as a share of the mean so far: less would be a measurement gone wrong."""
LARGEST_MACS, LARGEST_WEIGHTS = 50_000_000, 3_000_000
"""A sample's multiply-accumulates, and a design's weights, up to which updates are rehearsed."""
PASSES = 3
"""A step multiplies three times as much as a pass forward: for outputs, for inputs' and for weights' gradients."""
SCALING = 0.9
"""A batch in n lanes goes n ** 0.9 times as fast, as measured with two."""
TRIED_WEIGHTS = 1_000_000
"""Weights that an optimizer's sweeps are timed on: too many for a cache, as a large design's are."""


def epoch_seconds(ready: Prepared, weights: Weights) -> float:
    """Seconds that an epoch will take, validation included."""
    report = ready.program.report
    heavy = report.totals.macs > LARGEST_MACS or report.totals.parameters > LARGEST_WEIGHTS
    return _reckoned(ready) if heavy else _rehearsed(ready, weights)


def _rehearsed(ready: Prepared, weights: Weights) -> float:
    """By updates of twice as many samples each time, until they are whole or the time is over. What is left of one then
    costs what the last samples did: an update has a part that does not grow with them."""
    state = State(ready, {key: np.array(array) for key, array in weights.items()})
    rows = np.arange(min(state.samples, len(ready.dataset.training)))
    count, seconds, ends = 0, 0.0, perf_counter() + BUDGET
    further = 0.0
    while count < len(rows) and perf_counter() + 4 * seconds < ends:
        before, taken = count, seconds
        count = min(max(FEWEST, 2 * count), len(rows))
        left = ends - perf_counter()
        seconds = _typical(partial(_update, state, rows[:count]), left if count == len(rows) else left / 3)
        each = seconds / count
        further = min(max((seconds - taken) / (count - before), LEAST_FURTHER * each), each)
    whole = seconds + (len(rows) - count) * further
    forward = _typical(partial(_look, state, count), BUDGET / 4) / count
    return len(ready.dataset.training) * whole / len(rows) + len(ready.dataset.validation) * forward


def _update(state: State, rows: Array) -> None:
    with suppress(NotFinite):  # it will be found again, and told, in earnest
        learn(state, rows)


def _look(state: State, count: int) -> None:
    program, part = state.ready.program, state.ready.dataset.training
    x = part.batch(slice(0, min(count, program.chunk)))
    program.forward(state.bound, np.ascontiguousarray(x, program.dtype))


def _reckoned(ready: Prepared) -> float:
    """By multiply-accumulates, and sweeps over the weights."""
    program, data, report = ready.program, ready.dataset, ready.program.report
    speed = _macs_per_second(program.dtype.name) * program.lanes(ready.job.batch_size) ** SCALING
    macs = report.totals.macs
    updates = -(-len(data.training) // (ready.job.batch_size * ready.job.accumulate))
    multiplied = PASSES * len(data.training) + len(data.validation)
    return macs * multiplied / speed + updates * report.totals.parameters * _seconds_per_weight(ready)


def _seconds_per_weight(ready: Prepared) -> float:
    """What one update takes for one weight."""
    weights = {"w": np.zeros(TRIED_WEIGHTS, ready.program.dtype)}
    updates = Updates(ready.job.optimizer, weights)
    return _typical(lambda: updates.step(weights), BUDGET / 3) / TRIED_WEIGHTS


def _macs_per_second(dtype: str) -> float:
    """What a step of a middling convolution reaches here, in one lane."""
    graph = Graph.chain(
        Input(height=28, width=28, channels=64), Conv2D(64, 3, padding="same"), ReLU(),
        Conv2D(64, 3, padding="same"), ReLU(), GlobalAveragePool2D(),
    )  # fmt: skip
    program = compile(graph, dtype, threads=1)
    bound, count = program.bind(program.init()), 4
    x = np.random.default_rng(0).standard_normal((count, 64, 28, 28)).astype(dtype)
    seconds = _typical(lambda: program.step(bound, x, np.zeros(count, np.int64), "cross_entropy"), BUDGET)
    convolutions = program.report.totals.macs * count
    return convolutions * (PASSES - 0.5) / seconds  # the first layer needs no gradient by its input


def _typical(work: Callable[[], object], budget: float) -> float:
    """The median of some repetitions after a first that warms up, in seconds."""
    work()
    times: list[float] = []
    while not times or (sum(times) + times[-1] < budget / 2 and len(times) < 9):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return sorted(times)[len(times) // 2]
