"""The ghost of an edit: old and new shapes, what it adds to the weights, and nothing of it after Escape."""

from PySide6.QtCore import Qt

from netbuilder.drawing.routing import LANE
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.block import Block
from netbuilder.gui.canvas.wire import Wire
from netbuilder.gui.document import Document
from netbuilder.layers import Conv2D
from tests.gui.canvas.hand import Hand, chain, edge


def wire(view: CanvasView, source: str, target: str) -> Wire:
    return view.canvas.wires[edge(view.canvas.graph, source, target)]


def block(view: CanvasView, name: str) -> Block:
    return view.canvas.blocks[view.canvas.graph[name].id]


def test_every_wire_behind_the_edit_shows_old_and_new(document: Document, view: CanvasView) -> None:
    document.show_preview(document.graph.set("conv", filters=8, kernel_size=3))
    assert (wire(view, "input", "conv").old_text, wire(view, "input", "conv").text) == ("", "28×28×1")
    for source, target in (("conv", "relu"), ("relu", "pool")):
        assert (wire(view, source, target).old_text, wire(view, source, target).text) == ("28×28×6 →", "28×28×8")


def test_blocks_show_what_it_does_to_the_weights(document: Document, view: CanvasView) -> None:
    document.show_preview(document.graph.set("conv", filters=8))
    face = block(view, "conv").face
    assert face is not None
    assert (face.weights, face.change) == ("208", "+52")
    relu = block(view, "relu").face
    assert relu is not None
    assert relu.change == ""


def test_a_new_layer_is_a_ghost_that_tells_all_its_weights(document: Document, view: CanvasView) -> None:
    graph, node = document.graph.insert(edge(document.graph, "relu", "pool"), Conv2D(4, 1))
    document.show_preview(graph)
    ghost = view.canvas.blocks[node.id]
    assert ghost.ghost
    assert ghost.face is not None
    assert ghost.face.change == "+28"
    assert ghost.opacity() < 1


def test_escape_abandons_it_and_nothing_is_left(document: Document, view: CanvasView, hand: Hand) -> None:
    view.select([document.graph["conv"].id])
    document.show_preview(document.graph.set("conv", filters=8))
    hand.key(Qt.Key.Key_Escape)
    assert (document.preview, document.graph, document.history.count()) == (None, chain(), 0)
    assert {wire.old_text for wire in view.canvas.wires.values()} == {""}
    assert view.selected() == (document.graph["conv"].id,)
    hand.key(Qt.Key.Key_Escape)
    assert view.selected() == ()


def test_a_committed_edit_is_no_longer_compared(document: Document, view: CanvasView) -> None:
    graph = document.graph.set("conv", filters=8)
    document.show_preview(graph)
    document.commit("Filters", graph)
    assert {wire.old_text for wire in view.canvas.wires.values()} == {""}
    assert all(block.face and not block.face.change for block in view.canvas.blocks.values())


def test_a_layer_that_a_preview_takes_away_stays_selected(document: Document, view: CanvasView) -> None:
    view.select([document.graph["relu"].id])
    document.show_preview(document.graph.remove("relu"))
    document.show_preview(None)
    assert view.selected() == (document.graph["relu"].id,)
    assert block(view, "relu").isSelected()


def test_a_preview_inside_a_collapsed_group_shows_at_its_block(document: Document, view: CanvasView) -> None:
    graph, group = document.graph.group(("conv", "relu"), collapsed=True)
    document.replace(graph)
    document.show_preview(graph.set("conv", filters=8))
    face = view.canvas.blocks[group.id].face
    assert face is not None
    assert face.change == "+52"
    (out,) = [item for item in view.canvas.wires.values() if item.edge.source == group.id]
    assert (out.old_text, out.text) == ("28×28×6 →", "28×28×8")


def test_old_and_new_shape_stand_one_above_the_other_within_the_column(document: Document, view: CanvasView) -> None:
    item = wire(view, "conv", "relu")
    plain = item.boundingRect()
    document.show_preview(document.graph.set("conv", filters=1000))
    shown = item.boundingRect()
    assert item.old_text == "28×28×6 →"
    block = view.canvas.blocks[document.graph["conv"].id].card()
    assert shown.right() <= block.right() + LANE, "short of where the nearest wire may run"
    gap = view.canvas.blocks[document.graph["relu"].id].card().top() - block.bottom()
    assert plain.height() <= shown.height() <= gap + 6
