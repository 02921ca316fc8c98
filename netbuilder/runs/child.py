"""What the training process does: polite to the window, deaf to Ctrl+C, gone when its parent is."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from netbuilder.engine import Control, Diverged, Event, Failed, Finished, Job, Stopped, find_rate, train
from netbuilder.engine.memory import free_bytes

from . import blas_kernel
from .recording import record, resume

NICENESS = 5
SPARE_BYTES = 512 << 20
"""Address space beyond what is free that threads and libraries may reserve without using it."""


@dataclass(frozen=True)
class Task:
    """A job to train, into a folder or nowhere, or to find a rate for; or, without a job, a folder to go on with."""

    job: Job | None
    folder: Path | None
    epochs: int | None = None
    lr: float | None = None
    find_rate: bool = False

    def events(self, control: Control) -> Iterator[Event]:
        """Do it. Raises JobError and FileError."""
        if self.job is None:
            assert self.folder is not None, "there is a job or a folder"
            return resume(self.folder, control, epochs=self.epochs, lr=self.lr)
        if self.find_rate:
            return find_rate(self.job, control)
        return train(self.job, control) if self.folder is None else record(self.job, self.folder, control)


def work(task: Task, pipe: "Connection[Any, Any]") -> None:
    """Run a task and send its events; commands that arrive meanwhile are obeyed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _step_back()
    _limit_memory()
    control = Control()
    threading.Thread(target=_listen, args=(pipe, control), daemon=True).start()
    blas_kernel.measure_once()
    with suppress(BrokenPipeError):  # nobody is there any more to be told
        for event in told(task, control):
            pipe.send(event)
    pipe.close()


def told(task: Task, control: Control) -> Iterator[Event]:
    """A task's events, the last of which says what went wrong, if anything did."""
    try:
        for event in task.events(control):
            yield _light(event) if task.folder else event
    except ValueError as error:
        yield _refused(error)
    except MemoryError:
        yield Failed("Training needs more memory than is free: choose a smaller batch or a smaller network.")
    except Exception as error:
        yield Failed(_own_fault(error), traceback.format_exc())


def _refused(error: ValueError) -> Failed:
    """A sentence for people where the error is one of ours; anything else is a mistake worth its details."""
    if type(error).__module__.startswith("netbuilder."):
        return Failed(str(error))
    return Failed(_own_fault(error), traceback.format_exc())


def _own_fault(error: Exception) -> str:
    return f"Training ended by an error of netbuilder itself ({type(error).__name__}: {error})."


def _light(event: Event) -> Event:
    """Weights that lie in the run folder need not go through the pipe."""
    return replace(event, weights={}) if isinstance(event, Finished | Stopped | Diverged) else event


def _listen(pipe: "Connection[Any, Any]", control: Control) -> None:
    """Pass commands on; when the other end is gone, so is the reason to go on."""
    try:
        while True:
            control.send(pipe.recv())
    except (EOFError, OSError):
        os._exit(1)


def _step_back() -> None:
    """Lower priority than the window has."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetPriorityClass(-1, 0x4000)  # the own process, below normal
    else:
        with suppress(OSError):
            os.nice(NICENESS)


def _limit_memory() -> None:
    """Where the system allows (Linux), refuse memory that is not there, rather than have the system end somebody."""
    free = free_bytes()
    if sys.platform == "linux" and free is not None:
        import resource

        with suppress(OSError, ValueError, StopIteration):
            lines = Path("/proc/self/status").read_text().splitlines()
            used = 1024 * int(next(line for line in lines if line.startswith("VmData:")).split()[1])
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (used + free + SPARE_BYTES, hard))
