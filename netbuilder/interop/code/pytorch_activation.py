"""From activations and normalisation to their lines of PyTorch."""

from collections.abc import Sequence

from netbuilder.layers import (
    ELU,
    GELU,
    BatchNorm,
    Dropout,
    HardSigmoid,
    HardSwish,
    HardTanh,
    ImageShape,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Rescaling,
    Shape,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from netbuilder.layers.clipped import SIXTH

from .layout import Call
from .pytorch_rows import Row, called, plain, row

MODULES: dict[type[Layer], tuple[str, ...]] = {
    ReLU: ("ReLU",),
    SiLU: ("SiLU",),
    Sigmoid: ("Sigmoid",),
    Tanh: ("Tanh",),
    HardSwish: ("Hardswish",),
    Softplus: ("Softplus",),
    Mish: ("Mish",),
    Softmax: ("Softmax", "dim=1"),
    LogSoftmax: ("LogSoftmax", "dim=1"),
}
"""Layers that PyTorch has as they are, and what their modules take."""


def _known(layer: Layer, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain(*MODULES[type(layer)])


for _kind in MODULES:
    row.register(_kind, _known)


@row.register
def _(layer: LeakyReLU, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain("LeakyReLU", f"{layer.slope!r}")


@row.register
def _(layer: ELU, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain("ELU", *(() if layer.alpha == 1 else (f"alpha={layer.alpha!r}",)))


@row.register
def _(layer: GELU, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain("GELU", *(() if layer.approximation == "none" else ('approximate="tanh"',)))


@row.register
def _(layer: BatchNorm, inputs: Sequence[Shape], output: Shape) -> Row:
    shape = inputs[0]
    kind, count = ("2d", shape.channels) if isinstance(shape, ImageShape) else ("1d", shape.features)
    settings = [str(count)]
    if layer.epsilon != 1e-5:
        settings.append(f"eps={layer.epsilon!r}")
    if layer.momentum != 0.1:
        settings.append(f"momentum={layer.momentum!r}")
    return plain(f"BatchNorm{kind}", *settings)


@row.register
def _(layer: LocalResponseNorm, inputs: Sequence[Shape], output: Shape) -> Row:
    """Sizes are odd, for which PyTorch's mean over zero-padded channels is ONNX's sum by size."""
    settings = (f"alpha={layer.alpha!r}", f"beta={layer.beta!r}", f"k={layer.bias!r}")
    return plain("LocalResponseNorm", str(layer.size), *settings)


@row.register
def _(layer: Dropout, inputs: Sequence[Shape], output: Shape) -> Row:
    channels = layer.spatial and isinstance(inputs[0], ImageShape)
    return plain("Dropout2d" if channels else "Dropout", f"p={layer.rate!r}")


@row.register
def _(layer: PReLU, inputs: Sequence[Shape], output: Shape) -> Row:
    shape = inputs[0]
    count = shape.channels if isinstance(shape, ImageShape) else shape.features
    return plain("PReLU", *(() if layer.shared else (str(count),)))


@row.register
def _(layer: ReLU6, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain("ReLU6")


@row.register
def _(layer: HardTanh, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain("Hardtanh", *(() if (layer.low, layer.high) == (-1, 1) else (f"{layer.low!r}", f"{layer.high!r}")))


@row.register
def _(layer: HardSigmoid, inputs: Sequence[Shape], output: Shape) -> Row:
    """PyTorch's own has a slope of 1/6."""
    if layer.slope == SIXTH:
        return plain("Hardsigmoid")
    return Row(None, lambda _, x: Call(f"({layer.slope!r} * {x[0]} + 0.5).clamp", ("0", "1")))


@row.register
def _(layer: Rescaling, inputs: Sequence[Shape], output: Shape) -> Row:
    shift = f" + {layer.offset!r}" if layer.offset else ""
    return Row(None, lambda _, x: f"{layer.scale!r} * {x[0]}{shift}")


@row.register
def _(layer: LayerNorm, inputs: Sequence[Shape], output: Shape) -> Row:
    """PyTorch normalises over the last axis, where the channels of a map are not."""
    shape = inputs[0]
    count = shape.channels if isinstance(shape, ImageShape) else shape.features
    module = Call("nn.LayerNorm", (str(count), *([f"eps={layer.epsilon!r}"] if layer.epsilon != 1e-5 else ())))
    if not isinstance(shape, ImageShape):
        return Row(module, called)
    return Row(module, lambda self, x: Call(self, (Call(f"{x[0]}.movedim", ("1", "-1")),), ".movedim(-1, 1)"))
