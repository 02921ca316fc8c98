"""Each repair is offered with what it gives, previewed while pointed at, and made in one step."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from netbuilder.analysis import analyze
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.inspector import Inspector
from netbuilder.gui.outcome import outcome
from netbuilder.gui.problem_cards import FixButton, ProblemCard
from netbuilder.gui.theme import INSPECTOR
from netbuilder.layers import Add, BatchNorm, Conv2D, Dense, Input, ReLU
from netbuilder.repairs import repairs


def skip() -> Graph:
    """The residual block everyone draws first: the skip keeps 28×28×16, the main path gives 14×14×32."""
    graph = Graph.chain(
        Input(height=28, width=28, channels=1),
        Conv2D(16, 3, padding="same"),
        BatchNorm(),
        Conv2D(32, 3, stride=2, padding="same"),
        Add(),
        names=["input", "conv1", "norm1", "conv2", "add"],
    )
    return graph.connect("conv1", "add", 1)


def unflattened() -> Graph:
    return Graph.chain(
        Input(height=28, width=28, channels=1), Conv2D(16, 5), Dense(10), ReLU(), names=["input", "conv", "fc", "relu"]
    )


def opened(graph: Graph, qtbot: QtBot, *names: str) -> tuple[Document, Inspector]:
    document = Document(graph)
    inspector = Inspector(document)
    qtbot.addWidget(inspector)
    inspector.resize(INSPECTOR, 760)
    inspector.show()
    qtbot.waitExposed(inspector)
    inspector.show_selection([graph[name].id for name in names])
    QApplication.processEvents()
    return document, inspector


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def visible(inspector: Inspector, kind: type[QPushButton] = FixButton) -> list[QPushButton]:
    QApplication.processEvents()
    return [button for button in inspector.findChildren(kind) if button.isVisible()]


def point_at(button: QPushButton) -> None:
    middle = QPointF(button.rect().center())
    QApplication.sendEvent(button, QEnterEvent(middle, middle, button.mapToGlobal(middle)))


@pytest.fixture(autouse=True)
def _look(styled: QApplication) -> None: ...


def test_a_repair_says_which_shapes_and_weights_it_gives() -> None:
    graph = skip()
    report = analyze(graph)
    (problem,) = report.at(graph["add"].id)
    first = repairs(graph, report, problem)[0]
    assert plain(outcome(graph, report, first.graph, problem, "hwc")) == "14×14×32 = 14×14×32 ✓ +544 weights"
    assert plain(outcome(graph, report, first.graph, problem, "chw")) == "32×14×14 = 32×14×14 ✓ +544 weights"


def test_a_repair_that_uncovers_the_next_problem_says_so() -> None:
    graph = unflattened()
    graph, _ = graph.add(Conv2D(4), "late")
    graph = graph.connect("relu", "late")
    report = analyze(graph)
    (problem,) = report.at(graph["fc"].id)
    text = plain(outcome(graph, report, repairs(graph, report, problem)[0].graph, problem, "hwc"))
    assert text == "9,216 → 10 ✓ +92,170 weights · 1 problem left"


def test_the_problem_stands_in_a_card_with_its_repairs(qtbot: QtBot) -> None:
    document, inspector = opened(skip(), qtbot, "add")
    (problem,) = document.report.at(document.graph["add"].id)
    (card,) = [card for card in inspector.findChildren(ProblemCard) if card.isVisible()]
    assert card.accessibleName() == f"Problem: {problem.message}"
    assert problem.message in [label.text() for label in card.findChildren(QLabel)]
    offers = repairs(document.graph, document.report, problem)
    assert [button.accessibleName() for button in visible(inspector)] == [f"Fix: {offer.label}" for offer in offers]


def test_pressing_a_repair_makes_it_in_one_step(qtbot: QtBot) -> None:
    document, inspector = opened(skip(), qtbot, "add")
    (problem,) = document.report.at(document.graph["add"].id)
    before, offer = document.graph, repairs(document.graph, document.report, problem)[0]
    qtbot.mouseClick(visible(inspector)[0], Qt.MouseButton.LeftButton)
    assert document.graph == offer.graph
    assert document.report.valid
    assert document.history.count() == 1
    assert document.history.undoText() == offer.label
    assert visible(inspector) == []
    document.history.undo()
    assert document.graph == before
    assert visible(inspector)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_a_repair_can_be_made_by_keyboard(key: Qt.Key, qtbot: QtBot) -> None:
    document, inspector = opened(skip(), qtbot, "add")
    inspector.activateWindow()
    button = visible(inspector)[0]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    assert document.preview is not None
    qtbot.keyClick(button, key)
    assert document.report.valid
    assert document.history.count() == 1


def test_pointing_at_a_repair_previews_it_and_leaving_ends_that(qtbot: QtBot) -> None:
    document, inspector = opened(skip(), qtbot, "add")
    shape = inspector.findChild(QLabel, "figure_shape")
    assert shape is not None
    assert shape.text() == "—"
    button = visible(inspector)[0]
    point_at(button)
    assert document.preview is not None
    assert document.preview[1].valid
    assert shape.text() == "14 × 14 × 32"
    assert button.isVisible(), "the card must stay under the pointer while it previews"
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
    assert document.preview is None
    assert shape.text() == "—"
    assert document.history.count() == 0


def test_where_nothing_is_wrong_a_calm_note_says_so(lenet: Document, qtbot: QtBot) -> None:
    document, inspector = opened(lenet.graph, qtbot, "conv2")
    assert [card for card in inspector.findChildren(ProblemCard) if card.isVisible()] == []
    assert "No problems. Everything downstream is known." in [label.text() for label in inspector.findChildren(QLabel)]
    assert document.report.valid


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("conv", "No problems here; one further on has a problem."),
        ("relu", "Nothing to repair here, but an earlier layer has a problem."),
    ],
)
def test_neighbours_of_a_problem_do_not_claim_that_all_is_well(name: str, note: str, qtbot: QtBot) -> None:
    _document, inspector = opened(unflattened(), qtbot, name)
    assert note in [label.text() for label in inspector.findChildren(QLabel) if label.isVisible()]


def test_an_empty_design_is_no_reason_for_red(qtbot: QtBot) -> None:
    _document, inspector = opened(Graph(), qtbot)
    assert [card for card in inspector.findChildren(ProblemCard) if card.isVisible()] == []
