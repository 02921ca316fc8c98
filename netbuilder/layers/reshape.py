"""Layers that lay the same numbers out anew."""

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import Array, Facts, Family, Layer, Pass, Pullback, layer, unchanged
from .shapes import ImageShape, Shape, VectorShape
from .workings import number, product


@layer
class Flatten(Layer):
    """A map becomes a flat list: channel after channel, each row by row. A list stays as it is."""

    family: ClassVar[Family] = "reshape"

    def caption(self) -> str:
        return "to a flat list"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        if not isinstance(shape, ImageShape):
            return unchanged(shape)
        sizes = product([number(axis, size) for axis, size in shape.to_dict().items()])
        return Facts(VectorShape(shape.size), {"features": sizes})

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (dy.reshape(x.shape),), {}

        return x.reshape(len(x), -1), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Flatten(*inputs, axis=1)
