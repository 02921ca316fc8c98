"""A function at work in a process of its own, so that the window stays quick and can give it up at any time."""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

POLL = 40
PATIENCE = 2.0


class Errand(QObject):
    """Calls `work(pipe)` elsewhere; whatever it sends comes as `told`, and `ended` when it is gone of itself."""

    told = Signal(object)
    ended = Signal()

    def __init__(self, work: Callable[..., None], parent: QObject):
        super().__init__(parent)
        self._work = work
        self._process: BaseProcess | None = None
        self._pipe: Any = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self._listen)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None

    def send(self, order: object) -> None:
        """Give it something to do, which its pipe receives; it is started where it is not there yet."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=self._work, args=(theirs,), name="netbuilder", daemon=True)
            self._process.start()
            theirs.close()
            self._timer.start()
        with suppress(OSError):  # it is gone, which `ended` will say
            self._pipe.send(order)

    def end(self) -> None:
        """Give it up now."""
        self._timer.stop()
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            self._pipe.close()
            # It may need a moment to go; the window does not wait for it.
            Thread(target=process.join, args=(PATIENCE,), name="farewell", daemon=True).start()

    def _listen(self) -> None:
        process = self._process
        if process is None:
            return
        alive = process.is_alive()  # asked first, so that its last message is never overlooked
        with suppress(EOFError, OSError):
            while self._process is process and self._pipe.poll():
                self.told.emit(self._pipe.recv())
        if not alive and self._process is process:
            self.end()
            self.ended.emit()
