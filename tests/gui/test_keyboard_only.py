"""LeNet-5 without a mouse: from the gallery to an ONNX file on disk by keys alone."""

from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QSpinBox
from pytestqt.qtbot import QtBot

from netbuilder.analysis import analyze
from netbuilder.examples import example
from netbuilder.gui.canvas.scene import Canvas
from netbuilder.gui.training.session import State
from netbuilder.gui.window import MainWindow
from netbuilder.layers import Conv2D
from tests.gui.keys import CTRL, SHIFT, Keys
from tests.gui.windows import PATIENCE, opened

Key = Qt.Key
LENET = 61_706


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(Canvas, "motion_time", 0)
    return opened(qtbot, tmp_path)


@pytest.fixture
def keys(window: MainWindow, qtbot: QtBot) -> Keys:
    return Keys(qtbot, window)


def test_lenet_is_built_configured_trained_and_exported_by_keys_alone(
    window: MainWindow, keys: Keys, qtbot: QtBot, tmp_path: Path
) -> None:
    build(window, keys)
    train(window, keys, qtbot)
    target = tmp_path / "lenet.onnx"
    export(window, keys, qtbot, target)
    model = onnx.load(target)
    onnx.checker.check_model(model, full_check=True)
    assert sum(numpy_helper.to_array(each).size for each in model.graph.initializer if each.dims) >= LENET
    assert window.canvas.hasFocus()


def build(window: MainWindow, keys: Keys) -> None:
    assert window.gallery.isAncestorOf(keys.focused())
    keys.tab_to("blank_design")
    keys.press(Key.Key_Return)
    assert window.canvas.hasFocus()
    assert not window.document.graph.nodes
    keys.press(Key.Key_Tab)
    keys.type("in 28x28x1 | c5 6 same | r | p2")
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Tab)
    keys.type("conv")
    keys.press(Key.Key_Return)
    configure(window, keys)
    keys.press(Key.Key_K, CTRL)
    keys.type("r | p2 | f | d120 | r | d84 | r | d10")
    keys.press(Key.Key_Return)
    keys.press(Key.Key_K, CTRL)
    keys.type("dense_3")
    keys.press(Key.Key_Return)
    assert [window.document.graph[key].name for key in window.canvas.selected()] == ["dense_3"]
    keys.press(Key.Key_F2)
    keys.press(Key.Key_A, CTRL)
    keys.type("scores")
    keys.press(Key.Key_Return)
    built, known = window.document.report, analyze(example("lenet-5"))
    assert [each.shape for each in built.layers.values()] == [each.shape for each in known.layers.values()]
    assert built.totals.parameters == LENET
    assert window.document.graph["scores"]


def configure(window: MainWindow, keys: Keys) -> None:
    """Sixteen filters of 5×5 in the inspector."""
    keys.press(Key.Key_Return)  # the settings of the selected layer
    for name, value in (
        ("setting_filters", "16"),
        ("setting_kernel_size_height", "5"),
        ("setting_kernel_size_width", "5"),
    ):
        keys.tab_to(name)
        keys.press(Key.Key_A, CTRL)
        keys.type(value)
        keys.press(Key.Key_Return)
    keys.press(Key.Key_Escape)
    assert window.canvas.hasFocus()
    assert window.document.graph["conv2d_2"].layer == Conv2D(16, 5)


def train(window: MainWindow, keys: Keys, qtbot: QtBot) -> None:
    keys.panel_to(window.training)
    epochs = keys.tab_to("training_epochs")
    assert isinstance(epochs, QSpinBox)
    keys.press(Key.Key_A, CTRL)
    keys.type("1")
    session = window.training.session
    keys.press(Key.Key_F5)
    qtbot.waitUntil(lambda: session.latest is not None, timeout=PATIENCE)
    keys.press(Key.Key_F5, SHIFT)
    qtbot.waitUntil(lambda: session.state is State.IDLE, timeout=PATIENCE)
    assert session.trained is not None
    keys.press(Key.Key_Escape)
    assert window.canvas.hasFocus()


def export(window: MainWindow, keys: Keys, qtbot: QtBot, target: Path) -> None:
    keys.press(Key.Key_E, CTRL)
    dialog = window.findChild(QDialog, "export_dialog")
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    keys.tab_to("export_path")
    keys.press(Key.Key_A, CTRL)
    keys.type(str(target))
    keys.press(Key.Key_Return)
    qtbot.waitUntil(target.exists, timeout=PATIENCE)
    qtbot.waitUntil(lambda: keys.focused().objectName() == "export_cancel", timeout=PATIENCE)
    keys.press(Key.Key_Return)
    qtbot.waitUntil(window.isActiveWindow)
