"""From the run folders beside a design to the records the window shows, read in the background."""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from netbuilder.data.catalogue import catalogue
from netbuilder.files import FileError
from netbuilder.gui.training.choices import Choices, Offer
from netbuilder.gui.training.record import Change, Record
from netbuilder.gui.training.session import Trained

if TYPE_CHECKING:
    from netbuilder.runs import Measured, Run

MOST = 20
"""Runs shown, the newest of all there are."""


class PastRuns(QObject):
    """Reads folders of runs. `found` carries a folder and its list of Trained, oldest first."""

    found = Signal(object, object)

    def read(self, folder: Path) -> None:
        """Begin to read; what is damaged is left out."""
        Thread(target=self._read, args=(folder,), name="past runs", daemon=True).start()

    def _read(self, folder: Path) -> None:
        from netbuilder.runs import list_runs

        runs = list_runs(folder)[-MOST:]
        read: list[Trained] = []
        for run in runs:
            with contextlib.suppress(FileError):
                read.append(_trained(run))
        with contextlib.suppress(RuntimeError):  # the window may have closed meanwhile
            self.found.emit(folder, read)


def _trained(run: "Run") -> Trained:
    """A run with its curves; the weights are read when they are asked for. Raises FileError."""
    from netbuilder.runs import StoredWeights
    from netbuilder.runs.folder import BEST

    job, source = run.job, str(run.job.data)
    title = next((info.title for info in catalogue() if info.name == source), Path(source).name)
    began = _moment(run.folder)
    record = Record(f"{began:%d %b %H:%M}", run.graph, title, job.to_dict(), job.epochs, began, job.optimizer.lr)
    record.folder, record.method = run.folder, _method(job.optimizer.to_dict())
    record.note = run.status.capitalize() if run.status != "finished" else ""
    steps = int(run.started.get("steps_per_epoch") or 1)
    record.pace(steps)
    for row in run.metrics():
        _add(record, row, steps)
    record.expected = run.started.get("epoch_seconds"), int(run.started.get("memory_bytes") or 0)
    record.took = run.result.get("epoch_seconds"), int(run.result.get("memory_bytes") or 0)
    record.test_accuracy, record.test_loss = run.result.get("test_accuracy"), run.result.get("test_loss")
    choices = Choices(Offer(source, title, resized=job.resize), "", job.optimizer.lr, job.batch_size, job.epochs)
    return Trained(record, StoredWeights(run.folder / BEST), choices)


def _add(record: Record, row: "Measured", steps: int) -> None:
    """A row of figures: of a batch, or of an epoch where it was validated."""
    if row.learning_rate and row.learning_rate != record.rate and not record.scheduled:
        record.changes.append(Change((row.step - 1) / steps, record.rate, row.learning_rate))
        record.rate = row.learning_rate
    if row.validation_loss is None:
        record.rates.add(row.epoch, row.learning_rate)
    if row.validation_loss is None:
        record.batch(row.epoch, row.loss, row.accuracy)
    else:
        record.validated(row.epoch, row.validation_loss, row.validation_accuracy)


def _method(optimizer: Mapping[str, Any]) -> str:
    """The optimizer as the form calls it, where it is one of the form's."""
    name = str(optimizer.get("name", ""))
    if name == "SGD" and optimizer.get("momentum"):
        return f"{'Nesterov' if optimizer.get('nesterov') else 'Momentum'} {optimizer['momentum']:g}"
    return name


def _moment(folder: Path) -> datetime:
    """When a run began, by its folder's name; where that was changed, by the folder's time."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(folder.name[:19], "%Y-%m-%d %H.%M.%S")
    return datetime.fromtimestamp(folder.stat().st_mtime)
