"""Events to and from metrics.csv: one row for every batch, and one with validation figures for every epoch."""

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from netbuilder.engine import Changed, EpochEnd, Event, Progress, Started
from netbuilder.storage import FileError, reason, write_atomic


@dataclass(frozen=True)
class Measured:
    """A row. `loss` and `accuracy` are of one training batch, or means over an epoch where validation figures follow.

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
        self._batches, self._lr = 1, 0.0

    def start(self, until: int, epoch: int) -> None:
        """A new file, or the old one without what came after `until` updates and `epoch` validated epochs."""
        old = read_metrics(self.path) if self.path.exists() else []
        kept = [row for row in old if row.step <= until and (row.validation_loss is None or row.epoch <= epoch)]
        write_atomic(self.path, _lines([HEADER, *(_cells(row) for row in kept)]).encode())

    def add(self, event: Event) -> None:
        """Append what an event measured. Raises FileError."""
        if isinstance(event, Started):
            self._batches, self._lr = event.steps_per_epoch, event.lr
        elif isinstance(event, Changed):
            self._lr = event.lr
        elif rows := [_cells(row) for row in self._rows(event)]:
            try:
                with self.path.open("a", encoding="utf-8", newline="") as file:
                    file.write(_lines(rows))
            except OSError as error:
                raise FileError(f"“{self.path.name}” cannot be written: {reason(error)}.") from None

    def _rows(self, event: Event) -> Iterator[Measured]:
        if isinstance(event, Progress):
            for index, loss in enumerate(event.losses):
                step = event.first_step + index
                accuracy = event.accuracies[index] if event.accuracies else None
                yield Measured(step, step / self._batches, loss, accuracy, None, None, self._lr)
        elif isinstance(event, EpochEnd):
            loss, accuracy = event.training_loss, event.training_accuracy
            right = event.validation_accuracy
            yield Measured(event.step, event.epoch, loss, accuracy, event.validation_loss, right, self._lr)


def read_metrics(path: Path) -> list[Measured]:
    """All complete rows. Raises FileError where the file is not one of ours."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"“{path.name}” cannot be read: {reason(error)}.") from None
    complete = text[: text.rfind("\n") + 1]
    rows = list(csv.reader(io.StringIO(complete)))
    if not rows or rows[0] != HEADER:
        raise FileError(f"“{path.name}” does not hold the figures of a training.")
    try:
        return [_measured(row) for row in rows[1:]]
    except (ValueError, IndexError):
        raise FileError(f"“{path.name}” is damaged.") from None


def _measured(row: list[str]) -> Measured:
    step, epoch, loss, accuracy, validation_loss, validation_accuracy, lr = row
    rest = (float(cell) if cell else None for cell in (accuracy, validation_loss, validation_accuracy))
    return Measured(int(step), float(epoch), float(loss), *rest, learning_rate=float(lr))


def _cells(row: Measured) -> list[str]:
    return ["" if value is None else repr(value) for value in astuple(row)]


def _lines(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
