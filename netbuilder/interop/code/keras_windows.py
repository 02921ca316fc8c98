"""From convolutions, dense layers and pooling to their lines of Keras, which pads by rule or by a layer of its own."""

from collections.abc import Sequence

from netbuilder.layers import (
    AveragePool2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    MaxPool2D,
    SeparableConv2D,
    Shape,
)
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.sliding import Slide2D

from .keras_rows import KerasRow, Sides, batch_sides, function, keras_row, made, sides
from .plan import CodeError
from .pytorch_rows import image, pair

CONVOLUTION = """\
if isinstance(layer, layers.Conv2D):  # (filters, channels, rows, columns)
    return [weight.transpose(2, 3, 1, 0), *rest]"""
TRANSPOSED = """\
if isinstance(layer, layers.Conv2DTranspose):  # (channels, filters, rows, columns)
    return [weight.transpose(2, 3, 1, 0), *rest]"""
DEPTHWISE = """\
if isinstance(layer, layers.DepthwiseConv2D):  # (channels · multiplier, 1, …)
    return [by_channel(weight, layer.depth_multiplier), *rest]"""
SEPARABLE = """\
if isinstance(layer, layers.SeparableConv2D):
    depthwise, pointwise = arrays["depthwise.weight"], arrays["pointwise.weight"]
    kernels = [by_channel(depthwise, layer.depth_multiplier)]
    kernels.append(pointwise.transpose(2, 3, 1, 0))
    return [*kernels, *(a for key, a in arrays.items() if key == "pointwise.bias")]"""
DENSE = """\
if isinstance(layer, layers.Dense):  # (units, inputs)
    return [weight.T, *rest]"""
AVERAGE = '''\
def average(x, pool_size, strides, padding, counted=((0, 0), (0, 0))):
    """Means of windows over padding, of which no more than `counted` counts."""
    inside = ops.ones_like(x[:1, :, :, :1])
    inside = ops.pad(inside, ((0, 0), *counted, (0, 0)), constant_values=1)
    more = [(a - c, b - d) for (a, b), (c, d) in zip(padding, counted, strict=True)]
    inside = ops.pad(inside, ((0, 0), *more, (0, 0)))
    x = ops.pad(x, ((0, 0), *padding, (0, 0)))
    shares = ops.average_pool(inside, pool_size, strides)
    return ops.average_pool(x, pool_size, strides) / shares
'''


@keras_row.register
def _(layer: Conv2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    groups = (f"groups={layer.groups}",) if layer.groups > 1 else ()
    return _convolution(layer, "Conv2D", name, image(inputs[0]), str(layer.filters), groups, CONVOLUTION)


@keras_row.register
def _(layer: DepthwiseConv2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _convolution(layer, "DepthwiseConv2D", name, image(inputs[0]), "", _multiplied(layer), DEPTHWISE)


@keras_row.register
def _(layer: SeparableConv2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    shape, multiplied = image(inputs[0]), _multiplied(layer)
    return _convolution(layer, "SeparableConv2D", name, shape, str(layer.filters), multiplied, SEPARABLE)


@keras_row.register
def _(layer: ConvTranspose2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    """All of it, and then what is cut off."""
    if layer.groups > 1:
        raise CodeError(f"Keras has no transposed convolutions in groups, as “{name}” is one; PyTorch has.")
    if max(layer.stride) > 1 and max(layer.dilation) > 1:
        raise CodeError(
            f"Keras' transposed convolutions are strided or dilated; “{name}” is both, as PyTorch's can be."
        )
    settings = [str(layer.filters), pair(layer.kernel_size)]
    settings += _changed("strides", layer.stride, (1, 1))
    settings += [f"output_padding={layer.added}"] if max(layer.stride) > 1 else []
    settings += _changed("dilation_rate", layer.dilation, (1, 1))
    settings += [] if layer.bias else ["use_bias=False"]
    applied = [made("Conv2DTranspose", name, *settings)]
    if any(map(any, layer.crop)):
        applied.append(made("Cropping2D", f"{name}_crop", sides(layer.crop)))
    return KerasRow(tuple(applied), converted=TRANSPOSED)


@keras_row.register
def _(layer: Dense, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    bias = [] if layer.bias else ["use_bias=False"]
    return KerasRow((made("Dense", name, str(layer.units), *bias),), converted=DENSE)


def _convolution(
    layer: Sliding, kind: str, name: str, shape: ImageShape, filters: str, more: tuple[str, ...], converted: str
) -> KerasRow:
    """Strides of a dilated window, which Keras has not, are taken of what a stride of 1 gives."""
    slide = layer.slide(shape)
    apart = max(layer.stride) > 1 and max(layer.dilation) > 1
    same = layer.padding == "same" and not apart
    settings = [*([filters] if filters else []), pair(layer.kernel_size), *more]
    settings += [] if apart else _changed("strides", layer.stride, (1, 1))
    settings += ['padding="same"'] if same else []
    settings += _changed("dilation_rate", layer.dilation, (1, 1))
    settings += [] if layer.bias else ["use_bias=False"]
    applied = [made(kind, name, *settings)]
    if not same and any(slide.pads):
        applied.insert(0, made("ZeroPadding2D", f"{name}_pad", sides(_own(slide))))
    if apart:
        rows, columns = layer.stride
        applied.append(function(f"x[:, ::{rows}, ::{columns}]", f"{name}_stride"))
    return KerasRow(tuple(applied), BY_CHANNEL if converted in (DEPTHWISE, SEPARABLE) else "", converted)


BY_CHANNEL = '''\
def by_channel(weight, multiplier):
    """(channels · multiplier, 1, rows, columns) as Keras has it: multiplier last."""
    cells = weight.shape[2:]
    return weight.reshape(-1, multiplier, *cells).transpose(2, 3, 0, 1)
'''


def _multiplied(layer: DepthwiseConv2D | SeparableConv2D) -> tuple[str, ...]:
    return () if layer.depth_multiplier == 1 else (f"depth_multiplier={layer.depth_multiplier}",)


def _changed(name: str, values: tuple[int, int], default: tuple[int, int]) -> list[str]:
    return [] if values == default else [f"{name}={pair(values)}"]


def _own(slide: Slide2D) -> Sides:
    """The declared padding of rows and of columns."""
    return (slide.vertical.begin, slide.vertical.end), (slide.horizontal.begin, slide.horizontal.end)


def _covering(slide: Slide2D) -> Sides:
    """Padding that holds every window whole."""
    return (slide.vertical.begin, slide.vertical.past), (slide.horizontal.begin, slide.horizontal.past)


# ---- pooling ---------------------------------------------------------------------------------------------------------


@keras_row.register
def _(layer: MaxPool2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    """Padding never wins, which zeros might."""
    slide = layer.slide(image(inputs[0]))
    window = [pair(layer.pool_size), *_changed("strides", layer.stride, layer.pool_size)]
    if layer.padding == "same":
        return KerasRow((made("MaxPooling2D", name, *window, 'padding="same"'),))
    pads = _covering(slide)
    if not any(map(any, pads)):
        return KerasRow((made("MaxPooling2D", name, *window),))
    lowest = function(f"ops.pad(x, {batch_sides(pads)}, constant_values=-math.inf)", f"{name}_pad")
    return KerasRow((lowest, made("MaxPooling2D", name, *window)))


@keras_row.register
def _(layer: AveragePool2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    slide = layer.slide(image(inputs[0]))
    window = [pair(layer.pool_size), *_changed("strides", layer.stride, layer.pool_size)]
    pads, own = _covering(slide), _own(slide)
    if not any(map(any, pads)):
        return KerasRow((made("AveragePooling2D", name, *window),))
    even = all(begin == end for begin, end in own)  # else what Keras leaves out depends on what computes for it
    if layer.padding == "same" and not layer.count_include_pad and even:
        return KerasRow((made("AveragePooling2D", name, *window, 'padding="same"'),))
    counted = f", {own}" if layer.count_include_pad and any(map(any, own)) else ""
    mean = function(f"average(x, {layer.pool_size}, {layer.stride}, {pads}{counted})", name)
    return KerasRow((mean,), AVERAGE)


@keras_row.register
def _(layer: GlobalAveragePool2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((made("GlobalAveragePooling2D", name),))


@keras_row.register
def _(layer: GlobalMaxPool2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((made("GlobalMaxPooling2D", name),))
