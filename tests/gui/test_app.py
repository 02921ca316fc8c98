"""The program around the window: it starts on a file, ends on Ctrl+C, and survives what nobody foresaw."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.gui import app
from netbuilder.version import __version__
from tests.gui.windows import small

READY = """
import sys
from PySide6.QtCore import QTimer
from netbuilder.gui import app, window
shown = window.MainWindow.come_up
def come_up(self):
    shown(self)
    QTimer.singleShot(300, lambda: print(self.windowTitle(), len(self.document.graph.nodes), flush=True))
window.MainWindow.come_up = come_up
sys.exit(app.main(sys.argv[1:]))
"""


@pytest.fixture
def hook(qtbot: QtBot) -> Iterator[None]:
    """No handler of the log outlives the test."""
    yield
    for handler in list(app.log.handlers):
        app.log.removeHandler(handler)
        handler.close()


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_it_opens_the_file_it_is_given_and_ctrl_c_ends_it(tmp_path: Path, xvfb: object) -> None:
    path = files.save(small(), tmp_path / "given.netb")
    with subprocess.Popen([sys.executable, "-c", READY, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == ["given[*]", "—", "netbuilder", "3"]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == app.INTERRUPTED


def test_version_needs_no_window(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == f"netbuilder {__version__}"


def test_an_unforeseen_error_is_logged_and_said_in_plain_text(
    hook: None, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    error = RuntimeError("<b>bold</b>")
    app._report_unforeseen(RuntimeError, error, None)
    message = QApplication.activeModalWidget()
    assert isinstance(message, QMessageBox)
    qtbot.addWidget(message)
    assert message.text() == "Something went wrong that should not have: RuntimeError."
    assert str(app.log_folder()) in message.informativeText()
    assert "<b>bold</b>" in message.detailedText()
    assert "<b>bold</b>" in (app.log_folder() / "netbuilder.log").read_text("utf-8")
    app._report_unforeseen(RuntimeError, error, None)
    shown = [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]
    assert shown == [message]
    message.accept()
