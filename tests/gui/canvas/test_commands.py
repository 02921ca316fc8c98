"""Commands on the selection: delete, append, rename, and copies through the clipboard as text."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.graph import Graph
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.menu import entries
from netbuilder.gui.document import Document
from netbuilder.layers import Add, BatchNorm, Conv2D, Dense, Flatten, Input
from tests.gui.canvas.hand import CTRL, SHIFT, Hand, chain, wires


def choose(view: CanvasView, *names: str) -> None:
    view.select(view.document.graph[name].id for name in names)


def test_delete_heals_the_chain_and_closes_the_hole(document: Document, view: CanvasView, hand: Hand) -> None:
    choose(view, "relu")
    hand.key(Qt.Key.Key_Delete)
    assert wires(document.graph) == {("input", "conv", 0), ("conv", "pool", 0)}
    assert document.graph["pool"].position == (0, 144)
    document.history.undo()
    assert document.graph == chain()


def test_shift_delete_leaves_a_gap(document: Document, view: CanvasView, hand: Hand) -> None:
    choose(view, "relu")
    hand.key(Qt.Key.Key_Delete, SHIFT)
    assert wires(document.graph) == {("input", "conv", 0)}
    assert document.graph["pool"].position == (0, 216)


def test_with_nothing_selected_delete_does_nothing(document: Document, view: CanvasView) -> None:
    view.delete_selected()
    assert document.history.count() == 0


def test_append_adds_at_the_end(document: Document, view: CanvasView) -> None:
    view.append(Flatten)
    assert ("pool", "flatten_1", 0) in wires(document.graph)
    assert document.graph["flatten_1"].position == (0, 288)
    assert view.selected() == (document.graph["flatten_1"].id,)


def test_append_after_a_layer_that_feeds_another_goes_into_that_wire(document: Document, view: CanvasView) -> None:
    choose(view, "conv")
    view.append(BatchNorm())
    assert {("conv", "batchnorm_1", 0), ("batchnorm_1", "relu", 0)} < wires(document.graph)
    assert document.graph["relu"].position == (0, 216)


def test_a_network_grows_from_nothing_by_appending(view: CanvasView, document: Document) -> None:
    document.replace(Graph())
    for layer in (Conv2D(4, 3), Flatten, Dense(3), Input):
        view.append(layer)
    assert document.report.valid
    assert document.graph["input_1"].position[1] == document.graph["conv2d_1"].position[1] - 72


def test_copy_and_paste_go_between_windows_as_text(
    document: Document, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    choose(view, "conv", "relu")
    hand.key(Qt.Key.Key_C, CTRL)
    assert len(files.loads(QGuiApplication.clipboard().text()).nodes) == 2
    other = CanvasView(Document())
    qtbot.addWidget(other)
    other.paste()
    assert wires(other.document.graph) == {("conv", "relu", 0)}
    hand.key(Qt.Key.Key_V, CTRL)
    assert ("conv_1", "relu_1", 0) in wires(document.graph)
    assert document.graph["conv_1"].position == (24, 96)
    assert {document.graph[key].name for key in view.selected()} == {"conv_1", "relu_1"}


def test_cut_removes_and_heals(document: Document, view: CanvasView) -> None:
    choose(view, "relu")
    view.cut()
    assert wires(document.graph) == {("input", "conv", 0), ("conv", "pool", 0)}
    view.paste()
    assert document.graph["relu"].layer == chain()["relu"].layer
    assert document.history.count() == 2


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"format": 99}', "[" * 5000])
def test_foreign_text_is_not_pasted(document: Document, view: CanvasView, qtbot: QtBot, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    with qtbot.waitSignal(view.said) as said:
        view.paste()
    assert said.args == ["The clipboard holds no layers."]
    assert document.history.count() == 0


def test_duplicate_leaves_the_clipboard_alone(document: Document, view: CanvasView) -> None:
    QGuiApplication.clipboard().setText("mine")
    choose(view, "conv", "relu")
    view.duplicate()
    assert ("conv_1", "relu_1", 0) in wires(document.graph)
    assert QGuiApplication.clipboard().text() == "mine"


def editor(view: CanvasView) -> QLineEdit:
    found = view.findChild(QLineEdit, "name_editor")
    assert isinstance(found, QLineEdit)
    return found


def test_a_double_click_on_the_name_renames(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.double(hand.at("conv", -50, -8))
    QTest.keyClicks(editor(view), "first")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert document.graph["first"].layer == chain()["conv"].layer
    assert document.history.undoText() == "Rename to first"


def test_a_double_click_elsewhere_asks_for_the_settings(view: CanvasView, hand: Hand, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.inspect_requested):
        hand.double(hand.at("conv", 60, 10))


def test_a_name_that_is_taken_is_told_and_can_be_corrected(
    document: Document, view: CanvasView, hand: Hand, qtbot: QtBot
) -> None:
    choose(view, "conv")
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(editor(view), "relu")
    with qtbot.waitSignal(view.said) as said:
        QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert said.args == ["There is already a layer “relu”."]
    assert document.graph == chain()
    QTest.keyClicks(editor(view), "x")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert "relux" in {node.name for node in document.graph.nodes.values()}


def test_keys_typed_into_a_name_do_nothing_else(document: Document, view: CanvasView, hand: Hand, qtbot: QtBot) -> None:
    choose(view, "conv")
    hand.key(Qt.Key.Key_F2)
    with qtbot.assertNotEmitted(view.inspect_requested):
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_F8, Qt.Key.Key_N, Qt.Key.Key_Return):
            QTest.keyClick(editor(view), key)
    assert [node.position for node in document.graph.nodes.values()] == [
        node.position for node in chain().nodes.values()
    ]


def test_escape_leaves_the_name(document: Document, view: CanvasView, hand: Hand) -> None:
    choose(view, "conv")
    hand.key(Qt.Key.Key_F2)
    QTest.keyClicks(editor(view), "other")
    QTest.keyClick(editor(view), Qt.Key.Key_Escape)
    assert document.graph == chain()


def test_arranging_is_one_step_and_fits_the_view(document: Document, view: CanvasView) -> None:
    messy = document.graph.add(Add(), "add", (900.0, -300.0))[0]
    messy = messy.connect("conv", "add").connect("relu", "add", 1)
    document.replace(messy)
    view.arrange()
    assert (document.history.count(), document.history.undoText()) == (1, "Arrange")
    assert view.seen().contains(view.canvas.extent())


def test_glides_end_where_the_document_says(
    document: Document, view: CanvasView, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(type(view.canvas), "motion_time", 40)
    document.commit("Move", document.graph.move({document.graph["pool"].id: (500.0, 500.0)}))
    block = view.canvas.blocks[document.graph["pool"].id]
    view.arrange()
    assert block.pos().toTuple() == (0, 216)
    qtbot.waitUntil(lambda: block.pos().toTuple() not in ((0, 216), (500, 500)), timeout=2000)
    qtbot.waitUntil(lambda: block.pos().toTuple() == (0, 216), timeout=2000)


def menu_texts(view: CanvasView, hand: Hand, at: tuple[float, float]) -> list[str]:
    return [entry[0] for entry in entries(view, view.mapToScene(hand.pixel(at))) if entry]


def test_the_menu_fits_what_lies_under_the_mouse(document: Document, view: CanvasView, hand: Hand) -> None:
    everywhere = ["Add note", "Select all", "Fit", "Arrange"]
    assert menu_texts(view, hand, (300, 100)) == ["Paste", *everywhere]
    assert menu_texts(view, hand, (0, 108)) == ["Disconnect", *everywhere]
    on_block = menu_texts(view, hand, hand.at("relu"))
    assert on_block == ["Rename", "Cut", "Copy", "Duplicate", "Delete", "Delete, leaving a gap", *everywhere]
    assert view.selected() == (document.graph["relu"].id,)


def test_the_menu_key_opens_the_menu_of_the_selected_block(document: Document, view: CanvasView, hand: Hand) -> None:
    choose(view, "relu")
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    shown = view.findChild(QMenu, "canvas_menu")
    assert isinstance(shown, QMenu)
    (duplicate,) = [action for action in shown.actions() if action.text().startswith("Duplicate")]
    duplicate.trigger()
    assert "relu_1" in {node.name for node in document.graph.nodes.values()}
    shown.close()
