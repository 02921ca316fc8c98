"""Losses and their gradients equal their definitions, and stay finite where a naive formula would not."""

import numpy as np
import pytest

from netbuilder.engine import LossError, cross_entropy, mse


def test_cross_entropy_is_the_mean_of_minus_log_probability():
    scores, labels = np.random.default_rng(0).standard_normal((5, 4)), np.array([0, 3, 2, 1, 1])
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    loss, gradient = cross_entropy(scores, labels)
    assert loss == pytest.approx(-np.log(p[np.arange(5), labels]).mean(), rel=1e-14)
    np.testing.assert_allclose(gradient, (p - np.eye(4)[labels]) / 5, rtol=1e-13, atol=1e-17)


def test_cross_entropy_of_enormous_scores_is_finite_and_exact():
    loss, gradient = cross_entropy(np.array([[1e4, 0, -1e4]], np.float32), np.array([1]))
    assert loss == 1e4
    assert np.array_equal(gradient, [[1, -1, 0]])


def test_equal_scores_cost_the_logarithm_of_the_number_of_classes():
    assert cross_entropy(np.full((3, 10), 7.0), np.array([0, 5, 9]))[0] == pytest.approx(np.log(10))


def test_squared_error_is_half_the_squares_summed_over_outputs_and_averaged_over_the_batch():
    loss, gradient = mse(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 1.0]], np.float32))
    assert loss == (0.5 * (1 + 4) + 0.5 * (9 + 1)) / 2
    assert np.array_equal(gradient, [[0.5, 1], [-1.5, -0.5]])


def test_squared_error_takes_labels_as_one_at_their_class():
    outputs = np.random.default_rng(1).standard_normal((3, 4))
    by_label, by_value = mse(outputs, np.array([3, 0, 1])), mse(outputs, np.eye(4)[[3, 0, 1]])
    assert by_label[0] == by_value[0]
    assert np.array_equal(by_label[1], by_value[1])


@pytest.mark.parametrize("loss", [cross_entropy, mse])
def test_outputs_of_one_pixel_count_as_a_flat_list(loss):
    scores, labels = np.random.default_rng(2).standard_normal((3, 4)), np.array([1, 2, 3])
    assert loss(scores[:, :, None, None], labels)[0] == loss(scores, labels)[0]
    with pytest.raises(LossError, match="2×1×4 block"):
        loss(np.zeros((3, 4, 2, 1)), labels)


@pytest.mark.parametrize("loss", [cross_entropy, mse])
def test_outputs_are_only_read(loss):
    scores = np.random.default_rng(3).standard_normal((3, 4))
    kept = scores.copy()
    loss(scores, np.array([0, 1, 2]))
    assert np.array_equal(scores, kept)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.array([0, 4]), "Label 4 of sample 1 is not one of the 4 classes 0 to 3."),
        (np.array([-1, 0]), "Label -1 of sample 0"),
        (np.array([0.0, 1.0]), "these targets are 2 of type float64"),
        (np.array([0, 1, 2]), "compares 2 samples with as many class numbers; these targets are 3"),
        (np.eye(4)[:2], "these targets are 2 × 4 of type float64"),
    ],
)
def test_labels_that_are_none_are_refused(labels: np.ndarray, sentence: str):
    with pytest.raises(LossError) as refusal:
        cross_entropy(np.zeros((2, 4)), labels)
    assert sentence in str(refusal.value)


def test_values_of_another_width_are_refused():
    with pytest.raises(LossError, match="gives 4 numbers for each of 2 samples, but the targets are 2 × 3"):
        mse(np.zeros((2, 4)), np.zeros((2, 3)))
