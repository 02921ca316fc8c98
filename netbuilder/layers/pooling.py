"""Pooling: every output sums up one window, or the whole map, of its channel."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from netbuilder.kernels import pooling
from netbuilder.kernels.scratch import batch_first, maps_of
from netbuilder.kernels.windows import Geometry

from .base import Array, Facts, Family, Layer, Pass, Pullback, SettingError, image, layer
from .captions import either, joined, padded
from .settings import Flag, OptionalPair, Padding, PaddingRule, Pair, PairOf, setting
from .shapes import ImageShape, Shape, VectorShape
from .sliding import Slide2D, slide2d
from .workings import number

STRIDE_HELP = "How far the window moves at each step; where nothing is given, its own size."
PADDING_HELP = "What surrounds the map: nothing, enough to keep ⌈size / stride⌉, or a count for each side."
CEIL_HELP = "Also keep a last window that runs past the edge, as long as it starts before it."

_STRIDE: Callable[[int | Sequence[int] | None], Pair] = OptionalPair()  # pyright: ignore  # check() replaces None


@layer
class Pool(Layer):
    """What windowed pooling shares: a window with its stride, padding and ceil mode, one channel at a time."""

    family: ClassVar[Family] = "pooling"

    pool_size: Pair = setting(default=2, converter=PairOf(), unit="pixels", help="Height and width of the window.")
    stride: Pair = setting(default=None, converter=_STRIDE, unit="pixels", help=STRIDE_HELP)
    padding: Padding = setting(default="valid", converter=PaddingRule(), help=PADDING_HELP)
    ceil_mode: bool = setting(default=False, converter=Flag(), help=CEIL_HELP)

    def check(self) -> None:
        """Let an absent stride be the window, and refuse padding in which a whole window could lie."""
        if self.stride is None:  # pyright: ignore[reportUnnecessaryComparison]  # as the converter left it
            object.__setattr__(self, "stride", self.pool_size)
        if isinstance(self.padding, tuple):
            height, width = self.pool_size
            if max(self.padding[:2]) >= height or max(self.padding[2:]) >= width:
                raise SettingError(
                    type(self).__name__,
                    "padding",
                    f"must be smaller than the {height}×{width} window, or a window could see nothing but padding; "
                    f"it is {self.padding}",
                )

    def using(self, **changes: Any) -> Self:
        """This layer with other settings. A stride equal to the window follows when only the window changes."""
        if "pool_size" in changes and "stride" not in changes and self.stride == self.pool_size:
            changes["stride"] = None
        return super().using(**changes)

    def caption(self) -> str:
        """'2×2', or '3×3 · stride 2' where windows overlap or leave gaps."""
        stride = "" if self.stride == self.pool_size else f"stride {either(self.stride)}"
        return joined(f"{self.pool_size[0]}×{self.pool_size[1]}", padded(self.padding), stride)

    def slide(self, shape: ImageShape) -> Slide2D:
        """Where the window lies on a map of this shape. Raises Misfit."""
        return slide2d(shape, self.pool_size, self.stride, self.padding, ceil_mode=self.ceil_mode)

    def geometry(self, x: Array) -> Geometry:
        """The window's place on maps (N, C, H, W), as the array kernels take it."""
        return _geometry(self, ImageShape(*x.shape[1:]))

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        slide = self.slide(shape)
        axes = {
            "channels": number("channels", shape.channels),
            "height": slide.vertical.out,
            "width": slide.horizontal.out,
        }
        return Facts(ImageShape(shape.channels, *slide.size), axes, reach=slide.reach)

    def onnx_attributes(self, slide: Slide2D) -> dict[str, Any]:
        """Ceil mode is written as the padding it takes, since its meaning differs between versions of ONNX."""
        return {"kernel_shape": list(self.pool_size), "strides": list(self.stride), "pads": slide.covering_pads}


@layer
class MaxPool2D(Pool):
    """The largest number of every window. Padding never wins; of equals the first, row by row, takes the gradient."""

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        place, maps = self.geometry(x), maps_of(run.array, "maps", x)
        y, back = (pooling.largest_of_pairs if pooling.in_pairs(place) else pooling.largest)(run, place, maps)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (batch_first(back(maps_of(run.temporary, "dy", dy))),), {}

        return batch_first(y), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """Behind a Pad the map is laid out once more, as it is: onnxruntime, up to 1.31 at least, takes zeros padded
        right before it for the pool's own padding, which never wins."""
        (x,) = inputs
        attributes = self.onnx_attributes(self.slide(x.shape))
        if graph.origin(x) == "Pad":
            x = graph.Reshape(x, graph.constant("shape", np.array([0, *x.shape.array], np.int64)))
        return graph.MaxPool(x, **attributes)


@layer
class AveragePool2D(Pool):
    """The mean of every window. Padding is left out of it unless asked for.

    What a last window finds past the padding, in ceil mode, is never part of the mean.
    """

    count_include_pad: bool = setting(default=False, converter=Flag(), help="Count padding as zeros of the mean.")

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        place, maps = self.geometry(x), maps_of(run.array, "maps", x)
        counts = pooling.counts(place, x.shape, padding=self.count_include_pad).astype(x.dtype)[:, :, None]
        y = pooling.mean(run, place, maps, counts)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (batch_first(pooling.to_mean(run, place, maps_of(run.temporary, "dy", dy), counts, maps.shape)),), {}

        return batch_first(y), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """Where windows run past counted padding, that padding becomes part of the map, and only the rest is pads."""
        (x,) = inputs
        slide = self.slide(x.shape)
        attributes = self.onnx_attributes(slide)
        if not self.count_include_pad or not any(slide.pads):
            return graph.AveragePool(x, count_include_pad=0, **attributes)
        if slide.covering_pads == slide.onnx_pads:
            return graph.AveragePool(x, count_include_pad=1, **attributes)
        top, left, bottom, right = slide.onnx_pads
        pads = graph.constant("pads", np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))
        rest = [each - own for each, own in zip(slide.covering_pads, slide.onnx_pads, strict=True)]
        return graph.AveragePool(graph.Pad(x, pads), count_include_pad=0, **(attributes | {"pads": rest}))


@lru_cache(maxsize=1024)
def _geometry(layer: Pool, shape: ImageShape) -> Geometry:
    """Asked for at every pass, while the shape hardly ever changes."""
    slide = layer.slide(shape)
    return Geometry(layer.pool_size, layer.stride, slide.pads, (1, 1), slide.size)


class GlobalPool(Layer):
    """What global pooling shares: a map in, one number per channel out."""

    family: ClassVar[Family] = "pooling"

    def infer(self, *inputs: Shape) -> Facts:
        channels = image(inputs[0]).channels
        return Facts(VectorShape(channels), {"features": number("channels", channels)}, reach=None)


@layer
class GlobalAveragePool2D(GlobalPool):
    """The mean of every channel: a map becomes a flat list of one number per channel."""

    def caption(self) -> str:
        return "mean of each channel"

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        maps = maps_of(run.array, "maps", x)
        channels, height, width, n = maps.shape
        y = maps.reshape(channels, -1, n).mean(1, out=run.array("y", (channels, n), x.dtype))

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dx = run.gradient("dx", maps.shape, dy.dtype)
            np.copyto(dx, np.divide(dy.T, height * width)[:, None, None])
            return (batch_first(dx),), {}

        return y.T, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Flatten(graph.GlobalAveragePool(*inputs), axis=1)


@layer
class GlobalMaxPool2D(GlobalPool):
    """The largest number of every channel: a map becomes a flat list of one number per channel."""

    def caption(self) -> str:
        return "largest of each channel"

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        maps = maps_of(run.array, "maps", x)
        flat = maps.reshape(len(maps), -1, len(x))
        y = flat.max(1, out=run.array("y", (len(maps), len(x)), x.dtype))

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dx = run.gradient("dx", maps.shape, dy.dtype)
            dx.fill(0)
            np.put_along_axis(dx.reshape(flat.shape), flat.argmax(1)[:, None], dy.T[:, None], axis=1)
            return (batch_first(dx),), {}

        return y.T, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Flatten(graph.GlobalMaxPool(*inputs), axis=1)
