"""Convolutions: every output looks through a small window of learned weights."""

from collections.abc import Mapping
from typing import Any, ClassVar

from netbuilder.kernels import convolution
from netbuilder.kernels.windows import Geometry

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, Weight, image, layer
from .settings import Flag, Integer, Padding, PaddingRule, Pair, PairOf, setting
from .shapes import ImageShape, Shape
from .sliding import Slide2D, slide2d
from .workings import Working, number, product


class Sliding(Layer):
    """What all convolutions share: a kernel with its stride, padding and dilation."""

    family: ClassVar[Family] = "convolution"

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
        parts = [f"{self.kernel_size[0]}×{self.kernel_size[1]}", self.width_caption()]
        if self.padding != "valid":
            parts.append(self.padding if isinstance(self.padding, str) else "padded")
        parts += [
            f"{word} {_either(pair)}"
            for word, pair in (("stride", self.stride), ("dilation", self.dilation))
            if pair != (1, 1)
        ]
        return " · ".join(part for part in parts if part)

    def width_caption(self) -> str:
        """How many maps come out, in words."""
        raise NotImplementedError

    def geometry(self, x: Array) -> Geometry:
        """The kernel's place on maps (N, C, H, W), as the array kernels take it."""
        slide = self.slide(ImageShape(*x.shape[1:]))
        return Geometry(self.kernel_size, self.stride, slide.pads, self.dilation, slide.size)

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

    filters: int = setting(32, converter=Integer(), help="How many filters: each yields one output map.")
    kernel_size: Pair = setting(3, converter=PairOf(), unit="pixels", help="Height and width of the sliding window.")
    stride: Pair = setting(1, converter=PairOf(), unit="pixels", help="How far the window moves at each step.")
    padding: Padding = setting(
        "valid",
        converter=PaddingRule(),
        help="What surrounds the map: nothing, enough zeros to keep ⌈size / stride⌉, or a count for each side.",
    )
    dilation: Pair = setting(
        1, converter=PairOf(), unit="pixels", help="Distance between neighbouring weights of the window."
    )
    groups: int = setting(
        1, converter=Integer(), help="Split channels and filters into groups that do not see each other."
    )
    bias: bool = setting(True, converter=Flag(), help="Add one learned number per filter.")

    def width_caption(self) -> str:
        return f"{self.filters} filter{'' if self.filters == 1 else 's'}"

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        if shape.channels % self.groups or self.filters % self.groups:
            raise Misfit(
                "groups-mismatch",
                f"{{layer}} splits channels into {self.groups} groups, but {self.groups} does not divide both the "
                f"{shape.channels} channels of {{0}} and the {self.filters} filters.",
            )
        slide = self.slide(shape)
        height, width = slide.size
        filters = number("filters", self.filters)
        window = _window(shape.channels, self.groups, self.kernel_size)
        weights = {
            "weight": Weight(
                (self.filters, shape.channels // self.groups, *self.kernel_size),
                "scaled",
                fan_in=window.result,
                fan_out=self.filters // self.groups * self.kernel_size[0] * self.kernel_size[1],
            )
        }
        if self.bias:
            weights["bias"] = Weight((self.filters,))
        return Facts(
            ImageShape(self.filters, height, width),
            {"channels": filters, "height": slide.vertical.out, "width": slide.horizontal.out},
            weights,
            parameters=filters * (window + 1 if self.bias else window),
            macs=product([filters, number("output height", height), number("output width", width), window]),
            reach=slide.reach,
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        w, groups, place = weights["weight"], self.groups, self.geometry(x)
        y, columns = convolution.forward(run, place, x, w, weights.get("bias"), groups)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            grads = {"weight": convolution.weight_gradient(run, columns, dy, w.shape, groups)}
            if self.bias:
                grads["bias"] = dy.sum((0, 2, 3))
            dx = convolution.input_gradient(run, place, dy, w, x.shape, groups) if run.needs_input_gradient else None
            return (dx,), grads

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        return graph.Conv(x, *weights.values(), **self.onnx_attributes(x.shape, self.groups))


def _window(channels: int, groups: int, kernel: Pair) -> Working:
    """Numbers one filter reads at one position: channels / groups · kernel height · kernel width."""
    across = number("channels", channels)
    if groups > 1:
        across = across / number("groups", groups)
    return product([across, number("kernel height", kernel[0]), number("kernel width", kernel[1])])


def _either(pair: Pair) -> str:
    """'2' where both are alike, '2×1' where they differ."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"
