"""A training cut off at a random update goes on to the same bits, whatever it is made of; `tests.benchmarks.resume`
tries many more."""

from dataclasses import replace

import pytest

from tests.benchmarks.resume import Trial, everything, identical, same, several, trials, unnoticed


@pytest.mark.parametrize("trial", list(trials(12)), ids=lambda trial: trial.title)
def test_a_training_of_any_kind_goes_on_exactly(trial: Trial):
    assert identical(trial)[0]


def test_a_training_of_several_outputs_goes_on_exactly_and_needs_their_shares():
    exact, checkpoint, whole = identical(several())
    assert exact
    assert set(checkpoint.shares) == {"dense_1", "aux"}
    assert not same(several().job, replace(checkpoint, shares={}), whole)


def test_no_part_of_a_checkpoint_can_be_left_out():
    assert unnoticed(everything()) == []
