"""Times the window while LeNet-5 trains: its first paint, an edit, its longest stall. Prints figures, asserts none.

xvfb-run -a python -m tests.benchmarks.window [SECONDS]

Stalls are given by the clock, and as the processor time that the window itself took in one: on a busy machine the
difference is what other programs took.
"""

import os
import sys
import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

if TYPE_CHECKING:  # importing it is part of what is measured
    from netbuilder.gui.window import MainWindow

TICK = 1
"""Milliseconds between two ticks of the monitor."""
SLOW = 50


class StallMonitor:
    """A timer that should tick every millisecond; the gaps between its ticks are when the window stood still."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.busy: list[float] = []
        self._clock = QElapsedTimer()
        self._worked = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to watch."""
        self.gaps.clear()
        self.busy.clear()
        self._clock.start()
        self._worked = time.thread_time()
        self._timer.start(TICK)

    def stop(self) -> str:
        """Stop, and what was seen."""
        self._timer.stop()
        ordered = sorted(self.gaps, reverse=True)
        slow = sum(gap > SLOW for gap in ordered)
        worst = ", ".join(f"{gap:.0f}" for gap in ordered[:5])
        own = ", ".join(f"{each:.0f}" for each in sorted(self.busy, reverse=True)[:5])
        turns = f"{slow} over {SLOW} ms among {len(ordered):,} turns of the event loop"
        return f"longest stalls {worst} ms ({own} ms of processor time); {turns}"

    def _tick(self) -> None:
        self.gaps.append(self._clock.nsecsElapsed() / 1e6)
        now = time.thread_time()
        self.busy.append((now - self._worked) * 1000)
        self._worked = now
        self._clock.start()


def wait(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def main() -> None:
    """Open, edit and train."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), home))
        measure(seconds)


def measure(seconds: float) -> None:
    """Print every figure as it is known."""
    began = time.perf_counter()
    from netbuilder.gui.app import application
    from netbuilder.gui.preferences import Preferences
    from netbuilder.gui.window import MainWindow

    application()
    window = MainWindow(Preferences())
    window.come_up()
    wait(0)
    print(f"window up after {time.perf_counter() - began:.2f} s of importing, making and painting")
    monitor = StallMonitor()
    monitor.start()
    wait(2)
    print(f"behind the first window: {monitor.stop()}")
    monitor.start()
    window.show_example("lenet-5")
    wait(1)
    print(f"opening LeNet-5: {monitor.stop()}")
    print(f"an edit, from commit to painted: {edit(window):.1f} ms (median)")
    monitor.start()
    window.training.train()
    wait(seconds)
    print(f"{seconds:g} s of training: {monitor.stop()}")
    record = window.training.session.record
    assert record is not None
    print(f"{len(record.loss.training):,} batches drawn")
    window.end()


def edit(window: "MainWindow") -> float:
    """Milliseconds from a changed setting to the painted window."""
    taken: list[float] = []
    for filters in range(7, 27):
        began = time.perf_counter()
        window.document.commit("Filters", window.document.graph.set("conv1", filters=filters))
        window.canvas.viewport().repaint()
        window.inspector.repaint()
        taken.append((time.perf_counter() - began) * 1000)
        wait(0.01)
    while window.document.history.canUndo():
        window.document.history.undo()
    return median(taken)


if __name__ == "__main__":
    main()
