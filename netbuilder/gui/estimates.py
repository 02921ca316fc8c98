"""From a report and the batch size to the memory of its layers: at once for small designs, a moment later for large."""

from PySide6.QtCore import QObject, QTimer, Signal

from netbuilder.analysis import Report
from netbuilder.analysis.memory import Memory, evaluated_at_once, memory

AT_ONCE = 24
"""How many layers can be counted within the time an edit may take to reach the screen."""
MOMENT_MS = 120
KEPT = 4


class Estimates(QObject):
    """Keeps the last few answers; `ready` says that one which was not there when asked for now is.

    `slots` are the numbers the optimizer of the day keeps for each weight.
    """

    ready = Signal()

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self.slots = 0
        self._known: list[tuple[Report, int, int, Memory]] = []
        self._wanted: tuple[Report, int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MOMENT_MS)
        self._timer.timeout.connect(self._answer)

    def of(self, report: Report, batch: int) -> Memory | None:
        """The memory of a design at a batch size; None where it comes later."""
        slots = self.slots
        for known, its_batch, its_slots, answer in self._known:
            if known is report and (its_batch, its_slots) == (batch, slots):
                return answer
        if len(report.layers) <= AT_ONCE:
            return self._count(report, batch, slots)
        self._wanted = report, batch, slots
        self._timer.start()
        return None

    def _answer(self) -> None:
        if self._wanted is not None:
            self._count(*self._wanted)
            self._wanted = None
            self.ready.emit()

    def _count(self, report: Report, batch: int, slots: int) -> Memory:
        answer = memory(report, batch, slots, evaluated=evaluated_at_once(report))
        self._known = [(report, batch, slots, answer), *self._known[: KEPT - 1]]
        return answer
