"""A training cut off at a random update goes on to the same bits, whatever it is made of; `tests.benchmarks.resume`
tries many more."""

from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks.resume import Trial, everything, identical, same, several, trials, unnoticed
from tests.engine.lanes_in_threads import divide


@pytest.mark.parametrize("trial", list(trials(12)), ids=lambda trial: trial.title)
def test_a_training_of_any_kind_goes_on_exactly(trial: Trial):
    assert identical(trial)[0]


def test_a_training_divided_between_lanes_goes_on_exactly(monkeypatch: pytest.MonkeyPatch):
    divide(monkeypatch)
    trial = everything()
    exact, _, (divided, _) = identical(replace(trial, job=replace(trial.job, threads=2)))
    assert exact
    weights, _ = identical(trial)[2]
    assert not all(np.array_equal(divided[key], array) for key, array in weights.items()), "they add in another order"


def test_a_training_of_several_outputs_goes_on_exactly_and_needs_their_shares():
    exact, checkpoint, whole = identical(several())
    assert exact
    assert set(checkpoint.shares) == {"dense_1", "aux"}
    assert not same(several().job, replace(checkpoint, shares={}), whole)


def test_no_part_of_a_checkpoint_can_be_left_out():
    assert unnoticed(everything()) == []
