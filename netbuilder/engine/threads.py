"""How many threads the matrix products may use, and holding them to it."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

LIGHT = 2_000_000
_SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def default_threads(macs: int) -> int:
    """How many threads suit a network of so many multiply-accumulates for one example.

    Batches are divided between processes that wait for each other several times a step. A step of a light network is
    over in a few milliseconds, of which that takes its share, and much more as soon as anything else runs; those get
    one thread. Others get all physical cores this process may use, but one fewer from three on, which keeps a window
    beside it fluent.
    """
    cores = _cores() if macs >= LIGHT else 1
    return cores - 1 if cores > 2 else cores


@contextmanager
def limited(threads: int) -> Generator[None]:
    """Within this context NumPy's matrix library uses so many threads."""
    changed = [(library, found) for library in _libraries() if (found := library.get_num_threads()) != threads]
    for library, _ in changed:
        library.set_num_threads(threads)
    try:
        yield
    finally:
        for library, found in changed:
            library.set_num_threads(found)


def blas() -> str:
    """The matrix library and its kernel, as 'openblas 0.3.31 Haswell'."""
    for library in _controller().info():
        if library.get("user_api") == "blas":
            parts = (library.get(key) for key in ("internal_api", "version", "architecture"))
            return " ".join(str(part) for part in parts if part)
    return "unknown"


@cache
def _libraries() -> list[Any]:
    return _controller().select(user_api="blas").lib_controllers


@cache
def _controller() -> Any:
    return ThreadpoolController()


def _cores() -> int:
    """Two hardware threads of one core count once where the system tells (Linux)."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    usable = os.sched_getaffinity(0)
    try:
        return len({Path(_SIBLINGS.format(cpu)).read_text() for cpu in usable})
    except OSError:
        return len(usable)
