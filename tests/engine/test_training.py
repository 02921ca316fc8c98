"""Training learns, repeats itself bit by bit, obeys within a batch, and goes on exactly where it was cut off."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import (
    SGD,
    Adam,
    Changed,
    Checkpoint,
    Command,
    Control,
    Diverged,
    EpochEnd,
    Event,
    Finished,
    Job,
    JobError,
    Paused,
    Plateau,
    Progress,
    Resumed,
    RMSProp,
    Started,
    Stop,
    Stopped,
    train,
)
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Flatten, Input, ReLU, Tanh
from tests.engine.designs import lenet_like, with_everything_random

QUICK = Job(with_everything_random(), "digits", epochs=3, optimizer=Adam(3e-3), seed=5)
BATCHES = 20


def last(events: Iterator[Event]) -> Any:
    *_, event = events
    return event


def same(a: Any, b: Any) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)


class Keeping:
    """Keeps a checkpoint of its own after certain numbers of updates, or whenever one is given."""

    def __init__(self, *steps: int):
        self.steps, self.asked = steps, -1
        self.kept: dict[int, Checkpoint] = {}

    def due(self) -> bool:
        self.asked += 1
        return self.asked in self.steps

    def keep(self, checkpoint: Checkpoint) -> None:
        self.kept[checkpoint.step] = checkpoint.copy()


# ---- learning --------------------------------------------------------------------------------------------------------


def test_a_lenet_learns_the_digits():
    event = last(train(Job(lenet_like(), "digits", epochs=15, batch_size=32, optimizer=Adam(2e-3), seed=1)))
    assert isinstance(event, Finished)
    assert event.test_accuracy is not None
    assert event.test_accuracy >= 0.97


def test_a_network_learns_values(tmp_path: Path):
    draw = np.random.default_rng(0)
    x = draw.uniform(-1, 1, (800, 2)).astype(np.float32)
    y = np.stack([x[:, 0] * x[:, 1], np.sin(3 * x[:, 0])], 1).astype(np.float32)
    np.savez(tmp_path / "values.npz", x=x, y=y)
    graph = Graph.chain(Input(features=2), Dense(units=32), Tanh(), Dense(units=2))
    job = Job(graph, tmp_path / "values.npz", epochs=60, batch_size=16, optimizer=Adam(1e-2))
    events = list(train(job))
    started, finished = events[0], events[-1]
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert (started.loss, started.classes, finished.test_accuracy) == ("mse", (), None)
    assert all(event.accuracies == () for event in events if isinstance(event, Progress))
    variance = 0.5 * float(y.var(0).sum())
    assert finished.test_loss < 0.02 * variance


def test_the_weights_at_the_end_are_those_that_validated_best():
    events = list(train(replace(QUICK, epochs=6, optimizer=RMSProp(0.02))))
    ends = [event for event in events if isinstance(event, EpochEnd)]
    finished = events[-1]
    assert isinstance(finished, Finished)
    best = max(ends, key=lambda e: (e.validation_accuracy, -e.validation_loss))
    assert finished.best_epoch == best.epoch == max(event.epoch for event in ends if event.best)
    assert finished.validation_accuracy == best.validation_accuracy
    assert best.epoch < 6, "a run whose last epoch is best would show nothing"


# ---- events ----------------------------------------------------------------------------------------------------------


def test_events_tell_the_whole_course():
    events = list(train(QUICK))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert (events[0].steps_per_epoch, events[0].training, events[0].validation, events[0].test) == (20, 1257, 180, 360)
    assert [event.epoch for event in events if isinstance(event, EpochEnd)] == [1, 2, 3]
    batches = [event for event in events if isinstance(event, Progress)]
    steps = [event.first_step + i for event in batches for i in range(len(event.losses))]
    assert steps == list(range(1, 3 * BATCHES + 1)), "no batch is lost, none told twice"
    assert all(len(event.accuracies) == len(event.losses) for event in batches)
    assert all(event.images_per_second > 0 and event.seconds_left >= 0 for event in batches)


def test_an_epochs_training_figures_are_means_over_its_samples():
    events = list(train(replace(QUICK, epochs=1)))
    losses = [loss for event in events if isinstance(event, Progress) for loss in event.losses]
    sizes = [64] * 19 + [1257 - 19 * 64]
    end = next(event for event in events if isinstance(event, EpochEnd))
    assert end.training_loss == pytest.approx(np.average(losses, weights=sizes))


def test_every_event_is_one_line_of_json():
    control = Control()
    control.pause()
    control.change(lr=1e-3)
    control.resume()
    for event in train(QUICK, control):
        line = json.dumps(event.to_dict(), allow_nan=False)
        assert json.loads(line)["event"] == event.name()
        assert "weights" not in json.loads(line)


# ---- the same again --------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bits():
    assert same(last(train(QUICK)).weights, last(train(QUICK)).weights)


def test_another_seed_gives_other_weights():
    assert not same(last(train(QUICK)).weights, last(train(replace(QUICK, seed=6))).weights)


def test_a_pause_changes_nothing():
    control = Control()
    control.pause()
    threading.Timer(0.05, control.resume).start()
    events = list(train(QUICK, control))
    assert [type(event) for event in events[1:3]] == [Paused, Resumed]
    assert same(events[-1].weights, last(train(QUICK)).weights)  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("optimizer", [Adam(3e-3), SGD(0.05, momentum=0.9, nesterov=True), RMSProp(3e-3)])
def test_a_training_cut_off_anywhere_ends_with_the_same_bits(optimizer: Any):
    job = replace(QUICK, optimizer=optimizer)
    steps = {0, 60, *np.random.default_rng(0).integers(1, 60, 4).tolist(), BATCHES, BATCHES - 1}
    keeper = Keeping(*steps)
    whole = list(train(job, keeper=keeper))
    assert keeper.kept.keys() == steps
    for checkpoint in keeper.kept.values():
        again = list(train(job, resume=checkpoint))
        assert same(again[-1].weights, whole[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]
        assert figures(again) == figures(whole)[-len(figures(again)) :]
        assert len(figures(again)) == 4 - checkpoint.epoch


class StoppingAt(Control):
    """Asks to stop when it is looked at for the so-manieth time."""

    def __init__(self, look: int):
        super().__init__()
        self.left = look

    def next(self) -> Command | None:
        self.left -= 1
        return Stop() if self.left == 0 else None


@pytest.mark.parametrize(("look", "step", "epoch"), [(21, 20, 0), (22, 20, 1), (63, 60, 2), (64, 60, 3)])
def test_a_training_stopped_while_it_evaluates_goes_on_with_evaluating(look: int, step: int, epoch: int):
    whole, keeper = list(train(QUICK)), Keeping()
    assert isinstance(last(train(QUICK, StoppingAt(look), keeper)), Stopped)
    checkpoint = keeper.kept[step]
    assert checkpoint.epoch == epoch
    again = list(train(QUICK, resume=checkpoint))
    assert same(again[-1].weights, whole[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]
    assert figures(again) == figures(whole)[epoch:]


def figures(events: list[Event]) -> list[dict[str, Any]]:
    ends = [event.to_dict() for event in events if isinstance(event, EpochEnd | Finished)]
    measured = ("seconds", "epoch_seconds", "memory_bytes")
    return [{name: value for name, value in end.items() if name not in measured} for end in ends]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: replace(c, optimizer={key: 0 * array for key, array in c.optimizer.items()}),
        lambda c: replace(c, weights={k: w if "running" not in k else 0 * w for k, w in c.weights.items()}),
        lambda c: replace(c, step=c.step + 1),
        lambda c: replace(c, loss_sum=0.0),
        lambda c: replace(c, lr=2 * c.lr),
        lambda c: replace(c, losses=()),
        lambda c: replace(c, best=None),
    ],
    ids=["optimizer", "statistics", "step", "figures", "rate", "losses", "best"],
)
def test_a_checkpoint_that_lacks_anything_is_noticed(spoil: Any):
    rule = Plateau(patience=0, threshold=0.9)
    job = replace(QUICK, epochs=3, seed=10, optimizer=RMSProp(0.03, momentum=0.5), schedule=rule)
    keeper = Keeping(2 * BATCHES + 7)
    whole = list(train(job, keeper=keeper))
    checkpoint = keeper.kept[2 * BATCHES + 7]
    assert whole[-1].best_epoch < 3, "else the best weights so far would not matter"  # pyright: ignore

    def alike(resumed: Checkpoint) -> bool:
        again = list(train(job, resume=resumed))
        weights = same(again[-1].weights, whole[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]
        return weights and figures(again) == figures(whole)[-len(figures(again)) :]

    assert alike(checkpoint)
    assert not alike(spoil(checkpoint))


def test_a_checkpoint_of_another_training_is_refused():
    keeper = Keeping(5)
    last(train(replace(QUICK, epochs=1), keeper=keeper))
    checkpoint = keeper.kept[5]
    for change, sentence in (
        ({"seed": 6}, "whose seed was another: it was 5, not 6"),
        ({"batch_size": 32}, "whose batch size was another: it was 64, not 32"),
        ({"graph": lenet_like()}, "The checkpoint is of another design."),
        ({"data": "fashion-mnist", "resize": True}, "whose data was another"),
        ({"optimizer": SGD(momentum=0.9)}, "momentum of “conv2d_1.weight” is missing"),
    ):
        with pytest.raises(JobError) as refusal:
            train(replace(QUICK, **change), resume=checkpoint)
        assert sentence in str(refusal.value)


# ---- obeying ---------------------------------------------------------------------------------------------------------


def test_a_training_stops_within_one_batch_and_keeps_what_it_learned():
    control, keeper = Control(), Keeping()
    events = train(replace(QUICK, epochs=1000), control, keeper)
    told = next(event for event in events if isinstance(event, Progress) and event.step > 3 * BATCHES)
    control.stop()
    rest = list(events)
    assert len(rest) == 1
    stopped = rest[0]
    assert isinstance(stopped, Stopped)
    assert stopped.step == told.step
    assert stopped.best_epoch is not None
    assert keeper.kept.keys() == {told.step}
    assert stopped.weights.keys() == keeper.kept[told.step].weights.keys()


def test_a_training_stopped_before_its_first_batch_keeps_its_first_weights():
    control = Control()
    control.stop()
    _, stopped = train(QUICK, control)
    assert isinstance(stopped, Stopped)
    assert (stopped.step, stopped.best_epoch) == (0, None)
    assert stopped.weights


def test_a_paused_training_can_be_stopped():
    control = Control()
    control.pause()
    control.stop()
    assert [type(event) for event in train(QUICK, control)] == [Started, Paused, Stopped]


def test_learning_rate_and_epochs_change_with_the_next_batch():
    control = Control()
    events = train(QUICK, control)
    told = next(event for event in events if isinstance(event, Progress))
    control.change(lr=1e-9, epochs=2)
    rest = list(events)
    changed = next(event for event in rest if isinstance(event, Changed))
    assert (changed.step, changed.lr, changed.epochs) == (told.step, 1e-9, 2)
    ends = [event for event in rest if isinstance(event, EpochEnd)]
    assert [event.epoch for event in ends] == [1, 2]
    losses = [event.validation_loss for event in ends]
    assert losses[1] == pytest.approx(losses[0], rel=0.2), "so small a rate learns next to nothing"


def test_an_epoch_that_has_begun_is_finished():
    control = Control()
    events = train(QUICK, control)
    next(event for event in events if isinstance(event, Progress) and event.step > BATCHES)
    control.change(epochs=1)
    finished = last(events)
    assert isinstance(finished, Finished)
    assert finished.step == 2 * BATCHES


def test_changes_without_sense_are_refused_at_once():
    with pytest.raises(ValueError, match="learning rate must be above 0"):
        Control().change(lr=-1)
    with pytest.raises(ValueError, match="at least 1 epoch"):
        Control().change(epochs=0)


# ---- diverging -------------------------------------------------------------------------------------------------------


def test_a_diverging_training_stops_names_a_layer_and_keeps_weights_that_worked():
    keeper = Keeping()
    event = last(train(replace(QUICK, optimizer=SGD(1e6)), keeper=keeper))
    assert isinstance(event, Diverged)
    assert event.layer in {node.name for node in QUICK.graph.nodes.values()}
    assert f"“{event.layer}”" in event.message
    assert f"is {event.lr / 0.1:,.0f}× the usual 0.1" in event.message
    assert f"Weights from step {event.kept_step} are kept." in event.message
    assert event.fixes[0] == f"Set 0.1 and continue from step {event.kept_step}"
    assert event.kept_step < event.step
    assert all(np.isfinite(array).all() for array in event.weights.values())
    assert same(keeper.kept[event.kept_step].weights, event.weights)


def test_the_layer_whose_weights_burst_is_the_one_named():
    graph = Graph.chain(
        Input(height=8, width=8, channels=1), Flatten(), Dense(units=8), ReLU(), Dense(units=10),
        names=["x", "flat", "first", "relu", "second"],
    )  # fmt: skip
    event = last(train(Job(graph, "digits", optimizer=SGD(1e38))))
    assert isinstance(event, Diverged)
    assert event.layer == "first"


def test_a_diverged_training_can_go_on_with_a_smaller_rate():
    job, keeper = replace(QUICK, optimizer=SGD(1e6)), Keeping()
    event = last(train(job, keeper=keeper))
    checkpoint = replace(keeper.kept[event.kept_step], lr=0.01)
    assert isinstance(last(train(job, resume=checkpoint)), Finished)
