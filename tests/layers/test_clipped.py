"""Activations far from 0, where the contract's small numbers do not reach: both bounds, both ends, and no overflow."""

from collections.abc import Callable

import numpy as np
import pytest

from netbuilder.layers import (
    HardSigmoid,
    HardSwish,
    HardTanh,
    ImageShape,
    Layer,
    LogSoftmax,
    Misfit,
    Mish,
    Multiply,
    PReLU,
    ReLU6,
    SettingError,
    Softplus,
    VectorShape,
)
from tests.layers.contract import Run

X = np.linspace(-9, 9, 181)[None] + 0.013

CURVES: list[tuple[Layer, Callable[[np.ndarray], np.ndarray]]] = [
    (ReLU6(), lambda x: np.minimum(np.maximum(x, 0), 6)),
    (HardTanh(-2, 3.5), lambda x: np.minimum(np.maximum(x, -2), 3.5)),
    (HardSigmoid(), lambda x: np.minimum(np.maximum(x + 3, 0), 6) / 6),
    (HardSigmoid(0.2), lambda x: np.minimum(np.maximum(0.2 * x + 0.5, 0), 1)),
    (HardSwish(), lambda x: x * np.minimum(np.maximum(x + 3, 0), 6) / 6),
    (Softplus(), lambda x: np.log(1 + np.exp(x))),
    (Mish(), lambda x: x * np.tanh(np.log(1 + np.exp(x)))),
]


@pytest.mark.parametrize(("layer", "formula"), CURVES)
def test_values_and_slopes_on_both_sides(layer: Layer, formula: Callable[[np.ndarray], np.ndarray]):
    y, pullback = layer.forward(Run(), {}, X)
    np.testing.assert_allclose(y, formula(X), rtol=1e-12, atol=1e-14)
    (slope,), _ = pullback(np.ones_like(X))
    assert slope is not None
    step = 1e-6
    np.testing.assert_allclose(slope, (formula(X + step) - formula(X - step)) / (2 * step), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("layer", [Softplus(), Mish(), LogSoftmax(), HardSwish()])
def test_nothing_overflows(layer: Layer):
    x = np.array([[-1e4, -200, 0, 200, 1e4]], np.float32)
    with np.errstate(over="raise", invalid="raise"):
        y, pullback = layer.forward(Run(), {}, x)
        (slope,), _ = pullback(np.ones_like(x))
    assert slope is not None
    assert np.isfinite(y).all()
    assert np.isfinite(slope).all()


def test_a_smooth_relu_keeps_the_digits_of_small_numbers():
    y, _ = Softplus().forward(Run(), {}, np.array([[-50.0, -30.0]]))
    np.testing.assert_allclose(y, np.exp([[-50.0, -30.0]]), rtol=1e-12)


def test_bounds_that_leave_nothing_are_refused():
    with pytest.raises(SettingError, match="must be above the low bound of 2, not 1"):
        HardTanh(2, 1)


def test_a_slope_of_its_own_for_every_channel():
    x = np.array([-1.0, 2.0, -3.0])[None, :, None, None] * np.ones((2, 1, 2, 2))
    slopes = {"weight": np.array([0.1, 0.2, 0.3])}
    y, pullback = PReLU().forward(Run(), slopes, x)
    np.testing.assert_allclose(y[0, :, 0, 0], [-0.1, 2, -0.9])
    _, grads = pullback(np.ones_like(x))
    np.testing.assert_allclose(grads["weight"], [-8, 0, -24])


# ---- gates -----------------------------------------------------------------------------------------------------------


def test_a_list_stands_for_a_map_that_shows_it_everywhere():
    x, gate = np.arange(24.0).reshape(1, 2, 3, 4), np.array([[2.0, -1.0]])
    y, pullback = Multiply().forward(Run(), {}, gate, x)
    np.testing.assert_array_equal(y, x * gate[:, :, None, None])
    by_gate, by_map = (np.array(each) for each in pullback(np.ones_like(y))[0])
    np.testing.assert_array_equal(by_gate, x.sum((2, 3)))
    np.testing.assert_array_equal(by_map, np.broadcast_to(gate[:, :, None, None], x.shape))


def test_a_map_of_one_place_does_too():
    x, gate = np.arange(24.0).reshape(1, 2, 3, 4), np.array([2.0, -1.0]).reshape(1, 2, 1, 1)
    y, pullback = Multiply().forward(Run(), {}, x, gate)
    np.testing.assert_array_equal(y, x * gate)
    assert [np.array(each).shape for each in pullback(np.ones_like(y))[0]] == [x.shape, gate.shape]
    facts = Multiply().infer(ImageShape(2, 3, 4), ImageShape(2, 1, 1))
    assert (facts.shape, facts.reach) == (ImageShape(2, 3, 4), None)


@pytest.mark.parametrize("gate", [VectorShape(3), ImageShape(3, 1, 1), ImageShape(1, 3, 4), ImageShape(2, 3, 1)])
def test_any_other_shape_is_refused(gate: VectorShape | ImageShape):
    """Negative control: one number for each place is no gate of channels."""
    with pytest.raises(Misfit) as misfit:
        Multiply().infer(ImageShape(2, 3, 4), gate)
    assert misfit.value.code == "merge-shapes"


def test_two_gates_on_one_map_and_a_third_that_does_not_fit():
    whole, gates = ImageShape(2, 3, 4), (VectorShape(2), ImageShape(2, 1, 1))
    assert Multiply().infer(gates[0], whole, gates[1]).shape == whole
    with pytest.raises(Misfit, match="a list of one number for each channel"):
        Multiply().infer(gates[0], whole, VectorShape(5))
