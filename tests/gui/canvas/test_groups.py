"""Groups: framed while open, one block while collapsed; every command on them is one step."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph, GraphError
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.collapsing import collapsed, expanded
from netbuilder.gui.canvas.frame import areas
from netbuilder.gui.canvas.stack import Stack
from netbuilder.gui.document import Document
from netbuilder.layers import Add, BatchNorm, Conv2D, Input, ReLU
from tests.gui.canvas.hand import CTRL, SHIFT, Hand, chain, edge, wires


def ids(graph: Graph, *names: str) -> list[int]:
    return [graph[name].id for name in names]


def with_group(*names: str, folded: bool = False) -> Graph:
    graph = chain()
    return graph.group(ids(graph, *names), "Block", collapsed=folded)[0]


def key_of(document: Document) -> int:
    (key,) = document.graph.groups
    return key


@pytest.fixture
def grouped(document: Document) -> Document:
    """conv and relu are an open group."""
    document.replace(with_group("conv", "relu"))
    return document


@pytest.fixture
def folded(document: Document) -> Document:
    """conv and relu are one block."""
    document.replace(collapsed(with_group("conv", "relu"), 5))
    return document


def test_ctrl_g_groups_and_asks_for_a_name_in_one_step(document: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(document.graph, "conv", "relu"))
    hand.key(Qt.Key.Key_G, CTRL)
    group = document.graph.groups[key_of(document)]
    assert (group.name, group.members) == ("Group", frozenset(ids(document.graph, "conv", "relu")))
    field = view.findChild(QLineEdit, "name_editor")
    assert field is not None
    QTest.keyClicks(field, "First stage")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.graph.groups[group.id].name == "First stage"
    assert (document.history.count(), document.history.undoText()) == (1, "Group")
    document.history.undo()
    assert document.graph == chain()


def test_one_layer_is_no_group(document: Document, view: CanvasView, qtbot: QtBot) -> None:
    view.select(ids(document.graph, "conv"))
    with qtbot.waitSignal(view.said) as said:
        view.group()
    assert said.args == ["A group needs at least two layers."]
    assert document.history.count() == 0


def test_an_open_group_has_a_frame_around_its_blocks(grouped: Document, view: CanvasView) -> None:
    frame = view.canvas.frames[key_of(grouped)]
    inside = [view.canvas.blocks[key].card() for key in ids(grouped.graph, "conv", "relu")]
    outside = [view.canvas.blocks[key].card() for key in ids(grouped.graph, "input", "pool")]
    assert frame.title.name == "Block"
    assert all(frame.areas[0].contains(card) for card in inside)
    assert not any(frame.areas[0].intersects(card) for card in outside)


def test_a_frame_leaves_out_blocks_that_lie_between() -> None:
    apart = areas([(0, 0), (0, 72), (264, 0)], [(264, 72), (0, 288)])
    assert len(apart) == 2
    assert not any(area.contains(QPointF(264, 72)) for area in apart)
    assert len(areas([(0, 0), (0, 144)], [(0, 72)])) == 2
    assert len(areas([(0, 0), (264, 72)], [(0, 288)])) == 1


def test_a_click_on_the_chevron_collapses_and_opens(grouped: Document, view: CanvasView, hand: Hand) -> None:
    before, key = grouped.graph, key_of(grouped)
    hand.click(view.canvas.frames[key].chevron_rect().center().toTuple())
    block = view.canvas.blocks[key]
    assert isinstance(block, Stack)
    assert (grouped.history.count(), grouped.history.undoText()) == (1, "Collapse Block")
    hand.click(block.chevron_rect().center().toTuple())
    assert grouped.graph == before
    assert grouped.history.undoText() == "Open Block"


def test_a_double_click_on_the_title_or_enter_collapses(grouped: Document, view: CanvasView, hand: Hand) -> None:
    key = key_of(grouped)
    hand.double(view.canvas.frames[key].name_rect().center().toTuple())
    assert key in view.canvas.blocks
    assert set(view.selected()) == set(ids(grouped.graph, "conv", "relu"))
    hand.key(Qt.Key.Key_Return)
    assert key in view.canvas.frames
    hand.key(Qt.Key.Key_Return)
    assert key in view.canvas.blocks
    at = view.canvas.blocks[key].pos()
    hand.double((at.x(), at.y() + 12))
    assert key in view.canvas.frames


def test_a_collapsed_group_is_one_block_in_the_chain(folded: Document, view: CanvasView) -> None:
    key, graph = key_of(folded), folded.graph
    face = view.canvas.blocks[key].face
    assert face is not None
    assert (face.name, face.caption, face.weights, face.share) == ("Block", "2 layers", "156", "100.0 %")
    assert face.families == ("convolution", "activation")
    assert set(view.canvas.blocks) == {graph["input"].id, key, graph["pool"].id}
    out = next(wire for wire in view.canvas.wires.values() if wire.edge.source == key)
    assert out.text == "28×28×6"


def test_what_follows_closes_up_and_makes_room_again() -> None:
    graph = with_group("input", "conv", "relu")
    small = collapsed(graph, 5)
    assert small["pool"].position == (0, 72)
    assert expanded(small, 5) == graph


def test_a_group_others_stand_in_the_way_of_opens_below_itself() -> None:
    graph = collapsed(with_group("conv", "relu").move({3: (264, 72)}), 5)
    graph, _ = graph.add(ReLU(), "other", (264.0, 72.0))
    opened = expanded(graph, 5)
    assert [opened[name].position for name in ("conv", "relu", "pool")] == [(0, 72), (0, 144), (0, 216)]


def test_grouping_a_collapsed_group_with_more_opens_it(folded: Document, view: CanvasView) -> None:
    view.select(ids(folded.graph, "conv", "relu", "pool"))
    view.group()
    assert [len(group.members) for group in folded.graph.groups.values()] == [3]
    assert folded.graph.move({}).nodes == with_group("conv", "relu").nodes


def test_a_layer_in_between_keeps_a_group_open(document: Document, view: CanvasView, qtbot: QtBot) -> None:
    document.replace(with_group("conv", "pool"))
    with qtbot.waitSignal(view.said) as said:
        view.toggle_group(key_of(document))
    assert said.args == ["“relu” lies between the layers of “Block”: take it in, and it can be one block."]
    with pytest.raises(GraphError):
        collapsed(document.graph, key_of(document))
    assert document.history.count() == 0


def test_a_collapsed_group_moves_and_is_selected_as_one(folded: Document, view: CanvasView, hand: Hand) -> None:
    block = view.canvas.blocks[key_of(folded)]
    hand.drag(block.pos().toTuple(), (240, 72))
    graph = folded.graph
    assert [graph[name].position for name in ("conv", "relu")] == [(240, 72), (240, 144)]
    assert view.selected() == tuple(ids(graph, "conv", "relu"))
    assert (folded.history.count(), folded.history.undoText()) == (1, "Move Block")
    assert block.isSelected()


def test_a_frame_is_a_handle_for_all_it_holds(grouped: Document, view: CanvasView, hand: Hand) -> None:
    at = view.canvas.frames[key_of(grouped)].name_rect().center()
    hand.drag(at.toTuple(), (at.x() + 240, at.y()))
    assert [grouped.graph[name].position[0] for name in ("input", "conv", "relu", "pool")] == [0, 240, 240, 0]


def test_arrows_move_and_ctrl_arrows_pass_a_collapsed_group_as_one(
    folded: Document, view: CanvasView, hand: Hand
) -> None:
    for _ in range(2):
        hand.key(Qt.Key.Key_Down, CTRL)
    assert view.selected() == tuple(ids(folded.graph, "conv", "relu"))
    hand.key(Qt.Key.Key_Right)
    assert [folded.graph[name].position[0] for name in ("conv", "relu")] == [8, 8]
    hand.key(Qt.Key.Key_Down, CTRL)
    assert view.selected() == tuple(ids(folded.graph, "pool"))


def test_deleting_a_collapsed_group_heals_around_it(folded: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(folded.graph, "conv", "relu"))
    hand.key(Qt.Key.Key_Delete)
    assert wires(folded.graph) == {("input", "pool", 0)}
    assert folded.history.undoText() == "Delete Block"
    folded.history.undo()
    assert key_of(folded) in view.canvas.blocks


def test_a_copy_of_a_group_is_a_group(folded: Document, view: CanvasView) -> None:
    view.select(ids(folded.graph, "conv", "relu"))
    view.copy()
    view.paste()
    first, second = folded.graph.groups.values()
    assert (first.name, first.collapsed) == (second.name, second.collapsed)
    assert {folded.graph[key].name for key in second.members} == {"conv_1", "relu_1"}
    assert set(view.selected()) == second.members


def test_ungrouping_brings_the_blocks_back(folded: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(folded.graph, "conv"))
    hand.key(Qt.Key.Key_G, CTRL | SHIFT)
    assert folded.graph == chain()
    assert folded.history.count() == 1


def test_f2_renames_the_group_that_is_selected(folded: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(folded.graph, "conv", "relu"))
    hand.key(Qt.Key.Key_F2)
    field = view.findChild(QLineEdit, "name_editor")
    assert field is not None
    QTest.keyClicks(field, "Stem")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert folded.graph.groups[key_of(folded)].name == "Stem"


def test_a_problem_inside_shows_outside(document: Document, view: CanvasView) -> None:
    graph = with_group("conv", "relu", folded=True)
    document.replace(graph.disconnect(edge(graph, "conv", "relu")))
    face = view.canvas.blocks[key_of(document)].face
    assert face is not None
    assert face.severity == "error"
    assert "conv" in face.problem


def residual() -> Graph:
    graph = Graph.chain(Input(), Conv2D(1), ReLU(), Add(), ReLU(), names=("input", "conv", "relu", "sum", "end"))
    graph = graph.connect("input", "sum", 1)
    return graph.group(ids(graph, "conv", "relu", "sum"), "Residual", collapsed=True)[0]


def test_a_layer_put_before_a_group_feeds_all_that_was_fed(document: Document, view: CanvasView) -> None:
    document.replace(residual())
    view.select(ids(document.graph, "input"))
    view.append(BatchNorm())
    assert {("input", "batchnorm_1", 0), ("batchnorm_1", "conv", 0), ("batchnorm_1", "sum", 1)} < wires(document.graph)


def test_a_wire_pulled_off_a_group_takes_all_it_stood_for(document: Document, view: CanvasView, hand: Hand) -> None:
    document.replace(residual())
    block = view.canvas.blocks[key_of(document)]
    hand.drag(block.port_point(0).toTuple(), (300, 40))
    assert wires(document.graph) == {("conv", "relu", 0), ("relu", "sum", 0), ("sum", "end", 0)}
    hand.drag(hand.output("input"), block.pos().toTuple())
    assert ("input", "conv", 0) in wires(document.graph)


def test_a_wire_from_a_group_starts_at_the_layer_that_leaves_it(
    document: Document, view: CanvasView, hand: Hand
) -> None:
    graph, _ = residual().add(ReLU(), "late", (300.0, 288.0))
    document.replace(graph)
    hand.drag(view.canvas.blocks[key_of(document)].port_point(None).toTuple(), hand.entry("late"))
    assert ("sum", "late", 0) in wires(document.graph)


def test_a_group_that_needs_nothing_refuses_another_wire(
    document: Document, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    graph, late = residual().add(Input(), "other", (300.0, -72.0))
    document.replace(graph.disconnect(edge(graph, "input", "conv")).disconnect(edge(graph, "input", "sum", 1)))
    block = view.canvas.blocks[key_of(document)]
    hand.drag(hand.output("input"), block.pos().toTuple())
    hand.drag(hand.output("input"), block.pos().toTuple())
    assert {("input", "conv", 0), ("input", "sum", 0)} < wires(document.graph) | {("input", "sum", 0)}
    assert late.id in document.graph.nodes


def test_a_layer_dropped_into_a_wire_of_a_group_joins_it(grouped: Document, view: CanvasView) -> None:
    view.select(ids(grouped.graph, "conv"))
    view.append(BatchNorm())
    assert grouped.graph["batchnorm_1"].id in grouped.graph.groups[key_of(grouped)].members
    view.select(ids(grouped.graph, "relu"))
    view.append(BatchNorm())
    assert grouped.graph["batchnorm_2"].id not in grouped.graph.groups[key_of(grouped)].members


def test_a_group_is_described_to_a_screen_reader(folded: Document, view: CanvasView) -> None:
    view.select(ids(folded.graph, "conv", "relu"))
    assert view.accessibleDescription() == "Block, collapsed group of 2 layers, of 4 layers"


def test_a_hidden_layer_is_not_removed_unseen(folded: Document, view: CanvasView, hand: Hand) -> None:
    said: list[str] = []
    view.said.connect(said.append)
    (relu,) = ids(folded.graph, "relu")
    view.select([relu])
    hand.key(Qt.Key.Key_Delete)
    assert relu in folded.graph.nodes
    assert not folded.graph.groups[key_of(folded)].collapsed
    assert view.selected() == (relu,)
    assert said == ["What is selected lies in “Block”, which is open now: delete again to remove it."]
    hand.key(Qt.Key.Key_Delete)
    assert relu not in folded.graph.nodes
    folded.history.undo()
    folded.history.undo()
    assert folded.graph.groups[key_of(folded)].collapsed


def test_a_hidden_layer_comes_into_sight_to_be_renamed(folded: Document, view: CanvasView, hand: Hand) -> None:
    view.select(ids(folded.graph, "relu"))
    hand.key(Qt.Key.Key_F2)
    assert not folded.graph.groups[key_of(folded)].collapsed
    field = view.findChild(QLineEdit, "name_editor")
    assert field is not None
    assert field.text() == "relu"
