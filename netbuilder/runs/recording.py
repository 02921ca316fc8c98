"""A training that writes itself down: the events of the engine, passed on, and a run folder that grows with them."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from netbuilder import files
from netbuilder.analysis import analyze
from netbuilder.engine import Checkpoint, Control, Event, Failed, Job, Started, events, train
from netbuilder.kernels.scratch import Array
from netbuilder.lock import Lock
from netbuilder.storage import FileError, reason, write_atomic

from .checkpoint_file import save_checkpoint
from .folder import BEST, DESIGN, HEALTH, LAST, LOCK, METRICS, RUN, Run
from .health_file import HealthFile
from .metrics_file import MetricsFile
from .weights_file import save_weights

LEAST_SECONDS, LARGEST_SHARE = 2.0, 0.05
"""Checkpoints are at least so far apart, and writing them takes at most this share of the time."""


def record(job: Job, folder: str | os.PathLike[str], control: Control | None = None) -> Iterator[Event]:
    """Train into a new run folder: `engine.train` with everything kept. A refused job leaves no folder.

    Raises JobError and FileError, sentences, before anything starts; a disk that fills up later is a Failed event.
    """
    recorder = Recorder(Path(folder))
    events_ = train(job, control, recorder)
    recorder.create(job)
    return recorder.passing(events_)


def resume(
    folder: str | os.PathLike[str],
    control: Control | None = None,
    *,
    epochs: int | None = None,
    lr: float | None = None,
) -> Iterator[Event]:
    """Go on with a run from its last checkpoint, exactly as if it had never ended; or with another number of epochs or
    learning rate from there. Raises JobError and FileError, sentences.
    """
    run = Run.open(folder)
    checkpoint = run.checkpoint()
    if checkpoint is not None:
        checkpoint = replace(checkpoint, epochs=epochs or checkpoint.epochs, lr=lr or checkpoint.lr)
    job = replace(run.job, epochs=epochs or run.job.epochs)
    if lr:
        job = replace(job, optimizer=replace(job.optimizer, lr=lr))
    recorder = Recorder(run.folder)
    threads = job.threads or run.started.get("threads")  # other ones would give other roundings
    events_ = train(replace(job, threads=threads), control, recorder, checkpoint)
    recorder.reopen(job, checkpoint)
    return recorder.passing(events_)


class Recorder:
    """Keeps checkpoints, figures and the state of one run in its folder (the engine's `Keeper`)."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._metrics, self._health = MetricsFile(folder / METRICS), HealthFile(folder / HEALTH)
        self._info: dict[str, Any] = {}
        self._written = monotonic()
        self._pause = LEAST_SECONDS
        self._best = 0
        self._lock: Lock | None = None

    # ---- the folder --------------------------------------------------------------------------------------------------

    def create(self, job: Job) -> None:
        """Make the folder with design and job. Raises FileError where there is one already."""
        try:
            self.folder.mkdir(parents=True)
        except FileExistsError:
            raise FileError(f"“{self.folder}” exists already; a run starts in a folder of its own.") from None
        except OSError as error:
            raise FileError(f"“{self.folder}” cannot be made: {reason(error)}.") from None
        self._take()
        write_atomic(self.folder / DESIGN, files.dumps(job.graph).encode())
        self._describe(job)
        self._metrics.start(0, 0, _outputs(job))

    def reopen(self, job: Job, checkpoint: Checkpoint | None) -> None:
        """Take up the folder again; figures from after the checkpoint will be measured anew. Raises FileError."""
        self._take()
        self._describe(job)
        step, epoch = (checkpoint.step, checkpoint.epoch) if checkpoint else (0, 0)
        self._metrics.start(step, epoch, _outputs(job))
        self._health.start(step)

    def _take(self) -> None:
        try:
            self._lock = Lock.take(self.folder / LOCK)
        except OSError as error:
            raise FileError(f"“{self.folder.name}” cannot be written: {reason(error)}.") from None
        if self._lock is None:
            raise FileError(f"“{self.folder.name}” is still being trained by another process.")

    def _describe(self, job: Job) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._info = {"format": 1, "status": "running", "created": now, "job": job.to_dict()}
        self._info |= {"started": {}, "result": {}}
        self._write()

    def _write(self, **changes: Any) -> None:
        self._info |= changes
        write_atomic(self.folder / RUN, f"{json.dumps(self._info, indent=1, ensure_ascii=False)}\n".encode())

    # ---- what comes in -----------------------------------------------------------------------------------------------

    def passing(self, events_: Iterator[Event]) -> Iterator[Event]:
        """The same events, each written down before it is passed on."""
        ended = False
        try:
            for event in events_:
                self._record(event)
                if ended := isinstance(event, events.LAST):
                    self._release()
                yield event
        except FileError as error:
            ended = True
            yield Failed(f"The training ended because its run could not be written. {error}")
        finally:
            if not ended:
                with suppress(FileError):
                    self._write(status="interrupted")
            self._release()

    def _release(self) -> None:
        """Let others take the run up."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _record(self, event: Event) -> None:
        self._metrics.add(event)
        self._health.add(event)
        if isinstance(event, Started):
            self._write(started=event.to_dict())
        elif isinstance(event, events.LAST):
            weights: Mapping[str, Array] = getattr(event, "weights", {})
            unvalidated = isinstance(event, events.Stopped) and event.best_epoch is None
            if weights and (unvalidated or not (self.folder / BEST).exists()):
                save_weights(weights, self.folder / BEST)
            self._write(status=event.name(), result=event.to_dict())

    def due(self) -> bool:
        """Whether the last checkpoint is long enough ago."""
        return monotonic() - self._written >= self._pause

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, the last weights, and the best ones where they are new. Raises FileError."""
        begun = monotonic()
        save_checkpoint(checkpoint, self.folder)
        save_weights(checkpoint.weights, self.folder / LAST, {"step": str(checkpoint.step)})
        best = checkpoint.best
        if best is not None and best.step != self._best:
            save_weights(best.weights, self.folder / BEST, {"epoch": str(best.epoch), "step": str(best.step)})
            self._best = best.step
        self._written = monotonic()
        self._pause = max(LEAST_SECONDS, (self._written - begun) / LARGEST_SHARE)


def _outputs(job: Job) -> tuple[str, ...]:
    """The names of a design's outputs, where there are several."""
    report = analyze(job.graph)
    return tuple(report.layers[key].node.name for key in report.outputs) if len(report.outputs) > 1 else ()
