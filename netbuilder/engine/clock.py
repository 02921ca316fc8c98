"""From batches as they pass to the Progress events that carry all of them, at most so many a second."""

from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

from .events import Progress

EVENTS_PER_SECOND = 30
SMOOTHING = 0.8


class Clock:
    """What passed since the last Progress, and how fast. Pauses do not count, and evaluation does not slow the rate."""

    def __init__(self, step: int, before: float = 0.0):
        """`step` updates and `before` seconds were done by an earlier process."""
        self._first, self._before = step, before
        self._begun = self._told = monotonic()
        self._paused = self._apart = self._spent = 0.0
        self._images, self._rate = 0, 0.0
        self._losses: list[float] = []
        self._accuracies: list[float] = []
        self._rates: list[float] = []
        self._epochs: list[float] = []

    @property
    def elapsed(self) -> float:
        """Seconds of work, earlier processes' included."""
        return self._before + self._session

    @property
    def _session(self) -> float:
        return monotonic() - self._begun - self._paused

    def update(self, images: int, loss: float, accuracy: float | None, rate: float) -> None:
        """One more update was made, from so many images."""
        self._images += images
        self._losses.append(loss)
        self._rates.append(rate)
        if accuracy is not None:
            self._accuracies.append(accuracy)

    def begin_epochs(self) -> None:
        """An epoch is about to begin: the first whole one counts from here."""
        if not self._epochs:
            self._epochs.append(self._session)

    def epoch(self) -> None:
        """One more epoch is over."""
        self._epochs.append(self._session)

    @property
    def epoch_seconds(self) -> float | None:
        """Mean over the whole epochs of this process; None without one."""
        count = len(self._epochs) - 1
        return (self._epochs[-1] - self._epochs[0]) / count if count > 0 else None

    @property
    def due(self) -> bool:
        """Whether it is time to tell."""
        return monotonic() - self._told >= 1 / EVENTS_PER_SECOND

    def progress(self, step: int, steps: int, epoch: float) -> Progress | None:
        """What passed since this was last asked, after `step` of `steps` updates; None where nothing did."""
        if not self._losses:
            return None
        self._told = monotonic()
        spent = self._session - self._apart
        speed = self._images / max(spent - self._spent, 1e-9)
        self._rate = SMOOTHING * self._rate + (1 - SMOOTHING) * speed if self._rate else speed
        left = self._session / (step - self._first) * max(steps - step, 0)
        losses, accuracies, rates = tuple(self._losses), tuple(self._accuracies), tuple(self._rates)
        self._spent, self._images, self._losses, self._accuracies, self._rates = spent, 0, [], [], []
        return Progress(step, epoch, step - len(losses) + 1, losses, accuracies, rates, self._rate, left)

    @contextmanager
    def pause(self) -> Generator[None]:
        """Time in here is not counted at all."""
        begun = monotonic()
        try:
            yield
        finally:
            self._paused += monotonic() - begun

    @contextmanager
    def evaluation(self) -> Generator[None]:
        """Time in here counts, but not against the rate of learning."""
        begun = self._session
        try:
            yield
        finally:
            self._apart += self._session - begun
