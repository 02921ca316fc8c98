"""The export dialog writes a file that onnx accepts, proves it, and says in a sentence what it could not do."""

from pathlib import Path

import onnx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.engine import compile
from netbuilder.gui.export_dialog import ExportDialog
from netbuilder.gui.training.choices import Choices, offers
from netbuilder.gui.training.record import Record
from netbuilder.gui.training.session import Trained
from netbuilder.gui.window import MainWindow
from netbuilder.layers import Dense
from tests.gui.windows import PATIENCE, opened, small


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = opened(qtbot, tmp_path)
    made.filing.show(small(), "small")
    made.filing.save_to(tmp_path / "small.netb")
    return made


def trained(window: MainWindow) -> Trained:
    graph = window.document.graph
    record = Record("run 1", graph, "Digits", {"seed": 0}, test_accuracy=0.913)
    choices = Choices(offers(None)[0], "sgd", 0.1, 64, 1)
    return Trained(record, compile(graph).init(seed=7), choices)


def shown(window: MainWindow, qtbot: QtBot, learned: Trained | None = None) -> ExportDialog:
    window.training.session.trained = learned
    window.commands["export"].trigger()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    qtbot.waitExposed(dialog)
    return dialog


def export(dialog: ExportDialog, qtbot: QtBot) -> str:
    qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog._process is None, timeout=PATIENCE)
    return dialog.verdict.sentence.text()


def test_an_untrained_design_is_written_and_verified_on_real_samples(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = shown(window, qtbot)
    assert dialog.path.text() == str(tmp_path / "small.onnx")
    assert dialog.note.text().startswith("Nothing has been trained yet")
    assert dialog.learned.isHidden()
    verdict = export(dialog, qtbot)
    assert verdict.startswith("✓ 256 real samples, largest difference ")
    assert "all labels agree" in verdict
    onnx.checker.check_model(str(tmp_path / "small.onnx"), full_check=True)
    assert dialog.cancel.text() == "Close"
    assert not dialog.folder.isHidden()


def test_trained_weights_are_what_is_written(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    learned = trained(window)
    dialog = shown(window, qtbot, learned)
    assert dialog.learned.isChecked()
    assert dialog.learned.text().endswith(", 91.3 % on test)")
    dialog.softmax.setChecked(True)
    assert export(dialog, qtbot).startswith("✓")
    model = onnx.load(tmp_path / "small.onnx")
    arrays = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    assert (arrays["fc.weight"] == learned.weights["fc.weight"]).all()
    assert model.graph.node[-1].op_type == "Softmax"
    metadata = {each.key: each.value for each in model.metadata_props}
    assert metadata["trained"] == "true"
    assert metadata["accuracy"] == "0.913"


def test_weights_of_another_design_are_not_offered(window: MainWindow, qtbot: QtBot) -> None:
    learned = trained(window)
    window.document.commit("Units", window.document.graph.exchange("fc", Dense(7)))
    dialog = shown(window, qtbot, learned)
    assert dialog.initial.isChecked()
    assert dialog.note.text() == "The last run was of another design: its weights do not fit this one."


def test_weights_survive_a_layer_that_has_none(window: MainWindow) -> None:
    learned = trained(window)
    assert learned.suits(window.document.graph.move({1: (0.0, -500.0)}))
    assert not learned.suits(window.document.graph.rename("fc", "other"))


def test_a_file_that_is_there_is_replaced_only_when_told_twice(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "small.onnx").write_bytes(b"precious")
    dialog = shown(window, qtbot)
    assert export(dialog, qtbot) == "small.onnx is there already. Replace it?"
    assert (tmp_path / "small.onnx").read_bytes() == b"precious"
    assert dialog.export.text() == "Replace"
    assert export(dialog, qtbot).startswith("✓")


def test_a_folder_that_is_not_there_is_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = shown(window, qtbot)
    dialog.path.setText(str(tmp_path / "nowhere" / "net.onnx"))
    assert "net.onnx" in export(dialog, qtbot)
    assert dialog.verdict.sentence.property("role") == "error"
    assert dialog.export.isEnabled()


def test_cancel_ends_the_work_and_writes_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = shown(window, qtbot)
    qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    process = dialog._process
    assert process is not None
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert not process.is_alive()
    assert not (tmp_path / "small.onnx").exists()
    assert window.isEnabled()
