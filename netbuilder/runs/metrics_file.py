"""Events to and from metrics.csv: one row for every update, and one with validation figures for every epoch."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from netbuilder.engine import EpochEnd, Event, Progress, Started
from netbuilder.storage import FileError

from .csv_file import append_rows, read_rows, write_rows


@dataclass(frozen=True)
class Measured:
    """A row. `loss` and `accuracy` are of one update, or means over an epoch where validation figures follow.

    `epoch` counts in fractions; accuracies are None without classes.
    """

    step: int
    epoch: float
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float


HEADER = [f.name for f in fields(Measured)]


class MetricsFile:
    """Appends rows as events come. A row that a kill cut short is left out when the file is read."""

    def __init__(self, path: Path):
        self.path = path
        self._per_epoch, self._lr = 1, 0.0

    def start(self, until: int, epoch: int) -> None:
        """A new file, or the old one without what came after `until` updates and `epoch` validated epochs."""
        old = read_metrics(self.path) if self.path.exists() else []
        kept = [row for row in old if row.step <= until and (row.validation_loss is None or row.epoch <= epoch)]
        self._lr = kept[-1].learning_rate if kept else 0.0
        write_rows(self.path, HEADER, [astuple(row) for row in kept])

    def add(self, event: Event) -> None:
        """Append what an event measured. Raises FileError."""
        if isinstance(event, Started):
            self._per_epoch = event.steps_per_epoch
        elif rows := [astuple(row) for row in self._rows(event)]:
            append_rows(self.path, rows)

    def _rows(self, event: Event) -> Iterator[Measured]:
        if isinstance(event, Progress):
            for index, (loss, rate) in enumerate(zip(event.losses, event.rates, strict=True)):
                step = event.first_step + index
                accuracy = event.accuracies[index] if event.accuracies else None
                yield Measured(step, step / self._per_epoch, loss, accuracy, None, None, rate)
                self._lr = rate
        elif isinstance(event, EpochEnd):
            loss, accuracy = event.training_loss, event.training_accuracy
            right = event.validation_accuracy
            yield Measured(event.step, event.epoch, loss, accuracy, event.validation_loss, right, self._lr)


def read_metrics(path: Path) -> list[Measured]:
    """All complete rows. Raises FileError where the file is not one of ours."""
    rows = read_rows(path, HEADER)
    try:
        return [_measured(row) for row in rows]
    except (ValueError, IndexError):
        raise FileError(f"“{path.name}” is damaged.") from None


def _measured(row: list[str]) -> Measured:
    step, epoch, loss, accuracy, validation_loss, validation_accuracy, lr = row
    rest = (float(cell) if cell else None for cell in (accuracy, validation_loss, validation_accuracy))
    return Measured(int(step), float(epoch), float(loss), *rest, learning_rate=float(lr))
