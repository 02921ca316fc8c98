"""Lanes in threads of this process, where a test can reach into them; what they do is the same as in processes."""

import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import sleep
from typing import Any

import pytest

from netbuilder.engine import board, crew, lane_process, passes
from netbuilder.engine.lane_process import main, serve
from netbuilder.engine.member import Seat


class Threaded:
    """A lane's process that is none."""

    def __init__(self, seat: Seat, pipe: Any, name: str) -> None:
        self.exitcode = None
        own = Connection(os.dup(pipe.fileno()))  # who starts a process closes what it was handed
        self._thread = threading.Thread(target=serve, args=(seat, own), name=name, daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def terminate(self) -> None:
        """It ends by itself: its pipe is closed."""

    kill = terminate

    def join(self, timeout: float | None = None) -> None:
        self._thread.join(timeout)


def divide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is divided, between threads."""
    monkeypatch.setattr(passes, "WORTH_LANES", 0)
    monkeypatch.setattr(crew, "start", start)
    for room in (board, lane_process):  # who gives way to a process keeps the interpreter
        monkeypatch.setattr(room, "give_way", lambda: sleep(0))


def start(target: Callable[..., None], arguments: tuple[Any, ...], name: str) -> Threaded:
    assert target is main
    seat, pipe = arguments
    return Threaded(seat, pipe, name)
