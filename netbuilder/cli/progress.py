"""Training events -> a progress bar on stderr and one line an epoch on stdout, with what the curves are drawn from."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from types import MappingProxyType, TracebackType
from typing import Any, Self

from tqdm import tqdm

from netbuilder.cli.terminal import duration, note, on_screen, plain, shares_text, size
from netbuilder.engine import Changed, EpochEnd, Event, Notice, Progress, Started

NONE: Mapping[str, float] = MappingProxyType({})
BAR = "{desc} {percentage:3.0f} % |{bar}| "


@dataclass
class History:
    """What was measured: training batch by batch, validation epoch by epoch, both placed in epochs."""

    batches: list[float] = field(default_factory=list[float])
    losses: list[float] = field(default_factory=list[float])
    accuracies: list[float] = field(default_factory=list[float])
    epochs: list[EpochEnd] = field(default_factory=list[EpochEnd])

    def add(self, event: Event, steps_per_epoch: int) -> None:
        """Remember what an event measured."""
        if isinstance(event, EpochEnd):
            self.epochs.append(event)
        elif isinstance(event, Progress):
            self.batches += [(event.first_step + i) / steps_per_epoch for i in range(len(event.losses))]
            self.losses += event.losses
            self.accuracies += event.accuracies


class Display:
    """Shows a training as it goes; a context manager that leaves the bar finished whatever happens."""

    def __init__(self) -> None:
        self.history = History()
        self._bar: Any = None
        self._steps, self._epochs, self._rate = 1, 1, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, event: Event) -> None:
        """Bring bar, lines and history up to date with one event."""
        self.history.add(event, self._steps)
        if isinstance(event, Started):
            self._start(event)
        elif isinstance(event, Progress):
            self._advance(event)
        elif isinstance(event, EpochEnd):
            self.line(epoch_line(event, self._epochs))
        elif isinstance(event, Changed):
            self._epochs = event.epochs
        elif isinstance(event, Notice):
            self.aside(f"{event.message} ({' · '.join(event.fixes)})" if event.fixes else event.message)

    def line(self, text: str) -> None:
        """A line on stdout, above the bar."""
        if self._bar is not None and on_screen(sys.stderr):
            self._bar.clear()
        print(plain(text), flush=True)

    def aside(self, text: str) -> None:
        """A message on stderr, above the bar."""
        if self._bar is not None:
            self._bar.clear()
        note(text)

    def _start(self, event: Started) -> None:
        self.aside(f"About {duration(event.epoch_seconds)} an epoch, {size(event.memory_bytes)} of memory.")
        self._steps, self._epochs, self._rate = event.steps_per_epoch, event.epochs, event.lr
        tqdm.monitor_interval = 0  # the bar needs no thread that looks after it
        self._bar = tqdm(
            total=event.epochs * event.steps_per_epoch,
            initial=event.step,
            file=sys.stderr or StringIO(),
            desc=f"epoch 1/{event.epochs}",
            bar_format=BAR,
            dynamic_ncols=True,
            # A log file wants a line now and then, a terminal a bar that moves.
            mininterval=0.1 if on_screen(sys.stderr) else 5.0,
        )

    def _advance(self, event: Progress) -> None:
        epoch = min(int(event.epoch - 1e-9) + 1, self._epochs)
        self._bar.total = self._epochs * self._steps
        self._bar.set_description_str(f"epoch {epoch}/{self._epochs}", refresh=False)
        recent = slice(-self._steps, None)
        shown = [f"loss {_mean(self.history.losses[recent]):.4f}"]
        if self.history.accuracies:
            shown.append(f"accuracy {100 * _mean(self.history.accuracies[recent]):.1f} %")
        if event.rates and event.rates[-1] != self._rate:
            shown.append(f"rate {event.rates[-1]:.3g}")
        shown += [f"{event.images_per_second:,.0f} samples/s", f"{event.seconds_left:.0f} s left"]
        self._bar.bar_format = BAR + " · ".join(shown)
        self._bar.update(event.step - self._bar.n)


def epoch_line(event: EpochEnd, epochs: int) -> str:
    """'epoch  3/12   training loss 0.1234, accuracy 96.1 %   validation loss 0.1301, accuracy 96.7 %   best so far'."""
    parts = [
        f"epoch {event.epoch:>{len(str(epochs))}}/{epochs}",
        _figures("training", event.training_loss, event.training_accuracy),
        _figures("validation", event.validation_loss, event.validation_accuracy, event.validation_shares),
    ]
    return "   ".join([*parts, *(["best so far"] if event.best else [])]).rstrip()


def _figures(part: str, loss: float, accuracy: float | None, shares: Mapping[str, float] = NONE) -> str:
    right = "" if accuracy is None else f", accuracy {100 * accuracy:.1f} %".ljust(18)
    return f"{part} loss {loss:.4f}{shares_text(shares)}{right}"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
