"""Softmax, which turns scores into shares, and its logarithm."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import like

from .base import POINTWISE, Array, Facts, Family, Layer, Pass, Pullback, layer, unchanged
from .shapes import ImageShape, Shape


@layer
class Softmax(Layer):
    """eˣ / Σ eˣ over the features of a list, or over the channels at each place of a map: shares that sum to 1."""

    family: ClassVar[Family] = "activation"

    def caption(self) -> str:
        return "eˣ / Σ eˣ"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        return unchanged(shape, reach=POINTWISE if isinstance(shape, ImageShape) else None)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        y = np.subtract(x, x.max(1, keepdims=True), out=like(run.array, "y", x))  # the largest becomes e⁰: no overflow
        np.exp(y, out=y)
        y /= y.sum(1, keepdims=True)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            """dx = y·(dy − Σ y·dy)."""
            dx = np.multiply(y, dy, out=like(run.gradient, "dx", x))
            mean = dx.sum(1, keepdims=True)
            np.subtract(dy, mean, out=dx)
            dx *= y
            return (dx,), {}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Softmax(*inputs, axis=1)


@layer
class LogSoftmax(Layer):
    """The logarithms of a softmax's shares, x − ln Σ eˣ: scores all the same, of which a softmax makes the shares."""

    family: ClassVar[Family] = "activation"

    def caption(self) -> str:
        return "x − ln Σ eˣ"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        return unchanged(shape, reach=POINTWISE if isinstance(shape, ImageShape) else None)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        y = np.subtract(x, x.max(1, keepdims=True), out=like(run.array, "y", x))
        powers = np.exp(y, out=like(run.temporary, "powers", x))
        y -= np.log(powers.sum(1, keepdims=True))

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            """dx = dy − eʸ·Σ dy."""
            dx = np.exp(y, out=like(run.gradient, "dx", x))
            dx *= dy.sum(1, keepdims=True)
            return (np.subtract(dy, dx, out=dx),), {}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.LogSoftmax(*inputs, axis=1)
