"""Wires pulled with the mouse: legal ends light up, others say why, nothing changes but on release."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.layers import Add
from tests.gui.canvas.hand import Hand, chain, edge, wires


def with_add(document: Document) -> None:
    document.commit("Add", document.graph.add(Add(), "add", (0.0, 320.0))[0])


def test_a_wire_is_drawn_from_port_to_port(document: Document, hand: Hand) -> None:
    with_add(document)
    hand.drag(hand.output("pool"), hand.entry("add"))
    hand.drag(hand.output("conv"), hand.at("add", 60))
    assert {("pool", "add", 0), ("conv", "add", 1)} < wires(document.graph)
    assert document.history.undoText() == "Connect conv to add"


def test_a_wire_may_be_drawn_backwards(document: Document, hand: Hand) -> None:
    with_add(document)
    hand.drag(hand.entry("add"), hand.at("relu"))
    assert ("relu", "add", 0) in wires(document.graph)


def test_legal_targets_light_up_and_the_others_fade(document: Document, view: CanvasView, hand: Hand) -> None:
    with_add(document)
    hand.hold(hand.output("relu"), (300, 250))
    marks = {block.face.name: block.mark for block in view.canvas.blocks.values() if block.face}
    assert marks == {"input": "illegal", "conv": "illegal", "relu": "", "pool": "legal", "add": "legal"}
    hand.release((300, 250))
    assert {block.mark for block in view.canvas.blocks.values()} == {""}


def test_an_impossible_wire_says_why_and_changes_nothing(
    document: Document, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    hand.hold(hand.output("relu"), hand.at("conv"))
    assert view.hint.isVisible()
    assert view.hint.text() == "“relu” already depends on “conv”: a network cannot feed back into itself."
    with qtbot.waitSignal(view.said) as said:
        hand.release(hand.at("conv"))
    assert said.args == [view.hint.text()]
    assert (document.graph, document.history.count(), view.hint.isVisible()) == (chain(), 0, False)


def test_a_wire_into_a_full_port_displaces_the_old_one(document: Document, hand: Hand) -> None:
    hand.drag(hand.output("input"), hand.at("pool"))
    assert wires(document.graph) == {("input", "conv", 0), ("conv", "relu", 0), ("input", "pool", 0)}


def test_a_wire_let_go_over_nothing_asks_for_a_layer(
    document: Document, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.layer_wanted) as wanted:
        hand.drag(hand.output("pool"), (200, 250))
    assert wanted.args is not None
    assert (wanted.args[0], wanted.args[1].toTuple()) == (document.graph["pool"].id, (200, 250))
    assert document.graph == chain()


def test_a_wire_picked_up_at_its_end_can_be_put_elsewhere_or_dropped(document: Document, hand: Hand) -> None:
    with_add(document)
    hand.drag(hand.entry("pool"), hand.at("add", 60))
    assert wires(document.graph) == {("input", "conv", 0), ("conv", "relu", 0), ("relu", "add", 0)}
    hand.drag(hand.entry("add"), (300, 250))
    assert wires(document.graph) == {("input", "conv", 0), ("conv", "relu", 0)}


def test_escape_lets_a_wire_go(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.hold(hand.entry("pool"), (200, 250))
    hand.key(Qt.Key.Key_Escape)
    hand.release((200, 250))
    assert document.graph == chain()
    assert view.canvas.wires[edge(document.graph, "relu", "pool")].isVisible()


def test_a_design_that_changes_under_a_wire_in_hand_ends_it(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.hold(hand.entry("pool"), (200, 250))
    document.commit("Delete", document.graph.remove("relu"))
    hand.release((200, 250))
    assert wires(document.graph) == {("input", "conv", 0), ("conv", "pool", 0)}
    assert {block.mark for block in view.canvas.blocks.values()} == {""}


def test_a_wire_can_be_clicked_and_deleted(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.click((0, 108))
    assert view.canvas.selected_wires() == (edge(document.graph, "conv", "relu"),)
    hand.key(Qt.Key.Key_Delete)
    assert wires(document.graph) == {("input", "conv", 0), ("relu", "pool", 0)}
