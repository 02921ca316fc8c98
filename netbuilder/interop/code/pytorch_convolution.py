"""From convolutions and dense layers to their lines of PyTorch."""

from collections.abc import Sequence

from netbuilder.layers import Conv2D, ConvTranspose2D, Dense, DepthwiseConv2D, ImageShape, SeparableConv2D, Shape
from netbuilder.layers.convolution import Sliding

from .layout import Call, Named
from .pytorch_rows import Pads, Row, called, image, padded, padding_first, pair, row


@row.register
def _(layer: Conv2D, inputs: Sequence[Shape], output: Shape) -> Row:
    shape = image(inputs[0])
    return _convolution(layer, shape, layer.filters, layer.groups, layer.bias)


@row.register
def _(layer: DepthwiseConv2D, inputs: Sequence[Shape], output: Shape) -> Row:
    shape = image(inputs[0])
    return _convolution(layer, shape, image(output).channels, shape.channels, layer.bias)


@row.register
def _(layer: SeparableConv2D, inputs: Sequence[Shape], output: Shape) -> Row:
    shape = image(inputs[0])
    between = shape.channels * layer.depth_multiplier
    depthwise = _convolution(layer, shape, between, shape.channels, bias=False)
    pointwise = Call("nn.Conv2d", (str(between), str(layer.filters), "kernel_size=1", *_no_bias(layer.bias)))
    assert depthwise.module is not None
    parts = Call("OrderedDict", (Named("depthwise", depthwise.module), Named("pointwise", pointwise)))
    return Row(Call("nn.Sequential", (parts,)), depthwise.use)


@row.register
def _(layer: ConvTranspose2D, inputs: Sequence[Shape], output: Shape) -> Row:
    (top, bottom), (left, right) = layer.crop
    added = layer.added
    longer = (top - bottom + added[0], left - right + added[1])
    fits = all(0 <= more < max(s, d) for more, s, d in zip(longer, layer.stride, layer.dilation, strict=True))
    cropped = (top, left) if fits else (0, 0)
    more = longer if fits else added
    settings = (
        *_pairs(layer.stride, "stride", (1, 1)),
        *_pairs(cropped, "padding", (0, 0)),
        *_pairs(more, "output_padding", (0, 0)),
        *([f"groups={layer.groups}"] if layer.groups > 1 else ()),
        *_no_bias(layer.bias),
        *_pairs(layer.dilation, "dilation", (1, 1)),
    )
    kernel = f"kernel_size={pair(layer.kernel_size)}"
    channels = image(inputs[0]).channels
    module = Call("nn.ConvTranspose2d", (str(channels), str(layer.filters), kernel, *settings))
    if fits:
        return Row(module, called)
    return Row(module, lambda self, x: padded(called(self, x), (-top, -bottom, -left, -right)))


@row.register
def _(layer: Dense, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(Call("nn.Linear", (str(inputs[0].size), str(layer.units), *_no_bias(layer.bias))), called)


def _convolution(layer: Sliding, shape: ImageShape, filters: int, groups: int, bias: bool) -> Row:
    """Pads that are alike on opposite sides are the module's own."""
    pads = layer.slide(shape).pads
    own = _own_padding(pads)
    around: tuple[str, ...] = ()
    if own is not None and any(own):
        same = layer.padding == "same" and layer.stride == (1, 1)
        around = ('padding="same"' if same else f"padding={pair(own)}",)
    settings = (
        f"kernel_size={pair(layer.kernel_size)}",
        *_pairs(layer.stride, "stride", (1, 1)),
        *around,
        *_pairs(layer.dilation, "dilation", (1, 1)),
        *([f"groups={groups}"] if groups > 1 else ()),
        *_no_bias(bias),
    )
    module = Call("nn.Conv2d", (str(shape.channels), str(filters), *settings))
    return Row(module, called if own is not None else padding_first(pads))


def _own_padding(pads: Pads) -> tuple[int, int] | None:
    """(rows, columns) where opposite sides are padded alike, else None."""
    top, bottom, left, right = pads
    return (top, left) if top == bottom and left == right else None


def _pairs(values: tuple[int, int], name: str, default: tuple[int, int]) -> tuple[str, ...]:
    return () if values == default else (f"{name}={pair(values)}",)


def _no_bias(bias: bool) -> tuple[str, ...]:
    return () if bias else ("bias=False",)
