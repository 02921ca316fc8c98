"""One click trains: real processes on a small design, with everything a person may do to them, and their deaths."""

import os
import re
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from netbuilder.engine import Finished, Health, LayerHealth
from netbuilder.graph import Graph
from netbuilder.gui.training.column import health, outputs
from netbuilder.gui.training.outcomes import outcome
from netbuilder.gui.training.record import Record
from netbuilder.gui.training.session import State
from netbuilder.gui.window import MainWindow
from netbuilder.layers import Dense, Flatten, Input, ReLU, Sigmoid
from netbuilder.runs import list_runs
from tests.gui.windows import PATIENCE, child, opened, small

LONG = 10_000
"""Epochs of a run that a test ends by itself."""


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    made = opened(qtbot, tmp_path)
    made.filing.show(small(), "small")
    made.filing.save_to(tmp_path / "small.netb")
    made.training.form.epochs.setValue(2)
    return made


def train(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(child(window, "button_train", QPushButton), Qt.MouseButton.LeftButton)
    session = window.training.session
    qtbot.waitUntil(lambda: session.latest is not None or not session.active, timeout=PATIENCE)


def wait_for(window: MainWindow, qtbot: QtBot, state: State) -> None:
    qtbot.waitUntil(lambda: window.training.session.state is state, timeout=PATIENCE)


def test_one_click_trains_and_the_curves_fill(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    train(window, qtbot)
    wait_for(window, qtbot, State.IDLE)
    record = window.training.session.record
    assert record is not None
    assert len(record.loss.training) == len(record.accuracy.training) == 2 * 20
    assert record.loss.training.x[-1] == 2.0
    assert record.loss.smoothed.y[-1] < record.loss.smoothed.y[0]
    assert list(record.loss.validation.x) == [1, 2]
    assert record.test_accuracy is not None
    assert 0.5 < record.test_accuracy <= 1
    assert window.training.progress.bar.value() == window.training.progress.PARTS
    assert f"{record.test_accuracy * 100:.1f} % of the test images are right" in window.status.currentMessage()
    assert [run.status for run in list_runs(tmp_path / "small.runs")] == ["finished"]
    row = window.training.runs.topLevelItem(0)
    assert row is not None
    assert "predicted were" in row.toolTip(1), "what it took stands beside what was predicted"
    assert re.fullmatch(r"[\d.]+ s \([\d.]+ s\)", row.text(8))
    assert re.fullmatch(r"[\d.]+ s an epoch, predicted [\d.]+ s", window.training.progress.pace.text())
    drawn = window.training.need_curves().loss._batches
    qtbot.waitUntil(lambda: drawn.xData is not None and len(drawn.xData) == 40)


def test_what_a_run_will_take_is_said_before_it_starts(window: MainWindow, qtbot: QtBot) -> None:
    forecast, form = window.training.column.forecast, window.training.form
    window.training.need_curves()
    qtbot.waitUntil(lambda: forecast.prediction is not None, timeout=PATIENCE)
    first = forecast.prediction
    assert first is not None
    assert 0 < first.seconds < 60
    assert "an epoch · " in window.training.progress.where.text()
    assert "an epoch on this machine" in window.status.verdict.words.full
    form.batch.setValue(1000)
    assert forecast.prediction is None, "what holds for another batch size is not shown"
    qtbot.waitUntil(lambda: forecast.prediction is not None, timeout=PATIENCE)
    assert forecast.prediction is not None
    assert forecast.prediction.memory > first.memory
    form.batch.setValue(64)
    assert forecast.prediction == first, "it is remembered"
    edited, _ = window.document.graph.add(ReLU())
    window.document.commit("Add ReLU", edited)
    assert forecast.prediction is None


def test_pause_waits_resume_goes_on_and_stop_keeps_what_was_learned(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    session, commands = window.training.session, window.commands
    commands["train"].trigger()
    wait_for(window, qtbot, State.PAUSED)
    assert commands["train"].iconText() == "Resume"
    assert session.record is not None
    count = len(session.record.loss.training)
    qtbot.wait(200)
    assert len(session.record.loss.training) == count
    commands["train"].trigger()
    qtbot.waitUntil(lambda: session.record is not None and len(session.record.loss.training) > count, timeout=PATIENCE)
    commands["stop"].trigger()
    wait_for(window, qtbot, State.IDLE)
    assert session.trained is not None
    assert session.trained.weights["fc.weight"].shape == (10, 64)
    assert commands["train"].iconText() == "Train"


def test_rate_and_epochs_change_mid_run_and_are_marked(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    record = window.training.session.record
    assert record is not None
    assert not window.training.form.method.isEnabled()
    window.training.form.rate.setValue(0.002)
    qtbot.waitUntil(lambda: len(record.changes) == 1, timeout=PATIENCE)
    assert record.changes[0].text == "rate 0.01 → 0.002"
    assert record.changes[0].epoch > 0
    window.training.form.epochs.setValue(1)
    wait_for(window, qtbot, State.IDLE)
    assert record.epochs < LONG


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_process_is_told_of_and_the_next_run_works(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    session, before = window.training.session, window.document.graph
    assert session._worker is not None
    assert session._worker.pid is not None
    os.kill(session._worker.pid, signal.SIGKILL)
    with qtbot.waitSignal(session.ended, timeout=1000) as told:
        pass
    assert told.args is not None
    assert told.args[0].kind == "died"
    assert "SIGKILL" in window.training.banner.text
    assert window.document.graph is before
    assert window.isVisible()
    window.training.form.epochs.setValue(1)
    train(window, qtbot)
    wait_for(window, qtbot, State.IDLE)
    assert window.training.banner.text == ""
    assert session.record is not None
    assert session.record.test_accuracy is not None


def test_an_edited_design_is_told_apart_from_its_run_and_can_be_restarted(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    banner, session = window.training.banner, window.training.session
    window.document.commit("Move", window.document.graph.move({3: (500.0, 500.0)}))
    assert banner.text == ""
    graph, _ = window.document.graph.insert(next(iter(window.document.graph.outgoing("flatten"))), ReLU())
    window.document.commit("Add ReLU", graph)
    assert banner.text == "The design has changed since this run started."
    window.document.history.undo()
    assert banner.text == ""
    window.document.history.redo()
    qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(session.records) == 2 and session.latest is not None, timeout=PATIENCE)
    assert session.record is not None
    assert session.record.graph == graph
    assert session.active
    assert len(window.training.runs.compared()) == 1


def test_a_broken_design_says_why_instead_of_starting(window: MainWindow) -> None:
    broken = window.document.graph.disconnect(next(iter(window.document.graph.edges)))
    window.document.commit("Cut", broken)
    window.commands["train"].trigger()
    assert not window.training.session.active
    assert window.training.banner.text.startswith("This design cannot be trained yet. ")
    assert "needs 1 input" in window.training.banner.text
    window.commands["undo"].trigger()
    assert window.training.banner.text == ""


def test_data_that_does_not_suit_names_the_numbers(window: MainWindow, qtbot: QtBot) -> None:
    window.document.commit("Units", window.document.graph.exchange("fc", Dense(7)))
    train(window, qtbot)
    wait_for(window, qtbot, State.IDLE)
    assert window.training.banner.text == "The data has 10 classes, but “fc” has 7 outputs."


def test_a_run_that_diverges_goes_on_with_a_lower_rate_by_one_click(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.rate.setValue(100)
    window.training.form.epochs.setValue(200)
    graph, relu = window.document.graph.insert(next(iter(window.document.graph.outgoing("flatten"))), Dense(50))
    graph, _ = graph.insert(next(iter(graph.outgoing(relu.id))), Dense(50))
    window.document.commit("Deeper", graph)
    train(window, qtbot)
    wait_for(window, qtbot, State.IDLE)
    banner, session = window.training.banner, window.training.session
    assert "Rate 100 with SGD is 10,000× the usual 0.01" in banner.text
    assert "“dense_" in banner.text or "“fc”" in banner.text
    way = banner.buttons[0]
    assert way.text().startswith("Set 0.01 and continue from step ")
    qtbot.mouseClick(way, Qt.MouseButton.LeftButton)
    assert session.active
    assert banner.text == ""
    qtbot.waitUntil(lambda: session.latest is not None or not session.active, timeout=PATIENCE)
    assert len(session.records) == 1, "the same run goes on"
    assert session.record is not None
    assert session.record.rate == window.training.form.rate.value() == 0.01
    x = session.record.loss.training.x
    assert (x[1:] > x[:-1]).all(), "what is trained anew replaces what it was"
    window.commands["stop"].trigger()
    wait_for(window, qtbot, State.IDLE)


def test_a_run_whose_process_died_is_continued_from_the_list(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    session, runs = window.training.session, window.training.runs
    assert session._worker is not None
    assert session._worker.pid is not None
    os.kill(session._worker.pid, signal.SIGKILL)
    wait_for(window, qtbot, State.IDLE)
    assert window.training.banner.buttons[0].text() == "Continue"
    runs.continue_requested.emit(session.record)
    qtbot.waitUntil(lambda: session.latest is not None or not session.active, timeout=PATIENCE)
    assert session.state is State.RUNNING
    assert runs.topLevelItemCount() == 1


def test_what_keeps_a_design_from_learning_is_warned_of_with_its_repair(window: MainWindow, qtbot: QtBot) -> None:
    layers = (Input(height=8, width=8, channels=1), Flatten(), Dense(10), Sigmoid())
    graph = Graph.chain(*layers)
    window.document.commit("Sigmoid at the end", graph)
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    banner = window.training.banner
    assert "keeps every score between 0 and 1" in banner.text
    assert banner.property("tone") == "warning"
    qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    assert len(window.document.graph.nodes) == 3
    window.commands["undo"].trigger()
    assert window.document.graph == graph


def test_learning_rates_are_tried_and_the_best_is_set_by_one_click(window: MainWindow, qtbot: QtBot) -> None:
    window.training.advice.test_rates()
    banner, rate = window.training.banner, window.training.form.rate
    assert "being tried" in banner.text
    qtbot.waitUntil(lambda: "being tried" not in banner.text, timeout=PATIENCE)
    suggested = banner.buttons[0].text()
    assert suggested.startswith("Set ")
    qtbot.mouseClick(banner.buttons[0], Qt.MouseButton.LeftButton)
    assert f"Set {rate.value():g}" == suggested


def test_a_run_gives_its_design_back(window: MainWindow, qtbot: QtBot) -> None:
    trained = window.document.graph
    train(window, qtbot)
    wait_for(window, qtbot, State.IDLE)
    window.document.commit("Units", trained.exchange("fc", Dense(7)))
    window.training.runs.restore_requested.emit(window.training.session.record)
    assert window.document.graph == trained
    assert window.document.history.undoText() == "Restore run 1"


def test_closing_the_window_ends_the_process(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    train(window, qtbot)
    worker = window.training.session._worker
    assert worker is not None
    assert window.close()
    assert worker.ended
    assert not worker._process.is_alive()


def test_earlier_runs_are_listed_with_their_curves_and_weights(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    train(window, qtbot)
    wait_for(window, qtbot, State.IDLE)
    first = window.training.session.record
    assert first is not None
    (tmp_path / "small.runs" / "damaged").mkdir()
    (tmp_path / "small.runs" / "damaged" / "run.json").write_text("{")
    assert window.close()
    again = opened(qtbot, tmp_path)
    again.filing.open(tmp_path / "small.netb")
    training = again.training
    qtbot.waitUntil(lambda: training.runs.topLevelItemCount() == 1, timeout=PATIENCE)
    item = training.runs.topLevelItem(0)
    assert item is not None
    item.setCheckState(0, Qt.CheckState.Checked)
    ((record, _),) = training.runs.compared()
    assert record.method == "Momentum 0.9"
    assert record.test_accuracy == first.test_accuracy
    assert list(record.loss.training.y) == pytest.approx(list(first.loss.training.y))
    assert list(record.accuracy.validation.y) == list(first.accuracy.validation.y)
    assert training.session.trained is not None
    assert training.session.trained.weights["fc.weight"].shape == (10, 64)
    assert len(training.need_curves().legend.entries) == 3


def test_a_run_that_starts_from_the_form_does_not_hand_the_keyboard_to_stop(window: MainWindow, qtbot: QtBot) -> None:
    window.training.form.epochs.setValue(LONG)
    window.training.form.more.setFocus()
    window.commands["train"].trigger()
    assert window.focusWidget() is not window.training.column.halt
    qtbot.waitUntil(lambda: window.training.session.latest is not None, timeout=PATIENCE)
    assert window.training.progress.isVisible()


def test_the_health_of_the_layers_is_told_in_a_line() -> None:
    layers = (LayerHealth("conv1", 0.31, 0.01), LayerHealth("relu1", dead=0.125), LayerHealth("fc", 0.02, 0.01))
    assert health(Health(10, 0.5, layers)) == (
        "The gradient is longest in “conv1”, 0.31, and shortest in “fc”, 0.02. "
        "Of the channels of “relu1”, 12 % are 0 for a whole batch."
    )
    assert health(Health(10, 0.5, (), "conv1")) == "“conv1” gives numbers that are not finite."


def test_what_several_outputs_have_of_the_loss_is_told() -> None:
    assert outputs({}) == outputs({"main": 0.5}) == ""
    assert outputs({"main": 0.5, "aux": 0.25}) == "Of the validation loss have “main” 0.5, “aux” 0.25."


@pytest.mark.parametrize("early", [False, True])
def test_a_training_that_patience_ended_says_so(early: bool) -> None:
    ended = Finished(9, 180, 4, 0.5, 0.8, 0.6, 0.75, seconds=3.0, early=early)
    told = outcome(Record("run 1", small(), "Digits"), ended).sentence
    assert told.startswith(
        "Trained in 3 s: 75.0 % of the test images are right, with the weights of epoch 4, the best."
    )
    assert told.endswith("It ended early, as no epoch after 4 validated better.") == early
