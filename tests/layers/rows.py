"""One row per layer of the palette: how to draw random settings and the input shapes that go with them."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.layers import (
    ELU,
    GELU,
    Add,
    AveragePool2D,
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
    HardSigmoid,
    HardSwish,
    HardTanh,
    ImageShape,
    Input,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    LogSoftmax,
    MaxPool2D,
    Misfit,
    Mish,
    Multiply,
    Output,
    PReLU,
    ReLU,
    ReLU6,
    Rescaling,
    Reshape,
    SelectChannels,
    SeparableConv2D,
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
from netbuilder.layers.settings import Padding, Pair


@dataclass(frozen=True)
class Case:
    """A layer with settings, the shapes it gets, and how many examples at once."""

    layer: Layer
    shapes: tuple[Shape, ...]
    batch: int


Row = Callable[[random.Random], tuple[Layer, tuple[Shape, ...]]]


def cases(cls: type[Layer], count: int = 80) -> list[Case]:
    """`count` seeded cases of a layer that fit together; every third has a batch of one."""
    rng = random.Random(cls.__name__)
    found: list[Case] = []
    while len(found) < count:
        layer, shapes = ROWS[cls](rng)
        try:
            layer.infer(*shapes)
        except Misfit:
            continue
        found.append(Case(layer, shapes, 1 if len(found) % 3 == 0 else rng.randint(2, 4)))
    return found


def image(rng: random.Random, channels: int | None = None) -> ImageShape:
    return ImageShape(channels or rng.randint(1, 4), rng.randint(1, 8), rng.randint(1, 8))


def vector(rng: random.Random) -> VectorShape:
    return VectorShape(rng.randint(1, 12))


def either(rng: random.Random) -> Shape:
    return image(rng) if rng.random() < 0.5 else vector(rng)


def pair(rng: random.Random, high: int) -> Pair:
    return rng.randint(1, high), rng.randint(1, high)


def padding(rng: random.Random, high: Pair = (3, 3)) -> Padding:
    height, width = high
    sides = (rng.randint(0, height), rng.randint(0, height), rng.randint(0, width), rng.randint(0, width))
    return sides if rng.random() < 0.6 else rng.choice(("valid", "same"))


def conv2d(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    groups = rng.choice((1, 1, 2, 3))
    layer = Conv2D(
        filters=groups * rng.randint(1, 3),
        kernel_size=pair(rng, 4),
        stride=pair(rng, 3),
        padding=padding(rng),
        dilation=pair(rng, 2),
        groups=groups,
        bias=rng.random() < 0.7,
    )
    return layer, (image(rng, groups * rng.randint(1, 2)),)


def depthwise(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    layer = DepthwiseConv2D(
        pair(rng, 4), pair(rng, 3), padding(rng), pair(rng, 2), rng.randint(1, 3), bias=rng.random() < 0.7
    )
    return layer, (image(rng),)


def separable(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    layer = SeparableConv2D(
        rng.randint(1, 4),
        pair(rng, 4),
        pair(rng, 3),
        padding(rng),
        pair(rng, 2),
        rng.randint(1, 2),
        bias=rng.random() < 0.7,
    )
    return layer, (image(rng),)


def transposed(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    groups, kernel, stride = rng.choice((1, 1, 2, 3)), pair(rng, 4), pair(rng, 3)
    sides = padding(rng, (2, 2))
    layer = ConvTranspose2D(
        filters=groups * rng.randint(1, 3),
        kernel_size=kernel,
        stride=stride,
        padding=sides,
        output_padding=0 if sides == "same" else (rng.randrange(stride[0]), rng.randrange(stride[1])),
        dilation=pair(rng, 2),
        groups=groups,
        bias=rng.random() < 0.7,
    )
    return layer, (ImageShape(groups * rng.randint(1, 2), rng.randint(1, 5), rng.randint(1, 5)),)


def reshaped(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    """To a map or a list, from either, with and without a size that is left."""
    sizes = [rng.randint(1, 4) for _ in range(3)]
    count = sizes[0] * sizes[1] * sizes[2]
    given = rng.choice((VectorShape(count), ImageShape(*rng.sample(sizes, 3)), ImageShape(count, 1, 1)))
    if rng.random() < 0.3:
        return Reshape(features=rng.choice((count, -1))), (given,)
    if rng.random() < 0.6:
        sizes[rng.randrange(3)] = -1
    return Reshape(*sizes), (given,)


def shuffle(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    groups = rng.randint(1, 4)
    return ChannelShuffle(groups), (image(rng, groups * rng.randint(1, 4)),)


def selection(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    channels = rng.randint(1, 8)
    start = rng.randrange(channels)
    count = None if rng.random() < 0.4 else rng.randint(1, channels - start)
    return SelectChannels(start, count), (image(rng, channels),)


def pool(
    rng: random.Random, cls: type[MaxPool2D] | type[AveragePool2D], **rest: bool
) -> tuple[Layer, tuple[Shape, ...]]:
    """Half of them ceil, most of them padded: that is where versions of ONNX disagree."""
    size = pair(rng, 5)
    stride = rng.choice((None, pair(rng, 4), pair(rng, 4), (1, 1)))
    sides = padding(rng, (size[0] - 1, size[1] - 1))
    return cls(size, stride, sides, ceil_mode=rng.random() < 0.5, **rest), (image(rng),)


def concat(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    count = rng.randint(2, 4)
    if rng.random() < 0.3:
        return Concat(), tuple(vector(rng) for _ in range(count))
    first = image(rng)
    return Concat(), tuple(ImageShape(rng.randint(1, 4), first.height, first.width) for _ in range(count))


def merge(layer: Layer) -> Row:
    return lambda rng: (layer, (either(rng),) * rng.randint(2, 4))


def gated(rng: random.Random) -> tuple[Layer, tuple[Shape, ...]]:
    """Equal inputs, or one of them a list with a number for each channel of the others."""
    layer, shapes = merge(Multiply())(rng)
    if isinstance(shapes[0], ImageShape) and rng.random() < 0.5:
        at = rng.randrange(len(shapes))
        shapes = tuple(VectorShape(s.array[0]) if i == at else s for i, s in enumerate(shapes))
    return layer, shapes


def anywhere(layer: Callable[[random.Random], Layer]) -> Row:
    return lambda rng: (layer(rng), (either(rng),))


ROWS: dict[type[Layer], Row] = {
    Input: lambda rng: (
        (Input(features=rng.randint(1, 99)), ())
        if rng.random() < 0.3
        else (Input(height=rng.randint(1, 99), width=rng.randint(1, 99), channels=rng.randint(1, 9)), ())
    ),
    Conv2D: conv2d,
    DepthwiseConv2D: depthwise,
    SeparableConv2D: separable,
    ConvTranspose2D: transposed,
    MaxPool2D: lambda rng: pool(rng, MaxPool2D),
    AveragePool2D: lambda rng: pool(rng, AveragePool2D, count_include_pad=rng.random() < 0.5),
    GlobalAveragePool2D: lambda rng: (GlobalAveragePool2D(), (image(rng),)),
    GlobalMaxPool2D: lambda rng: (GlobalMaxPool2D(), (image(rng),)),
    Dense: lambda rng: (Dense(rng.randint(1, 9), bias=rng.random() < 0.7), (vector(rng),)),
    ReLU: anywhere(lambda rng: ReLU()),
    LeakyReLU: anywhere(lambda rng: LeakyReLU(rng.choice((0, 0.01, 0.3, 1)))),
    PReLU: anywhere(lambda rng: PReLU(rng.random() < 0.4)),
    ReLU6: anywhere(lambda rng: ReLU6()),
    HardTanh: anywhere(lambda rng: HardTanh(*rng.choice(((-0.973, 1.217), (0, 1.531), (-0.517, 20))))),
    HardSigmoid: anywhere(lambda rng: HardSigmoid(rng.choice((1 / 6, 0.2, 0.43)))),
    HardSwish: anywhere(lambda rng: HardSwish()),
    Softplus: anywhere(lambda rng: Softplus()),
    Mish: anywhere(lambda rng: Mish()),
    LogSoftmax: anywhere(lambda rng: LogSoftmax()),
    LayerNorm: anywhere(lambda rng: LayerNorm(rng.choice((1e-5, 1e-2)))),
    ELU: anywhere(lambda rng: ELU(rng.choice((0.1, 1, 2.5)))),
    GELU: anywhere(lambda rng: GELU(rng.choice(("none", "tanh")))),
    SiLU: anywhere(lambda rng: SiLU()),
    Sigmoid: anywhere(lambda rng: Sigmoid()),
    Tanh: anywhere(lambda rng: Tanh()),
    Softmax: anywhere(lambda rng: Softmax()),
    BatchNorm: anywhere(lambda rng: BatchNorm(rng.choice((1e-5, 1e-2)), rng.choice((0, 0.1, 1)))),
    LocalResponseNorm: lambda rng: (
        LocalResponseNorm(
            rng.choice((1, 3, 5, 9)), rng.choice((1e-4, 0.5)), rng.choice((0.5, 0.75)), rng.choice((1, 2))
        ),
        (image(rng, rng.randint(1, 8)),),
    ),
    Dropout: anywhere(lambda rng: Dropout(rng.choice((0, 0.2, 0.5, 0.9)), rng.random() < 0.5)),
    Flatten: anywhere(lambda rng: Flatten()),
    Rescaling: anywhere(lambda rng: Rescaling(rng.choice((-1, 1 / 255, 0.5)), rng.choice((0, 1, -0.3)))),
    Reshape: reshaped,
    Upsample2D: lambda rng: (Upsample2D(pair(rng, 4), rng.choice(("nearest", "bilinear"))), (image(rng),)),
    ZeroPad2D: lambda rng: (ZeroPad2D((*pair(rng, 3), *pair(rng, 3))), (image(rng),)),
    ChannelShuffle: shuffle,
    SelectChannels: selection,
    Add: merge(Add()),
    Multiply: gated,
    Concat: concat,
    Output: anywhere(lambda rng: Output(rng.choice((0, 0.3, 1)), rng.choice(("as_chosen", "mse")))),
}
