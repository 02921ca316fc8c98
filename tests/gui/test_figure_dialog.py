"""The figure dialog shows what would be written, and writes it: all or a part, in every style and format."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from netbuilder.gui.figure_dialog import FigureDialog
from netbuilder.gui.window import MainWindow
from tests.gui.windows import PATIENCE, answering, opened


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = opened(qtbot, tmp_path)
    made.show_example("lenet-5")
    return made


def shown(window: MainWindow, qtbot: QtBot) -> FigureDialog:
    window.commands["figure"].trigger()
    dialog = window.findChild(FigureDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: not dialog.preview.pixmap().isNull(), timeout=PATIENCE)
    return dialog


def write(dialog: FigureDialog, qtbot: QtBot, path: Path) -> None:
    def save(asked: object) -> None:
        assert isinstance(asked, QFileDialog)
        name = asked.findChild(QLineEdit, "fileNameEdit")
        assert name is not None
        name.setText(str(path))
        asked.accept()

    with answering(save, QFileDialog):
        qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("ending", "begins"), [(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_every_format_is_written_as_asked(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, ending: str, begins: bytes
) -> None:
    dialog = shown(window, qtbot)
    dialog.format.show_choice(ending)
    with qtbot.waitSignal(dialog.said, timeout=PATIENCE) as told:
        write(dialog, qtbot, tmp_path / f"net{ending}")
    assert told.args == [f"Wrote net{ending}."]
    assert begins in (tmp_path / f"net{ending}").read_bytes()[:200]


def test_what_is_chosen_is_what_is_seen(window: MainWindow, qtbot: QtBot) -> None:
    dialog = shown(window, qtbot)
    seen: list[QImage] = []
    for button in (dialog.boxes, dialog.dark, dialog.table):
        seen.append(dialog.preview.pixmap().toImage())
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center() - button.rect().center() / 1.2)
        qtbot.waitUntil(lambda: dialog.preview.pixmap().toImage() not in seen, timeout=PATIENCE)
    dialog.reject()


def test_a_selection_is_drawn_with_the_shapes_it_has_in_the_whole(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    graph = window.document.graph
    window.canvas.select([graph["conv2"].id, graph["relu2"].id])
    dialog = shown(window, qtbot)
    assert dialog.part.isChecked()
    assert not dialog.table.isEnabled()
    with qtbot.waitSignal(dialog.said, timeout=PATIENCE):
        write(dialog, qtbot, tmp_path / "part.svg")
    drawn = (tmp_path / "part.svg").read_text()
    assert "conv2" in drawn
    assert "10×10×16" in drawn
    assert "fc1" not in drawn


def test_a_name_of_another_kind_is_refused_in_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = shown(window, qtbot)
    write(dialog, qtbot, tmp_path / "net.gif")
    assert dialog.sentence.text() == "The name of a figure ends in .svg, .png or .pdf, not as “net.gif”."
    assert not (tmp_path / "net.gif").exists()
    dialog.reject()
