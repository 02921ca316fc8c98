"""The line at the foot says how the design stands, and leads to what is wrong."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from netbuilder.analysis import analyze
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.estimates import Estimates
from netbuilder.gui.status import StatusBar, first_problem, verdict
from netbuilder.layers import Conv2D, Dense, Flatten, Input, ReLU


def broken() -> Graph:
    return Graph.chain(Input(), Conv2D(16, 5), Dense(10), ReLU(), names=["input", "conv", "<b>fc</b>", "relu"])


@pytest.fixture
def status(lenet: Document, qtbot: QtBot) -> StatusBar:
    made = StatusBar(lenet, Estimates(lenet))
    qtbot.addWidget(made)
    made.resize(1000, 26)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_valid_design_is_summed_up() -> None:
    graph = Graph.chain(Input(height=28, width=28, channels=1), Conv2D(16, 5))
    words = verdict(analyze(graph), cost="5.3 MB to train at batch 64")
    assert words == "Valid · 416 weights · 230,400 multiply-adds · 5.3 MB to train at batch 64"


def test_a_broken_design_says_what_is_known_so_far() -> None:
    assert verdict(analyze(broken())) == "1 problem · 416 weights so far, 2 layers unknown"


def test_a_design_with_a_problem_but_all_numbers_states_them() -> None:
    graph, _node = broken().remove("<b>fc</b>").add(Input(), "second")
    assert verdict(analyze(graph)).endswith("· 416 weights")


def test_warnings_are_counted_beside_the_verdict() -> None:
    graph = Graph.chain(Input(height=28, width=1, channels=28), Flatten(), Dense(10))
    assert verdict(analyze(graph)).startswith("Valid · 1 warning · 7,850 weights")


def test_what_training_takes_follows_batch_and_prediction(status: StatusBar) -> None:
    before = status.verdict.words.full
    assert before.endswith(" MB to train at batch 64")
    status.show_training(128, 3.6)
    after = status.verdict.words.full
    assert after.endswith(" MB to train at batch 128 · ≈ 4 s an epoch on this machine")
    assert float(after.split(" · ")[3].split()[0]) > float(before.split(" · ")[3].split()[0])


def test_an_empty_design_is_just_empty() -> None:
    assert verdict(analyze(Graph())) == "The design is empty"


def test_errors_come_before_all_else() -> None:
    report = analyze(broken())
    problem = first_problem(report)
    assert problem is not None
    assert problem.code == "needs-flatten"
    assert first_problem(analyze(Graph.chain(Input(), Conv2D(2, 3)))) is None


def test_the_line_follows_the_document_and_its_previews(lenet: Document, status: StatusBar) -> None:
    assert "61,706 weights" in status.verdict.words.full
    lenet.show_preview(lenet.graph.set("conv2", filters=8))
    previewed = status.verdict.words.full
    assert previewed.startswith("Valid")
    after = lenet.preview[1].totals.parameters if lenet.preview else 0
    assert f"61,706 → {after:,} weights (−{61_706 - after:,})" in previewed
    lenet.show_preview(None)
    assert "61,706 weights" in status.verdict.words.full
    lenet.replace(broken())
    assert status.verdict.words.full.startswith("1 problem")
    assert status.verdict.sign.text() == "✗"


def test_a_click_leads_to_the_first_problem(lenet: Document, status: StatusBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(status.problem_clicked):
        qtbot.mouseClick(status.verdict, Qt.MouseButton.LeftButton)
    lenet.replace(broken())
    assert "<b>" not in status.verdict.toolTip()
    with qtbot.waitSignal(status.problem_clicked) as clicked:
        qtbot.mouseClick(status.verdict, Qt.MouseButton.LeftButton)
    assert [problem.node for problem in clicked.args or ()] == [lenet.graph["<b>fc</b>"].id]


def test_the_order_of_axes_can_be_turned(status: StatusBar, qtbot: QtBot) -> None:
    assert status.order_button.text() == "H × W × C"
    with qtbot.waitSignal(status.order_chosen) as chosen:
        qtbot.mouseClick(status.order_button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["chw"]
    assert status.order_button.text() == "C × H × W"


def test_messages_pass(status: StatusBar, qtbot: QtBot) -> None:
    status.say("Saved.", 50)
    assert status.currentMessage() == "Saved."
    qtbot.waitUntil(lambda: status.currentMessage() == "")
