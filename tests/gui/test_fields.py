"""Editors come from declarations: limits hold, text that is no value gets a sentence, and only a person edits."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from netbuilder.gui.boxes import RealBox, Tick, WordBox, written
from netbuilder.gui.editor import Editor, described
from netbuilder.gui.fields import editor_for, on_words
from netbuilder.gui.number_box import REST_MS, NumberBox
from netbuilder.layers import PALETTE, Conv2D, Dropout, Input, MaxPool2D, Setting
from netbuilder.layers.settings import Choice

pytestmark = pytest.mark.usefixtures("styled")
ALL = [(cls, setting) for cls in PALETTE for setting in cls.settings()]
WAYS = [f"{cls.__name__}.{setting.name}" for cls, setting in ALL]


class Stand:
    """An editor in a window beside something else that can take the focus, and what it said."""

    def __init__(self, setting: Setting, qtbot: QtBot):
        self.window, self.other, self.editor = QWidget(), QLineEdit(), editor_for(setting)
        column = QVBoxLayout(self.window)
        column.addWidget(self.editor)
        column.addWidget(self.other)
        self.tried: list[Any] = []
        self.said: list[Any] = []
        self.abandoned: list[bool] = []
        self.refusals: list[str] = []
        self.finished: list[bool] = []
        self.editor.previewed.connect(self.tried.append)
        self.editor.edited.connect(self.said.append)
        self.editor.abandoned.connect(lambda: self.abandoned.append(True))
        self.editor.refused.connect(self.refusals.append)
        self.editor.finished.connect(lambda: self.finished.append(True))
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.box: Any = self.editor.boxes[0]

    def focus(self, qtbot: QtBot, widget: QWidget | None = None) -> None:
        (widget or self.box).setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(lambda: (widget or self.box).hasFocus())


def stand(cls: type, name: str, qtbot: QtBot) -> Stand:
    return Stand(next(s for s in cls.settings() if s.name == name), qtbot)  # pyright: ignore


def turn(box: QWidget, notches: int) -> None:
    at = QPointF(5, 5)
    event = QWheelEvent(
        at,
        box.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)


def retype(box: Any, text: str, qtbot: QtBot) -> None:
    box.selectAll()
    qtbot.keyClicks(box, text)


@pytest.mark.parametrize(("cls", "setting"), ALL, ids=WAYS)
def test_every_declared_setting_has_an_editor_that_explains_itself(cls: type, setting: Setting, qtbot: QtBot) -> None:
    here = Stand(setting, qtbot)
    default = getattr(cls(), setting.name)
    here.editor.set_value(default)
    assert here.editor.value() == default
    assert here.said == []
    for box in here.editor.boxes:
        assert box.accessibleName().startswith(setting.label)
        assert setting.help in box.accessibleDescription()
        assert box.toolTip() == described(setting)
        assert box.objectName().startswith(f"setting_{setting.name}")


def boxes(editor: Editor) -> Iterator[NumberBox]:
    return (box for box in editor.boxes if isinstance(box, NumberBox))


@pytest.mark.parametrize(("cls", "setting"), ALL, ids=WAYS)
def test_no_key_or_click_yields_a_value_the_layer_refuses(cls: type, setting: Setting, qtbot: QtBot) -> None:
    here = Stand(setting, qtbot)
    here.editor.set_value(getattr(cls(), setting.name))
    for box in here.editor.boxes:
        if not box.isVisible():
            continue
        here.focus(qtbot, box)
        for key in (Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_Down, Qt.Key.Key_Space):
            if not isinstance(box, WordBox):
                qtbot.keyClick(box, key)
        if isinstance(box, (NumberBox, RealBox)):
            for text in ("0", "-1", "99999999", "1e999", "abc", "", "nan"):
                retype(box, text, qtbot)
                qtbot.keyClick(box, Qt.Key.Key_Return)
    assert here.tried or here.said or all(isinstance(box, WordBox) for box in here.editor.boxes if box.isVisible())
    for value in (*here.tried, *here.said):
        assert setting.kind(value) == value


def test_typing_a_number_tries_each_step_of_it_and_enter_keeps_the_last(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "128", qtbot)
    assert here.tried == [1, 12, 128]
    qtbot.wait(REST_MS + 100)
    assert here.said == [], "a pause in typing is a pause for thought"
    qtbot.keyClick(here.box, Qt.Key.Key_Return)
    assert here.said == [128]
    assert here.finished == [True]


def test_leaving_keeps_what_was_typed(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "48", qtbot)
    here.focus(qtbot, here.other)
    assert here.said == [48]
    assert here.finished == [True]


def test_arrows_are_tried_at_once_and_kept_after_a_rest(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    for _ in range(3):
        qtbot.keyClick(here.box, Qt.Key.Key_Up)
    assert (here.tried, here.said) == ([33, 34, 35], [])
    qtbot.waitUntil(lambda: here.said == [35], timeout=REST_MS + 600)


def test_nothing_is_kept_while_an_arrow_is_held(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    qtbot.keyPress(here.box, Qt.Key.Key_Up)
    qtbot.wait(REST_MS + 200)
    assert (here.tried, here.said) == ([33], [])
    qtbot.keyRelease(here.box, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: here.said == [33], timeout=REST_MS + 600)


def test_a_pressed_arrow_button_keeps_nothing_until_it_is_let_go(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    up = QPoint(here.box.width() - 6, 6)
    qtbot.mousePress(here.box, Qt.MouseButton.LeftButton, pos=up)
    qtbot.wait(REST_MS + 250)
    assert here.tried[0] == 33
    assert here.said == []
    qtbot.mouseRelease(here.box, Qt.MouseButton.LeftButton, pos=up)
    qtbot.waitUntil(lambda: here.said == [here.tried[-1]], timeout=REST_MS + 600)


def test_text_that_is_no_number_withdraws_what_was_tried(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "1", qtbot)
    assert here.editor.pending
    with qtbot.waitSignal(here.editor.withdrawn):
        qtbot.keyClick(here.box, Qt.Key.Key_Backspace)
    assert here.box.text() == "", "half a number is left alone"
    here.focus(qtbot, here.other)
    assert here.box.text() == "32"
    assert here.said == []


def test_escape_puts_text_that_is_no_number_right(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "many", qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Escape)
    assert here.box.text() == "32"
    assert here.refusals[-1] == ""


def test_a_choice_pointed_at_in_the_open_list_is_tried(qtbot: QtBot) -> None:
    here = stand(Conv2D, "padding", qtbot)
    here.focus(qtbot)
    here.box.showPopup()
    qtbot.keyClick(here.box.view(), Qt.Key.Key_Down)
    assert here.tried[-1] == "same"
    assert here.said == []
    with qtbot.waitSignal(here.editor.withdrawn):
        here.box.hidePopup()
    assert here.editor.value() == "valid"
    assert here.said == []


def test_a_number_out_of_limits_gets_a_sentence_and_is_put_right_later(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "0", qtbot)
    assert here.refusals[-1] == "Filters must be from 1 to 1,000,000, not 0."
    assert here.said == []
    here.focus(qtbot, here.other)
    assert here.box.text() == "32"
    assert here.refusals[-1] == ""
    assert here.finished


def test_letters_get_a_sentence(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "many", qtbot)
    assert here.refusals[-1] == "Filters must be a whole number."
    assert here.said == []


def test_thousands_may_be_typed_with_commas(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    retype(here.box, "1,024", qtbot)
    assert here.tried[-1] == 1024


def test_the_wheel_turns_only_a_box_that_has_the_focus(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot, here.other)
    turn(here.box, 1)
    assert here.tried == []
    here.focus(qtbot)
    turn(here.box, 1)
    turn(here.box, 1)
    assert (here.tried, here.said) == ([33, 34], [])
    qtbot.waitUntil(lambda: here.said == [34], timeout=REST_MS + 600)


def test_the_wheel_leaves_an_unfocused_choice_alone(qtbot: QtBot) -> None:
    here = stand(Conv2D, "padding", qtbot)
    here.focus(qtbot, here.other)
    turn(here.box, -1)
    assert here.said == []
    assert here.editor.value() == "valid"


def test_showing_a_value_is_not_an_edit(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.editor.set_value(7)
    here.editor.set_value(9, mixed=True)
    here.editor.set_value(9)
    assert here.said == []
    assert here.box.text() == "9"


def test_layers_that_differ_show_a_dash_and_step_from_the_first(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.editor.set_value(16, mixed=True)
    assert here.box.text() == "—"
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    assert here.tried == [17]
    assert here.box.text() == "17"


def test_typing_the_first_ones_number_gives_it_to_all(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.editor.set_value(6, mixed=True)
    here.focus(qtbot)
    retype(here.box, "6", qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Return)
    assert here.said == [6]


def test_escape_brings_the_dash_back(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.editor.set_value(6, mixed=True)
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    qtbot.keyClick(here.box, Qt.Key.Key_Escape)
    assert here.box.text() == "—"
    assert (here.said, here.abandoned) == ([], [True])


def test_leaving_a_dash_alone_changes_nothing(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.editor.set_value(6, mixed=True)
    here.focus(qtbot)
    here.focus(qtbot, here.other)
    assert here.said == []
    assert here.box.text() == "—"


def test_escape_takes_back_what_was_edited_since_the_focus_came(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    qtbot.keyClick(here.box, Qt.Key.Key_Escape)
    assert (here.tried, here.said, here.abandoned) == ([33, 34], [], [True])
    assert here.box.text() == "32"


def test_escape_after_a_rest_still_takes_back_and_after_enter_no_more(qtbot: QtBot) -> None:
    here = stand(Conv2D, "filters", qtbot)
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: here.said == [33], timeout=REST_MS + 600)
    qtbot.keyClick(here.box, Qt.Key.Key_Escape)
    assert here.abandoned == [True]
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    qtbot.keyClick(here.box, Qt.Key.Key_Return)
    qtbot.keyClick(here.box, Qt.Key.Key_Escape)
    assert here.abandoned == [True]


def test_a_pair_edits_one_side_at_a_time(qtbot: QtBot) -> None:
    here = stand(Conv2D, "kernel_size", qtbot)
    width: Any = here.editor.boxes[1]
    here.focus(qtbot, width)
    retype(width, "5", qtbot)
    assert here.tried == [(3, 5)]


def test_going_from_one_side_to_the_other_is_not_leaving(qtbot: QtBot) -> None:
    here = stand(Conv2D, "kernel_size", qtbot)
    here.focus(qtbot)
    retype(here.box, "5", qtbot)
    here.focus(qtbot, here.editor.boxes[1])
    retype(here.editor.boxes[1], "7", qtbot)
    assert (here.finished, here.said) == ([], [])
    here.focus(qtbot, here.other)
    assert (here.finished, here.said) == ([True], [(5, 7)])


def test_a_pair_the_layer_may_decide_reads_auto(qtbot: QtBot) -> None:
    here = stand(MaxPool2D, "stride", qtbot)
    assert [box.text() for box in boxes(here.editor)] == ["auto", "auto"]
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Up)
    assert here.tried == [(1, 1)]
    qtbot.keyClick(here.box, Qt.Key.Key_Down)
    assert here.tried[-1] is None
    assert [box.text() for box in boxes(here.editor)] == ["auto", "auto"]


def test_an_optional_number_reads_none_below_its_lowest(qtbot: QtBot) -> None:
    here = stand(Input, "channels", qtbot)
    here.editor.set_value(1)
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Down)
    assert here.tried == [None]
    assert here.box.text() == "none"


def test_padding_is_a_rule_or_four_sides(qtbot: QtBot) -> None:
    here = stand(Conv2D, "padding", qtbot)
    assert not any(box.isVisible() for box in boxes(here.editor))
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Down)
    qtbot.keyClick(here.box, Qt.Key.Key_Down)
    assert here.said == ["same", (0, 0, 0, 0)]
    sides = list(boxes(here.editor))
    assert all(box.isVisible() for box in sides)
    here.focus(qtbot, sides[3])
    retype(sides[3], "2", qtbot)
    assert here.tried[-1] == (0, 0, 0, 2)
    assert [box.accessibleName() for box in sides] == [f"Padding, {s}" for s in ("top", "bottom", "left", "right")]


def test_a_tick_says_what_it_adds(qtbot: QtBot) -> None:
    here = stand(Conv2D, "bias", qtbot)
    assert isinstance(here.box, Tick)
    assert here.box.text() == "one per filter"
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Space)
    assert here.said == [False]


def test_every_tick_has_words() -> None:
    flags = [setting for _cls, setting in ALL if type(setting.kind).__name__ == "Flag"]
    assert flags
    assert all(on_words(setting) != "on" for setting in flags)


def test_a_half_tick_turns_on_for_all(qtbot: QtBot) -> None:
    here = stand(Conv2D, "bias", qtbot)
    here.editor.set_value(False, mixed=True)
    assert here.box.checkState() == Qt.CheckState.PartiallyChecked
    qtbot.mouseClick(here.box, Qt.MouseButton.LeftButton, pos=QPoint(8, here.box.height() // 2))
    assert here.said == [True]


def test_reals_are_typed_as_people_write_them(qtbot: QtBot) -> None:
    here = stand(Dropout, "rate", qtbot)
    here.focus(qtbot)
    retype(here.box, "2.5e-1", qtbot)
    assert here.tried[-1] == 0.25
    assert here.said == []
    qtbot.keyClick(here.box, Qt.Key.Key_Return)
    assert here.said == [0.25]
    assert here.box.text() == "0.25"


def test_a_real_out_of_limits_gets_a_sentence_and_is_put_back(qtbot: QtBot) -> None:
    here = stand(Dropout, "rate", qtbot)
    before = here.box.text()
    here.focus(qtbot)
    retype(here.box, "7", qtbot)
    assert here.refusals[-1].startswith("Rate must be")
    here.focus(qtbot, here.other)
    assert here.said == []
    assert here.box.text() == before


@pytest.mark.parametrize("number", [0.1, 1e-5, 0.9, 1 / 3, 123456.789, 1e-12, 0.0])
def test_a_real_reads_back_as_itself(number: float) -> None:
    assert float(written(number)) == number


def test_choices_read_as_words(qtbot: QtBot) -> None:
    here = Stand(Setting("mode", Choice(("nearest", "by_area")), "nearest", "", "How."), qtbot)
    here.focus(qtbot)
    qtbot.keyClick(here.box, Qt.Key.Key_Down)
    assert here.said == ["by_area"]
    assert here.box.currentText() == "by area"
