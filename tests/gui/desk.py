"""Windows that journal into one folder, without the windows."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.filing import Filing
from netbuilder.gui.preferences import Preferences
from netbuilder.gui.recovery import Recovery
from netbuilder.journal import abandoned
from tests.crashes import design, edits_in


class Desk:
    """Opens documents with recovery, and closes what a test left open."""

    def __init__(self, qtbot: QtBot, folder: Path):
        self.folder, self._qtbot = folder, qtbot
        self.opened: list[Recovery] = []

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_error: object) -> None:
        for recovery in self.opened:
            recovery.close()

    def open(self, path: Path | None = None) -> tuple[Document, Recovery]:
        window = QWidget()
        self._qtbot.addWidget(window)
        document = Document(files.load(path) if path else Graph(), path, window)
        recovery = Recovery(document, Filing(document, Preferences(), window), self.folder, window)
        recovery.setParent(window)
        self._qtbot.addWidget(recovery.banner)
        self.opened.append(recovery)
        return document, recovery

    def offered(self, recovery: Recovery) -> str:
        with self._qtbot.waitSignal(recovery._found):
            recovery.offer()
        return "" if recovery.banner.isHidden() else recovery.banner.sentence.text()

    def press(self, button: QWidget) -> None:
        self._qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def kinds(self) -> set[str]:
        return {path.suffix for path in self.folder.glob("*.*")}


def edit(document: Document, *edits: int) -> None:
    for each in edits:
        document.commit("Units", design(each))


def save(document: Document, folder: Path) -> None:
    document.save(folder / "net.netb")


def assert_recoverable(desk: Desk, recovery: Recovery, edits: int) -> None:
    recovery.close()
    (recovered,) = abandoned(desk.folder)
    assert edits_in(recovered.graph) == edits
    recovered.accept()
