"""Notes: written, moved, widened and deleted in place; plain text always."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit

from netbuilder import files
from netbuilder.graph import Note
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from tests.gui.canvas.hand import CTRL, SHIFT, Hand, chain


def editor(view: CanvasView) -> QPlainTextEdit:
    found = [each for each in view.findChildren(QPlainTextEdit, "note_editor") if each.isVisible()]
    assert len(found) == 1
    return found[0]


def only(document: Document) -> Note:
    (note,) = document.graph.notes.values()
    return note


@pytest.fixture
def noted(document: Document) -> Document:
    document.replace(chain().write_note("Five by five", (200.0, 40.0), 160.0)[0])
    return document


def test_n_writes_a_note_in_one_step(document: Document, view: CanvasView, hand: Hand) -> None:
    hand.key(Qt.Key.Key_N)
    QTest.keyClicks(editor(view), "Why?")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    QTest.keyClicks(editor(view), "<b>See</b> page 9")
    assert document.history.count() == 0
    QTest.keyClick(editor(view), Qt.Key.Key_Return, CTRL)
    assert only(document).text == "Why?\n<b>See</b> page 9"
    assert (document.history.count(), document.history.undoText()) == (1, "Add note")
    assert view.canvas.selected_notes() == (only(document).id,)


@pytest.mark.parametrize("text", ["", "   ", "given up"])
def test_a_note_that_says_nothing_is_none(document: Document, view: CanvasView, text: str) -> None:
    view.add_note()
    QTest.keyClicks(editor(view), text)
    if text.strip():
        QTest.keyClick(editor(view), Qt.Key.Key_Escape)
    else:
        QTest.keyClick(editor(view), Qt.Key.Key_Return, CTRL)
    assert (document.graph, document.history.count()) == (chain(), 0)


def test_a_double_click_or_enter_edits(noted: Document, view: CanvasView, hand: Hand) -> None:
    hand.double((260, 56))
    QTest.keyClicks(editor(view), "Three by three")
    QTest.keyClick(editor(view), Qt.Key.Key_Return, CTRL)
    assert only(noted).text == "Three by three"
    hand.key(Qt.Key.Key_Return)
    editor(view).clear()
    QTest.keyClick(editor(view), Qt.Key.Key_Return, CTRL)
    assert not noted.graph.notes
    noted.history.undo()
    assert only(noted).text == "Three by three"


def test_dragging_moves_it_on_the_grid(noted: Document, hand: Hand) -> None:
    hand.drag((260, 56), (301, 97))
    assert only(noted).position == (240.0, 80.0)
    assert (noted.history.count(), noted.history.undoText()) == (1, "Move note")


def test_dragging_its_edge_widens_it(noted: Document, view: CanvasView, hand: Hand) -> None:
    hand.hold((360, 56), (430, 56))
    assert view.canvas.notes[only(noted).id].size.width() == 232
    hand.release((430, 56))
    assert (only(noted).width, only(noted).position) == (232.0, (200.0, 40.0))
    hand.hold((432, 56), (300, 56))
    hand.key(Qt.Key.Key_Escape)
    assert only(noted).width == view.canvas.notes[only(noted).id].size.width() == 232.0


def test_it_is_selected_moved_and_deleted_with_blocks(noted: Document, view: CanvasView, hand: Hand) -> None:
    hand.click(hand.at("conv"))
    hand.click((260, 56), SHIFT)
    assert view.selected() == (noted.graph["conv"].id,)
    assert view.canvas.selected_notes() == (only(noted).id,)
    hand.key(Qt.Key.Key_Right)
    assert (noted.graph["conv"].position, only(noted).position) == ((8, 72), (208.0, 40.0))
    hand.key(Qt.Key.Key_Delete)
    assert (len(noted.graph.nodes), len(noted.graph.notes)) == (3, 0)
    assert noted.history.undoText() == "Delete conv and note"


def test_a_rubber_band_takes_notes_too(noted: Document, view: CanvasView, hand: Hand) -> None:
    hand.drag((450, 20), (180, 160))
    assert view.canvas.selected_notes() == (only(noted).id,)
    assert view.selected() == ()


def test_it_is_copied_with_what_is_selected(noted: Document, view: CanvasView) -> None:
    view.select([noted.graph["conv"].id, only(noted).id])
    view.copy()
    assert len(files.loads(QGuiApplication.clipboard().text()).notes) == 1
    view.paste()
    assert [note.text for note in noted.graph.notes.values()] == ["Five by five"] * 2
    assert len(view.canvas.selected_notes()) == 1
    view.select(view.canvas.selected_notes())
    view.duplicate()
    assert len(noted.graph.notes) == 3


def test_a_longer_text_is_taller_and_long_words_wrap(noted: Document, view: CanvasView) -> None:
    slip = view.canvas.notes[only(noted).id]
    low = slip.size.height()
    noted.commit("Edit", noted.graph.change_note(only(noted).id, text="x" * 300))
    assert slip.size.height() > 3 * low


def test_arranging_takes_a_note_along_with_its_block(noted: Document, view: CanvasView) -> None:
    apart = noted.graph.move({noted.graph["input"].id: (160.0, -400.0)}).change_note(
        only(noted).id, position=(300, -400)
    )
    noted.replace(apart)
    view.arrange()
    assert only(noted).position == (140.0, 0.0)


def test_ctrl_arrows_reach_it_and_it_is_read(noted: Document, view: CanvasView, hand: Hand) -> None:
    for _ in range(5):
        hand.key(Qt.Key.Key_Down, CTRL)
    assert view.canvas.selected_notes() == (only(noted).id,)
    assert view.accessibleDescription() == "Note: Five by five"
