"""A problem's card beside its block: opened by mouse or key, previewing, repairing in one step, leaving with Escape."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.block import BADGE
from netbuilder.gui.canvas.popover import ProblemPopover
from netbuilder.gui.document import Document
from netbuilder.layers import Add, Conv2D, Flatten, Input
from tests.gui.canvas.hand import Hand


def broken() -> Graph:
    """A merge of 14×14×32 and 28×28×16."""
    layers = Input(height=28, width=28, channels=16), Conv2D(16, 3, padding="same")
    more = Conv2D(32, 3, padding="same", stride=2), Add()
    graph = Graph.chain(*layers, *more, names=("input", "conv1", "conv2", "sum"))
    return graph.connect("conv1", "sum", 1)


@pytest.fixture
def merge(document: Document, view: CanvasView) -> Document:
    document.replace(broken())
    return document


def card(view: CanvasView) -> ProblemPopover:
    (found,) = [each for each in view.findChildren(ProblemPopover) if each.isVisible()]
    return found


def is_open(view: CanvasView) -> bool:
    return any(each.isVisible() for each in view.findChildren(ProblemPopover))


def badge(view: CanvasView, name: str) -> QPointF:
    return view.canvas.blocks[view.document.graph[name].id].pos() + BADGE


def test_a_click_on_the_badge_opens_it(merge: Document, view: CanvasView, hand: Hand) -> None:
    hand.click(badge(view, "sum").toTuple())
    texts = [label.text() for label in card(view).findChildren(QLabel)]
    assert "Add needs shapes that match" in texts
    assert merge.report.at(merge.graph["sum"].id)[0].message in texts
    assert any("+544" in text and "14×14×32 = 14×14×32" in text for text in texts), texts
    assert view.rect().contains(card(view).geometry().adjusted(10, 10, -10, -10))
    assert view.selected() == (merge.graph["sum"].id,)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_F8])
def test_a_key_opens_it_and_enter_makes_the_first_repair(
    merge: Document, view: CanvasView, hand: Hand, key: Qt.Key
) -> None:
    view.select([merge.graph["sum"].id])
    hand.key(key)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is card(view).fixes[0]
    QTest.keyClick(focus, Qt.Key.Key_Return)
    assert merge.report.valid
    assert merge.history.count() == 1
    assert not is_open(view)
    merge.history.undo()
    assert merge.graph == broken()


def test_pointing_at_a_repair_previews_it_and_escape_leaves_all_as_it_was(
    merge: Document, view: CanvasView, hand: Hand
) -> None:
    view.show_problem(merge.graph["sum"].id)
    second = card(view).fixes[1]
    inside = QPointF(5, 5)
    QApplication.sendEvent(second, QEnterEvent(inside, inside, QPointF(second.mapToGlobal(QPoint(5, 5)))))
    assert merge.preview is not None
    assert merge.preview[1].valid
    face = view.canvas.blocks[merge.graph["conv2"].id].face
    assert face is not None
    assert face.change == "−2,320"
    QTest.keyClick(card(view), Qt.Key.Key_Escape)
    assert (merge.preview, merge.graph, is_open(view)) == (None, broken(), False)
    assert view.hasFocus()


def test_arrows_go_from_repair_to_repair(merge: Document, view: CanvasView) -> None:
    view.show_problem(merge.graph["sum"].id)
    QTest.keyClick(card(view).fixes[0], Qt.Key.Key_Down)
    assert card(view).fixes[1].hasFocus()
    assert merge.preview is not None
    QTest.keyClick(card(view).fixes[1], Qt.Key.Key_Up)
    assert card(view).fixes[0].hasFocus()


def test_it_closes_when_the_design_changes_or_the_canvas_is_clicked(
    merge: Document, view: CanvasView, hand: Hand
) -> None:
    view.show_problem(merge.graph["sum"].id)
    merge.commit("Rename", merge.graph.rename("sum", "total"))
    assert not is_open(view)
    view.show_problem(merge.graph["total"].id)
    hand.click((-200, 300))
    assert not is_open(view)


def test_f8_goes_from_problem_to_problem(merge: Document, view: CanvasView, hand: Hand, qtbot: QtBot) -> None:
    graph, late = merge.graph.add(Flatten(), "late", (300.0, 72.0))
    merge.replace(graph)
    found: list[int | None] = []
    for _ in range(3):
        hand.key(Qt.Key.Key_F8)
        found.append(card(view).problem.node)
    assert found == [graph["sum"].id, late.id, graph["sum"].id]
    merge.replace(graph.remove(late.id).set("conv2", stride=1, filters=16))
    assert merge.report.valid
    view.close_problem()
    with qtbot.waitSignal(view.said):
        view.next_problem()


def test_a_sound_layer_has_no_card(merge: Document, view: CanvasView) -> None:
    view.show_problem(merge.graph["input"].id)
    assert not is_open(view)


def test_names_in_a_problem_are_plain_text(merge: Document, view: CanvasView) -> None:
    merge.commit("Rename", merge.graph.rename("sum", "<b>sum</b>"))
    view.show_problem(merge.graph["<b>sum</b>"].id)
    labels = card(view).findChildren(QLabel)
    assert any("<b>sum</b>" in label.text() for label in labels)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels if "<b>" in label.text())
