"""Batch statistics, what is remembered of them, response norms and dropout, against their definitions."""

import numpy as np
import pytest

from netbuilder.kernels.scratch import Array
from netbuilder.layers import BatchNorm, Dropout, ImageShape, LocalResponseNorm
from tests.layers.contract import Run

OWN = {
    "weight": np.array([2.0, 1, 0.5]),
    "bias": np.array([0.0, 1, 2]),
    "running_mean": np.array([1.0, 2, 3]),
    "running_var": np.array([4.0, 1, 9]),
}


@pytest.fixture(params=[(5, 3), (4, 3, 2, 5)], ids=["features", "channels"])
def x(request: pytest.FixtureRequest) -> Array:
    return np.random.default_rng(0).normal(3, 2, request.param)


def by_channel(x: Array) -> Array:
    """(channels, all else)."""
    return np.moveaxis(x, 1, 0).reshape(3, -1)


def test_training_normalises_by_the_batch(x: Array):
    y, _ = BatchNorm(epsilon=1e-12).forward(Run(training=True), OWN, x)
    np.testing.assert_allclose(by_channel(y).mean(1), OWN["bias"], atol=1e-12)
    np.testing.assert_allclose(by_channel(y).std(1), OWN["weight"], rtol=1e-9)


def test_evaluation_normalises_by_what_was_remembered(x: Array):
    run = Run()
    y, _ = BatchNorm(epsilon=0.5).forward(run, OWN, x)
    scale = OWN["weight"] / np.sqrt(OWN["running_var"] + 0.5)
    expected = (by_channel(x) - OWN["running_mean"][:, None]) * scale[:, None] + OWN["bias"][:, None]
    np.testing.assert_allclose(by_channel(y), expected, rtol=1e-12, atol=1e-12)
    assert run.remembered == {}


def test_running_statistics_move_by_the_momentum_towards_the_unbiased_variance(x: Array):
    run = Run(training=True)
    BatchNorm(momentum=0.25).forward(run, OWN, x)
    mean, variance = by_channel(x).mean(1), by_channel(x).var(1, ddof=1)
    np.testing.assert_allclose(run.remembered["running_mean"], 0.75 * OWN["running_mean"] + 0.25 * mean)
    np.testing.assert_allclose(run.remembered["running_var"], 0.75 * OWN["running_var"] + 0.25 * variance)


def test_a_batch_of_one_number_a_feature_gives_the_bias_and_finite_statistics():
    run = Run(training=True)
    y, _ = BatchNorm().forward(run, OWN, np.ones((1, 3)))
    np.testing.assert_array_equal(y[0], OWN["bias"])
    assert all(np.isfinite(value).all() for value in run.remembered.values())


def test_large_offsets_do_not_swallow_the_variance_in_single_precision():
    x = (1000 + np.random.default_rng(0).normal(size=(64, 3, 14, 14))).astype(np.float32)
    own = {name: value.astype(np.float32) for name, value in OWN.items()}
    y, _ = BatchNorm().forward(Run(training=True), own, x)
    np.testing.assert_allclose(by_channel(y).std(1), OWN["weight"], rtol=1e-3)


def test_batch_norm_counts_two_learned_and_two_remembered_numbers_a_channel():
    facts = BatchNorm().infer(ImageShape(16, 4, 4))
    assert (facts.parameters.text, facts.statistics) == ("2 · 16 = 32", 32)
    assert list(facts.weights) == ["weight", "bias", "running_mean", "running_var"]


def test_a_response_norm_sums_squares_of_neighbouring_channels_only():
    x = np.random.default_rng(1).normal(size=(2, 7, 3, 2))
    y, _ = LocalResponseNorm(size=5, alpha=0.3, beta=0.75, bias=2).forward(Run(), {}, x)
    for channel in range(7):
        squares = (x[:, max(0, channel - 2) : channel + 3] ** 2).sum(1)
        expected = x[:, channel] / (2 + 0.3 / 5 * squares) ** 0.75
        np.testing.assert_allclose(y[:, channel], expected, rtol=1e-12)


def test_dropout_drops_its_share_and_keeps_the_mean():
    x = np.ones((100, 1000), np.float32)
    y, _ = Dropout(0.3).forward(Run(training=True), {}, x)
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.7)}
    assert abs((y == 0).mean() - 0.3) < 0.01
    assert abs(y.mean() - 1) < 0.01


def test_dropout_drops_the_same_for_the_same_seed_in_both_precisions():
    drop = Dropout(0.5)
    single, double = (
        drop.forward(Run(training=True, seed=4), {}, np.ones((8, 50), dtype))[0] for dtype in (np.float32, np.float64)
    )
    other, _ = drop.forward(Run(training=True, seed=5), {}, np.ones((8, 50)))
    np.testing.assert_array_equal(single, double)
    assert (double != other).any()


def test_dropout_changes_nothing_in_evaluation():
    x = np.random.default_rng(0).normal(size=(3, 4))
    y, pullback = Dropout(0.9).forward(Run(), {}, x)
    np.testing.assert_array_equal(y, x)
    assert pullback(x)[0][0] is x


def test_spatial_dropout_drops_whole_channels_and_keeps_the_mean():
    x = np.random.default_rng(0).normal(2, 1, (50, 40, 3, 4))
    y, pullback = Dropout(0.3, spatial=True).forward(Run(training=True), {}, x)
    share = y / x
    assert set(np.unique(share.round(9))) == {0, round(1 / 0.7, 9)}
    np.testing.assert_allclose(share, np.broadcast_to(share[..., :1, :1], share.shape))
    assert abs((share == 0).mean() - 0.3) < 0.03
    (dx,), _ = pullback(np.ones_like(x))
    assert dx is not None
    np.testing.assert_allclose(dx, share)


def test_pixels_are_dropped_one_by_one_without_spatial():
    x = np.ones((5, 4, 6, 6))
    y, _ = Dropout(0.5).forward(Run(training=True), {}, x)
    assert (y != y[..., :1, :1]).any()


def test_a_flat_list_knows_no_spatial_dropout():
    x = np.ones((5, 40))
    plain, spatial = (Dropout(0.5, spatial=which).forward(Run(training=True), {}, x)[0] for which in (False, True))
    np.testing.assert_array_equal(plain, spatial)
