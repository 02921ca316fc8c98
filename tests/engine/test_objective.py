"""What training minimises beside the plain loss: smoothed labels, weighted classes, bounded and gathered gradients."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import (
    SGD,
    Adam,
    Clip,
    Finished,
    Job,
    JobError,
    Updates,
    compile,
    cross_entropy,
    prepare,
    train,
)
from netbuilder.engine.learning import learn
from netbuilder.engine.objective import Objective, balanced
from netbuilder.engine.state import State
from netbuilder.graph import Graph
from netbuilder.layers import Conv2D, Dense, Flatten, Input, Tanh
from tests.engine.designs import with_everything_random
from tests.engine.test_training import Keeping, same

WEIGHTS = (0.5, 2.0, 0.0, 1.5)


def samples(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return draw.normal(0, 3, (7, 4)), draw.integers(0, 4, 7)


def by_hand(scores: np.ndarray, labels: np.ndarray, smoothing: float, weights: Any) -> float:
    """torch.nn.CrossEntropyLoss' documentation, a sample and a class at a time."""
    total = 0.0
    for row, label in zip(scores, labels, strict=True):
        logs = row - np.log(np.exp(row).sum())
        total += (1 - smoothing) * weights[label] * -logs[label]
        total += sum(smoothing / 4 * w * -each for w, each in zip(weights, logs, strict=True))
    return total / sum(weights[label] for label in labels)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.7])
@pytest.mark.parametrize("weights", [(), WEIGHTS])
def test_the_objective_is_its_formula_and_its_gradient_is_right(smoothing: float, weights: tuple[float, ...]):
    scores, labels = samples()
    objective = Objective(smoothing, weights)
    loss, gradient = objective(scores, labels)
    assert loss == pytest.approx(by_hand(scores, labels, smoothing, weights or (1,) * 4), rel=1e-12)
    for place in np.ndindex(scores.shape):
        step = np.zeros_like(scores)
        step[place] = 1e-6
        slope = (objective(scores + step, labels)[0] - objective(scores - step, labels)[0]) / 2e-6
        assert gradient[place] == pytest.approx(slope, abs=1e-8)


def test_without_wishes_it_is_cross_entropy():
    scores, labels = samples()
    (loss, gradient), (plain, expected) = Objective()(scores, labels), cross_entropy(scores, labels)
    assert loss == pytest.approx(plain, rel=1e-14)
    np.testing.assert_allclose(gradient, expected, atol=1e-15)


def test_balanced_weights_make_every_class_count_alike():
    labels = np.array([0] * 6 + [1] * 3 + [3])
    weights = balanced(labels, 4)
    assert weights == pytest.approx((10 / 24, 10 / 12, 0, 10 / 4))
    assert [weights[c] * (labels == c).sum() for c in (0, 1, 3)] == pytest.approx([2.5, 2.5, 2.5])


def test_balanced_weights_help_the_rare_class(tmp_path: Any):
    draw = np.random.default_rng(0)
    labels = (draw.random(1200) < 0.06).astype(np.int64)
    x = (draw.normal(0, 1, (1200, 2)) + labels[:, None]).astype(np.float32)
    np.savez(tmp_path / "rare.npz", x=x, y=labels)
    graph = Graph.chain(Input(features=2), Dense(2))
    job = Job(graph, tmp_path / "rare.npz", epochs=5, optimizer=Adam(0.05))

    def recalled(job: Job) -> float:
        *_, finished = train(job)
        assert isinstance(finished, Finished)
        test = prepare(job).dataset.test
        guesses = compile(graph).predict(finished.weights, test.batch(slice(None))).argmax(1)
        return float((guesses[test.targets == 1] == 1).mean())

    assert recalled(replace(job, class_weights="balanced")) > recalled(job) + 0.2


def test_validation_is_measured_without_smoothing_and_weights():
    job = Job(with_everything_random(), "digits", 1, optimizer=SGD(1e-12), label_smoothing=0.5)
    ends = [list(train(each))[-1] for each in (job, replace(job, label_smoothing=0.0))]
    plain, smooth = ends
    assert isinstance(plain, Finished)
    assert isinstance(smooth, Finished)
    assert plain.test_loss == pytest.approx(smooth.test_loss, rel=1e-3)


def test_as_many_weights_as_classes():
    job = Job(with_everything_random(), "digits", class_weights=(1.0, 2.0))
    with pytest.raises(JobError, match="There are 2 class weights, but the data has 10 classes"):
        prepare(job)
    with pytest.raises(JobError, match="The class weights must have a weight above 0"):
        replace(job, class_weights=(0.0, 0.0))


# ---- bounds on gradients ---------------------------------------------------------------------------------------------


def moved(clip: Clip, gradients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What plain gradient descent at rate 1 subtracts."""
    updates = Updates(SGD(1.0), {key: np.zeros_like(g) for key, g in gradients.items()}, clip)
    updates.step(gradients)
    return {key: -array for key, array in updates.weights.items()}


def test_gradients_that_are_too_long_together_are_shortened_alike():
    gradients = {"a": np.array([3.0, 0.0]), "b": np.array([[4.0]])}
    cut = moved(Clip(norm=1.0), gradients)
    assert np.hypot(cut["a"][0], cut["b"][0, 0]) == pytest.approx(1, rel=1e-6)
    assert cut["a"][0] / cut["b"][0, 0] == pytest.approx(3 / 4)
    assert moved(Clip(norm=6.0), gradients)["b"][0, 0] == 4.0


def test_gradients_that_are_too_large_are_cut_one_by_one():
    cut = moved(Clip(value=0.5), {"a": np.array([3.0, -0.2, -9.0])})
    np.testing.assert_array_equal(cut["a"], [0.5, -0.2, -0.5])


def test_bounds_reach_the_training():
    job = Job(with_everything_random(), "digits", 1, optimizer=SGD(1.0), seed=2)
    ready = prepare(replace(job, clip_norm=0.01))
    state = State(ready, ready.program.init(2))
    before = state.copied()
    learn(state, np.arange(64))
    length = np.sqrt(sum(np.square(state.weights[k] - before[k]).sum() for k in state.updates.weights))
    assert length == pytest.approx(0.01, rel=1e-3)


# ---- several batches for one update ----------------------------------------------------------------------------------

SMOOTH = Graph.chain(
    Input(height=8, width=8, channels=1), Conv2D(4, 3), Tanh(), Flatten(), Dense(10)
)  # without batch statistics, whose mean over several batches is another


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_gathered_batches_learn_what_one_large_batch_learns(weights: str):
    large = Job(SMOOTH, "digits", 1, 60, SGD(0.1, momentum=0.9), dtype="float64", class_weights=weights)
    small = replace(large, batch_size=20, accumulate=3)
    *_, one = train(large)
    *_, several = train(small)
    assert isinstance(one, Finished)
    assert isinstance(several, Finished)
    assert one.step == several.step
    for key, array in one.weights.items():
        np.testing.assert_allclose(several.weights[key], array, rtol=1e-9, atol=1e-12)


def test_gathering_goes_on_exactly_when_cut_off():
    job, keeper = Job(with_everything_random(), "digits", 2, 30, Adam(3e-3), accumulate=3), Keeping(20)
    *_, whole = train(job, keeper=keeper)
    *_, again = train(job, resume=keeper.kept[20])
    assert same(whole.weights, again.weights)  # pyright: ignore[reportAttributeAccessIssue]
