"""What may be asked of a training beyond its form, chosen with mouse and keys, seen at once, and really done."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from netbuilder.engine import Cosine, Flip, Shift
from netbuilder.gui.training.choices import Options
from netbuilder.gui.training.options_dialog import OptionsDialog
from netbuilder.gui.training.record import Series, Smoothed
from netbuilder.gui.training.session import State
from netbuilder.gui.window import MainWindow
from tests.gui.windows import PATIENCE, child, opened, small


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = opened(qtbot, tmp_path)
    made.filing.show(small(), "small")
    made.filing.save_to(tmp_path / "small.netb")
    made.training.form.epochs.setValue(2)
    return made


def asked(window: MainWindow, qtbot: QtBot) -> OptionsDialog:
    qtbot.mouseClick(child(window, "training_more", QPushButton), Qt.MouseButton.LeftButton)
    dialog = window.findChild(OptionsDialog)
    assert dialog is not None
    qtbot.waitExposed(dialog)
    return dialog


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_is_chosen_is_summed_up_trained_with_and_drawn(window: MainWindow, qtbot: QtBot) -> None:
    dialog = asked(window, qtbot)
    dialog.schedule.setFocus()
    while dialog.schedule.currentData() != "Cosine":
        qtbot.keyClick(dialog.schedule, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.ticks["Shift"], Qt.Key.Key_Return)
    decay = dialog.numbers.editors["weight_decay"].boxes[0]
    qtbot.mouseDClick(decay, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(decay, "0.01")
    qtbot.keyClick(decay, Qt.Key.Key_Return)
    click(qtbot, dialog.use)
    form, session = window.training.form, window.training.session
    assert form.summary.full == "cosine · shift · weight decay 0.01"
    assert form.options == Options(Cosine(), (Shift(),), {"weight_decay": 0.01})
    window.commands["train"].trigger()
    qtbot.waitUntil(lambda: session.started is not None, timeout=PATIENCE)
    assert session.started is not None
    assert (session.started.schedule, session.started.augment) == ("cosine", ("shift",))
    qtbot.waitUntil(lambda: session.state is State.IDLE, timeout=PATIENCE)
    record, curves = session.record, window.training.need_curves()
    assert record is not None
    assert record.changes == [], "a schedule makes no marks"
    assert (np.diff(record.rates.y) < 0).all()
    qtbot.waitUntil(lambda: curves.loss._rates.xData is not None and len(curves.loss._rates.xData) == 40)
    assert "learning rate" in [entry.name for entry in curves.legend.entries]


def test_options_are_remembered_for_their_design_and_can_go_back_to_usual(window: MainWindow, qtbot: QtBot) -> None:
    form = window.training.form
    dialog = asked(window, qtbot)
    dialog.ticks["Flip"].click()
    click(qtbot, dialog.use)
    assert form.options.augment == (Flip(),)
    path = window.document.path
    window.filing.show(small(), "another")
    assert form.options == Options()
    assert path is not None
    window.filing.open(path)
    assert form.options.augment == (Flip(),)
    dialog = asked(window, qtbot)
    assert dialog.ticks["Flip"].isChecked()
    click(qtbot, dialog.reset)
    click(qtbot, dialog.use)
    assert form.options == Options()
    assert form.summary.full == ""


def test_cancelled_options_are_not_used(window: MainWindow, qtbot: QtBot) -> None:
    dialog = asked(window, qtbot)
    dialog.ticks["Noise"].click()
    click(qtbot, dialog.cancel)
    assert window.training.form.options == Options()


def test_the_contact_sheet_shows_what_augmentation_does(window: MainWindow, qtbot: QtBot) -> None:
    dialog = asked(window, qtbot)
    sheet = dialog.sheet
    qtbot.waitUntil(lambda: not sheet.pixmap().isNull(), timeout=PATIENCE)
    plain = sheet.pixmap().toImage()
    dialog.ticks["Rotate"].click()
    qtbot.waitUntil(lambda: sheet.pixmap().toImage() != plain, timeout=PATIENCE)
    dialog.reject()


def test_a_series_smoothed_anew_is_what_it_had_been_smoothed_as_it_came() -> None:
    series, grown = Series(), Smoothed()
    grown.memory = 0.97
    for step, y in enumerate(np.random.default_rng(0).random(1000)):
        series.add(step, y)
        grown.add(step, y)
    anew = Smoothed()
    anew.follow(series, 0.97)
    np.testing.assert_allclose(anew.y, grown.y, rtol=1e-12)
    for each in (series, anew, grown):
        each.add(1000, 0.5)
    assert anew.y[-1] == pytest.approx(grown.y[-1], rel=1e-12)
    assert (anew.memory, len(anew)) == (0.97, 1001)


def test_smoothing_leaves_every_batch_in_sight(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["train"].trigger()
    qtbot.waitUntil(lambda: window.training.session.record is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.training.session.active, timeout=PATIENCE)
    curves, record = window.training.need_curves(), window.training.session.record
    assert record is not None
    before = record.loss.smoothed.y.copy()
    curves.smooth(0.0)
    np.testing.assert_allclose(record.loss.smoothed.y, record.loss.training.y)
    curves.smooth(0.999)
    assert np.ptp(record.loss.smoothed.y) < np.ptp(before)
    assert len(record.loss.training) == 40
