"""The classic mistakes of a training are named with its own numbers, and a good training hears nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netbuilder.engine import SGD, Adam, AdamW, Diverged, EpochEnd, Job, Notice, RMSProp, train
from netbuilder.engine.notices import usual
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Flatten, Input
from tests.engine.designs import lenet_like, with_everything_random

JOB = Job(with_everything_random(), "digits", epochs=4, optimizer=Adam(3e-3), seed=5)


def notices(job: Job) -> list[Notice]:
    return [event for event in train(job) if isinstance(event, Notice)]


@pytest.fixture
def pictures(tmp_path: Path):
    """Writes images of a scale and gives the job that learns them."""

    def made(images: np.ndarray) -> Job:
        np.savez(tmp_path / "own.npz", images=images, labels=np.arange(len(images)) % 2)
        return Job(Graph.chain(Input(height=4, width=4, channels=1), Flatten(), Dense(2)), tmp_path / "own.npz", 1)

    return made


def test_a_good_training_hears_nothing():
    assert notices(replace(JOB, graph=lenet_like())) == []


def test_pixels_as_decimal_numbers_up_to_255_are_noticed(pictures):
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (80, 4, 4)).astype(np.float32)
    images[0, 0, :2] = 0, 255
    (notice,) = notices(pictures(images))
    assert notice.code == "data-scale"
    assert notice.message.startswith("Pixel values run 0–255. Most recipes expect about 0–1;")
    assert notice.fixes == ("Divide by 255", "Keep")
    assert notices(pictures(images / 255)) == []
    assert notices(pictures(images.astype(np.uint8))) == []


def test_outliers_that_squeeze_everything_else_are_noticed(pictures):
    images = np.random.default_rng(0).random((300, 4, 4)).astype(np.float32)
    images[5:7, 1, 1] = 1e6
    (notice,) = notices(pictures(images))
    assert notice.code == "data-scale"
    assert "standard deviations from their mean" in notice.message


@pytest.mark.parametrize(("rate", "compared"), [(1e-9, "is only 1e-08 of the usual 0.1"), (5.0, "is 50× the usual")])
def test_a_training_that_only_guesses_is_noticed_once(rate: float, compared: str):
    (notice,) = notices(replace(JOB, graph=lenet_like(), epochs=6, optimizer=SGD(rate)))
    assert notice.code == "learning-rate"
    assert "guessing among 10 classes costs ln 10 = 2.303" in notice.message
    assert compared in notice.message
    assert notice.fixes == ("Set 0.1", "Test learning rates")


def test_a_slow_but_learning_training_is_left_alone():
    events = list(train(replace(JOB, optimizer=SGD(0.02))))
    losses = [event.validation_loss for event in events if isinstance(event, EpochEnd)]
    assert losses[-1] < losses[0]
    assert not any(isinstance(event, Notice) for event in events)


def test_a_burst_names_step_layer_rate_and_what_is_kept():
    *_, event = train(replace(JOB, graph=lenet_like(), optimizer=SGD(5e6, momentum=0.9)))
    assert isinstance(event, Diverged)
    assert event.usual == 0.01
    assert event.message == (
        f"Loss became NaN or infinite at step {event.step}, first in “{event.layer}”. "
        f"Rate 5e+06 with SGD is 500,000,000× the usual 0.01. Weights from step {event.kept_step} are kept."
    )
    assert event.fixes == (f"Set 0.01 and continue from step {event.kept_step}", "Test learning rates")


def test_usual_rates_are_the_optimizers_defaults_and_a_tenth_with_momentum():
    assert [usual(each) for each in (SGD(3), RMSProp(3), Adam(3), AdamW(3))] == [0.1, 0.01, 0.001, 0.001]
    assert usual(SGD(3, momentum=0.9)) == 0.01
