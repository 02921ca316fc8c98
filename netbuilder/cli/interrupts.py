"""Ctrl+C at any instant -> an end at a moment that suits, with exit code 130; never a traceback, nor half a file."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 130
"""What shells expect of a program ended by Ctrl+C."""

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def handled(handler: Handler) -> Generator[None]:
    """Within this, Ctrl+C is answered by `handler`; but a program that was started deaf to it stays deaf."""
    in_main = threading.current_thread() is threading.main_thread()  # only there can signals be handled
    before = signal.getsignal(signal.SIGINT)
    if not in_main or before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def held() -> Generator[None]:
    """Within this, Ctrl+C waits for the end: an import it falls into would swallow it, and tell of it at length."""
    came: list[int] = []
    with handled(lambda number, frame: came.append(number)):
        yield
    if came:
        raise KeyboardInterrupt
