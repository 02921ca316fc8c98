"""Fully connected layers: every output is a learned mixture of all inputs."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.normalisation import channel_sums
from netbuilder.kernels.scratch import batch_first, like

from .base import Array, Facts, Family, Layer, Pass, Pullback, Weight, layer, vector
from .captions import counted
from .settings import Flag, Integer, setting
from .shapes import Shape, VectorShape
from .workings import number


@layer
class Dense(Layer):
    """A flat list of numbers in, `units` numbers out: out = weight · input + bias.

    The weight is (units, inputs), the bias (units,), as in PyTorch.
    """

    family: ClassVar[Family] = "dense"
    forgets_output: ClassVar[bool] = True

    units: int = setting(
        default=10, converter=Integer(), help="How many numbers come out: for the last layer, the classes."
    )
    bias: bool = setting(default=True, converter=Flag(), help="Add one learned number per unit.")

    def caption(self) -> str:
        return counted(self.units, "unit")

    def infer(self, *inputs: Shape) -> Facts:
        features = vector(inputs[0]).features
        n, units = number("inputs", features), number("units", self.units)
        weights = {"weight": Weight((self.units, features), "scaled", fan_in=features, fan_out=self.units)}
        if self.bias:
            weights["bias"] = Weight((self.units,))
        return Facts(
            VectorShape(self.units),
            {"features": units},
            weights,
            parameters=units * (n + 1 if self.bias else n),
            macs=units * n,
            reach=None,
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        w = weights["weight"]
        y = batch_first(run.array("y", (self.units, len(x)), x.dtype))
        np.matmul(x, w.T, out=y)
        if self.bias:
            y += weights["bias"]

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            grads = {"weight": np.matmul(dy.T, x, out=run.array("dw", w.shape, dy.dtype))}
            if self.bias:
                grads["bias"] = channel_sums(run, dy)
            if not run.needs_input_gradient:
                return (None,), grads
            return (np.matmul(dy, w, out=like(run.gradient, "dx", x)),), grads

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Gemm(*inputs, *weights.values(), transB=1)
