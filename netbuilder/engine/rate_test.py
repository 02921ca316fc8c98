"""From a job to the learning rate it should be trained with: rates are tried, each a little higher, until the loss
bursts (Smith 2017, arXiv 1506.01186, section 3.3)."""

from collections.abc import Iterator
from dataclasses import replace
from math import exp, isfinite, log
from time import monotonic

import numpy as np

from .clock import EVENTS_PER_SECOND
from .control import Control, Stop
from .events import Event, RateFound, RateTried
from .job import Job, prepare
from .learning import NotFinite, learn
from .memory import check_memory, training_bytes
from .randomness import stream
from .schedules import Constant
from .state import State

LOWEST, HIGHEST = 1e-6, 10.0
"""The rates tried first and last."""
UPDATES = 120
SMOOTHING = 0.9
BURST = 4.0
"""So many times its least value, the loss has burst."""
FALL = 0.97
"""A loss that never falls below this share of the first one tells nothing."""


def find_rate(job: Job, control: Control | None = None) -> Iterator[Event]:
    """Make some 120 updates from the job's first weights, at rates that rise from update to update by the same factor.

    Tells RateTried at most 30 times a second and RateFound at last, also where it was stopped. Drawn over the logarithm
    of the rate, the smoothed loss falls most steeply somewhere and is least further on; the suggestion lies a third of
    the way between. Raises JobError before it starts.
    """
    ready = prepare(replace(job, schedule=Constant()))
    check_memory(training_bytes(ready.program, job.optimizer, job.batch_size), job.batch_size)
    ready.program.start_lanes(job.batch_size)
    state = State(ready, ready.program.init(job.seed, "glorot" if job.init == "glorot" else "he"))
    return _tried(state, _Curve(), control or Control())


class _Curve:
    """Rates with their losses, smoothed by a running mean freed of its start at 0."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.losses: list[float] = []
        self._mean = 0.0

    def add(self, rate: float, loss: float) -> None:
        self._mean = SMOOTHING * self._mean + (1 - SMOOTHING) * loss
        self.rates.append(rate)
        self.losses.append(self._mean / (1 - SMOOTHING ** (len(self.rates))))

    @property
    def burst(self) -> bool:
        return self.losses[-1] > BURST * min(self.losses)

    def found(self, *, stopped: bool) -> RateFound:
        rate = suggested(self.rates, self.losses)
        if rate is not None:
            least = self.rates[int(np.argmin(self.losses))]
            message = f"The loss falls until a rate of {least:.2g}; {rate:g} is a good one to train with."
        elif stopped:
            message = "Stopped before any rate had lowered the loss."
        else:
            message = "No rate lowered the loss; the design, the data or the batch size may be the cause."
        return RateFound(tuple(self.rates), tuple(self.losses), rate, message)


def _tried(state: State, curve: _Curve, control: Control) -> Iterator[Event]:
    ratio = log(HIGHEST / LOWEST) / (UPDATES - 1)
    told, stopped = monotonic(), False
    for update in range(UPDATES):
        stopped = stopped or isinstance(control.next(), Stop)
        if stopped:
            break
        state.lr = LOWEST * exp(ratio * update)
        try:
            learned = learn(state, _rows(state, update))
        except NotFinite:
            break
        curve.add(state.lr, learned.loss)
        if monotonic() - told >= 1 / EVENTS_PER_SECOND:
            told = monotonic()
            yield RateTried(update + 1, state.lr, curve.losses[-1])
        if curve.burst:
            break
    yield curve.found(stopped=stopped)


def _rows(state: State, update: int) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """The samples of an update; small data is gone through again and again."""
    count = len(state.ready.dataset.training)
    epoch, place = divmod(update, state.per_epoch)
    order = stream(state.ready.job.seed, "shuffle", epoch).permutation(count)
    return order[place * state.samples : (place + 1) * state.samples]


def suggested(rates: list[float], losses: list[float]) -> float | None:
    """A third of the way from where the loss falls fastest to where it is least, rounded to two digits; None where it
    hardly falls."""
    end = int(np.argmin(losses)) + 1 if losses else 0
    if end < 4 or not isfinite(losses[0]) or min(losses) > FALL * losses[0]:
        return None
    places = np.log(rates[:end])
    steepest = int(np.argmin(np.gradient(np.array(losses[:end]), places)))
    return float(f"{exp((2 * places[steepest] + places[-1]) / 3):.2g}")
