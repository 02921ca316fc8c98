"""Between window and training process: starts runs, drains their events with a timer, keeps what they learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from netbuilder.analysis import analyze
from netbuilder.graph import Graph
from netbuilder.gui.training.choices import METHODS, Choices
from netbuilder.gui.training.outcomes import outcome
from netbuilder.gui.training.record import Change, Record

if TYPE_CHECKING:  # the engine is loaded when the first run starts, not when the window does
    from netbuilder.engine import events
    from netbuilder.runs import Worker

POLL = 33
"""Milliseconds between two looks into the pipe: about as often as the worker speaks."""


class State(Enum):
    """Where a session is. A run is on in all but IDLE."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"


@dataclass(frozen=True, eq=False)
class Trained:
    """Weights with the design they were learned for and what was asked; they may be read from disk when looked at."""

    record: Record
    weights: Mapping[str, Any]
    choices: Choices

    @property
    def kept(self) -> bool:
        """Whether the weights are there to be read."""
        path = getattr(self.weights, "path", None)
        return path is None or path.is_file()

    def suits(self, graph: Graph) -> bool:
        """Whether another design has exactly these weights, by name and shape. Reads no weights."""
        return weight_shapes(graph) == weight_shapes(self.record.graph)


class Session(QObject):
    """At most one run at a time. `changed` at every state or new points, `ended` with an Outcome when a run is over."""

    changed = Signal()
    began = Signal(object)
    begun = Signal(object)
    """The process has read the data and begins, as its Started says."""
    noticed = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.state = State.IDLE
        self.records: list[Record] = []
        self.trained: Trained | None = None
        self.started: events.Started | None = None
        self.latest: events.Progress | None = None
        self._worker: Worker | None = None
        self._choices: dict[Record, Choices] = {}
        self._next: tuple[Graph, Choices, Path] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self._drain)

    @property
    def record(self) -> Record | None:
        """The run that is on, or was last."""
        return self.records[-1] if self.records else None

    @property
    def active(self) -> bool:
        """Whether a run is on."""
        return self.state is not State.IDLE

    # ---- asking ------------------------------------------------------------------------------------------------------

    def start(self, graph: Graph, choices: Choices, folder: Path) -> None:
        """Train a design in a process of its own, which writes into a new folder below `folder`.

        While a run is on, that one is ended first. Raises JobError, and others of ValueError, with a sentence.
        """
        if self.active:
            self._next = (graph, choices, folder)
            self.stop()
            return
        from netbuilder.runs import Worker
        from netbuilder.runs.folder import new_folder

        job = choices.job(graph)
        now = datetime.now()
        worker = Worker.start(job, new_folder(folder, now))
        name = f"run {len(self.records) + 1}"
        record = Record(name, graph, choices.offer.title, job.to_dict(), choices.epochs, now, choices.rate)
        record.method = next(method.title for method in METHODS if method.name == choices.method)
        record.folder = worker.folder
        self._take(worker, record, choices)

    def take_up(self, record: Record, lr: float | None = None, choices: Choices | None = None) -> None:
        """Go on with a run that ended early from its last checkpoint, with another learning rate where one is given.

        `choices` are what was asked for, where the run is not of this session.
        """
        asked = choices or self._choices.get(record)
        if self.active or record.folder is None or asked is None:
            return
        from netbuilder.runs import Worker

        record.note = ""
        self._take(Worker.take_up(record.folder, lr=lr), record, asked)

    def _take(self, worker: "Worker", record: Record, choices: Choices) -> None:
        """Follow a run that begins."""
        self.records = [*(each for each in self.records if each is not record), record]
        self._worker, self._choices[record] = worker, choices
        self.started = self.latest = None
        self._enter(State.STARTING)
        self._timer.start()
        self.began.emit(record)

    def pause(self) -> None:
        """Wait after the current batch."""
        if self._worker and self.state is State.RUNNING:
            self._worker.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        if self._worker and self.state is State.PAUSED:
            self._worker.resume()

    def stop(self) -> None:
        """End after the current batch and keep what was learned."""
        if self._worker and self.state is not State.STOPPING:
            self._worker.stop()
            self._enter(State.STOPPING)

    def change(self, *, lr: float | None = None, epochs: int | None = None) -> None:
        """Another learning rate or number of epochs from the next batch on."""
        if self._worker and self.state in (State.STARTING, State.RUNNING, State.PAUSED):
            self._worker.change(lr=lr, epochs=epochs)

    def end(self) -> None:
        """Let go of a run because the window closes: the process ends at once."""
        self._timer.stop()
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    # ---- hearing -----------------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        if self._worker is None:
            return
        heard = self._worker.poll()
        for event in heard:
            self._hear(event)
        if heard:
            self.changed.emit()

    def _hear(self, event: "events.Event") -> None:
        from netbuilder.engine import events

        record = self.record
        assert record is not None
        match event:
            case events.Started():
                self._start(record, event)
                if self.state is State.STARTING:
                    self.state = State.RUNNING
            case events.Progress():
                self.latest = event
                self._add(record, event)
            case events.EpochEnd():
                record.validated(event.epoch, event.validation_loss, event.validation_accuracy)
                record.shares = event.validation_shares
            case events.Changed():
                record.epochs = event.epochs
                if event.lr != record.rate:
                    record.changes.append(Change(self._epoch(event.step), record.rate, event.lr))
                    record.rate = event.lr
            case events.Notice():
                self.noticed.emit(event)
            case events.Health():
                record.health = event
            case events.Paused() if self.state is State.RUNNING:
                self.state = State.PAUSED
            case events.Resumed() if self.state is State.PAUSED:
                self.state = State.RUNNING
            case events.Stopped() | events.Diverged() | events.Finished() | events.Failed() | events.Died():
                self._close(record, event)
            case _:
                pass

    def _start(self, record: Record, event: "events.Started") -> None:
        """A run begins, or goes on: then what it told after its last checkpoint is forgotten."""
        self.started = event
        begins = event.step / event.steps_per_epoch
        if not event.step:
            record.cut(-1.0)
            record.pace(event.steps_per_epoch)
        else:
            record.cut(begins)
            if not record.scheduled and event.lr != record.rate:
                record.changes.append(Change(begins, record.rate, event.lr))
        record.rate, record.epochs = event.lr, event.epochs
        record.expected = event.epoch_seconds, event.memory_bytes
        self.begun.emit(event)

    def _add(self, record: Record, event: "events.Progress") -> None:
        """Every batch of the message at its own place on the axis, which counts epochs."""
        assert self.started is not None
        known = len(event.accuracies) == len(event.losses)
        for index, loss in enumerate(event.losses):
            accuracy = event.accuracies[index] if known else None
            epoch = self._epoch(event.first_step + index)
            record.batch(epoch, loss, accuracy)
            record.rates.add(epoch, event.rates[index])

    def _epoch(self, step: int) -> float:
        return step / self.started.steps_per_epoch if self.started else 0.0

    def _close(self, record: Record, event: Any) -> None:
        self._timer.stop()
        if self._worker is not None:
            # The process has said its last word but may need a moment to go; the window does not wait for it.
            Thread(target=self._worker.close, name="farewell", daemon=True).start()
            self._worker = None
        how = outcome(record, event)
        if how.kind in ("finished", "stopped", "diverged"):
            self.trained = Trained(record, event.weights, self._choices[record])
        self._enter(State.IDLE)
        self.ended.emit(how)
        if self._next is not None:
            following, self._next = self._next, None
            self.start(*following)

    def _enter(self, state: State) -> None:
        self.state = state
        self.changed.emit()


def weight_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """The shapes of all arrays of a design by full name, as far as they are known."""
    return {
        f"{layer.node.name}.{name}": weight.shape
        for layer in analyze(graph).layers.values()
        if layer.facts
        for name, weight in layer.facts.weights.items()
    }


def same_network(one: Graph, other: Graph) -> bool:
    """Whether two designs compute the same: equal layers, names and wires, wherever they lie."""
    return one.edges == other.edges and {key: (n.name, n.layer) for key, n in one.nodes.items()} == {
        key: (n.name, n.layer) for key, n in other.nodes.items()
    }
