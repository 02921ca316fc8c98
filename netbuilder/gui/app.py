"""From a command line to the running window: application, log, the last word on unforeseen errors, Ctrl+C."""

import argparse
import logging
import signal
import sys
import traceback
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType, TracebackType

import platformdirs
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from netbuilder.gui import theme
from netbuilder.gui.preferences import Preferences
from netbuilder.gui.window import MainWindow
from netbuilder.version import __version__

log = logging.getLogger("netbuilder")
HEARTBEAT = 250
"""Milliseconds after which Python looks for a pressed Ctrl+C, which Qt's event loop would never notice by itself."""
INTERRUPTED = 130
"""The exit code a shell expects of a program ended by Ctrl+C."""


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point of the windowed program. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="netbuilder-gui", description="Design, train and export neural networks.")
    parser.add_argument("file", nargs="?", type=Path, help="a design (.netb) to open")
    parser.add_argument("--version", action="version", version=f"netbuilder {__version__}")
    return run(parser.parse_args(argv).file)


def run(path: Path | None) -> int:
    """Open the window, on the design in `path` where one is given, and stay until it is closed."""
    app = application()
    sys.excepthook = _report_unforeseen
    _end_on_interrupt(app)
    window = MainWindow(Preferences())
    window.come_up()
    if path is not None:
        QTimer.singleShot(0, lambda: window.filing.open(path))
    code = app.exec()
    window.end()
    return code


def application() -> QApplication:
    """The one QApplication, named, styled and crisp at fractional scales."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(["netbuilder"])
    app.setApplicationName("netbuilder")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("netbuilder")
    theme.install(app, Preferences().scheme)
    return app


def log_folder() -> Path:
    """Where unforeseen errors are written down."""
    return Path(platformdirs.user_log_dir("netbuilder", appauthor=False))


def _report_unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log an exception nobody expected, and say so in plain text; the window and the design stay open."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    sys.__excepthook__(kind, error, trace)
    where = _write_down(kind, error, trace)
    if QApplication.activeModalWidget() is None:  # one message at a time; the log has them all
        _shown[:] = [_message(kind, "".join(traceback.format_exception(kind, error, trace)), where)]
        _shown[0].open()


_shown: list[QMessageBox] = []
"""The message on the screen: without a window to own it, nobody else would keep it."""


def _message(kind: type[BaseException], details: str, where: str) -> QMessageBox:
    message = QMessageBox()
    message.setWindowTitle("netbuilder")
    message.setIcon(QMessageBox.Icon.Warning)
    message.setTextFormat(Qt.TextFormat.PlainText)
    message.setText(f"Something went wrong that should not have: {kind.__name__}.")
    message.setInformativeText(f"Your design is still open; save it now.{where}")
    message.setDetailedText(details)
    message.setWindowModality(Qt.WindowModality.ApplicationModal)
    return message


def _write_down(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Append to the log, and the sentence that says where it is; empty where it cannot be written."""
    try:
        file = log_folder() / "netbuilder.log"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not log.handlers:
            handler = RotatingFileHandler(file, maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True)
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            log.addHandler(handler)
        log.error("netbuilder %s", __version__, exc_info=(kind, error, trace))
    except OSError:
        return ""
    return f" The details are in {file}."


def _end_on_interrupt(app: QApplication) -> None:
    """Let Ctrl+C in the terminal end the program, as it ends any other."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        app.exit(INTERRUPTED)

    signal.signal(signal.SIGINT, end)
    heartbeat = QTimer(app)
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(HEARTBEAT)
