"""Layers that pick and mix whole channels, as ShuffleNet does."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import Allocate, batch_first, batch_last

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, image, layer, unchanged
from .captions import counted
from .settings import Integer, OptionalInteger, setting
from .shapes import ImageShape, Shape
from .workings import number


@layer
class ChannelShuffle(Layer):
    """Deals channels out like cards: of `groups` equal stacks first all the first ones, then all the second ones, so
    that the next grouped convolution sees every group (Zhang et al. 2018, arXiv 1707.01083)."""

    family: ClassVar[Family] = "reshape"

    groups: int = setting(default=2, converter=Integer(), help="How many equal stacks the channels are cut into.")

    def caption(self) -> str:
        return counted(self.groups, "group")

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        if shape.channels % self.groups:
            raise Misfit(
                "groups-mismatch",
                f"{{layer}} cuts channels into {self.groups} groups, but {self.groups} does not divide the "
                f"{shape.channels} channels of {{0}}.",
            )
        return unchanged(shape)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        stack = x.shape[1] // self.groups

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            """Dealing into as many groups as a stack has channels undoes it."""
            return (_dealt(run.gradient, "dx", dy, stack),), {}

        return _dealt(run.array, "y", x, self.groups), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        c, h, w = x.shape.array
        stacks = graph.constant("stacks", np.array([0, self.groups, c // self.groups, h, w], np.int64))
        dealt = graph.Transpose(graph.Reshape(x, stacks), perm=[0, 2, 1, 3, 4])
        return graph.Reshape(dealt, graph.constant("shape", np.array([0, c, h, w], np.int64)))


@layer
class SelectChannels(Layer):
    """Some neighbouring channels of a map: `count` of them from `start` on, or all the rest. Two side by side split a
    map, as ShuffleNet's second version does."""

    family: ClassVar[Family] = "reshape"

    start: int = setting(default=0, converter=Integer(low=0), help="The first channel taken, counted from 0.")
    count: int | None = setting(
        default=None, converter=OptionalInteger(), help="How many channels are taken; where nothing is given, the rest."
    )

    def caption(self) -> str:
        """'8 to 15', as channels are counted."""
        return f"{self.start} to {'the last' if self.count is None else self.start + self.count - 1}"

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        start, channels = number("start", self.start), number("channels", shape.channels)
        taken = channels - start if self.count is None else number("count", self.count)
        if taken.result < 1 or self.start + taken.result > shape.channels:
            raise Misfit(
                "channels-beyond",
                f"{{layer}} takes channels {self.caption()}, but the {shape.channels} channels of {{0}} are 0 to "
                f"{shape.channels - 1}.",
            )
        axes = {"channels": taken, "height": number("height", shape.height), "width": number("width", shape.width)}
        return Facts(ImageShape(taken.result, shape.height, shape.width), axes)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        own = slice(self.start, None if self.count is None else self.start + self.count)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            n, c, h, w = x.shape
            dx = batch_first(run.gradient("dx", (c, h, w, n), dy.dtype))
            dx[...] = 0
            dx[:, own] = dy
            return (dx,), {}

        return x[:, own], pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        stop = x.shape.channels if self.count is None else self.start + self.count
        bounds = [graph.constant(name, np.array([value])) for name, value in (("from", self.start), ("to", stop))]
        return graph.Slice(x, *bounds, graph.constant("axis", np.array([1])))


def _dealt(allocate: Allocate, role: str, x: Array, groups: int) -> Array:
    """Channel j of stack i comes to place j · groups + i."""
    n, c, h, w = x.shape
    y = allocate(role, (c // groups, groups, h, w, n), x.dtype)
    np.copyto(y, batch_last(x).reshape(groups, c // groups, h, w, n).swapaxes(0, 1))
    return batch_first(y.reshape(c, h, w, n))
