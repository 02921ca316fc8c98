"""Main windows for tests: clean preferences, a small design that trains in no time, and answers to dialogs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph
from netbuilder.gui.preferences import Preferences
from netbuilder.gui.window import MainWindow
from netbuilder.layers import Dense, Flatten, Input

PATIENCE = 20_000
"""Milliseconds that a training process may take to say something on a busy machine."""


def preferences(folder: Path) -> Preferences:
    """Preferences in a folder of the test's own."""
    return Preferences(QSettings(str(folder / "preferences.ini"), QSettings.Format.IniFormat))


def small() -> Graph:
    """650 weights for 8×8 digits."""
    return Graph.chain(Input(height=8, width=8, channels=1), Flatten(), Dense(10), names=("input", "flatten", "fc"))


def opened(qtbot: QtBot, folder: Path) -> MainWindow:
    """A window as it comes up, which asks nothing when the test ends."""
    window = MainWindow(preferences(folder))
    qtbot.addWidget(window, before_close_func=lambda closing: closing.document.history.setClean())
    Guard(window)
    window.show()
    qtbot.waitExposed(window)
    return window


class Guard(QTimer):
    """A dialog that nobody answers must fail its test, not hold up all others: it is refused once it has been there
    from one look to the next."""

    def __init__(self, window: QWidget):
        super().__init__(window)
        self._seen: QWidget | None = None
        self.timeout.connect(self._look)
        self.start(PATIENCE // 2)

    def _look(self) -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is not None and dialog is self._seen and isinstance(dialog, QDialog):
            dialog.reject()
        self._seen = dialog


@contextmanager
def answering(answer: Callable[[QDialog], object], kind: type[QDialog] = QMessageBox) -> Iterator[list[str]]:
    """Give `answer` to the one dialog that comes up meanwhile; the texts of message boxes are collected."""
    texts: list[str] = []
    timer = QTimer()

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind):
            timer.stop()
            texts.append(dialog.text() if isinstance(dialog, QMessageBox) else dialog.windowTitle())
            answer(dialog)

    timer.timeout.connect(look)
    timer.start(20)
    yield texts
    timer.stop()
    assert texts, "no dialog came up"


def pressing(button: QMessageBox.StandardButton) -> Callable[[QDialog], object]:
    """The answer that presses a standard button."""

    def press(dialog: QDialog) -> None:
        assert isinstance(dialog, QMessageBox)
        found = dialog.button(button)
        assert found is not None
        found.click()

    return press


def child(parent: QWidget, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    """A widget by its object name."""
    found = parent.findChild(kind, name)
    assert found is not None, name
    return found
