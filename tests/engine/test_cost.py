"""What training will take is measured on copies: that touches nothing, and follows data, batch and design."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from netbuilder.engine import SGD, Adam, Finished, Job, Started, cost, prepare, train
from netbuilder.engine.cost import epoch_seconds
from netbuilder.engine.learning import learn
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Flatten, Input, ReLU
from tests.engine.designs import lenet_like, with_everything_random
from tests.engine.test_training import same

JOB = Job(with_everything_random(), "digits", epochs=2, optimizer=Adam(3e-3), seed=5)


def test_measuring_beforehand_changes_no_bit(monkeypatch: pytest.MonkeyPatch):
    *_, measured = train(JOB)
    monkeypatch.setattr(cost, "epoch_seconds", lambda *_: 0.0)
    *_, blind = train(JOB)
    assert same(measured.weights, blind.weights)  # pyright: ignore[reportAttributeAccessIssue]


def test_what_was_predicted_and_what_was_measured_are_told():
    events = list(train(JOB))
    first, last = events[0], events[-1]
    assert isinstance(first, Started)
    assert isinstance(last, Finished)
    assert 0 < first.epoch_seconds < 5
    assert last.epoch_seconds is not None
    assert 0 < last.epoch_seconds < 5
    assert last.memory_bytes <= first.memory_bytes


class Watch:
    """A clock that every sample of an update moves on by a millisecond, every update by `fixed` of them, and nothing
    else does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fixed: int = 0):
        self.now, self.counts, self.fixed = 0.0, list[int](), fixed
        monkeypatch.setattr(cost, "perf_counter", lambda: self.now)
        monkeypatch.setattr(cost, "learn", self.learn)

    def learn(self, state: Any, rows: Any) -> Any:
        self.counts.append(len(rows))
        self.now += 1e-3 * (self.fixed + len(rows))
        return learn(state, rows)


def test_an_epoch_takes_as_often_as_long_as_there_are_samples(monkeypatch: pytest.MonkeyPatch):
    Watch(monkeypatch)
    ready = prepare(replace(JOB, graph=lenet_like()))
    assert epoch_seconds(ready, ready.program.init()) == pytest.approx(1.257)


def test_what_an_update_costs_besides_its_samples_is_not_counted_for_each(monkeypatch: pytest.MonkeyPatch):
    watch = Watch(monkeypatch, fixed=4)
    ready = prepare(replace(JOB, graph=lenet_like(), batch_size=64))
    told = epoch_seconds(ready, ready.program.init())
    assert max(watch.counts) < 64, "a whole update takes too long to be tried"
    assert told == pytest.approx(1.257 / 64 * (64 + 4))


def test_slow_updates_are_tried_with_few_samples(monkeypatch: pytest.MonkeyPatch):
    slow = Watch(monkeypatch)
    ready = prepare(replace(JOB, batch_size=1000))
    epoch_seconds(ready, ready.program.init())
    assert max(slow.counts) < 100
    assert slow.now < 2 * cost.BUDGET


def test_a_heavy_design_is_reckoned_without_a_step_of_its_own(monkeypatch: pytest.MonkeyPatch):
    heavy = Graph.chain(Input(height=8, width=8, channels=1), Flatten(), Dense(4000), ReLU(), Dense(1000), Dense(10))
    job = replace(JOB, graph=heavy)
    monkeypatch.setattr(import_module("netbuilder.engine.cost"), "learn", lambda *_: pytest.fail("a step was made"))
    assert epoch_seconds(prepare(job), {}) > 0
    monkeypatch.setattr(cost, "_macs_per_second", lambda *_: 1e10)  # so that only what is asked for differs
    monkeypatch.setattr(cost, "_seconds_per_weight", lambda ready: 1e-9 * (1 + len(ready.job.optimizer.slots)))
    adam, seldom, plain = (
        epoch_seconds(prepare(each), {}) for each in (job, replace(job, accumulate=10), replace(job, optimizer=SGD()))
    )
    assert seldom < adam, "fewer updates go through the weights less often"
    assert plain < adam, "an optimizer that keeps nothing sweeps over less"
