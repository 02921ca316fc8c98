"""Names of modules -> the same, loaded behind the window, without holding it up and without harm to what it paints."""

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from threading import Thread
from time import perf_counter

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer, Signal

QT = ("QtOpenGL", "QtOpenGLWidgets", "QtSvg", "QtTest")
"""Parts of Qt that pyqtgraph loads where they are there."""
SLICE, POLL = 0.006, 40
"""Seconds for which classes are made at a time, and milliseconds between two looks at the thread."""


class Loading(QObject):
    """`finished` comes when all is loaded.

    PySide makes a class when it is first asked for, and pyqtgraph asks for all of them. A class that one thread has
    half made is the end of another that paints with it meanwhile; so all classes are made here, in the window's own
    thread, a few at a time, before another thread loads the rest.
    """

    finished = Signal()

    def __init__(self, modules: tuple[str, ...], parent: QObject):
        super().__init__(parent)
        self._thread = Thread(target=lambda: [import_module(name) for name in modules], name="loading", daemon=True)
        self._classes = _classes()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._timer.start(0)

    def _go_on(self) -> None:
        if self._timer.interval():
            if not self._thread.is_alive():
                self._timer.stop()
                self.finished.emit()
            return
        end = perf_counter() + SLICE
        while perf_counter() < end:
            if next(self._classes, None) is None:
                self._thread.start()
                self._timer.setInterval(POLL)
                return


def _classes() -> Iterator[str]:
    """Make every class of Qt that there is, one after another."""
    for name in QT:
        with suppress(ImportError):
            import_module(f"PySide6.{name}")
        yield name
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            yield name
