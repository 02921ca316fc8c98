"""Starting processes of our own: they load nothing from the script that starts them, and a Ctrl+C is not theirs."""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Pipe = Connection[Any, Any]
else:
    Pipe = Connection


def start(target: Callable[..., None], arguments: tuple[Any, ...], name: str) -> SpawnProcess:
    """A new process that calls `target`; it ends at the latest when this one exits in order. Raises OSError."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments, name=name, daemon=True)
    with without_main(), _deaf(), _may_have_children():
        process.start()
    return process


def ending_signal(exitcode: int | None) -> str:
    """'the signal SIGKILL.', and when systems do that; '' for a process that no signal ended."""
    if exitcode is None or exitcode >= 0:
        return ""
    try:
        name = signal.Signals(-exitcode).name
    except ValueError:
        return ""
    return f"the signal {name}.{' Systems do that when memory runs out.' if name == 'SIGKILL' else ''}"


@contextmanager
def without_main() -> Generator[None]:
    """A spawned process runs the parent's main script once more to find what it defines; ours needs nothing from there,
    and a script that opens a window would load all of Qt."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _deaf() -> Generator[None]:
    """A process started within this does not hear Ctrl+C, which a terminal sends to all: not even before it can ask for
    that itself. Ours hears it afterwards."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # started in between, it would end the deafness
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _may_have_children() -> Generator[None]:
    """multiprocessing refuses them to processes that are ended with their parent, for fear they be left behind; ours
    end by themselves."""
    own = multiprocessing.current_process()
    daemon = own.daemon
    if daemon:
        own.daemon = False
    try:
        yield
    finally:
        if daemon:
            own.daemon = True
