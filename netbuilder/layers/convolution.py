"""Convolutions: every output looks through a small window of learned weights."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from netbuilder.kernels import convolution
from netbuilder.kernels.normalisation import channel_sums
from netbuilder.kernels.scratch import Part, Scratch
from netbuilder.kernels.windows import Geometry

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, Weight, image, layer
from .captions import counted, either, joined, padded
from .settings import Flag, Integer, Padding, PaddingRule, Pair, PairOf, setting
from .shapes import ImageShape, Shape
from .sliding import Slide2D, slide2d
from .workings import Working, number, product

PADDING_HELP = "What surrounds the map: nothing, enough zeros to keep ⌈size / stride⌉, or a count for each side."
DILATION_HELP = "Distance between neighbouring weights of the window."


class Sliding(Layer):
    """What all convolutions share: a kernel with its stride, padding and dilation."""

    family: ClassVar[Family] = "convolution"
    forgets_output: ClassVar[bool] = True

    kernel_size: Pair
    stride: Pair
    padding: Padding
    dilation: Pair
    bias: bool

    def slide(self, shape: ImageShape) -> Slide2D:
        """Where the kernel lies on a map of this shape. Raises Misfit."""
        return slide2d(shape, self.kernel_size, self.stride, self.padding, self.dilation)

    def caption(self) -> str:
        """'5×5 · 6 filters · same · stride 2', leaving out what is as usual."""
        kernel = f"{self.kernel_size[0]}×{self.kernel_size[1]}"
        spacing = [
            f"{word} {either(pair)}"
            for word, pair in (("stride", self.stride), ("dilation", self.dilation))
            if pair != (1, 1)
        ]
        return joined(kernel, self.width_caption(), padded(self.padding), *spacing)

    def width_caption(self) -> str:
        """How many maps come out, in words."""
        raise NotImplementedError

    def geometry(self, x: Array) -> Geometry:
        """The kernel's place on maps (N, C, H, W), as the array kernels take it."""
        return _geometry(self, ImageShape(*x.shape[1:]))

    def onnx_attributes(self, shape: ImageShape, groups: int) -> dict[str, Any]:
        return {
            "kernel_shape": list(self.kernel_size),
            "strides": list(self.stride),
            "dilations": list(self.dilation),
            "pads": self.slide(shape).onnx_pads,
            "group": groups,
        }


@layer
class Conv2D(Sliding):
    """Slides learned filters over a map; each filter spans the channels of its group and yields one map.

    out = Σ over channels and window of input · weight, + bias (cross-correlation, as PyTorch and ONNX have it).
    Weights are (filters, channels / groups, kernel height, kernel width), biases (filters,).
    """

    filters: int = setting(default=32, converter=Integer(), help="How many filters: each yields one output map.")
    kernel_size: Pair = setting(
        default=3, converter=PairOf(), unit="pixels", help="Height and width of the sliding window."
    )
    stride: Pair = setting(default=1, converter=PairOf(), unit="pixels", help="How far the window moves at each step.")
    padding: Padding = setting(default="valid", converter=PaddingRule(), help=PADDING_HELP)
    dilation: Pair = setting(default=1, converter=PairOf(), unit="pixels", help=DILATION_HELP)
    groups: int = setting(
        default=1, converter=Integer(), help="Split channels and filters into groups that do not see each other."
    )
    bias: bool = setting(default=True, converter=Flag(), help="Add one learned number per filter.")

    def width_caption(self) -> str:
        return counted(self.filters, "filter")

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        if shape.channels % self.groups or self.filters % self.groups:
            raise Misfit(
                "groups-mismatch",
                f"{{layer}} splits channels into {self.groups} groups, but {self.groups} does not divide both the "
                f"{shape.channels} channels of {{0}} and the {self.filters} filters.",
            )
        slide, filters = self.slide(shape), number("filters", self.filters)
        across = number("channels", shape.channels)
        window = product([across / number("groups", self.groups) if self.groups > 1 else across, *_cells(self)])
        weights = {"weight": _weight(self.filters, shape.channels, self.kernel_size, self.groups)}
        if self.bias:
            weights["bias"] = Weight((self.filters,))
        return Facts(
            ImageShape(self.filters, *slide.size),
            {"channels": filters, "height": slide.vertical.out, "width": slide.horizontal.out},
            weights,
            parameters=filters * (window + 1 if self.bias else window),
            macs=product([filters, *_places(slide), window]),
            reach=slide.reach,
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        y, back = _convolve(run, self.geometry(x), x, weights["weight"], weights.get("bias"), self.groups)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dx, grads = back(dy, run.needs_input_gradient)
            return (dx,), grads

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return graph.Conv(x, *weights.values(), **self.onnx_attributes(x.shape, self.groups))


@layer
class DepthwiseConv2D(Sliding):
    """Slides filters over each channel by itself: `depth_multiplier` filters, and as many output maps, per channel.

    Weights are (channels · depth multiplier, 1, kernel height, kernel width): a convolution in as many groups as there
    are channels. The maps of one channel lie together.
    """

    kernel_size: Pair = setting(
        default=3, converter=PairOf(), unit="pixels", help="Height and width of the sliding window."
    )
    stride: Pair = setting(default=1, converter=PairOf(), unit="pixels", help="How far the window moves at each step.")
    padding: Padding = setting(default="valid", converter=PaddingRule(), help=PADDING_HELP)
    dilation: Pair = setting(default=1, converter=PairOf(), unit="pixels", help=DILATION_HELP)
    depth_multiplier: int = setting(
        default=1, converter=Integer(), help="How many filters each channel gets of its own."
    )
    bias: bool = setting(default=True, converter=Flag(), help="Add one learned number per output map.")

    def width_caption(self) -> str:
        return counted(self.depth_multiplier, "filter") + " a channel"

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        slide, window = self.slide(shape), product(_cells(self))
        maps = number("channels", shape.channels) * number("depth multiplier", self.depth_multiplier)
        weights = {"weight": _weight(maps.result, shape.channels, self.kernel_size, shape.channels)}
        if self.bias:
            weights["bias"] = Weight((maps.result,))
        return Facts(
            ImageShape(maps.result, *slide.size),
            {"channels": maps, "height": slide.vertical.out, "width": slide.horizontal.out},
            weights,
            parameters=maps * (window + 1 if self.bias else window),
            macs=product([maps, *_places(slide), window]),
            reach=slide.reach,
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        y, back = _convolve(run, self.geometry(x), x, weights["weight"], weights.get("bias"), groups=x.shape[1])

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dx, grads = back(dy, run.needs_input_gradient)
            return (dx,), grads

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return graph.Conv(x, *weights.values(), **self.onnx_attributes(x.shape, x.shape.channels))


@layer
class SeparableConv2D(Sliding):
    """A convolution in two steps: over each channel by itself, without bias, then a mixture of channels at each place.

    The weights are those of a depthwise and a 1×1 convolution: 'depthwise.weight', (channels · depth multiplier, 1,
    kernel height, kernel width), 'pointwise.weight', (filters, channels · depth multiplier, 1, 1), 'pointwise.bias'.
    """

    filters: int = setting(default=32, converter=Integer(), help="How many mixtures of channels, and so output maps.")
    kernel_size: Pair = setting(
        default=3, converter=PairOf(), unit="pixels", help="Height and width of the sliding window."
    )
    stride: Pair = setting(default=1, converter=PairOf(), unit="pixels", help="How far the window moves at each step.")
    padding: Padding = setting(default="valid", converter=PaddingRule(), help=PADDING_HELP)
    dilation: Pair = setting(default=1, converter=PairOf(), unit="pixels", help=DILATION_HELP)
    depth_multiplier: int = setting(
        default=1, converter=Integer(), help="How many filters each channel gets in the first step."
    )
    bias: bool = setting(
        default=True, converter=Flag(), help="Add one learned number per filter, after the second step."
    )

    def width_caption(self) -> str:
        return counted(self.filters, "filter")

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        slide, filters = self.slide(shape), number("filters", self.filters)
        between = number("channels", shape.channels) * number("depth multiplier", self.depth_multiplier)
        depthwise = product([between, *_cells(self)])
        weights = {
            "depthwise.weight": _weight(between.result, shape.channels, self.kernel_size, shape.channels),
            "pointwise.weight": _weight(self.filters, between.result, (1, 1), 1),
        }
        if self.bias:
            weights["pointwise.bias"] = Weight((self.filters,))
        return Facts(
            ImageShape(self.filters, *slide.size),
            {"channels": filters, "height": slide.vertical.out, "width": slide.horizontal.out},
            weights,
            parameters=depthwise + filters * (between + 1 if self.bias else between),
            macs=product([*_places(slide), depthwise + filters * between]),
            reach=slide.reach,
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        place = self.geometry(x)
        one = Geometry((1, 1), (1, 1), (0, 0, 0, 0), (1, 1), place.size)
        w, mix, bias = weights["depthwise.weight"], weights["pointwise.weight"], weights.get("pointwise.bias")
        between, back_through_depth = _convolve(Part(run, "depthwise"), place, x, w, None, groups=x.shape[1])
        y, back_through_mixture = _convolve(Part(run, "pointwise"), one, between, mix, bias)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dbetween, mixture = back_through_mixture(dy, True)
            assert dbetween is not None
            dx, depth = back_through_depth(dbetween, run.needs_input_gradient)
            grads = {f"depthwise.{name}": grad for name, grad in depth.items()}
            return (dx,), grads | {f"pointwise.{name}": grad for name, grad in mixture.items()}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        depthwise, *pointwise = weights.values()
        between = graph.Conv(x, depthwise, **self.onnx_attributes(x.shape, x.shape.channels))
        return graph.Conv(between, *pointwise, kernel_shape=[1, 1])


@lru_cache(maxsize=1024)
def _geometry(layer: Sliding, shape: ImageShape) -> Geometry:
    """Asked for at every pass, while the shape hardly ever changes."""
    slide = layer.slide(shape)
    return Geometry(layer.kernel_size, layer.stride, slide.pads, layer.dilation, slide.size)


def _convolve(
    run: Scratch, place: Geometry, x: Array, w: Array, bias: Array | None, groups: int = 1
) -> tuple[Array, Callable[[Array, bool], tuple[Array | None, dict[str, Array]]]]:
    """A convolution's output and its pullback, which is also told whether the input's gradient is wanted."""
    y, maps = convolution.forward(run, place, x, w, bias, groups)

    def back(dy: Array, wanted: bool) -> tuple[Array | None, dict[str, Array]]:
        dx, dw = convolution.gradients(run, place, maps, dy, w, groups, wanted=wanted)
        return dx, {"weight": dw} if bias is None else {"weight": dw, "bias": channel_sums(run, dy)}

    return y, back


def _weight(filters: int, channels: int, kernel: Pair, groups: int) -> Weight:
    """The array of a convolution's weights. Fans count what one output sums over, and what one input is spread over."""
    cells = kernel[0] * kernel[1]
    shape = (filters, channels // groups, *kernel)
    return Weight(shape, "scaled", fan_in=channels // groups * cells, fan_out=filters // groups * cells)


def _cells(layer: Sliding) -> list[Working]:
    return [number("kernel height", layer.kernel_size[0]), number("kernel width", layer.kernel_size[1])]


def _places(slide: Slide2D) -> list[Working]:
    return [number("output height", slide.size[0]), number("output width", slide.size[1])]
