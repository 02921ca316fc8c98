"""Operators that slide a window or sum up whole maps -> convolutions and poolings."""

from dataclasses import replace
from math import ceil, prod

import numpy as np

from netbuilder.interop.emitter import Array
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
    ReLU,
    Sigmoid,
    Softmax,
    VectorShape,
)
from netbuilder.layers.settings import Padding
from netbuilder.layers.sliding import slide2d

from .built import as_weight
from .constants import axes
from .layouts import seen
from .operations import Operation, Unsupported
from .translation import Translation
from .views import Signal, View

Pads = tuple[int, int, int, int]
NONE: Pads = (0, 0, 0, 0)


def conv(t: Translation, op: Operation) -> Signal:
    """Conv: a depthwise one where every channel is its own group, a Dense where there is but one place."""
    weight = as_weight(t.required(op, 1))
    if weight.ndim == 3 and len(t.signal(op).sizes) == 2:
        return _along_one_axis(t, op, weight)
    return _conv(t, op, weight, t.signal(op))


def _along_one_axis(t: Translation, op: Operation, weight: Array) -> Signal:
    """A convolution along a line, which is a map of one row."""
    channels, length = t.signal(op).sizes
    lifted = {"pads": [0, 0, 0, 0], "strides": [1, 1], "dilations": [1, 1]}
    for name in lifted:
        own = op.integers(name, lifted[name][::2])
        lifted[name] = [lifted[name][0], own[0], *([0, own[1]] if name == "pads" else [])]
    rest = {name: value for name, value in op.attributes.items() if name != "kernel_shape"}
    flat = seen(t, op, t.signal(op), (channels, 1, length))
    found = _conv(t, replace(op, attributes={**rest, **lifted}), weight[:, :, None, :], flat)
    return seen(t, op, found, (found.sizes[0], prod(found.sizes[1:])))


def _conv(t: Translation, op: Operation, weight: Array, signal: Signal) -> Signal:
    bias = t.constant(op, 2)
    weights = {"weight": weight} | ({} if bias is None else {"bias": as_weight(bias)})
    if weight.ndim != 4:
        raise Unsupported(f"works on {weight.ndim - 2} axes, and a map has 2")
    kernel = (weight.shape[2], weight.shape[3])
    if op.has("kernel_shape") and op.pair("kernel_shape") != kernel:
        raise Unsupported("says another kernel shape than its weights have")
    groups = op.integer("group", 1)
    if isinstance(signal.shape, VectorShape) and len(signal.sizes) == 3 and kernel == (1, 1) and groups == 1:
        return _at_one_place(t, op, signal, weights)
    x = t.map(signal, padded=True)
    channels = x.shape.array[0]
    stride, dilation = op.pair("strides"), op.pair("dilations")
    padding = _padding(t, op, x, kernel, stride, dilation)
    x, filters = replace(x, pads=NONE), weight.shape[0]
    has_bias = bias is not None
    if groups == channels > 1 and filters % groups == 0:
        depthwise = DepthwiseConv2D(kernel, stride, padding, dilation, filters // groups, has_bias)
        return t.add(op, depthwise, x, weights=weights, called=op.input(1))
    return t.add(
        op, Conv2D(filters, kernel, stride, padding, dilation, groups, has_bias), x, weights=weights, called=op.input(1)
    )


def _at_one_place(t: Translation, op: Operation, signal: Signal, weights: dict[str, Array]) -> Signal:
    """A 1×1 convolution of maps that have shrunk to one place."""
    if _padded(op) or op.word("auto_pad", "NOTSET") not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise Unsupported("pads maps of a single place")
    x, units = t.ready(signal), weights["weight"].shape[0]
    flat = weights | {"weight": weights["weight"].reshape(units, -1)}
    found = t.add(op, Dense(units, "bias" in weights), x, weights=flat, called=op.input(1))
    return replace(found, view=View.plain((units, 1, 1)))


def transposed_conv(t: Translation, op: Operation) -> Signal:
    """ConvTranspose."""
    weight, bias = as_weight(t.required(op, 1)), t.constant(op, 2)
    rule = op.word("auto_pad", "NOTSET")
    if weight.ndim != 4 or rule not in ("NOTSET", "VALID", "SAME_UPPER") or op.has("output_shape"):
        raise Unsupported("is not told by explicit padding on two axes")
    weights = {"weight": weight} | ({} if bias is None else {"bias": as_weight(bias)})
    layer = ConvTranspose2D(
        weight.shape[1] * op.integer("group", 1),
        (weight.shape[2], weight.shape[3]),
        op.pair("strides"),
        "same" if rule == "SAME_UPPER" else _named(_pads(op)),
        op.pair("output_padding", 0),
        op.pair("dilations"),
        op.integer("group", 1),
        bias is not None,
    )
    return t.add(op, layer, t.map(t.signal(op)), weights=weights, called=op.input(1))


# ---- pooling ---------------------------------------------------------------------------------------------------------


def max_pool(t: Translation, op: Operation) -> Signal:
    """MaxPool. Zeros padded before it are like its own padding where no number is negative."""
    x = t.map(t.signal(op), padded=True)
    if any(x.pads) and not isinstance(t.layers[x.node].layer, (ReLU, Sigmoid, Softmax)):
        x = t.map(t.signal(op))
    return _pool(t, op, x)


def average_pool(t: Translation, op: Operation) -> Signal:
    """AveragePool. Zeros padded before it count, as padding does where that is asked for."""
    x = t.map(t.signal(op), padded=True)
    counted = op.integer("count_include_pad", 0) != 0
    if any(x.pads) and _padded(op) and not (counted or _reaching(op, x)):
        x = t.map(t.signal(op))
    return _pool(t, op, x)


def _reaching(op: Operation, x: Signal) -> bool:
    """Whether own padding only completes the last windows, as ceil mode would."""
    assert isinstance(x.shape, ImageShape)
    slide = slide2d(x.shape, op.pair("kernel_shape"), op.pair("strides"), x.pads, ceil_mode=True)
    own = [own - given for own, given in zip(slide.covering_pads, slide.onnx_pads, strict=True)]
    return op.integers("pads", []) == own and op.word("auto_pad", "NOTSET") == "NOTSET"


def _pool(t: Translation, op: Operation, x: Signal) -> Signal:
    shape = x.shape
    assert isinstance(shape, ImageShape)
    kernel, stride = op.pair("kernel_shape"), op.pair("strides")
    if len(op.integers("kernel_shape")) != 2 or op.pair("dilations") != (1, 1):
        raise Unsupported("spreads its window, which no pooling block does")
    average, ceiling = op.kind == "AveragePool", op.integer("ceil_mode", 0) != 0
    counted = average and op.integer("count_include_pad", 0) != 0
    if average and any(x.pads) and _padded(op) and not counted:
        padding, ceiling, counted = x.pads, True, True
    else:
        padding = _padding(t, op, x, kernel, stride)
        counted = counted or (average and any(x.pads))
    x = replace(x, pads=NONE)
    if kernel == stride == (1, 1) and padding == "valid":
        return x
    if ceiling:
        _check_ceiling(shape, kernel, stride, padding, counted and _padded(op))
    if not average:
        return t.add(op, MaxPool2D(kernel, stride, padding, ceiling), x)
    counted = counted and padding != "valid"
    return t.add(op, AveragePool2D(kernel, stride, padding, ceiling, counted), x)


def _check_ceiling(
    shape: ImageShape, kernel: tuple[int, int], stride: tuple[int, int], padding: Padding, counted: bool
) -> None:
    """Refuse ceil mode where programs differ in what the last window's mean is."""
    slide = slide2d(shape, kernel, stride, padding, ceil_mode=True)
    if counted and slide.covering_pads != slide.onnx_pads:
        raise Unsupported("counts padding in windows that run past it, which programs do differently")


def global_pool(t: Translation, op: Operation) -> Signal:
    """GlobalAveragePool and GlobalMaxPool."""
    return _whole(t, op, t.ready(t.signal(op)), op.kind == "GlobalMaxPool", keep=True)


def reduced(t: Translation, op: Operation) -> Signal:
    """ReduceMean and ReduceMax over height and width."""
    x = t.ready(t.signal(op))
    found = axes(op, t.constant(op, 1))
    rank = len(x.sizes) + 1
    over = {axis % rank - 1 for axis in found or () if -rank <= axis < rank}
    places = {0, 1, 2} - {x.channel_axis}
    if len(x.sizes) != 3 or over != places or len(found or ()) != 2:
        raise Unsupported("reduces something else than height and width together")
    return _whole(t, op, x, op.kind == "ReduceMax", keep=op.integer("keepdims", 1) != 0)


def _whole(t: Translation, op: Operation, x: Signal, largest: bool, *, keep: bool) -> Signal:
    """One number for each channel; with `keep` still as a map of a single place."""
    if len(x.sizes) != 3:
        raise Unsupported("sums up something else than maps")
    axis = x.channel_axis or 0
    if isinstance(x.shape, VectorShape):
        found = x
    else:
        found = t.add(op, GlobalMaxPool2D() if largest else GlobalAveragePool2D(), x)
    features = found.shape.size
    return replace(found, view=View.plain([features if i == axis else 1 for i in range(3)] if keep else [features]))


# ---- padding ---------------------------------------------------------------------------------------------------------


def pad(t: Translation, op: Operation) -> Signal:
    """Pad with zeros, on height and width: kept for the convolution or pooling that follows."""
    given = t.constant(op, 1)
    amounts = op.integers("pads", op.integers("paddings", [])) if given is None else [int(n) for n in given.reshape(-1)]
    value = t.constant(op, 2)
    number = op.real("value", 0.0) if value is None or value.size == 0 else float(value.reshape(()))
    along = t.constant(op, 3)
    x = t.signal(op)
    rank = len(x.sizes) + 1
    order = range(rank) if along is None else [int(axis) % rank for axis in along.reshape(-1)]
    if len(amounts) != 2 * len(order):
        raise Unsupported("has not two amounts for each axis")
    before, after = [0] * rank, [0] * rank
    for index, axis in enumerate(order):
        before[axis], after[axis] = amounts[index], amounts[index + len(order)]
    if not any(amounts):
        return x
    channel = None if x.channel_axis is None else x.channel_axis + 1
    places = [axis for axis in (1, 2, 3) if axis != channel]
    if op.word("mode", "constant") != "constant" or number != 0 or min(amounts) < 0:
        raise Unsupported("pads with something else than zeros")
    if rank != 4 or channel is None or any(before[axis] or after[axis] for axis in (0, channel)):
        raise Unsupported("pads other axes than height and width")
    if not isinstance(x.shape, ImageShape):
        raise Unsupported("pads something else than maps")
    (top, left), (bottom, right) = ([each[axis] for axis in places] for each in (before, after))
    own = x.pads
    pads = (own[0] + top, own[1] + bottom, own[2] + left, own[3] + right)
    found = replace(t.viewed(op, x, x.view), pads=pads)
    return t.ready(found) if t.ours and not op.name.endswith("/Pad") else found  # a block of its own stays one


def _padded(op: Operation) -> bool:
    return any(op.integers("pads", [])) or op.word("auto_pad", "NOTSET") not in ("NOTSET", "VALID")


def _pads(op: Operation) -> Pads:
    """Explicit padding as (top, bottom, left, right); ONNX has all begins before all ends."""
    found = op.integers("pads", [0, 0, 0, 0])
    if len(found) != 4:
        raise Unsupported(f"pads {len(found) // 2} axes, and a map has 2")
    return found[0], found[2], found[1], found[3]


def _padding(
    t: Translation,
    op: Operation,
    x: Signal,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int] = (1, 1),
) -> Padding:
    """What surrounds the map, as our layers say it: 'same' only where it means the same for other sizes, too."""
    assert isinstance(x.shape, ImageShape)
    rule = op.word("auto_pad", "NOTSET")
    if rule in ("SAME_UPPER", "SAME_LOWER"):
        total = [
            max((ceil(n / s) - 1) * s + d * (k - 1) + 1 - n, 0)
            for n, k, s, d in zip(x.sizes[1:], kernel, stride, dilation, strict=True)
        ]
        least, most = [n // 2 for n in total], [n - n // 2 for n in total]
        (top, left), (bottom, right) = (least, most) if rule == "SAME_UPPER" else (most, least)
        own: Pads = (top, bottom, left, right)
        if rule == "SAME_UPPER" and not any(x.pads):
            return "same" if prod(kernel) > 1 else _named(own)
    elif rule == "VALID":
        own = NONE
    elif rule == "NOTSET":
        own = _pads(op)
    else:
        raise Unsupported(f"pads by a rule “{rule[:20]}”")
    pads: Pads = tuple(int(n) for n in np.add(own, x.pads))  # pyright: ignore
    return _named(pads, _same(x.shape, kernel, stride, dilation), stride, ours=t.ours)


def _same(
    shape: ImageShape, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
) -> Pads | None:
    if min(stride) < 1 or min(kernel) < 1 or min(dilation) < 1:
        return None  # the layer itself says what is wrong
    return slide2d(shape, kernel, stride, "same", dilation).pads


def _named(pads: Pads, same: Pads | None = None, stride: tuple[int, int] = (1, 1), *, ours: bool = False) -> Padding:
    if pads == NONE:
        return "valid"
    uneven = pads[0] != pads[1] or pads[2] != pads[3]
    return "same" if pads == same and (ours or uneven or stride == (1, 1)) else pads
