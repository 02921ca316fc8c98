"""Transposed convolutions: every input is spread over a window of learned weights, so that maps grow."""

from collections.abc import Mapping
from typing import Any, ClassVar

from netbuilder.kernels import transposed
from netbuilder.kernels.transposed import Spread

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, SettingError, Weight, Window, image, layer
from .captions import counted, either, joined, padded
from .settings import Flag, Integer, Padding, PaddingRule, Pair, PairOf, setting
from .shapes import ImageShape, Shape
from .workings import Working, number, product


@layer
class ConvTranspose2D(Layer):
    """Lays learned filters down at every place of a map, `stride` apart, and adds up where they overlap: the adjoint of
    a Conv2D with the same settings, which makes of its output's size its input's again.

    out = (size − 1) · stride − padding + dilation · (kernel − 1) + output padding + 1. Padding is cut off the output:
    none with 'valid', and with 'same' what leaves size · stride. Weights are (channels, filters / groups, kernel
    height, kernel width), as PyTorch and ONNX have them, biases (filters,).
    """

    family: ClassVar[Family] = "convolution"
    forgets_output: ClassVar[bool] = True

    filters: int = setting(default=32, converter=Integer(), help="How many maps come out.")
    kernel_size: Pair = setting(
        default=3, converter=PairOf(), unit="pixels", help="Height and width of what each input is spread over."
    )
    stride: Pair = setting(
        default=1, converter=PairOf(), unit="pixels", help="How far apart inputs are laid down: maps grow by as much."
    )
    padding: Padding = setting(
        default="valid",
        converter=PaddingRule(),
        help="What is cut off the output: nothing, what leaves size · stride, or a count for each side.",
    )
    output_padding: Pair = setting(
        default=0,
        converter=PairOf(low=0),
        unit="pixels",
        help="Rows and columns added at the end, where strides leave the size open.",
    )
    dilation: Pair = setting(
        default=1, converter=PairOf(), unit="pixels", help="Distance between neighbouring weights of the window."
    )
    groups: int = setting(
        default=1, converter=Integer(), help="Split channels and filters into groups that do not see each other."
    )
    bias: bool = setting(default=True, converter=Flag(), help="Add one learned number per filter.")

    def check(self) -> None:
        """Refuse more output padding than a stride leaves open, or any where "same" settles the size."""
        if self.padding == "same" and self.output_padding != (0, 0):
            raise SettingError("ConvTranspose2D", "output_padding", "must be 0 where padding is same")
        if any(more >= s for more, s in zip(self.output_padding, self.stride, strict=True) if more):
            raise SettingError(
                "ConvTranspose2D",
                "output_padding",
                f"must be smaller than the stride, {either(self.stride)}, not {either(self.output_padding)}",
            )

    def caption(self) -> str:
        """'2×2 · 64 filters · stride 2'."""
        kernel = f"{self.kernel_size[0]}×{self.kernel_size[1]}"
        named = (("stride", self.stride), ("dilation", self.dilation))
        spacing = [f"{word} {either(pair)}" for word, pair in named if pair != (1, 1)]
        return joined(kernel, counted(self.filters, "filter"), padded(self.padding), *spacing)

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        if shape.channels % self.groups or self.filters % self.groups:
            raise Misfit(
                "groups-mismatch",
                f"{{layer}} splits channels into {self.groups} groups, but {self.groups} does not divide both the "
                f"{shape.channels} channels of {{0}} and the {self.filters} filters.",
            )
        height, width = self._out(shape)
        filters, channels = number("filters", self.filters), number("channels", shape.channels)
        across = filters / number("groups", self.groups) if self.groups > 1 else filters
        cells = [number("kernel height", self.kernel_size[0]), number("kernel width", self.kernel_size[1])]
        window = product([across, *cells])
        weights = {"weight": self._weight(shape.channels)}
        if self.bias:
            weights["bias"] = Weight((self.filters,))
        return Facts(
            ImageShape(self.filters, height.result, width.result),
            {"channels": filters, "height": height, "width": width},
            weights,
            parameters=channels * window + filters if self.bias else channels * window,
            macs=product([channels, number("height", shape.height), number("width", shape.width), window]),
            reach=self.reach,
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        spread, weight = self.spread(ImageShape(*x.shape[1:])), weights["weight"]
        y = transposed.forward(run, spread, x, weight, weights.get("bias"), self.groups)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            wanted = run.needs_input_gradient
            dx, dw = transposed.gradients(run, spread, x, dy, weight, self.groups, wanted=wanted)
            return (dx,), {"weight": dw, "bias": dy.sum((0, 2, 3))} if self.bias else {"weight": dw}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (top, bottom), (left, right) = self.crop
        return graph.ConvTranspose(
            *inputs,
            *weights.values(),
            kernel_shape=list(self.kernel_size),
            strides=list(self.stride),
            dilations=list(self.dilation),
            pads=[top, left, bottom, right],
            output_padding=list(self.added),
            group=self.groups,
        )

    # ---- along each axis ---------------------------------------------------------------------------------------------

    @property
    def extents(self) -> Pair:
        """Height and width of what one input is spread over."""
        (kh, kw), (dh, dw) = self.kernel_size, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    @property
    def crop(self) -> tuple[Pair, Pair]:
        """What is cut off before and after: of rows, of columns. "same" cuts an odd one more off the end."""
        if isinstance(self.padding, tuple):
            top, bottom, left, right = self.padding
            return (top, bottom), (left, right)
        if self.padding == "valid":
            return (0, 0), (0, 0)
        excess = [max(e - s, 0) for e, s in zip(self.extents, self.stride, strict=True)]
        rows, columns = ((each // 2, each - each // 2) for each in excess)
        return rows, columns

    @property
    def added(self) -> Pair:
        """Rows and columns added at the end; "same" adds what a window smaller than the stride leaves open."""
        if self.padding != "same":
            return self.output_padding
        (eh, ew), (sh, sw) = self.extents, self.stride
        return max(sh - eh, 0), max(sw - ew, 0)

    def spread(self, shape: ImageShape) -> Spread:
        """Where windows lie on the output for a map of this shape. Raises Misfit."""
        height, width = self._out(shape)
        (top, _), (left, _) = self.crop
        return Spread(self.kernel_size, self.stride, (top, left), self.dilation, (height.result, width.result))

    def _out(self, shape: ImageShape) -> tuple[Working, Working]:
        """(size − 1) · stride − padding + dilation · (kernel − 1) + output padding + 1; with "same" size · stride."""
        height, width = self._along("height", shape.height, 0), self._along("width", shape.width, 1)
        if min(height.result, width.result) < 1:
            raise Misfit(
                "cropped-away",
                f"{{layer}} cuts more off than there is: of {shape.height}×{shape.width} from {{0}}, "
                f"{max(height.result, 0)}×{max(width.result, 0)} would be left.",
            )
        return height, width

    def _along(self, axis: str, size: int, index: int) -> Working:
        n, s = number(axis, size), number("stride", self.stride[index])
        if self.padding == "same":
            return n * s
        k, d = number(f"kernel {axis}", self.kernel_size[index]), number("dilation", self.dilation[index])
        ends = number("padding", sum(self.crop[index]))
        out = (n - 1) * s - ends + d * (k - 1)
        if any(self.output_padding):
            out = out + number("output padding", self.output_padding[index])
        return out + 1

    @property
    def reach(self) -> tuple[Window, Window]:
        """Seen from an output, inputs lie a stride apart, and those within the window's extent reach it."""
        rows, columns = (
            Window(extent, 1, extent - 1 - begin, spread)
            for extent, (begin, _), spread in zip(self.extents, self.crop, self.stride, strict=True)
        )
        return rows, columns

    def _weight(self, channels: int) -> Weight:
        """Fans count what an output sums over, on the average of where strides let it lie, and what an input is
        spread over."""
        (kh, kw), (sh, sw) = self.kernel_size, self.stride
        return Weight(
            (channels, self.filters // self.groups, kh, kw),
            "scaled",
            fan_in=max(1, channels // self.groups * kh * kw // (sh * sw)),
            fan_out=self.filters // self.groups * kh * kw,
        )
