"""What differs from another design is listed beside the window, follows the design, and leads to its layers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from netbuilder.engine import compile
from netbuilder.graph import Graph
from netbuilder.gui.compare_dialog import CompareDialog
from netbuilder.gui.comparing import Line, Question, _answer, _opened
from netbuilder.gui.comparison import compare
from netbuilder.gui.window import MainWindow
from netbuilder.interop.onnx_export import export_onnx
from netbuilder.layers import Dense, Flatten, Input, ReLU
from tests.gui.windows import PATIENCE, opened, small


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = opened(qtbot, tmp_path)
    made.filing.show(small(), "small")
    made.filing.save_to(tmp_path / "small.netb")
    return made


def shown(window: MainWindow, qtbot: QtBot, other: Path | Graph, name: str) -> CompareDialog:
    compare(window, other, name)
    dialog = window.findChild(CompareDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.answer is not None, timeout=PATIENCE)
    return dialog


def items(dialog: CompareDialog) -> Iterator[QTreeWidgetItem]:
    for top in range(dialog.list.topLevelItemCount()):
        head = dialog.list.topLevelItem(top)
        assert head is not None
        yield from filter(None, map(head.child, range(head.childCount())))


def test_the_open_design_is_compared_with_a_file_as_it_is_edited(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = shown(window, qtbot, tmp_path / "small.netb", "small.netb")
    assert dialog.sentence.text() == "Both are the same network."
    assert dialog.list.isHidden()
    assert not dialog.copy.isEnabled()
    document = window.document
    graph, relu = document.graph.insert(next(e for e in document.graph.edges if e.source == 2), ReLU())
    document.commit("Edit", graph.exchange("fc", Dense(7)))
    qtbot.waitUntil(lambda: dialog.list.isVisible(), timeout=PATIENCE)
    assert dialog.sentence.text() == "Layers: 1 added, 1 changed."
    rows = {(item.text(1), item.text(2)): item for item in items(dialog)}
    assert (rows["fc", "units"].text(3), rows["fc", "units"].text(4)) == ("10", "7")
    assert rows["fc", "weights"].text(4) == f"{65 * 7:,}"
    dialog.list.setCurrentItem(rows["fc", "units"])
    assert window.canvas.selected() == (document.graph["fc"].id,)
    dialog.list.setCurrentItem(rows[relu.name, "ReLU behind flatten"])
    assert window.canvas.selected() == (relu.id,)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert "Edits\tset\tfc\tunits\t10\t7\n" in QGuiApplication.clipboard().text()
    dialog.reject()


def test_a_file_that_is_none_is_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    dialog = shown(window, qtbot, tmp_path / "broken.onnx", "broken.onnx")
    assert "broken.onnx" in dialog.sentence.text()
    assert dialog.sentence.property("role") == "error"
    dialog.reject()


def test_weights_are_compared_where_both_have_some(tmp_path: Path) -> None:
    graph = small()
    weights = compile(graph).init(seed=1)
    path = export_onnx(graph, weights, tmp_path / "small.onnx")
    other, theirs = _opened(path)
    assert _answer(Question(graph, weights, path), other, theirs).sentence.endswith("with the same weights.")
    changed = {**weights, "fc.bias": weights["fc.bias"] + np.float32(0.5)}
    answer = _answer(Question(graph, changed, path), other, theirs)
    assert answer.sentence == "Both are the same network, with other weights."
    assert [line for line in answer.lines if line.part == "weights"] == [
        Line("weights", "", "fc", "bias", "differ by up to 0.5", "100 % of the largest")
    ]


def test_a_layer_that_is_gone_leads_nowhere() -> None:
    without = Graph.chain(Input(height=8, width=8, channels=1), Flatten(), names=("input", "flatten"))
    lines = _answer(Question(without, None, small()), small(), None).lines
    assert Line("edits", "removed", "fc", "Dense behind flatten", "10", "—") in lines
    assert Line("totals", "", "", "weights", "650", "0") in lines
