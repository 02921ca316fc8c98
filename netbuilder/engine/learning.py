"""From the samples of one update to new weights: augmented, passed through forward and back batch by batch, applied."""

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import NamedTuple

import numpy as np

from netbuilder.kernels.scratch import Array

from .state import State
from .updates import Movement


class Learned(NamedTuple):
    """What one update gave: its loss, the share of right answers (None without classes), how many samples it learned
    from, the last batch of them, and how far each weight moved, where that was watched."""

    loss: float
    accuracy: float | None
    samples: int
    inputs: Array
    movement: Mapping[str, Movement] | None


class NotFinite(Exception):
    """The loss or a weight is infinite or undefined; `find` names the first layer that is."""

    def __init__(self, find: Callable[[], str | None]):
        super().__init__()
        self.find = find


def learn(state: State, rows: Array, good: Callable[[], bool] = lambda: True, *, watched: bool = False) -> Learned:
    """One update by the samples in `rows`, as many batches as that takes: the gradient is of the mean over all.

    `good` is asked once the first batch gave a finite loss, while the weights are still those that gave it, and says
    whether to go on. Raises NotFinite, and then has changed nothing but remembered statistics.
    """
    ready, job = state.ready, state.ready.job
    targets = ready.dataset.training.targets[rows]
    loss, right, x = 0.0, 0, rows
    for place, start in enumerate(range(0, len(rows), job.batch_size)):
        part = slice(start, start + job.batch_size)
        x = np.ascontiguousarray(ready.samples.batch(rows[part], state.epoch), ready.program.dtype)
        noise = job.seed, state.step * job.accumulate + place
        measure = ready.objective and ready.objective.among(targets[part], targets)
        outcome = ready.program.step(state.bound, x, targets[part], ready.loss, True, noise, measure)
        if not isfinite(outcome.loss) or not (place or good()):
            raise NotFinite(partial(ready.program.not_finite, state.bound, x, True, noise))
        share = len(x) / len(rows)
        right += state.take(outcome, targets[part], share, more=place > 0) or 0
        loss += share * outcome.loss
    movement = state.update(watched=watched)
    accuracy = right / len(rows) if ready.dataset.classes else None
    return Learned(loss, accuracy, len(rows), x, movement)
