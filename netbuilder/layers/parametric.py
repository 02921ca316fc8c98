"""Activations whose curve is learned."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.normalisation import by_channel, dots
from netbuilder.kernels.scratch import like

from .base import Array, Facts, Family, Layer, Pass, Pullback, Weight, layer, unchanged
from .settings import Flag, setting
from .shapes import ImageShape, Shape
from .workings import number

START = 0.25
"""The slope that training starts from (He et al. 2015, section 2.1)."""


@layer
class PReLU(Layer):
    """x where positive, weight · x elsewhere, with a learned slope for every channel of a map or feature of a list, or
    one for all of them (He et al. 2015, arXiv 1502.01852, section 2.1)."""

    family: ClassVar[Family] = "activation"
    forgets_output: ClassVar[bool] = True

    shared: bool = setting(default=False, converter=Flag(), help="One slope for all channels.")

    def caption(self) -> str:
        return "one learned slope" if self.shared else "learned slopes"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        name, count = ("channels", shape.channels) if isinstance(shape, ImageShape) else ("features", shape.features)
        slopes = number("slope", 1) if self.shared else number(name, count)
        return unchanged(shape, weights={"weight": Weight((slopes.result,), START)}, parameters=slopes)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        slope = weights["weight"].reshape(-1, *(1,) * (x.ndim - 2))
        y = np.multiply(x, slope, out=like(run.array, "y", x))
        np.copyto(y, x, where=np.greater(x, 0, out=like(run.temporary, "positive", x, bool)))

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            below = np.minimum(x, 0, out=like(run.temporary, "below", x))
            rows = by_channel(run.temporary, "rows", below), by_channel(run.temporary, "dy", dy)
            by_slope = dots(*rows)
            if self.shared:
                by_slope = by_slope.sum(keepdims=True)
            if not run.needs_input_gradient:
                return (None,), {"weight": by_slope}
            dx = np.multiply(dy, slope, out=like(run.gradient, "dx", x))
            np.copyto(dx, dy, where=np.greater(x, 0, out=like(run.temporary, "positive", x, bool)))
            return (dx,), {"weight": by_slope}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """A slope for every channel is laid along its axis; ONNX would take the last one."""
        (x,) = inputs
        slope = weights["weight"]
        if not self.shared and isinstance(x.shape, ImageShape):
            slope = graph.Reshape(slope, graph.constant("shape", np.array([x.shape.channels, 1, 1], np.int64)))
        return graph.PRelu(x, slope)
