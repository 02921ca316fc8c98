"""An edit in progress is seen everywhere before it is made; Escape leaves the file's bytes as they were."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.gui.document import Document
from netbuilder.gui.inspector import Inspector
from netbuilder.gui.number_box import REST_MS
from netbuilder.gui.status import StatusBar
from netbuilder.gui.theme import INSPECTOR
from tests.gui.test_fields import turn


class Bench:
    """Inspector and status line of LeNet-5 in one window, with conv2 selected and its filters focused."""

    def __init__(self, document: Document, qtbot: QtBot):
        self.document, self.qtbot = document, qtbot
        self.window, self.elsewhere = QWidget(), QLineEdit()
        self.inspector = Inspector(document)
        self.status = StatusBar(document, self.inspector.estimates)
        for widget, room in (
            (self.inspector, (0, 0, INSPECTOR, 700)),
            (self.status, (0, 700, 700, 26)),
            (self.elsewhere, (400, 10, 200, 26)),
        ):
            widget.setParent(self.window)
            widget.setGeometry(*room)
        self.window.resize(720, 740)
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.inspector.show_selection([document.graph["conv2"].id])
        self.bytes = files.dumps(document.graph)
        self.filters = self.box("filters")
        self.focus(self.filters)

    def box(self, setting: str) -> Any:
        found = self.inspector.findChild(QWidget, f"setting_{setting}")
        assert found is not None
        return found

    def focus(self, widget: QWidget) -> None:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        self.qtbot.waitUntil(widget.hasFocus)

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            self.qtbot.keyClick(self.filters, key)

    def retype(self, text: str) -> None:
        self.filters.selectAll()
        self.qtbot.keyClicks(self.filters, text)

    def rest(self) -> None:
        self.qtbot.wait(REST_MS + 120)

    def assert_untouched(self) -> None:
        assert files.dumps(self.document.graph) == self.bytes
        assert self.document.history.count() == 0
        assert self.document.preview is None
        assert self.filters.text() == "16"

    def texts(self) -> set[str]:
        return {label.text().strip() for label in self.inspector.findChildren(QLabel) if label.isVisible()}


@pytest.fixture
def bench(lenet: Document, qtbot: QtBot) -> Bench:
    return Bench(lenet, qtbot)


def test_turning_shows_what_would_come_of_it_and_makes_nothing(bench: Bench) -> None:
    bench.press(Qt.Key.Key_Up, Qt.Key.Key_Up)
    document = bench.document
    assert document.preview is not None
    assert document.preview[1]["fc1"].parameters == 54_120, "downstream follows too"
    assert files.dumps(document.graph) == bench.bytes
    assert {"10 × 10 × 16 →", "10 × 10 × 18", "2,416 →", "2,718", "+302", "240,000 → 270,000"} <= bench.texts()
    assert any("61,706 → 68,008 weights (+6,302)" in text and "Escape" in text for text in bench.texts())
    assert "61,706 → 68,008 weights (+6,302)" in bench.status.verdict.words.full


def test_escape_leaves_the_bytes_unchanged(bench: Bench) -> None:
    bench.press(Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Escape)
    bench.assert_untouched()
    bench.rest()
    bench.assert_untouched()


def test_escape_leaves_the_bytes_unchanged_even_after_a_rest(bench: Bench) -> None:
    bench.press(Qt.Key.Key_Up)
    bench.rest()
    assert bench.document.history.count() == 1
    bench.press(Qt.Key.Key_Up, Qt.Key.Key_Escape)
    bench.assert_untouched()


def test_the_check_for_untouched_bytes_sees_an_edit(bench: Bench) -> None:
    bench.press(Qt.Key.Key_Up, Qt.Key.Key_Return)
    with pytest.raises(AssertionError):
        bench.assert_untouched()


def test_a_spree_of_arrows_wheel_and_rests_is_one_step(bench: Bench) -> None:
    bench.press(Qt.Key.Key_Up, Qt.Key.Key_Up)
    bench.rest()
    turn(bench.filters, 3)
    bench.rest()
    bench.press(Qt.Key.Key_Down)
    bench.rest()
    assert bench.document.graph["conv2"].layer.values()["filters"] == 20
    assert bench.document.history.count() == 1
    bench.document.history.undo()
    assert files.dumps(bench.document.graph) == bench.bytes


def test_typing_is_previewed_live_and_kept_with_enter(bench: Bench) -> None:
    bench.retype("24")
    bench.rest()
    assert bench.document.history.count() == 0
    assert "10 × 10 × 24" in bench.texts()
    bench.press(Qt.Key.Key_Return)
    assert bench.document.history.count() == 1
    assert bench.document.preview is None
    bench.press(Qt.Key.Key_Escape)
    assert bench.document.graph["conv2"].layer.values()["filters"] == 24, "Enter has kept it"


def test_a_click_elsewhere_keeps_what_was_typed(bench: Bench) -> None:
    bench.retype("24")
    bench.qtbot.mouseClick(bench.status, Qt.MouseButton.LeftButton, pos=QPoint(300, 5))
    assert bench.filters.hasFocus(), "a status line takes no focus, and yet"
    assert bench.document.graph["conv2"].layer.values()["filters"] == 24


def test_a_shortcut_finds_what_was_typed_already_kept(bench: Bench) -> None:
    saved: list[str] = []
    shortcut = QShortcut(QKeySequence("Ctrl+S"), bench.window)
    shortcut.activated.connect(lambda: saved.append(files.dumps(bench.document.graph)))
    bench.retype("24")
    bench.press(Qt.Key.Key_Shift)
    bench.qtbot.keyClick(bench.filters, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: bool(saved))
    assert saved == [files.dumps(bench.document.graph)]
    assert saved != [bench.bytes]


def test_closing_the_window_keeps_what_was_typed(bench: Bench) -> None:
    bench.retype("24")
    bench.window.close()
    assert not bench.document.saved


def test_selecting_another_layer_keeps_what_was_typed_for_the_first(bench: Bench) -> None:
    bench.retype("24")
    bench.inspector.show_selection([bench.document.graph["conv1"].id])
    values = {name: bench.document.graph[name].layer.values()["filters"] for name in ("conv1", "conv2")}
    assert values == {"conv1": 6, "conv2": 24}


def test_a_design_that_changes_under_the_hand_ends_the_preview(bench: Bench) -> None:
    bench.retype("24")
    bench.document.commit("Filters", bench.document.graph.set("conv2", filters=9))
    assert bench.filters.text() == "9"
    bench.focus(bench.elsewhere)
    assert bench.document.graph["conv2"].layer.values()["filters"] == 9
    assert bench.document.history.count() == 1


def test_half_a_number_previews_nothing(bench: Bench) -> None:
    bench.retype("1")
    assert bench.document.preview is not None
    bench.press(Qt.Key.Key_Backspace)
    assert bench.document.preview is None
    assert bench.filters.text() == ""
    bench.focus(bench.elsewhere)
    bench.assert_untouched()


def test_a_preview_that_would_break_the_design_says_so(bench: Bench) -> None:
    kernel = bench.box("kernel_size_height")
    bench.focus(kernel)
    kernel.selectAll()
    bench.qtbot.keyClicks(kernel, "99")
    assert any(text.startswith("This would break the design: Conv2D “conv2” slides") for text in bench.texts())
    assert bench.status.verdict.words.full.startswith("1 problem")
    bench.qtbot.keyClick(kernel, Qt.Key.Key_Escape)
    bench.assert_untouched()


def test_pointing_at_a_choice_previews_it_and_closing_the_list_ends_that(bench: Bench) -> None:
    padding = bench.box("padding")
    bench.focus(padding)
    padding.showPopup()
    bench.qtbot.keyClick(padding.view(), Qt.Key.Key_Down)
    assert bench.document.preview is not None
    assert "14 × 14 × 16" in bench.texts()
    padding.hidePopup()
    assert bench.document.preview is None
    bench.assert_untouched()


def test_several_layers_are_previewed_and_kept_as_one_step(bench: Bench) -> None:
    names = ("conv1", "conv2")
    bench.inspector.show_selection([bench.document.graph[name].id for name in names])
    bench.filters = bench.box("filters")
    assert bench.filters.text() == "—"
    bench.focus(bench.filters)
    bench.retype("12")
    assert files.dumps(bench.document.graph) == bench.bytes
    bench.press(Qt.Key.Key_Escape)
    assert bench.filters.text() == "—"
    assert files.dumps(bench.document.graph) == bench.bytes
    bench.press(Qt.Key.Key_Up)
    bench.rest()
    assert [bench.document.graph[name].layer.values()["filters"] for name in names] == [7, 7]
    assert bench.document.history.count() == 1
    assert bench.document.history.undoText() == "Filters of 2 layers"
    bench.press(Qt.Key.Key_Escape)
    assert bench.filters.text() == "—"
    assert files.dumps(bench.document.graph) == bench.bytes
    assert bench.document.history.count() == 0


def test_nothing_listens_to_the_application_between_edits(bench: Bench) -> None:
    edits = bench.inspector.layer_page.edits
    bench.retype("24")
    assert edits.pending
    bench.press(Qt.Key.Key_Return)
    assert not edits.pending
    QApplication.processEvents()
