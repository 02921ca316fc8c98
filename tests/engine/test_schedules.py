"""Every schedule gives the rates of its closed form, from the first update to the last, with and without a warm-up."""

from collections.abc import Callable
from dataclasses import replace
from math import cos, pi
from typing import Any

import pytest

from netbuilder.engine import (
    SCHEDULES,
    SGD,
    Change,
    Changed,
    Constant,
    Control,
    Cosine,
    EpochEnd,
    Exponential,
    Finished,
    Job,
    OneCycle,
    Place,
    Plateau,
    Progress,
    Schedule,
    StepDecay,
    parsed,
    train,
)
from netbuilder.engine.declared import from_dict
from netbuilder.layers import SettingError
from tests.engine.designs import with_everything_random
from tests.engine.test_training import Keeping, same

PER_EPOCH, EPOCHS = 7, 9
UPDATES = PER_EPOCH * EPOCHS


def one_cycle(t: int, updates: int) -> float:
    """By hand, for rise 0.25, start 10, end 100."""
    top, last = 0.25 * updates - 1, updates - 1
    if t <= top:
        return 1 + (0.1 - 1) * (1 + cos(pi * t / top)) / 2
    return 0.001 + (1 - 0.001) * (1 + cos(pi * (t - top) / (last - top))) / 2


CLOSED: list[tuple[Schedule, Callable[[int, int], float]]] = [
    (Constant(), lambda t, _: 1.0),
    (StepDecay(every=2, gamma=0.5), lambda t, _: 0.5 ** (t // (2 * PER_EPOCH))),
    (Exponential(gamma=0.8), lambda t, _: 0.8 ** (t // PER_EPOCH)),
    (Cosine(floor=0.1), lambda t, n: 0.1 + 0.9 * (1 + cos(pi * t / n)) / 2),
    (OneCycle(rise=0.25, start=10, end=100), one_cycle),
    (Plateau(), lambda t, _: 1.0),
]


def factors(schedule: Schedule) -> list[float]:
    return [schedule.factor(Place(t, PER_EPOCH, UPDATES)) for t in range(UPDATES)]


def test_every_schedule_has_its_closed_form():
    assert {type(schedule) for schedule, _ in CLOSED} == set(SCHEDULES.values())


@pytest.mark.parametrize(("schedule", "closed"), CLOSED)
def test_a_schedule_follows_its_closed_form(schedule: Schedule, closed: Callable[[int, int], float]):
    assert factors(schedule) == pytest.approx([closed(t, UPDATES) for t in range(UPDATES)], rel=1e-12)


@pytest.mark.parametrize(("schedule", "closed"), CLOSED)
def test_a_warm_up_rises_in_equal_steps_and_the_schedule_counts_from_its_end(
    schedule: Schedule, closed: Callable[[int, int], float]
):
    warm = 2 * PER_EPOCH
    rise = [(t + 1) / warm for t in range(warm)]
    rest = [closed(t, UPDATES - warm) for t in range(UPDATES - warm)]
    assert factors(replace(schedule, warmup=2)) == pytest.approx([*rise, *rest], rel=1e-12)


def test_another_floor_is_noticed():
    closed = CLOSED[3][1]
    assert factors(Cosine(floor=0.11)) != pytest.approx([closed(t, UPDATES) for t in range(UPDATES)], rel=1e-3)


def drops(rule: Plateau, *losses: float) -> list[float]:
    return [rule.factor(Place(0, 1, 1, losses[: n + 1])) for n in range(len(losses))]


def test_a_plateau_is_longer_than_patience():
    rule = Plateau(gamma=0.5, patience=1)
    assert drops(rule, 1, 1, 1, 0.9, 0.9, 0.9, 0.8) == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_a_plateau_bears_what_is_hardly_better_no_better():
    assert drops(Plateau(gamma=0.5, patience=0, threshold=0.1), 1, 0.95, 0.89) == [1, 0.5, 0.5]


def test_after_a_drop_comes_a_rest_and_a_floor_below():
    rule = Plateau(gamma=0.5, patience=0, cooldown=1, floor=0.2)
    assert drops(rule, 1, 1, 1, 1, 1, 1, 1) == [1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2]


# ---- as words and as JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("schedule", "closed"), CLOSED)
def test_a_schedule_survives_words_and_json(schedule: Schedule, closed: Any):
    warm = replace(schedule, warmup=1.5)
    assert parsed(SCHEDULES, warm.text()) == warm
    assert from_dict(SCHEDULES, warm.to_dict()) == warm


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cosinus", "cosinus: name is not one of constant, step-decay, exponential, cosine, one-cycle, plateau."),
        ("step-decay:every=0", "StepDecay: every must be from 1 to 1,000,000, not 0."),
        ("cosine:warmup=soon", "Cosine: warmup must be a number, not 'soon'."),
        ("cosine:tail=1", "Cosine: tail is not one of its settings: its settings are floor, warmup."),
    ],
)
def test_words_that_are_no_schedule_are_refused(text: str, sentence: str):
    with pytest.raises(SettingError) as refusal:
        parsed(SCHEDULES, text)
    assert str(refusal.value) == sentence


# ---- in training -----------------------------------------------------------------------------------------------------

JOB = Job(with_everything_random(), "digits", epochs=3, optimizer=SGD(0.1), seed=5, schedule=Cosine(warmup=1))


def rates(events: Any) -> list[float]:
    return [rate for event in events if isinstance(event, Progress) for rate in event.rates]


def test_every_update_has_its_own_rate():
    expected = [0.1 * JOB.schedule.factor(Place(t, 20, 60)) for t in range(60)]
    assert rates(train(JOB)) == pytest.approx(expected)


def test_a_rate_changed_by_hand_scales_what_follows():
    control = Control()
    events = train(JOB, control)
    told = next(event for event in events if isinstance(event, Progress) and event.step >= 25)
    control.send(Change(lr=0.5))
    rest = list(events)
    changed = next(event for event in rest if isinstance(event, Changed))
    assert changed.lr == pytest.approx(0.5)
    plain = [JOB.schedule.factor(Place(t, 20, 60)) for t in range(told.step, 60)]
    assert rates(rest) == pytest.approx([0.5 * factor / plain[0] for factor in plain])


def test_a_plateau_lowers_the_rate_of_a_training_and_goes_on_exactly_when_cut_off():
    rule = Plateau(gamma=0.5, patience=0, threshold=0.9)
    job, keeper = replace(JOB, schedule=rule, epochs=4), Keeping(50)
    whole = list(train(job, keeper=keeper))
    losses = [event.validation_loss for event in whole if isinstance(event, EpochEnd)]
    expected = [0.1 * factor for factor in [1.0, *drops(rule, *losses)][:4] for _ in range(20)]
    assert rates(whole) == pytest.approx(expected)
    assert len(set(expected)) > 2, "else nothing was lowered"
    again = list(train(job, resume=keeper.kept[50]))
    assert rates(again) == rates(whole)[50:]
    assert same(again[-1].weights, whole[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]


# ---- ending early ----------------------------------------------------------------------------------------------------


def test_patience_ends_a_training_that_gets_no_better_and_keeps_the_best():
    job = replace(JOB, epochs=50, patience=2, optimizer=SGD(1e-12), schedule=Constant())
    events = list(train(job))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.early
    assert finished.epoch == finished.best_epoch + 2
    assert sum(isinstance(event, EpochEnd) for event in events) == finished.epoch


def test_without_patience_every_epoch_is_trained():
    *_, finished = train(replace(JOB, epochs=4, optimizer=SGD(1e-12)))
    assert isinstance(finished, Finished)
    assert (finished.epoch, finished.early) == (4, False)
