"""Activations: one curve applied to every number."""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.activation import erf, sigmoid
from netbuilder.kernels.scratch import like

from .base import Array, Facts, Family, Layer, Pass, Pullback, layer, unchanged
from .settings import Choice, Real, setting
from .shapes import Shape

Slope = Callable[[], Array]


class Activation(Layer):
    """What all curves share: any shape in, the same out, and dx = dy · slope."""

    family: ClassVar[Family] = "activation"

    def infer(self, *inputs: Shape) -> Facts:
        return unchanged(inputs[0])

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        """y = f(x), and what computes the slope f′(x) once it is needed."""
        raise NotImplementedError

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        y, slope = self.curve(run, inputs[0])

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (np.multiply(dy, slope(), out=like(run.gradient, "dx", dy)),), {}

        return y, pullback


@layer
class ReLU(Activation):
    """max(0, x): negative numbers become 0. Its slope at 0 is 0."""

    takes_place: ClassVar[bool] = True

    def caption(self) -> str:
        return "max(0, x)"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        out = x if run.may_overwrite else like(run.array, "y", x)
        y = np.clip(x, 0, np.inf, out=out)  # maximum(x, 0) takes thrice the time
        return y, lambda: np.greater(y, 0, out=like(run.temporary, "slope", y, bool))

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Relu(*inputs)


@layer
class LeakyReLU(Activation):
    """x where positive, slope · x elsewhere, so that no unit falls silent for good."""

    slope: float = setting(default=0.01, converter=Real(0, 1), help="How much of a negative number is kept.")

    def caption(self) -> str:
        return f"max({self.slope:g}·x, x)"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = np.multiply(x, self.slope, out=like(run.array, "y", x))
        np.maximum(x, y, out=y)

        def slope() -> Array:
            d = like(run.temporary, "slope", x)
            d.fill(self.slope)
            return _above_zero(run, x, 1, d)

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.LeakyRelu(*inputs, alpha=self.slope)


@layer
class ELU(Activation):
    """x where positive, α·(eˣ − 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016, arXiv 1511.07289)."""

    alpha: float = setting(
        default=1.0, converter=Real(0, 100, low_open=True), help="Negative numbers saturate at −alpha."
    )

    def caption(self) -> str:
        return f"α = {self.alpha:g}"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = np.minimum(x, 0, out=like(run.array, "y", x))
        np.expm1(y, out=y)
        y *= self.alpha
        _above_zero(run, x, x, y)
        return y, lambda: _above_zero(run, x, 1, np.add(y, self.alpha, out=like(run.temporary, "slope", x)))

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Elu(*inputs, alpha=self.alpha)


@layer
class GELU(Activation):
    """x · Φ(x), Φ being the normal distribution's cumulative curve (Hendrycks and Gimpel 2016, arXiv 1606.08415)."""

    approximation: str = setting(
        default="none",
        converter=Choice(("none", "tanh")),
        help="Exact by the error function, or the paper's tanh formula.",
    )

    def caption(self) -> str:
        return "x · Φ(x)" if self.approximation == "none" else "x · Φ(x), by tanh"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        share, density = (_normal if self.approximation == "none" else _normal_by_tanh)(run, x)
        y = np.multiply(x, share, out=like(run.array, "y", x))

        def slope() -> Array:
            """Φ(x) + x · Φ′(x)."""
            d = density()
            d *= x
            d += share
            return d

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        if graph.opset >= 20:  # the first that has it as one operator
            return graph.Gelu(x, approximate=self.approximation)
        if self.approximation == "none":
            curve = graph.Erf(graph.Mul(x, graph.constant("scale", np.float32(sqrt(0.5)))))
        else:
            cube = graph.Mul(graph.Mul(x, x), graph.Mul(x, graph.constant("cubic", np.float32(_CUBIC))))
            curve = graph.Tanh(graph.Mul(graph.Add(x, cube), graph.constant("scale", np.float32(_STEEPNESS))))
        half = graph.Mul(x, graph.constant("half", np.float32(0.5)))
        return graph.Mul(half, graph.Add(curve, graph.constant("one", np.float32(1))))


@layer
class SiLU(Activation):
    """x · σ(x), σ being the logistic function (Ramachandran, Zoph and Le 2017, arXiv 1710.05941)."""

    def caption(self) -> str:
        return "x · σ(x)"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        s = sigmoid(run, x)
        y = np.multiply(x, s, out=like(run.array, "y", x))

        def slope() -> Array:
            """σ + x·σ·(1 − σ) = σ + y·(1 − σ)."""
            d = np.subtract(1, s, out=like(run.temporary, "slope", x))
            d *= y
            d += s
            return d

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return graph.Mul(x, graph.Sigmoid(x))


@layer
class Sigmoid(Activation):
    """1 / (1 + e⁻ˣ): any number becomes one between 0 and 1."""

    def caption(self) -> str:
        return "1 / (1 + e⁻ˣ)"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = sigmoid(run, x)

        def slope() -> Array:
            d = np.subtract(1, y, out=like(run.temporary, "slope", x))
            d *= y
            return d

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Sigmoid(*inputs)


@layer
class Tanh(Activation):
    """tanh x: any number becomes one between −1 and 1."""

    def caption(self) -> str:
        return "tanh x"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = np.tanh(x, out=like(run.array, "y", x))

        def slope() -> Array:
            d = np.square(y, out=like(run.temporary, "slope", x))
            return np.subtract(1, d, out=d)

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Tanh(*inputs)


_STEEPNESS, _CUBIC = sqrt(2 / pi), 0.044715


def _normal(run: Pass, x: Array) -> tuple[Array, Slope]:
    """Φ(x) = ½ + ½ erf(x/√2), and what computes the density e^(−x²/2) / √(2π)."""
    share = erf(run, np.multiply(x, sqrt(0.5), out=like(run.temporary, "scaled", x)))
    share *= 0.5
    share += 0.5

    def density() -> Array:
        d = np.square(x, out=like(run.temporary, "slope", x))
        d *= -0.5
        np.exp(d, out=d)
        d *= 1 / sqrt(2 * pi)
        return d

    return share, density


def _normal_by_tanh(run: Pass, x: Array) -> tuple[Array, Slope]:
    """Φ(x) ≈ ½ + ½ tanh(√(2/π)·(x + 0.044715·x³)), and what computes the slope of that."""
    curve = np.square(x, out=like(run.array, "curve", x))
    curve *= _STEEPNESS * _CUBIC
    curve += _STEEPNESS
    curve *= x
    np.tanh(curve, out=curve)
    share = np.multiply(curve, 0.5, out=like(run.array, "share", x))
    share += 0.5

    def density() -> Array:
        """½·(1 − tanh²)·√(2/π)·(1 + 3·0.044715·x²)."""
        d = np.square(x, out=like(run.temporary, "slope", x))
        d *= 1.5 * _STEEPNESS * _CUBIC
        d += 0.5 * _STEEPNESS
        curve_ = np.square(curve, out=curve)
        d *= np.subtract(1, curve_, out=curve_)
        return d

    return share, density


def _above_zero(run: Pass, x: Array, value: Array | float, elsewhere: Array) -> Array:
    """Overwrite `elsewhere` by `value` where x is positive."""
    np.copyto(elsewhere, value, where=np.greater(x, 0, out=like(run.temporary, "positive", x, bool)))
    return elsewhere
