"""Curves that NumPy lacks, element by element: the error function, the logistic function and its integral."""

from fractions import Fraction
from math import erfc, exp

import numpy as np
from numpy.polynomial import chebyshev

from .scratch import Array, Scratch, like

_EDGE = 6.5
"""From here on, erf rounds to 1 in double precision."""
_BEND = 3.0
_LOWEST = 1 / (1 + _EDGE / _BEND)


def erf(run: Scratch, x: Array) -> Array:
    """erf(x) = 2/√π ∫₀ˣ e^(−t²) dt, to 2e-15 in double and 5e-7 in single precision (absolute).

    erf|x| = 1 − e^(−x²)·p(t): the scaled tail e^(x²)·erfc(x) is nearly a straight line in 1 / (1 + x/3), which t
    stretches to −1 … 1, so that a short polynomial p, through exact values at the Chebyshev points, follows it.
    """
    size = np.abs(x, out=like(run.temporary, "erf.size", x))
    np.minimum(size, _EDGE, out=size)
    t = np.divide(size, _BEND, out=like(run.temporary, "erf.t", x))
    t += 1
    np.divide(2 / (1 - _LOWEST), t, out=t)
    t -= (1 + _LOWEST) / (1 - _LOWEST)
    y = like(run.array, "erf", x)
    highest, *rest = _DOUBLE if x.dtype == np.float64 else _SINGLE
    y.fill(highest)
    for coefficient in rest:
        y *= t
        y += coefficient
    size *= size
    y *= np.exp(np.negative(size, out=size), out=size)
    np.subtract(1, y, out=y)
    return np.copysign(y, x, out=y)


def sigmoid(run: Scratch, x: Array) -> Array:
    """1 / (1 + e^(−x)), computed from e^(−|x|) so that nothing overflows and small values keep all their digits."""
    y = np.abs(x, out=like(run.array, "sigmoid", x))
    np.exp(np.negative(y, out=y), out=y)
    below = np.add(y, 1, out=like(run.temporary, "sigmoid.below", x))
    np.copyto(y, 1, where=np.greater(x, 0, out=like(run.temporary, "sigmoid.positive", x, bool)))
    y /= below
    return y


def softplus(run: Scratch, x: Array) -> Array:
    """ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)), which overflows nowhere."""
    y = np.abs(x, out=like(run.array, "softplus", x))
    np.exp(np.negative(y, out=y), out=y)
    np.log1p(y, out=y)
    y += np.maximum(x, 0, out=like(run.temporary, "softplus.positive", x))
    return y


def _scaled_tail(t: float) -> float:
    """e^(x²)·erfc(x) for the x that belongs to t; what x² loses to rounding is put back."""
    x = _BEND * (2 / ((1 - _LOWEST) * t + 1 + _LOWEST) - 1)
    square = x * x
    lost = float(Fraction(x) ** 2 - Fraction(square))
    return erfc(x) * exp(square) * (1 + lost)


def _through(degree: int) -> list[float]:
    """The polynomial through the scaled tail at the Chebyshev points, highest power first."""
    angles = np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1)
    values = np.array([_scaled_tail(float(t)) for t in np.cos(angles)])
    series = [2 / (degree + 1) * float(values @ np.cos(k * angles)) for k in range(degree + 1)]
    series[0] /= 2
    return [float(c) for c in chebyshev.cheb2poly(series)[::-1]]


_SINGLE, _DOUBLE = _through(9), _through(18)
