"""From a training about to begin to the seconds one epoch will take here: some of its own updates are rehearsed.

Measured on copies, within some 200 ms, so that nothing of the training is touched. A design too heavy for that is
reckoned from how fast this machine multiplies in a small convolution.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from netbuilder.graph import Graph
from netbuilder.layers import Conv2D, GlobalAveragePool2D, Input, ReLU

from .job import Prepared
from .learning import NotFinite, learn
from .program import Weights, compile
from .state import State

BUDGET = 0.15
"""Seconds to measure in."""
LARGEST_MACS, LARGEST_WEIGHTS = 50_000_000, 3_000_000
"""A sample's multiply-accumulates, and a design's weights, up to which updates are rehearsed."""
PASSES = 3
"""A step multiplies three times as much as a pass forward: for outputs, for inputs' and for weights' gradients."""
UPDATE_BYTES_PER_SECOND = 4e9
"""How fast an optimizer's sweeps go through the weights of a large design."""


def epoch_seconds(ready: Prepared, weights: Weights) -> float:
    """Seconds that an epoch will take, validation included."""
    report = ready.program.report
    heavy = report.totals.macs > LARGEST_MACS or report.totals.parameters > LARGEST_WEIGHTS
    return _reckoned(ready) if heavy else _rehearsed(ready, weights)


def _rehearsed(ready: Prepared, weights: Weights) -> float:
    """By two sizes of a batch, which tell what an update costs beside its samples."""
    state = State(ready, {key: np.array(array) for key, array in weights.items()})
    samples, part = state.samples, ready.dataset.training
    rows = np.arange(min(samples, len(part)))

    def update(count: int) -> None:
        try:
            learn(state, rows[:count])
        except NotFinite:  # it will be found again, and told, in earnest
            return

    one = _typical(lambda: update(1), BUDGET / 8)
    many = max(1, min(len(rows), int(BUDGET / 6 / one)))
    seconds = _typical(lambda: update(many), BUDGET / 2)
    each = max(seconds - one, 0.0) / (many - 1) if many > 1 else one
    updates, whole = state.per_epoch, len(part)
    forward = _typical(lambda: _look(ready, state, many), BUDGET / 4) / many
    return updates * max(one - each, 0.0) + whole * each + len(ready.dataset.validation) * forward


def _look(ready: Prepared, state: State, count: int) -> None:
    x = ready.dataset.training.batch(slice(0, min(count, ready.program.chunk)))
    ready.program.forward(state.bound, np.ascontiguousarray(x, ready.program.dtype))


def _reckoned(ready: Prepared) -> float:
    """By multiply-accumulates, and sweeps over the weights."""
    program, data = ready.program, ready.dataset
    speed, macs = _macs_per_second(program.threads, program.dtype.name), program.report.totals.macs
    learned = sum(weight.size for weight in program.weights.values()) * program.dtype.itemsize
    updates = -(-len(data.training) // (ready.job.batch_size * ready.job.accumulate))
    sweeps = 6 + 4 * len(ready.job.optimizer.slots)
    multiplied = PASSES * len(data.training) + len(data.validation)
    return macs * multiplied / speed + updates * sweeps * learned / UPDATE_BYTES_PER_SECOND


def _macs_per_second(threads: int, dtype: str) -> float:
    """What a step of a middling convolution reaches here."""
    graph = Graph.chain(
        Input(height=28, width=28, channels=64), Conv2D(64, 3, padding="same"), ReLU(),
        Conv2D(64, 3, padding="same"), ReLU(), GlobalAveragePool2D(),
    )  # fmt: skip
    program = compile(graph, dtype, threads)
    bound, count = program.bind(program.init()), 4
    x = np.random.default_rng(0).standard_normal((count, 64, 28, 28)).astype(dtype)
    seconds = _typical(lambda: program.step(bound, x, np.zeros(count, np.int64), "cross_entropy"), BUDGET)
    convolutions = program.report.totals.macs * count
    return convolutions * (PASSES - 0.5) / seconds  # the first layer needs no gradient by its input


def _typical(work: Callable[[], object], budget: float) -> float:
    """The median of some repetitions after a first that warms up, in seconds."""
    work()
    times: list[float] = []
    while not times or (sum(times) + min(times) < budget and len(times) < 12):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return sorted(times)[len(times) // 2]
