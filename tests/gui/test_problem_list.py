"""Everything wrong stands in one list, the gravest first; a press leads there, notes stay folded until asked for."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from netbuilder.analysis import Problem
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.problem_cards import ProblemCard
from netbuilder.gui.problem_list import MOST, ProblemList
from netbuilder.gui.severity import WORDS, SeveritySign
from netbuilder.layers import Conv2D, Dense, Flatten, Input, MaxPool2D, ReLU

pytestmark = pytest.mark.usefixtures("styled")


def twice_broken() -> Graph:
    """A dense layer behind a map in one branch, a lonely layer, and a pool that leaves a row unread."""
    graph = Graph.chain(
        Input(height=9, width=9, channels=1),
        Conv2D(4, 3),
        ReLU(),
        MaxPool2D(2),
        Dense(10),
        names=["input", "conv", "relu", "pool", "fc"],
    )
    return graph.add(Dense(3), "lonely")[0]


def listed(graph: Graph, qtbot: QtBot, *, linked: bool = True) -> tuple[Document, ProblemList]:
    document = Document(graph)
    shown = ProblemList(document)
    qtbot.addWidget(shown)
    shown.resize(280, 700)
    shown.show_problems(document.report.problems, "hwc", "", linked=linked)
    document.changed.connect(lambda: shown.show_problems(document.report.problems, "hwc", "", linked=linked))
    shown.show()
    qtbot.waitExposed(shown)
    QApplication.processEvents()
    return document, shown


def settle(card: ProblemCard, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(card.offers) and card.offers[0].isVisible())


def test_the_gravest_come_first_and_only_the_chosen_one_is_unfolded(qtbot: QtBot) -> None:
    document, shown = listed(twice_broken(), qtbot)
    errors = [p for p in document.report.problems if p.severity == "error"]
    assert len(errors) >= 2
    assert [card.problem for card in shown.cards][: len(errors)] == errors
    assert [card.folded for card in shown.cards] == [False, *[True] * (len(shown.cards) - 1)]
    settle(shown.cards[0], qtbot)
    assert not any(offer.isVisible() for card in shown.cards[1:] for offer in card.offers)


def test_a_press_unfolds_a_problem_and_leads_to_its_layer(qtbot: QtBot) -> None:
    _document, shown = listed(twice_broken(), qtbot)
    second = shown.cards[1]
    with qtbot.waitSignal(shown.layer_clicked) as clicked:
        qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert clicked.args == [second.problem.node]
    assert [card.folded for card in shown.cards[:2]] == [True, False]
    settle(second, qtbot)


def test_enter_leads_there_too(qtbot: QtBot) -> None:
    _document, shown = listed(twice_broken(), qtbot)
    shown.activateWindow()
    second = shown.cards[1]
    second.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(second.hasFocus)
    with qtbot.waitSignal(shown.layer_clicked):
        qtbot.keyClick(second, Qt.Key.Key_Return)
    assert not second.folded


def test_each_problem_is_named_by_word_and_sign(qtbot: QtBot) -> None:
    _document, shown = listed(twice_broken(), qtbot)
    for card in shown.cards:
        word = WORDS[card.problem.severity]
        assert card.accessibleName() == f"{word}: {card.problem.message}"
        assert any(label.text().startswith(word) for label in card.findChildren(QLabel))
        assert [sign.accessibleName() for sign in card.findChildren(SeveritySign)] == [word]


def test_a_repair_is_one_step_and_the_next_problem_unfolds(qtbot: QtBot) -> None:
    document, shown = listed(twice_broken(), qtbot)
    before, first = document.graph, shown.cards[0]
    settle(first, qtbot)
    qtbot.mouseClick(first.offers[0], Qt.MouseButton.LeftButton)
    assert document.history.count() == 1
    assert first.problem not in document.report.problems
    assert shown.cards[0].problem != first.problem
    assert not shown.cards[0].folded
    document.history.undo()
    assert document.graph == before


def test_offers_follow_edits_that_leave_the_problem_as_it_was(qtbot: QtBot) -> None:
    document, shown = listed(twice_broken(), qtbot)
    card = shown.cards[0]
    settle(card, qtbot)
    old = card.offers[0]
    document.commit("Rename", document.graph.rename("relu", "cut"))
    qtbot.waitUntil(lambda: bool(card.offers) and card.offers[0] is not old)
    assert shown.cards[0] is card, "a card in sight is not built anew"
    qtbot.mouseClick(card.offers[0], Qt.MouseButton.LeftButton)
    assert document.graph["cut"], "the rename is not undone by the repair"


def test_notes_are_folded_away_until_asked_for(qtbot: QtBot) -> None:
    graph = Graph.chain(Input(height=10, width=10, channels=1), Conv2D(4, 3, stride=2), ReLU(), Flatten(), Dense(10))
    document, shown = listed(graph, qtbot)
    assert document.report.valid
    assert {problem.severity for problem in document.report.problems} == {"information"}
    assert shown.cards == []
    assert shown.disclosure.text() == "▸ 1 note"
    qtbot.mouseClick(shown.disclosure, Qt.MouseButton.LeftButton)
    (card,) = shown.cards
    assert card.isVisible()
    assert "rounded down" in card.sentence.text() or "never" in card.sentence.text()
    qtbot.mouseClick(shown.disclosure, Qt.MouseButton.LeftButton)
    assert shown.cards == []


def test_a_valid_design_shows_no_card(lenet: Document, qtbot: QtBot) -> None:
    _document, shown = listed(lenet.graph, qtbot)
    assert shown.cards == []
    assert not shown.disclosure.isVisible()


def test_hundreds_of_problems_are_counted_not_all_drawn(qtbot: QtBot) -> None:
    graph = Graph()
    for _ in range(MOST + 12):
        graph, _node = graph.add(Dense(3))
    document = Document(graph.add(Input())[0])
    shown = ProblemList(document)
    qtbot.addWidget(shown)
    many = [Problem("not-connected", "error", key, "x", f"{key}.") for key in range(MOST + 12)]
    shown.show_problems(many, "hwc", "", linked=True)
    assert len(shown.cards) == MOST
    assert shown.more.text() == "and 12 more problems"
