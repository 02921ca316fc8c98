"""From layers that lay numbers out anew, and from merges, to their lines of PyTorch."""

from collections.abc import Sequence

from netbuilder.layers import (
    Add,
    ChannelShuffle,
    Concat,
    Flatten,
    ImageShape,
    Multiply,
    Output,
    Reshape,
    SelectChannels,
    Shape,
    Upsample2D,
    ZeroPad2D,
)

from .layout import Call, Expression, Joined
from .pytorch_rows import Row, image, padded, pair, plain, row


@row.register
def _(layer: Flatten, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: Call(f"{x[0]}.flatten", ("1",)))


@row.register
def _(layer: Output, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: x[0])


@row.register
def _(layer: Reshape, inputs: Sequence[Shape], output: Shape) -> Row:
    sizes = tuple(map(str, output.array))
    return Row(None, lambda _, x: Call(f"{x[0]}.reshape", ("-1", *sizes)))


@row.register
def _(layer: Upsample2D, inputs: Sequence[Shape], output: Shape) -> Row:
    settings = (f'mode="{layer.method}"', *(["align_corners=False"] if layer.method == "bilinear" else ()))
    return plain("Upsample", f"scale_factor={pair(layer.factor)}", *settings)


@row.register
def _(layer: ZeroPad2D, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: padded(x[0], layer.padding))


@row.register
def _(layer: ChannelShuffle, inputs: Sequence[Shape], output: Shape) -> Row:
    return plain("ChannelShuffle", str(layer.groups))


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
    """A list beside maps stands for maps of one place."""
    on_maps = isinstance(output, ImageShape)

    def use(_: str, x: Sequence[str]) -> Expression:
        spread = ["" if isinstance(shape, ImageShape) or not on_maps else "[:, :, None, None]" for shape in inputs]
        return Joined("*", tuple(f"{each}{more}" for each, more in zip(x, spread, strict=True)))

    return Row(None, use)


@row.register
def _(layer: Concat, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(None, lambda _, x: Call("torch.cat", (Call("", tuple(x)), "dim=1")))
