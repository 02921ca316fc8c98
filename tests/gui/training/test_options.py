"""What may be asked of a training beyond its form, chosen with mouse and keys, seen at once, and really done."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from netbuilder.engine import OPTIMIZERS, Cosine, Flip, Job, Shift
from netbuilder.gui.training.choices import METHODS, Choices, Method, Options, choices_of, offers
from netbuilder.gui.training.class_weights import ClassWeights
from netbuilder.gui.training.options_dialog import OptionsDialog
from netbuilder.gui.training.record import Series, Smoothed
from netbuilder.gui.training.session import State
from netbuilder.gui.training.wishes import sections
from netbuilder.gui.window import MainWindow
from netbuilder.layers import ImageShape
from netbuilder.runs import Run
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
    decay = dialog.editors["weight_decay"].boxes[0]
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


def test_everything_a_job_declares_is_offered() -> None:
    rows = {"epochs", "batch_size", "resize"}
    for method in METHODS:
        offered = {wish.name for section in sections(method, None) for wish in section.wishes}
        assert {each.name for each in Job.settings()} - offered == rows
        own = {each.name for each in OPTIMIZERS[method.kind].settings()} - {"lr", "nesterov"}
        assert own - offered == ({"momentum"} if method.name == "sgd" else set())


def test_what_is_folded_is_summed_up_and_open_where_it_is_not_as_usual(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.options = Options(job={"clip_value": 0.5, "loss": "mse"})
    dialog = asked(window, qtbot)
    assert dialog.folds["updates"].is_open
    assert dialog.folds["updates"].summary.full == "mean squared error · clip value 0.5"
    assert not dialog.folds["machine"].is_open
    heading = dialog.folds["machine"].heading
    qtbot.keyClick(heading, Qt.Key.Key_Right)
    assert dialog.editors["threads"].isVisible()
    threads = dialog.editors["threads"].boxes[0]
    assert isinstance(threads, QSpinBox)
    assert threads.text() == "automatic (1)"
    qtbot.keyClick(heading, Qt.Key.Key_Left)
    assert not dialog.editors["threads"].isVisible()
    dialog.reject()


def test_never_is_nothing_to_the_engine_and_one_step_from_a_number(window: MainWindow, qtbot: QtBot) -> None:
    dialog = asked(window, qtbot)
    patience = dialog.editors["patience"].boxes[0]
    assert isinstance(patience, QSpinBox)
    assert patience.text() == "never"
    patience.setFocus()
    qtbot.keyClick(patience, Qt.Key.Key_Up)
    qtbot.keyClick(patience, Qt.Key.Key_Return)
    assert dialog.options().job == {"patience": 1}
    qtbot.keyClick(patience, Qt.Key.Key_Down)
    qtbot.keyClick(patience, Qt.Key.Key_Return)
    assert dialog.options() == Options()
    dialog.reject()


def test_classes_are_weighed_by_hand_one_by_one(window: MainWindow, qtbot: QtBot) -> None:
    dialog = asked(window, qtbot)
    editor = dialog.editors["class_weights"]
    assert isinstance(editor, ClassWeights)
    rule = editor.boxes[0]
    rule.setFocus()
    qtbot.keyClick(rule, Qt.Key.Key_Down)
    assert dialog.options().job == {"class_weights": "balanced"}
    qtbot.waitUntil(lambda: bool(editor.effect.text()), timeout=PATIENCE)
    assert editor.effect.text().startswith("“")
    qtbot.keyClick(rule, Qt.Key.Key_Down)
    assert dialog.options().job == {"class_weights": (1.0,) * 10}
    number = editor.table.item(3, 2)
    assert number is not None
    number.setText("2.5")
    assert dialog.options().job["class_weights"] == (1, 1, 1, 2.5, 1, 1, 1, 1, 1, 1)
    number.setText("many")
    assert number.text() == "2.5"
    refusal = child(dialog, "refusal_class_weights", QLabel)
    assert isinstance(refusal, QLabel)
    assert "“3” must be a number of at least 0" in refusal.text()
    click(qtbot, dialog.use)
    assert window.training.form.summary.full == "class weights by hand"


def test_a_sum_of_losses_is_weighed_by_its_factors(window: MainWindow, qtbot: QtBot) -> None:
    dialog = asked(window, qtbot)
    dialog.folds["updates"].heading.click()
    name, _entropy, squares = dialog.editors["loss"].boxes
    assert isinstance(squares, QLineEdit)
    assert not squares.isVisible()
    name.setFocus()
    for _ in range(3):
        qtbot.keyClick(name, Qt.Key.Key_Down)
    assert dialog.options().job == {"loss": "cross_entropy + 0.5 mse"}
    assert squares.isVisible()
    squares.setFocus()
    squares.selectAll()
    qtbot.keyClicks(squares, "0.25")
    qtbot.keyClick(squares, Qt.Key.Key_Return)
    assert dialog.options().job == {"loss": "cross_entropy + 0.25 mse"}
    click(qtbot, dialog.use)
    assert window.training.form.summary.full == "cross-entropy + 0.25 mse"
    dialog = asked(window, qtbot)
    assert dialog.options().job == {"loss": "cross_entropy + 0.25 mse"}
    dialog.reject()


def test_what_cannot_go_together_is_said_at_once(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.options = Options(job={"label_smoothing": 0.1, "loss": "mse"})
    dialog = asked(window, qtbot)
    refusal = child(dialog, "refusal_label_smoothing", QLabel)
    assert isinstance(refusal, QLabel)
    assert refusal.text().endswith("the loss is to be mean squared error.")
    dialog.editors["loss"].edited.emit("auto")
    assert refusal.text() == ""
    dialog.reject()


def test_a_run_keeps_what_was_asked_and_it_can_be_asked_again(window: MainWindow, qtbot: QtBot) -> None:
    form, session = window.training.form, window.training.session
    asked_for = Options(Cosine(), (Shift(),), {"weight_decay": 0.01}, {"class_weights": "balanced", "dtype": "float64"})
    form.options = asked_for
    form.batch.setValue(32)
    window.commands["train"].trigger()
    qtbot.waitUntil(lambda: session.started is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not session.active, timeout=PATIENCE)
    record = session.record
    assert record is not None
    assert record.test_loss is not None, record.note
    assert record.folder is not None
    kept = Run.open(record.folder).job
    assert (kept.class_weights, kept.dtype, kept.optimizer.weight_decay) == ("balanced", "float64", 0.01)
    form.options = Options()
    form.batch.setValue(64)
    form.method.setCurrentIndex(4)
    window.training.runs.settings_requested.emit(record)
    assert form.options == asked_for
    assert (form.batch.value(), form.chosen_method.name) == (32, "momentum")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_what_the_form_says_is_read_back_from_its_job(method: Method) -> None:
    job = {"patience": 3, "class_weights": (1.0,) * 10, "threads": 2, "clip_norm": 5.0}
    own: dict[str, object] = {"weight_decay": 0.5}
    own |= {"momentum": 0.8} if "momentum" in method.settings else {}
    own |= {"betas": (0.5, 0.9)} if "betas" in {each.name for each in OPTIMIZERS[method.kind].settings()} else {}
    offer = offers(ImageShape(1, 8, 8))[0]
    choices = Choices(offer, method.name, 0.25, 32, 3, Options(Cosine(), (Flip(),), own, job))
    assert choices_of(choices.job(small())) == choices


def test_tab_goes_through_the_options_from_top_to_bottom(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.options = Options(job={"class_weights": (1.0,) * 10, "seed": 3, "clip_norm": 1.0})
    dialog = asked(window, qtbot)
    met: list[str] = []
    each: QWidget | None = dialog.schedule.nextInFocusChain()
    while each is not None and each is not dialog.schedule:
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus:
            met.append(each.objectName())
        each = each.nextInFocusChain()
    order = ("setting_warmup", "setting_weight_decay", "setting_class_weights", "class_weights", "options_updates")
    order += (
        "setting_loss",
        "setting_clip_value",
        "options_machine",
        "setting_threads",
        "options_shift",
        "options_use",
    )
    assert [name for name in met if name in order] == list(order)
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
