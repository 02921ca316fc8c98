"""Curves that NumPy lacks, against the standard library's exact ones."""

from math import erf as exact_erf
from math import exp

import numpy as np
import pytest

from netbuilder.kernels import activation
from netbuilder.kernels.activation import erf, sigmoid
from tests.layers.contract import Run


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 2e-15), (np.float32, 5e-7)])
def test_the_error_function_is_as_exact_as_it_says(dtype: type, tolerance: float):
    x = np.concatenate([np.linspace(-9, 9, 40_001), np.geomspace(1e-30, 1, 200)]).astype(dtype)
    expected = np.array([exact_erf(float(value)) for value in x])
    assert np.abs(erf(Run(), x) - expected).max() <= tolerance


def test_a_polynomial_cut_short_would_be_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(activation, "_DOUBLE", activation._DOUBLE[1:])
    assert abs(float(erf(Run(), np.array([0.3]))[0]) - exact_erf(0.3)) > 2e-15


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_error_function_keeps_signs_and_ends(dtype: type):
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).max], dtype)
    y = erf(Run(), x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, [0.0, 0.0, 1, -1, np.nan, 1])
    assert np.signbit(y[1])


def test_the_error_function_never_falls_by_more_than_rounding():
    y = erf(Run(), np.linspace(-7, 7, 100_001))
    assert np.diff(y).min() >= -4e-16


def test_the_logistic_function_keeps_all_digits_and_never_overflows():
    x = np.linspace(-700, 700, 2001)
    expected = np.array([1 / (1 + exp(-value)) if value > 0 else exp(value) / (1 + exp(value)) for value in x])
    np.testing.assert_allclose(sigmoid(Run(), x), expected, rtol=1e-15, atol=0)
    np.testing.assert_array_equal(sigmoid(Run(), np.array([-np.inf, 0, np.inf, np.nan])), [0, 0.5, 1, np.nan])
