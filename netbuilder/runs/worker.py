"""Training in a process of its own: commands go in, events come out, and its death is an event too."""

import multiprocessing
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from netbuilder.engine import LAST, Change, Command, Died, Diverged, Event, Finished, Job, Pause, Resume, Stop, Stopped
from netbuilder.engine.processes import ending_signal, start
from netbuilder.storage import FileError

from . import blas_kernel
from .child import Task, work
from .folder import BEST, Run
from .weights_file import StoredWeights

PATIENCE = 2.0
"""Seconds a process gets to end by itself before it is ended."""


class Worker:
    """A training under way in another process. All methods return at once; only `close` waits for a process that still
    trains to be gone, some milliseconds.

    With a run folder everything is recorded there by that process itself, so nothing is lost if this one ends; the last
    event's weights are then read from the folder when they are first looked at.
    """

    def __init__(self, task: Task):
        self.folder = task.folder
        self._pipe, other = multiprocessing.Pipe()
        with blas_kernel.environment(_kernel_of(task)):
            self._process = start(work, (task, other), "netbuilder training")
        other.close()
        self._ended = False
        self._pipe_closed = False

    @classmethod
    def start(cls, job: Job, folder: str | os.PathLike[str] | None = None) -> "Worker":
        """Train a job, recorded in a new folder or nowhere. What cannot be done comes as a Failed event."""
        return cls(Task(job, None if folder is None else Path(folder)))

    @classmethod
    def take_up(cls, folder: str | os.PathLike[str], *, epochs: int | None = None, lr: float | None = None) -> "Worker":
        """Go on with the run in a folder from its last checkpoint."""
        return cls(Task(None, Path(folder), epochs, lr))

    @classmethod
    def find_rate(cls, job: Job) -> "Worker":
        """Try learning rates; the last event, RateFound, has the one to train with."""
        return cls(Task(job, None, find_rate=True))

    @property
    def pid(self) -> int | None:
        """The process's number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the last event has been handed out."""
        return self._ended

    # ---- asking ------------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Wait after the current batch."""
        self._send(Pause())

    def resume(self) -> None:
        """Go on after a pause."""
        self._send(Resume())

    def stop(self) -> None:
        """End after the current batch and keep what was learned."""
        self._send(Stop())

    def change(self, lr: float | None = None, epochs: int | None = None) -> None:
        """Another learning rate or number of epochs from the next batch on. Raises ValueError, a sentence."""
        self._send(Change(lr, epochs))

    def _send(self, command: Command) -> None:
        with suppress(OSError):  # a process that is gone will be told of by poll
            self._pipe.send(command)

    def close(self) -> None:
        """Let go of the process; one that still trains ends now, its run kept up to the last checkpoint."""
        if not self._ended:
            self._ended = True
            self._process.terminate()
            self._process.join(PATIENCE)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self._pipe.close()

    # ---- hearing -----------------------------------------------------------------------------------------------------

    def poll(self) -> list[Event]:
        """The events that came since the last call; LAST says which kinds are the last ever."""
        found: list[Event] = []
        while not self._ended and (event := self._next()) is not None:
            found.append(event)
            self._ended = isinstance(event, LAST)
        return found

    def _next(self) -> Event | None:
        # Asked before the pipe is read: what a process said before it died is never overtaken by its death.
        alive = self._process.is_alive()
        if not self._pipe_closed:
            try:
                if self._pipe.poll():
                    return self._with_weights(self._pipe.recv())
            except (EOFError, OSError):
                self._pipe_closed = True
        return None if alive else Died(self._process.exitcode, _last_words(self._process.exitcode))

    def _with_weights(self, event: Event) -> Event:
        if self.folder is not None and isinstance(event, Finished | Stopped | Diverged):
            return replace(event, weights=StoredWeights(self.folder / BEST))
        return event


def _kernel_of(task: Task) -> str | None:
    """The kernel that a run to go on with was computed by; None for a new one."""
    if task.job is not None or task.folder is None:
        return None
    with suppress(FileError, AttributeError):  # the process itself will tell what is wrong with the folder
        return blas_kernel.used_by(str(Run.open(task.folder).started.get("versions", {}).get("blas", "")))
    return None


def _last_words(exitcode: int | None) -> str:
    """Why a process that said nothing has probably gone."""
    kept = "The design is untouched, and the run is kept up to its last checkpoint."
    if ended := ending_signal(exitcode):
        return f"The training process was ended by {ended} {kept}"
    return f"The training process ended unexpectedly (exit code {exitcode}). {kept}"
