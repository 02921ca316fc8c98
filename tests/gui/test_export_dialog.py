"""The export dialog writes a file that onnx accepts, proves it, and says in a sentence what it could not do."""

from pathlib import Path

import onnx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.engine import compile
from netbuilder.gui.export_dialog import ExportDialog
from netbuilder.gui.export_formats import proposed
from netbuilder.gui.figure_dialog import FigureDialog
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
    qtbot.waitUntil(lambda: not dialog.errand.running, timeout=PATIENCE)
    return dialog.verdict.sentence.text()


def test_an_untrained_design_is_written_and_verified_on_real_samples(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = shown(window, qtbot)
    assert dialog.path.text() == str(tmp_path / "small.onnx")
    assert dialog.note.text().startswith("Nothing has been trained yet")
    assert dialog.learned.isHidden()
    verdict = export(dialog, qtbot)
    assert verdict == "✓ 360 samples of “Digits”: all labels agree."
    rows = dict(dialog.verdict.rows)
    ran = [name for name in rows if name.startswith("onnx")]
    assert ran
    assert all(rows[name].startswith("differs by up to ") for name in ran)
    assert rows["Written as"] == "opset 17, float32, any batch"
    assert (tmp_path / rows["Certificate"]).is_file()
    assert dialog.verdict.warning.isHidden()
    onnx.checker.check_model(str(tmp_path / "small.onnx"), full_check=True)
    assert dialog.cancel.text() == "Close"
    assert not dialog.folder.isHidden()


def test_trained_weights_are_what_is_written(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    learned = trained(window)
    dialog = shown(window, qtbot, learned)
    assert dialog.learned.isChecked()
    assert dialog.note.isHidden()
    assert dialog.learned.text().endswith(", 91.3 % on test)")
    dialog.onnx.softmax.setChecked(True)
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
    assert export(dialog, qtbot) == "“small.onnx” is there already. Replace it?"
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
    process = dialog.errand._process
    assert process is not None
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not process.is_alive(), timeout=PATIENCE)
    assert not (tmp_path / "small.onnx").exists()
    assert window.isEnabled()


def test_what_is_folded_says_what_is_not_as_usual_and_is_done(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = shown(window, qtbot, trained(window))
    choices = dialog.onnx
    assert choices.precision.isHidden() or not choices.precision.isVisible()
    qtbot.keyClick(choices.fold.heading, Qt.Key.Key_Right)
    assert choices.precision.isVisible()
    choices.prepare.setFocus()
    qtbot.keyClick(choices.prepare, Qt.Key.Key_Space)
    for field, presses in ((choices.precision, 2), (choices.opset, 1), (choices.batch, 8)):
        field.setFocus()
        for _ in range(presses):
            qtbot.keyClick(field, Qt.Key.Key_Up if field is choices.batch else Qt.Key.Key_Down)
    assert choices.fold.summary.full == "int8 · opset 18 · batches of 8"
    assert export(dialog, qtbot).startswith("✓ 360 samples of “Digits”: ")
    rows = dict(dialog.verdict.rows)
    assert rows["Written as"] == "opset 18, int8, batches of 8, raw input"
    assert ", as float32 " in rows["Size"]
    assert rows["Accuracy"].endswith(" % in the file")
    model = onnx.load(tmp_path / "small.onnx")
    assert model.opset_import[0].version == 18
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 8


def test_code_and_a_project_are_written_as_chosen(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    learned = trained(window)
    learned.record.settings = learned.choices.job(window.document.graph).to_dict()
    dialog = shown(window, qtbot, learned)
    for kind in ("pytorch", "project"):
        dialog.format.edited.emit(kind)
        assert not dialog.onnx.isVisible()
        assert export(dialog, qtbot).startswith("✓ Wrote “"), kind
    assert {"small.py", "small.safetensors", "small-pytorch"} <= {each.name for each in tmp_path.iterdir()}
    assert (tmp_path / "small-pytorch" / "train.py").is_file()
    assert dict(dialog.verdict.rows)["To use it"].startswith("In it, “python train.py”")
    dialog.format.edited.emit("pytorch")
    assert dialog.path.text() == str(tmp_path / "small.py")
    assert export(dialog, qtbot) == "“small.py” is there already. Replace it?"
    assert export(dialog, qtbot) == "✓ Wrote “small.py”."


def test_the_name_a_person_gave_is_kept_from_format_to_format(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = shown(window, qtbot)
    names = {"pytorch": "small.py", "project": "small-pytorch", "keras": "small.py", "onnx": "small.onnx"}
    for kind, name in names.items():
        dialog.format.edited.emit(kind)
        assert dialog.path.text() == str(tmp_path / name)
    dialog.path.setText(str(tmp_path / "mine.onnx"))
    for kind, name in (("pytorch", "mine.py"), ("project", "mine"), ("onnx", "mine.onnx")):
        dialog.format.edited.emit(kind)
        assert dialog.path.text() == str(tmp_path / name)


@pytest.mark.parametrize(
    ("title", "name"), [("LeNet-5", "lenet_5.py"), ("3 layers", "net_3_layers.py"), ("…", "network.py")]
)
def test_code_has_a_name_that_python_can_import(title: str, name: str) -> None:
    assert proposed("pytorch", title) == name
    assert name.removesuffix(".py").isidentifier()


def test_a_figure_is_asked_for_where_figures_are_made(window: MainWindow, qtbot: QtBot) -> None:
    dialog = shown(window, qtbot)
    dialog.format.edited.emit("figure")
    assert window.findChild(FigureDialog) is not None
