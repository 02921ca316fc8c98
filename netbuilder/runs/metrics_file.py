"""Events to and from metrics.csv: one row for every update, and one with validation figures for every epoch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from netbuilder.engine import EpochEnd, Event, Progress, Started
from netbuilder.storage import FileError

from .csv_file import Cell, append_rows, read_table, write_rows


@dataclass(frozen=True)
class Measured:
    """A row. `loss` and `accuracy` are of one update, or means over an epoch where validation figures follow.

    `epoch` counts in fractions; accuracies are None without classes. At the end of an epoch shares are what each output
    adds to the loss, {} where there is but one.
    """

    step: int
    epoch: float
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    validation_shares: Mapping[str, float] = field(default_factory=dict[str, float])

    def cells(self, outputs: Sequence[str]) -> list[Cell]:
        """As a row of the file, with two columns for each of several outputs behind the others."""
        plain = [getattr(self, name) for name in HEADER]
        return [*plain, *(shares.get(name) for shares in (self.shares, self.validation_shares) for name in outputs)]


HEADER = [f.name for f in fields(Measured)][:-2]
SHARE, VALIDATION_SHARE = "loss:", "validation_loss:"
"""What the columns of each output's share begin with; its name follows."""


class MetricsFile:
    """Appends rows as events come. A row that a kill cut short is left out when the file is read."""

    def __init__(self, path: Path):
        self.path = path
        self._per_epoch, self._lr = 1, 0.0
        self._outputs: Sequence[str] = ()

    def start(self, until: int, epoch: int, outputs: Sequence[str] = ()) -> None:
        """A new file, or the old one without what came after `until` updates and `epoch` validated epochs; `outputs`
        are the names of several."""
        old = read_metrics(self.path) if self.path.exists() else []
        kept = [row for row in old if row.step <= until and (row.validation_loss is None or row.epoch <= epoch)]
        self._lr = kept[-1].learning_rate if kept else 0.0
        self._outputs = outputs
        titles = [f"{kind}{name}" for kind in (SHARE, VALIDATION_SHARE) for name in outputs]
        write_rows(self.path, [*HEADER, *titles], [row.cells(outputs) for row in kept])

    def add(self, event: Event) -> None:
        """Append what an event measured. Raises FileError."""
        if isinstance(event, Started):
            self._per_epoch = event.steps_per_epoch
        elif rows := [row.cells(self._outputs) for row in self._rows(event)]:
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
            found = Measured(event.step, event.epoch, loss, accuracy, event.validation_loss, right, self._lr)
            yield replace(found, shares=event.training_shares, validation_shares=event.validation_shares)


def read_metrics(path: Path) -> list[Measured]:
    """All complete rows. Raises FileError where the file is not one of ours."""
    titles, rows = read_table(path, HEADER)
    try:
        return [_measured(row, titles) for row in rows]
    except (ValueError, IndexError):
        raise FileError(f"“{path.name}” is damaged.") from None


def _measured(row: list[str], titles: Sequence[str]) -> Measured:
    step, epoch, loss, accuracy, validation_loss, validation_accuracy, lr = row[: len(HEADER)]
    rest = (float(cell) if cell else None for cell in (accuracy, validation_loss, validation_accuracy))
    found = Measured(int(step), float(epoch), float(loss), *rest, learning_rate=float(lr))
    if not titles:
        return found
    more = {title: float(cell) for title, cell in zip(titles, row[len(HEADER) :], strict=True) if cell}
    shares, validation = (
        {title.removeprefix(kind): share for title, share in more.items() if title.startswith(kind)}
        for kind in (SHARE, VALIDATION_SHARE)
    )
    return replace(found, shares=shares, validation_shares=validation)
