"""A learning-rate test finds the rates at which a network learns, and says so where none does."""

from dataclasses import replace

import numpy as np
import pytest

from netbuilder.engine import SGD, Adam, Control, Finished, Job, RateFound, RateTried, find_rate, train
from netbuilder.engine.rate_test import HIGHEST, LOWEST, suggested
from tests.engine.designs import lenet_like

JOB = Job(lenet_like(), "digits", epochs=3, optimizer=Adam(), seed=1)


def found(job: Job) -> RateFound:
    *tried, last = find_rate(job)
    assert isinstance(last, RateFound)
    assert all(isinstance(event, RateTried) for event in tried)
    return last


def test_rates_rise_by_the_same_factor_until_the_loss_bursts():
    curve = found(JOB)
    assert curve.rates[0] == pytest.approx(LOWEST)
    assert curve.rates[-1] <= HIGHEST
    np.testing.assert_allclose(np.diff(np.log(curve.rates)), np.log(curve.rates[1] / curve.rates[0]), rtol=1e-6)
    assert len(curve.rates) == len(curve.losses)


def test_the_suggested_rate_learns_faster_than_others():
    rate = found(JOB).suggestion
    assert rate is not None

    def loss(lr: float) -> float:
        *_, finished = train(replace(JOB, optimizer=Adam(lr)))
        assert isinstance(finished, Finished)
        return finished.validation_loss

    assert loss(rate) < min(loss(rate / 50), loss(rate * 100))


def test_an_optimizer_that_needs_larger_rates_gets_them():
    small, large = found(JOB).suggestion, found(replace(JOB, optimizer=SGD())).suggestion
    assert small is not None
    assert large is not None
    assert large > 3 * small


def test_the_same_job_gives_the_same_curve():
    assert found(JOB) == found(JOB)


def test_it_can_be_stopped():
    control = Control()
    control.stop()
    (last,) = find_rate(JOB, control)
    assert isinstance(last, RateFound)
    assert last.suggestion is None
    assert last.message == "Stopped before any rate had lowered the loss."


def test_the_suggestion_lies_between_the_steepest_fall_and_the_least_loss():
    rates = np.logspace(-6, 1, 71).tolist()
    falling = [2.3 - 2 / (1 + (1e-3 / rate) ** 2) + max(0.0, rate - 0.1) * 9 for rate in rates]
    rate = suggested(rates, falling)
    assert rate is not None
    assert 1e-3 < rate < 1e-2, "steepest at 0.001, least at 0.1"
    assert suggested(rates, [2.3] * 71) is None
    assert suggested(rates, [1 + rate for rate in rates]) is None
    assert suggested([], []) is None
