"""Asks ahead what training a design will take, a moment after the last edit, and remembers the answers."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from netbuilder.graph import Graph
from netbuilder.gui.errand import Errand
from netbuilder.gui.training.choices import Choices
from netbuilder.gui.training.rehearsal import Prediction, answer

if TYPE_CHECKING:
    from netbuilder.engine import Job

MOMENT_MS, IDLE_MS = 600, 30_000
KEPT = 32


class Forecast(QObject):
    """`changed` says that `prediction`, of what was last asked, is another; it is None while nothing is known."""

    changed = Signal()

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self.prediction: Prediction | None = None
        self._known: dict[object, Prediction | None] = {}
        self._wanted: tuple[object, Job] | None = None
        self._asked: list[object] = []
        self._errand = Errand(answer, self)
        self._errand.told.connect(self._learn)
        self._errand.ended.connect(self._asked.clear)
        self._moment, self._idle = QTimer(self), QTimer(self)
        for timer, pause, then in ((self._moment, MOMENT_MS, self._ask), (self._idle, IDLE_MS, self.end)):
            timer.setSingleShot(True)
            timer.setInterval(pause)
            timer.timeout.connect(then)

    def want(self, graph: Graph | None, choices: Choices | None) -> None:
        """Predict this training, or none; what was asked before is not of interest any more."""
        job = _job(graph, choices)
        key = _key(job) if job else None
        if (self._wanted[0] if self._wanted else None) == key:
            return
        self._wanted = (key, job) if job else None
        self._show(self._known.get(key))
        if job and key not in self._known:
            self._moment.start()

    def end(self) -> None:
        """Let go of the process; the next question starts another."""
        self._moment.stop()
        self._asked.clear()
        self._errand.end()

    def _ask(self) -> None:
        if self._asked or self._wanted is None or self._wanted[0] in self._known:
            return  # one at a time; the latest is asked when that is answered
        self._idle.stop()
        self._asked.append(self._wanted[0])
        self._errand.send(self._wanted[1])

    def _learn(self, prediction: Prediction | None) -> None:
        self._idle.start()
        if not self._asked:
            return
        key = self._asked.pop()
        self._known[key] = prediction
        while len(self._known) > KEPT:
            self._known.pop(next(iter(self._known)))
        if self._wanted is not None and self._wanted[0] == key:
            self._show(prediction)
        else:
            self._ask()

    def _show(self, prediction: Prediction | None) -> None:
        if prediction != self.prediction:
            self.prediction = prediction
            self.changed.emit()


def _job(graph: Graph | None, choices: Choices | None) -> "Job | None":
    if graph is None or choices is None:
        return None
    try:
        return choices.job(graph)
    except ValueError:
        return None


def _key(job: "Job") -> object:
    """What the answer depends on: neither places nor the number of epochs, nor the learning rate."""
    nodes = tuple((key, node.name, node.layer) for key, node in job.graph.nodes.items())
    settings = job.to_dict()
    for name in ("epochs", "seed", "patience"):
        settings.pop(name)
    settings["optimizer"].pop("lr")
    return nodes, tuple(job.graph.edges), repr(settings)
