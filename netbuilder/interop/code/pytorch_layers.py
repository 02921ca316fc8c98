"""From a layer and its shapes to its lines of PyTorch: the module it is made as, and the expression that applies it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from netbuilder.layers import (
    ELU,
    GELU,
    Add,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    Layer,
    LeakyReLU,
    LocalResponseNorm,
    Multiply,
    ReLU,
    Reshape,
    SelectChannels,
    SeparableConv2D,
    Shape,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample2D,
    ZeroPad2D,
)
from netbuilder.layers.convolution import Sliding

from .layout import Call, Expression, Joined, Named
from .plan import CodeError

Use = Callable[[str, Sequence[str]], Expression]
Pads = tuple[int, int, int, int]


@dataclass(frozen=True)
class Row:
    """How a layer is written. `module` makes what it keeps, None where an expression says all; `use` gives the
    expression for what calls the module and the inputs' variables. `helper` is a class the module needs."""

    module: Expression | None
    use: Use
    helper: str = ""


def called(module: str, inputs: Sequence[str]) -> Expression:
    """self.conv1(x)."""
    return Call(module, tuple(inputs))


def image(shape: Shape) -> ImageShape:
    """The shape of a map, which these layers only ever take in a valid design."""
    assert isinstance(shape, ImageShape)
    return shape


def pair(values: tuple[int, int]) -> str:
    """'3' where both are alike, else '(3, 5)'."""
    return str(values[0]) if values[0] == values[1] else f"({values[0]}, {values[1]})"


def padding_first(pads: Pads, value: str = "") -> Use:
    """The module on its input with pads around (top, bottom, left, right), which may also cut off."""

    def use(module: str, inputs: Sequence[str]) -> Expression:
        return Call(module, (padded(inputs[0], pads, value),))

    return use


def padded(x: Expression, pads: Pads, value: str = "") -> Call:
    """F.pad(x, (left, right, top, bottom)), PyTorch's order: the last axis first."""
    top, bottom, left, right = pads
    around = Call("", (str(left), str(right), str(top), str(bottom)))
    return Call("F.pad", (x, around, *([Named("value", value)] if value else ())))


@singledispatch
def row(layer: Layer, inputs: Sequence[Shape], output: Shape) -> Row:
    """How this layer, with inputs and output of these shapes, is written."""
    raise CodeError(f"PyTorch code cannot be written for {type(layer).__name__} yet.")


# ---- convolutions and dense layers -----------------------------------------------------------------------------------


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


# ---- pooling over the whole map --------------------------------------------------------------------------------------


def _flattened(module: str, inputs: Sequence[str]) -> Expression:
    return Call(module, tuple(inputs), tail=".flatten(1)")


@row.register
def _(layer: GlobalAveragePool2D, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(Call("nn.AdaptiveAvgPool2d", ("1",)), _flattened)


@row.register
def _(layer: GlobalMaxPool2D, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(Call("nn.AdaptiveMaxPool2d", ("1",)), _flattened)


# ---- activations and normalisation -----------------------------------------------------------------------------------


def _plain(name: str, *arguments: str) -> Row:
    return Row(Call(f"nn.{name}", arguments), called)


@row.register
def _(layer: ReLU, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("ReLU")


@row.register
def _(layer: LeakyReLU, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("LeakyReLU", f"{layer.slope!r}")


@row.register
def _(layer: ELU, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("ELU", *(() if layer.alpha == 1 else (f"alpha={layer.alpha!r}",)))


@row.register
def _(layer: GELU, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("GELU", *(() if layer.approximation == "none" else ('approximate="tanh"',)))


@row.register
def _(layer: SiLU, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("SiLU")


@row.register
def _(layer: Sigmoid, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("Sigmoid")


@row.register
def _(layer: Tanh, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("Tanh")


@row.register
def _(layer: Softmax, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("Softmax", "dim=1")


@row.register
def _(layer: BatchNorm, inputs: Sequence[Shape], output: Shape) -> Row:
    shape = inputs[0]
    kind, count = ("2d", shape.channels) if isinstance(shape, ImageShape) else ("1d", shape.features)
    settings = [str(count)]
    if layer.epsilon != 1e-5:
        settings.append(f"eps={layer.epsilon!r}")
    if layer.momentum != 0.1:
        settings.append(f"momentum={layer.momentum!r}")
    return _plain(f"BatchNorm{kind}", *settings)


@row.register
def _(layer: LocalResponseNorm, inputs: Sequence[Shape], output: Shape) -> Row:
    """Sizes are odd, for which PyTorch's mean over zero-padded channels is ONNX's sum by size."""
    settings = (f"alpha={layer.alpha!r}", f"beta={layer.beta!r}", f"k={layer.bias!r}")
    return _plain("LocalResponseNorm", str(layer.size), *settings)


@row.register
def _(layer: Dropout, inputs: Sequence[Shape], output: Shape) -> Row:
    channels = layer.spatial and isinstance(inputs[0], ImageShape)
    return _plain("Dropout2d" if channels else "Dropout", f"p={layer.rate!r}")


# ---- shapes and merges -----------------------------------------------------------------------------------------------


@row.register
def _(layer: Flatten, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: Call(f"{x[0]}.flatten", ("1",)))


@row.register
def _(layer: Reshape, inputs: Sequence[Shape], output: Shape) -> Row:
    sizes = tuple(map(str, output.array))
    return Row(None, lambda _, x: Call(f"{x[0]}.reshape", ("-1", *sizes)))


@row.register
def _(layer: Upsample2D, inputs: Sequence[Shape], output: Shape) -> Row:
    settings = (f'mode="{layer.method}"', *(["align_corners=False"] if layer.method == "bilinear" else ()))
    return _plain("Upsample", f"scale_factor={pair(layer.factor)}", *settings)


@row.register
def _(layer: ZeroPad2D, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: padded(x[0], layer.padding))


@row.register
def _(layer: ChannelShuffle, inputs: Sequence[Shape], output: Shape) -> Row:
    return _plain("ChannelShuffle", str(layer.groups))


@row.register
def _(layer: SelectChannels, inputs: Sequence[Shape], output: Shape) -> Row:
    start = str(layer.start) if layer.start else ""
    stop = layer.start + image(output).channels
    end = str(stop) if stop < image(inputs[0]).channels else ""
    return Row(None, lambda _, x: f"{x[0]}[:, {start}:{end}]")


@row.register
def _(layer: Add, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: Joined("+", tuple(x)))


@row.register
def _(layer: Multiply, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: Joined("*", tuple(x)))


@row.register
def _(layer: Concat, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: Call("torch.cat", (Call("", tuple(x)), "dim=1")))
