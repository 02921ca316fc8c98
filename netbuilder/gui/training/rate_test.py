"""Between window and the process that tries learning rates: starts it, waits for the rate it suggests."""

from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from netbuilder.graph import Graph
from netbuilder.gui.training.choices import Choices

if TYPE_CHECKING:
    from netbuilder.runs import Worker

POLL = 40


class RateTest(QObject):
    """`found` carries a sentence and the rate to train with, None where there is none."""

    found = Signal(str, object)

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self._worker: Worker | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self._listen)

    def start(self, graph: Graph, choices: Choices) -> None:
        """Try rates for this training. Raises JobError, and others of ValueError, with a sentence."""
        from netbuilder.runs import Worker

        self.end()
        self._worker = Worker.find_rate(choices.job(graph))
        self._timer.start()

    def end(self) -> None:
        """Give it up."""
        self._timer.stop()
        if self._worker is not None:
            Thread(target=self._worker.close, name="farewell", daemon=True).start()
            self._worker = None

    def _listen(self) -> None:
        from netbuilder.engine import events

        for event in self._worker.poll() if self._worker else ():
            if isinstance(event, events.RateFound):
                self.end()
                self.found.emit(event.message, event.suggestion)
            elif isinstance(event, events.Failed | events.Died):
                self.end()
                self.found.emit(event.message, None)
