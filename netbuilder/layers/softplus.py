"""Activations made of ln(1 + eˣ): a smooth ReLU, and the gate that Mish makes of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from netbuilder.kernels.activation import softplus
from netbuilder.kernels.scratch import like

from .activation import Activation, Slope
from .base import Array, Pass, layer


@layer
class Softplus(Activation):
    """ln(1 + eˣ): ReLU without its corner (Dugas et al. 2001)."""

    def caption(self) -> str:
        return "ln(1 + eˣ)"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = softplus(run, x)

        def slope() -> Array:
            return _logistic(run, y)

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Softplus(*inputs)


@layer
class Mish(Activation):
    """x · tanh(ln(1 + eˣ)) (Misra 2019, arXiv 1908.08681)."""

    def caption(self) -> str:
        return "x · tanh(ln(1 + eˣ))"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        inner = softplus(run, x)
        y = np.tanh(inner, out=like(run.array, "y", x))
        y *= x

        def slope() -> Array:
            """t + x·(1 − t²)·σ(x) with t = tanh(ln(1 + eˣ))."""
            t = np.tanh(inner, out=like(run.temporary, "curve", x))
            d = _logistic(run, inner)
            d *= x
            d -= np.multiply(d, np.square(t, out=like(run.temporary, "square", x)), out=like(run.temporary, "lost", x))
            d += t
            return d

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return graph.Mul(x, graph.Tanh(graph.Softplus(x)))


def _logistic(run: Pass, inner: Array) -> Array:
    """σ(x) = 1 − e^(−ln(1 + eˣ)), without the loss of digits that the difference would bring."""
    d = np.negative(inner, out=like(run.temporary, "slope", inner))
    return np.negative(np.expm1(d, out=d), out=d)
