"""Arithmetic with fixed numbers."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import like

from .base import Array, Facts, Family, Layer, Pass, Pullback, layer, unchanged
from .settings import Real, setting
from .shapes import Shape


@layer
class Rescaling(Layer):
    """scale · x + offset, both fixed: bytes brought to 0 … 1, the mean of two branches, what a gate lets go (1 − x)."""

    family: ClassVar[Family] = "normalisation"
    forgets_output: ClassVar[bool] = True

    scale: float = setting(default=1 / 255, converter=Real(-1e6, 1e6), help="What each number is multiplied by.")
    offset: float = setting(default=0.0, converter=Real(-1e6, 1e6), help="What is added then.")

    def caption(self) -> str:
        """'0.00392·x − 1'."""
        shift = f"{'−' if self.offset < 0 else '+'} {abs(self.offset):.3g}" if self.offset else ""
        return f"{self.scale:.3g}·x {shift}".strip().replace("-", "−")

    def infer(self, *inputs: Shape) -> Facts:
        return unchanged(inputs[0])

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        y = np.multiply(x, self.scale, out=like(run.array, "y", x))
        y += self.offset

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (np.multiply(dy, self.scale, out=like(run.gradient, "dx", x)),), {}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        y = graph.Mul(x, graph.constant("scale", np.float32(self.scale)))
        return graph.Add(y, graph.constant("offset", np.float32(self.offset))) if self.offset else y
