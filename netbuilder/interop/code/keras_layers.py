"""From activations, normalisation, merges and what lays numbers out anew to their lines of Keras."""

from collections.abc import Sequence

from netbuilder.layers import (
    ELU,
    GELU,
    Add,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Dropout,
    Flatten,
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
    Multiply,
    PReLU,
    ReLU,
    ReLU6,
    Rescaling,
    Reshape,
    SelectChannels,
    Shape,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
)
from netbuilder.layers.clipped import SIXTH

from . import keras_windows
from .keras_rows import Apply, KerasRow, function, keras_row, made, merged, sides
from .layout import Applied, Call, Expression
from .pytorch_rows import image, pair

FAMILIES = (keras_windows,)
"""The rows that are declared elsewhere."""

NORMALISED = """\
if isinstance(layer, layers.BatchNormalization):
    names = ("weight", "bias", "running_mean", "running_var")
    return [arrays[name] for name in names]"""
LAYER_NORMALISED = """\
if isinstance(layer, layers.LayerNormalization):
    return [weight, *rest]"""
SLOPES = """\
if isinstance(layer, layers.PReLU):
    return [weight.reshape(layer.get_weights()[0].shape)]"""
NEIGHBOURS = '''\
def local_response_norm(x, size, alpha, beta, bias):
    """x / (bias + alpha / size · the sum of squares over neighbouring channels)^beta."""
    side, channels = size // 2, x.shape[-1]
    squares = ops.pad(ops.square(x), ((0, 0), (0, 0), (0, 0), (side, side)))
    total = sum(squares[..., i : i + channels] for i in range(size))
    return x / (bias + alpha / size * total) ** beta
'''


def _plain(kind: str, name: str, *settings: str) -> KerasRow:
    return KerasRow((made(kind, name, *settings),))


def _curve(word: str, name: str) -> KerasRow:
    """One of Keras' activations by its name."""
    return _plain("Activation", name, f'"{word}"')


CURVES: dict[type[Layer], str] = {
    HardSwish: "hard_silu",
    SiLU: "silu",
    Mish: "mish",
    Softplus: "softplus",
    Sigmoid: "sigmoid",
    Tanh: "tanh",
    LogSoftmax: "log_softmax",
}


def _known(layer: Layer, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _curve(CURVES[type(layer)], name)


for _kind in CURVES:
    keras_row.register(_kind, _known)


@keras_row.register
def _(layer: ReLU, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _plain("ReLU", name)


@keras_row.register
def _(layer: ReLU6, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _plain("ReLU", name, "max_value=6")


@keras_row.register
def _(layer: LeakyReLU, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _plain("LeakyReLU", name, f"negative_slope={layer.slope!r}")


@keras_row.register
def _(layer: PReLU, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    """Keras has a slope for every place unless they are shared."""
    on_map = isinstance(inputs[0], ImageShape)
    shared = ([1, 2, 3] if on_map else [1]) if layer.shared else [1, 2] if on_map else []
    settings = [f"shared_axes={shared}"] if shared else []
    return KerasRow((made("PReLU", name, *settings),), converted=SLOPES)


@keras_row.register
def _(layer: ELU, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _plain("ELU", name, *([] if layer.alpha == 1 else [f"alpha={layer.alpha!r}"]))


@keras_row.register
def _(layer: GELU, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    if layer.approximation == "none":
        return _curve("gelu", name)
    return KerasRow((function("ops.gelu(x, approximate=True)", name),))


@keras_row.register
def _(layer: HardTanh, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((function(f"ops.clip(x, {layer.low!r}, {layer.high!r})", name),))


@keras_row.register
def _(layer: HardSigmoid, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    if layer.slope == SIXTH:
        return _curve("hard_sigmoid", name)
    return KerasRow((function(f"ops.clip({layer.slope!r} * x + 0.5, 0, 1)", name),))


@keras_row.register
def _(layer: Rescaling, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((made("Rescaling", name, f"{layer.scale!r}", *([f"{layer.offset!r}"] if layer.offset else [])),))


@keras_row.register
def _(layer: Softmax, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return _plain("Softmax", name)


# ---- normalisation ---------------------------------------------------------------------------------------------------


@keras_row.register
def _(layer: BatchNorm, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    """Keras' momentum is what is kept; 1 less ours has to be written as the decimal it is meant to be."""
    settings = (f"momentum={round(1 - layer.momentum, 12)!r}", f"epsilon={layer.epsilon!r}")
    return KerasRow((made("BatchNormalization", name, *settings),), converted=NORMALISED)


@keras_row.register
def _(layer: LayerNorm, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((made("LayerNormalization", name, f"epsilon={layer.epsilon!r}"),), converted=LAYER_NORMALISED)


@keras_row.register
def _(layer: LocalResponseNorm, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    settings = f"{layer.size}, {layer.alpha!r}, {layer.beta!r}, {layer.bias!r}"
    return KerasRow((function(f"local_response_norm(x, {settings})", name),), NEIGHBOURS)


@keras_row.register
def _(layer: Dropout, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    channels = layer.spatial and isinstance(inputs[0], ImageShape)
    return _plain("SpatialDropout2D" if channels else "Dropout", name, f"{layer.rate!r}")


# ---- shapes and merges: Keras has channels last, and what is laid out anew needs them first --------------------------


def _in_order(shape: Shape, name: str) -> list[Apply]:
    """Channel after channel, each row by row."""
    if isinstance(shape, VectorShape) or shape.channels == 1 or shape.height * shape.width == 1:
        return []
    return [made("Permute", f"{name}_channels_first", Call("", ("3", "1", "2")))]


@keras_row.register
def _(layer: Flatten, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((*_in_order(inputs[0], name), made("Flatten", name)))


@keras_row.register
def _(layer: Reshape, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    target = Call("", tuple(map(str, output.array)))
    applied = [*_in_order(inputs[0], name), made("Reshape", name, target)]
    if isinstance(output, ImageShape):
        applied.append(made("Permute", f"{name}_channels_last", Call("", ("2", "3", "1"))))
    return KerasRow(tuple(applied))


@keras_row.register
def _(layer: Upsample2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    blended = ['interpolation="bilinear"'] if layer.method == "bilinear" else []
    return _plain("UpSampling2D", name, pair(layer.factor), *blended)


@keras_row.register
def _(layer: ZeroPad2D, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    top, bottom, left, right = layer.padding
    return _plain("ZeroPadding2D", name, sides(((top, bottom), (left, right))))


@keras_row.register
def _(layer: ChannelShuffle, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    shape = image(output)
    rows, columns, stack = str(shape.height), str(shape.width), str(shape.channels // layer.groups)
    split = Call("", (rows, columns, str(layer.groups), stack))
    back = Call("", (rows, columns, str(shape.channels)))
    return KerasRow(
        (
            made("Reshape", f"{name}_stacks", split),
            made("Permute", f"{name}_dealt", Call("", ("1", "2", "4", "3"))),
            made("Reshape", name, back),
        )
    )


@keras_row.register
def _(layer: SelectChannels, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    start = str(layer.start) if layer.start else ""
    stop = layer.start + image(output).channels
    end = str(stop) if stop < image(inputs[0]).channels else ""
    return KerasRow((function(f"x[..., {start}:{end}]", name),))


@keras_row.register
def _(layer: Add, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((merged("Add", name),))


@keras_row.register
def _(layer: Multiply, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    """A list beside maps stands for maps of one place."""
    on_maps = isinstance(output, ImageShape)

    def apply(values: Sequence[str]) -> Expression:
        spread = [
            made("Reshape", f"{name}_{place}", f"(1, 1, {shape.features})")([value])
            if on_maps and isinstance(shape, VectorShape)
            else value
            for place, (value, shape) in enumerate(zip(values, inputs, strict=True))
        ]
        return Applied(Call("layers.Multiply", (f'name="{name}"',)), Call("", tuple(spread), brackets="[]"))

    return KerasRow((apply,))


@keras_row.register
def _(layer: Concat, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    return KerasRow((merged("Concatenate", name),))
