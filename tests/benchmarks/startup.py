"""Times `python -m netbuilder` from its start until its first window has been painted. Prints figures, asserts none.

xvfb-run -a python -m tests.benchmarks.startup [TIMES]
"""

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

PATIENCE = 60
PAINTED = """
import sys
from time import perf_counter
began = perf_counter()
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow
from netbuilder.gui import app

class Watch(QObject):
    def eventFilter(self, thing, event):
        if event.type() == QEvent.Type.Paint and isinstance(thing.window(), QMainWindow):
            QApplication.instance().removeEventFilter(self)
            print("painted", flush=True)
        return False

made, watch = app.application, Watch()
def application():
    started = made()
    started.installEventFilter(watch)
    return started
app.application = application
from netbuilder.cli import main
sys.exit(main([]))
"""
"""The same as `python -m netbuilder`, but for a watch that says when the main window is painted."""


def first_paint() -> float:
    """Seconds from the start of a fresh process, in a home of its own, to the window's first paint."""
    with tempfile.TemporaryDirectory() as home:
        places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), home)
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", PAINTED], env={**os.environ, **places}, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - began
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()
        if line.strip() != "painted":
            raise SystemExit("The window never came up.")
        return took


def main() -> None:
    """Measure several starts."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    taken = [first_paint() for _ in range(times)]
    shown = ", ".join(f"{each:.2f}" for each in taken)
    print(f"first window: {median(taken):.2f} s (median of {times}: {shown})")


if __name__ == "__main__":
    main()
