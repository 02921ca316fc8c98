"""Dragging, nudging and selecting blocks: shown at once, committed once, given up with Escape."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.layers import ReLU
from tests.gui.canvas.hand import CTRL, SHIFT, Hand, chain, wires


def ids(document: Document, *names: str) -> tuple[int, ...]:
    return tuple(document.graph[name].id for name in names)


def test_dragging_a_block_is_one_step(document: Document, hand: Hand) -> None:
    hand.drag(hand.at("pool"), hand.at("pool", 203, 41))
    assert document.graph["pool"].position == (200.0, 256.0)
    assert document.history.count() == 1
    assert document.history.undoText() == "Move pool"
    document.history.undo()
    assert document.graph == chain()
    assert hand.at("pool") == (0, 216)


def test_while_dragging_nothing_is_committed_and_wires_follow(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.hold(hand.at("pool"), hand.at("pool", 200, 80))
    (wire,) = [wire for wire in view.canvas.wires.values() if wire.edge.target == document.graph["pool"].id]
    assert document.graph == chain()
    assert wire.wiring.points[-1] == hand.entry("pool") == (200, 274)
    hand.release(hand.at("pool"))


def test_escape_takes_a_drag_back(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.hold(hand.at("pool"), hand.at("pool", 200, 80))
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.at("pool"))
    assert (document.graph, document.history.count(), hand.at("pool")) == (chain(), 0, (0, 216))
    assert view.selected() == ()


def test_an_undo_in_the_middle_of_a_drag_ends_it(document: Document, view: CanvasView, hand: Hand) -> None:
    document.commit("Add", document.graph.add(ReLU(), "late", (300.0, 100.0))[0])
    hand.hold(hand.at("late"), (2, 36))
    document.history.undo()
    hand.release((2, 36))
    assert (document.graph, document.preview, len(view.canvas.blocks)) == (chain(), None, 4)


def test_a_dragged_block_falls_in_line_with_others(document: Document, hand: Hand) -> None:
    document.commit("Move", document.graph.move({ids(document, "pool")[0]: (300, 300)}))
    hand.drag(hand.at("pool"), (5, 300))
    assert document.graph["pool"].position == (0.0, 304.0)


def test_all_selected_blocks_move_together(document: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(document, "relu", "pool"))
    hand.drag(hand.at("relu"), hand.at("relu", 80, 0))
    assert [document.graph[name].position[0] for name in ("input", "conv", "relu", "pool")] == [0, 0, 80, 80]
    assert document.history.undoText() == "Move 2 layers"


def test_a_block_dropped_on_a_wire_goes_into_it(document: Document, view: CanvasView, hand: Hand) -> None:
    document.commit("Add", document.graph.add(ReLU(), "late", (300.0, 100.0))[0])
    hand.hold(hand.at("late"), (2, 36))
    assert document.preview is not None
    assert {wire.edge[:2] for wire in view.canvas.wires.values() if wire.lit} == {
        ids(document, "input", "late"),
        ids(document, "late", "conv"),
    }
    hand.release((2, 36))
    assert wires(document.graph) == {
        ("input", "late", 0),
        ("late", "conv", 0),
        ("conv", "relu", 0),
        ("relu", "pool", 0),
    }
    assert [document.graph[name].position for name in ("late", "conv")] == [(0, 72), (0, 144)]
    assert document.history.count() == 2
    assert not any(wire.lit for wire in view.canvas.wires.values())


def test_a_block_of_a_chain_dropped_on_another_wire_changes_its_place(document: Document, hand: Hand) -> None:
    hand.drag(hand.at("relu"), (3, 36))
    assert wires(document.graph) == {("input", "relu", 0), ("relu", "conv", 0), ("conv", "pool", 0)}


def test_escape_over_a_wire_leaves_it(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.hold(hand.at("pool"), (3, 36))
    assert document.preview is not None
    hand.key(Qt.Key.Key_Escape)
    assert (document.preview, document.graph) == (None, chain())
    assert hand.at("pool") == (0, 216)


def test_clicks_select(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.click(hand.at("conv"))
    assert view.selected() == ids(document, "conv")
    hand.click(hand.at("relu"), SHIFT)
    assert view.selected() == ids(document, "conv", "relu")
    hand.click(hand.at("conv"), CTRL)
    assert view.selected() == ids(document, "relu")
    hand.click((300, 100))
    assert view.selected() == ()


def test_a_rubber_band_selects_what_it_touches(document: Document, view: CanvasView, hand: Hand) -> None:
    heard: list[tuple[int, ...]] = []
    view.selection_changed.connect(lambda: heard.append(view.selected()))
    hand.drag((200, 60), (90, 160))
    assert view.selected() == ids(document, "conv", "relu") == heard[-1]
    assert document.history.count() == 0


def test_a_selected_layer_that_goes_is_no_longer_selected(document: Document, view: CanvasView) -> None:
    view.select(ids(document, "relu"))
    document.commit("Delete", document.graph.remove("relu"))
    assert view.selected() == ()
    document.history.undo()
    assert view.selected() == ()


def test_arrows_nudge_and_a_spree_is_one_step(document: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(document, "relu"))
    for _ in range(3):
        hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert document.graph["relu"].position == (24.0, 208.0)
    assert document.history.count() == 1


def test_ctrl_and_arrows_go_from_layer_to_layer(document: Document, view: CanvasView, hand: Hand) -> None:
    seen = []
    for _ in range(5):
        hand.key(Qt.Key.Key_Down, CTRL)
        seen += view.selected()
    assert tuple(seen) == (*document.graph.order, document.graph.order[-1])
    hand.key(Qt.Key.Key_Up, CTRL)
    assert view.selected() == ids(document, "relu")
    hand.key(Qt.Key.Key_Up, CTRL | SHIFT)
    assert view.selected() == ids(document, "conv", "relu")


def test_tab_asks_for_the_search_and_shift_tab_leaves(view: CanvasView, qtbot: QtBot, hand: Hand) -> None:
    with qtbot.waitSignal(view.search_wanted):
        hand.key(Qt.Key.Key_Tab)
    with qtbot.assertNotEmitted(view.search_wanted):
        hand.key(Qt.Key.Key_Backtab)
