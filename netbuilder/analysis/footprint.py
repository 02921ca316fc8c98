"""A layer and what flows into it -> the bytes the engine keeps for it, named array by array.

This mirrors the buffers that forward and backward ask for; tests hold the two together, layer by layer.
"""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import NamedTuple

from netbuilder.kernels import convolution, pooling
from netbuilder.kernels.transposed import rows_at_a_time
from netbuilder.kernels.windows import Geometry
from netbuilder.layers import (
    ELU,
    GELU,
    Add,
    BatchNorm,
    Concat,
    ConvTranspose2D,
    Dense,
    Dropout,
    Facts,
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
    MaxPool2D,
    Mish,
    Multiply,
    Output,
    PReLU,
    ReLU,
    ReLU6,
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
    Working,
    ZeroPad2D,
)
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import GlobalPool, Pool
from netbuilder.layers.workings import ZERO, number, product, total


class Footprint(NamedTuple):
    """What a layer holds: for each example of a pass forward, what training adds to that, and its gradients by inputs;
    and what it works in, for as many examples as are worked on at a time: forward, and what the way back adds to it."""

    forward: Working = ZERO
    training: Working = ZERO
    backward: Working = ZERO
    unfolded: Working = ZERO
    folded: Working = ZERO
    way: str = ""
    """Layers that work in the same way work in the same arrays."""


class Place(NamedTuple):
    """Where a layer stands: what flows in, its facts, the batch, the most examples that ever pass forward at once,
    bytes per number, and whether something before it learns."""

    inputs: Sequence[Shape]
    facts: Facts
    batch: int
    most: int
    width: int
    behind: bool

    @property
    def image(self) -> ImageShape:
        (shape,) = self.inputs
        assert isinstance(shape, ImageShape)
        return shape


_ARRAYS: Mapping[type[Layer], tuple[str, str, str, str, str]] = {
    ReLU: ("output", "", "gradient", "", "mask"),
    LeakyReLU: ("output", "", "gradient", "", "slope mask"),
    PReLU: ("output", "", "gradient", "mask", "below"),
    ReLU6: ("output", "", "gradient", "", "mask mask"),
    HardTanh: ("output", "", "gradient", "", "mask mask"),
    HardSigmoid: ("output", "", "gradient", "", "slope mask mask"),
    HardSwish: ("output", "", "gradient", "", "slope mask"),
    ELU: ("output", "", "gradient", "mask", "slope"),
    GELU: ("tail output", "", "gradient", "scaled size argument", "slope"),
    SiLU: ("sigmoid output", "", "gradient", "divisor mask", "slope"),
    Softplus: ("output", "", "gradient", "positive", "slope"),
    Mish: ("inner output", "", "gradient", "positive", "curve slope square lost"),
    Sigmoid: ("output", "", "gradient", "divisor mask", "slope"),
    Tanh: ("output", "", "gradient", "", "slope"),
    Softmax: ("output", "", "gradient", "", ""),
    LogSoftmax: ("output", "", "gradient", "powers", ""),
    LayerNorm: ("normal output", "", "gradient", "", "along"),
    BatchNorm: ("output", "", "gradient", "", ""),
    LocalResponseNorm: ("divisor factor output", "", "gradient", "square", "share felt"),
    Add: ("output", "", "", "", ""),
    Concat: ("output", "", "", "", ""),
    Flatten: ("", "", "", "", ""),
    Output: ("", "", "", "", ""),
    Reshape: ("", "", "", "", ""),
    ZeroPad2D: ("output", "", "", "", ""),
}
"""Arrays of the output's size that layers keep forward, forward in training, and backward, and those they work in,
forward and backward; a mask has a byte for each number, a draw always four."""


@singledispatch
def footprint(layer: Layer, at: Place) -> Footprint:
    """What the engine keeps for a layer; of one that is not known here: its output, and a gradient by its inputs."""
    forward, training, backward, *work = (_arrays(names, at.facts.shape, at.width) for names in _arrays_of(layer))
    unfolded, folded = (_times(count, each) for count, each in zip((at.most, at.batch), work, strict=True))
    return Footprint(forward, training, backward if at.behind else ZERO, unfolded, folded, type(layer).__name__)


def _arrays_of(layer: Layer) -> tuple[str, str, str, str, str]:
    if isinstance(layer, GELU) and layer.approximation == "tanh":
        return "curve share output", "", "gradient", "", "slope"
    return _ARRAYS.get(type(layer), ("output", "", "gradient", "", ""))


def _times(count: int, each: Working) -> Working:
    return number("examples at a time", count) * each if each.value else ZERO


def _arrays(names: str, shape: Shape, width: int) -> Working:
    """'28 · 28 · 6 · (4 + 1)'."""
    each = [number(name, {"mask": 1, "draw": 4}.get(name, width)) for name in names.split()]
    return product([*_sizes(shape), total(each)]) if each else ZERO


def _sizes(shape: Shape) -> list[Working]:
    return [number(axis, size) for axis, size in shape.to_dict().items()]


def output_bytes(shape: Shape, width: int) -> Working:
    """Bytes of one example's activation."""
    return product([*_sizes(shape), number("bytes per number", width)])


@footprint.register
def _(layer: Multiply, at: Place) -> Footprint:
    """A gradient by each input; for one that stands for a whole map, the whole map's is worked in."""
    output = output_bytes(at.facts.shape, at.width)
    alike = sum(shape.size == at.facts.shape.size for shape in at.inputs)
    gates = [output_bytes(shape, at.width) for shape in at.inputs if shape.size < at.facts.shape.size]
    gradients = add(number("inputs", alike) * output if alike else ZERO, *gates)
    work = _times(at.batch, output) if gates and at.behind else ZERO
    return Footprint(output, backward=gradients if at.behind else ZERO, folded=work)


@footprint.register
def _(layer: Dropout, at: Place) -> Footprint:
    """What is dropped at once is drawn for once: with `spatial`, a channel."""
    shape, width = at.facts.shape, at.width
    if layer.rate == 0:
        return Footprint()
    each = number("channels", shape.channels) if layer.spatial and isinstance(shape, ImageShape) else None
    work = each * 5 if each else _arrays("draw mask", shape, width)
    factor = each * width if each else output_bytes(shape, width)
    output = output_bytes(shape, width)
    return Footprint(
        ZERO, add(factor, output), output if at.behind else ZERO, folded=_times(at.batch, work), way="noise"
    )


@footprint.register(Dense)
@footprint.register(GlobalPool)
def _(layer: Layer, at: Place) -> Footprint:
    gradient = output_bytes(at.inputs[0], at.width) if at.behind else ZERO
    return Footprint(output_bytes(at.facts.shape, at.width), backward=gradient)


@footprint.register
def _(layer: SelectChannels, at: Place) -> Footprint:
    return Footprint(backward=output_bytes(at.image, at.width) if at.behind else ZERO)


@footprint.register
def _(layer: Upsample2D, at: Place) -> Footprint:
    """Blending goes down first, then across, and back the other way, by a map in between that nobody keeps."""
    if layer.method == "nearest":
        gradient = output_bytes(at.image, at.width) if at.behind else ZERO
        return Footprint(output_bytes(at.facts.shape, at.width), backward=gradient)
    between = ImageShape(at.image.channels, at.image.height * layer.factor[0], at.image.width)
    down, across = (factor > 1 for factor in layer.factor)
    rows, own = output_bytes(between, at.width), output_bytes(at.image, at.width)
    passing = number("examples at once", at.most) * rows if down and across else ZERO
    shares = number("batch", at.batch) * (rows if across else own)
    back = at.behind and (down or across)
    return Footprint(
        output_bytes(at.facts.shape, at.width) if down or across else ZERO,
        backward=own if back else ZERO,
        unfolded=passing,
        folded=shares if back else ZERO,
    )


@footprint.register
def _(layer: ConvTranspose2D, at: Place) -> Footprint:
    """Some rows of the map with their windows at a time, each way; back also each part's share of the weights."""
    weight, width = at.facts.weights["weight"], number("bytes per number", at.width)
    cells = weight.size // at.image.channels * layer.groups
    rows = min(at.image.height, rows_at_a_time(cells, at.image.width * at.most))
    places = [number("rows at a time", rows), number("width", at.image.width), number("examples", at.most)]
    numbers = number("channels", at.image.channels) + number("window cells", cells)
    return Footprint(
        output_bytes(at.facts.shape, at.width),
        backward=output_bytes(at.image, at.width) if at.behind else ZERO,
        unfolded=product([numbers, *places, width]),
        folded=number("weights", weight.size) * width,
    )


@footprint.register
def _(layer: Pool, at: Place) -> Footprint:
    """2×2 windows side by side keep a byte for each pair of columns, and of rows, and no copy of the map."""
    out, map_ = at.facts.shape, at.image
    assert isinstance(out, ImageShape)
    output, gradient = output_bytes(out, at.width), output_bytes(map_, at.width) if at.behind else ZERO
    if not isinstance(layer, MaxPool2D):
        return Footprint(output, backward=gradient, folded=_times(at.batch, output) if at.behind else ZERO)
    if not pooling.in_pairs(_geometry(layer, at)):
        work = _times(at.batch, _arrays("share mask mask", out, at.width))
        return Footprint(output, backward=gradient, folded=work if at.behind else ZERO)
    columns, rows = min(map_.width // 2, out.width), min(map_.height // 2, out.height)
    pairs = number("height", map_.height) * number("pairs of columns", columns) + number(
        "pairs of rows", rows
    ) * number("width", out.width)
    count = pooling.channels_at_a_time((*map_.array, at.most))
    sizes = [("channels at a time", count), ("height", map_.height), ("width", out.width), ("examples", at.most)]
    wide = product([*(number(*size) for size in sizes), number("bytes per number", at.width)])
    return Footprint(
        add(output, number("channels", out.channels) * pairs), backward=gradient, unfolded=wide, way="pairs"
    )


def _geometry(layer: Pool | Sliding, at: Place) -> Geometry:
    slide = layer.slide(at.image)
    dilation = layer.dilation if isinstance(layer, Sliding) else (1, 1)
    kernel = layer.kernel_size if isinstance(layer, Sliding) else layer.pool_size
    return Geometry(kernel, layer.stride, slide.pads, dilation, slide.size)


@footprint.register
def _(layer: Sliding, at: Place) -> Footprint:
    weight = at.facts.weights["weight"].shape
    place, groups = _geometry(layer, at), at.image.channels // weight[1]
    unfolded, folded = _worked_in(place, at.image, weight, at)
    way = convolution.way_of(place, weight, groups, at.most).__name__
    gradient = output_bytes(at.image, at.width) if at.behind else ZERO
    output = output_bytes(at.facts.shape, at.width)
    return Footprint(output, backward=gradient, unfolded=unfolded, folded=folded, way=way)


@footprint.register
def _(layer: SeparableConv2D, at: Place) -> Footprint:
    """Two convolutions: the map between them has an output and a gradient of its own."""
    place = _geometry(layer, at)
    depth, mixture = (at.facts.weights[f"{part}.weight"].shape for part in ("depthwise", "pointwise"))
    between = ImageShape(depth[0], *place.size)
    one = Geometry((1, 1), (1, 1), (0, 0, 0, 0), (1, 1), place.size)
    first, second = _worked_in(place, at.image, depth, at), _worked_in(one, between, mixture, at)
    return Footprint(
        add(output_bytes(at.facts.shape, at.width), output_bytes(between, at.width)),
        backward=add(output_bytes(between, at.width), output_bytes(at.image, at.width) if at.behind else ZERO),
        unfolded=add(first[0], second[0]),
        folded=add(first[1], second[1]),
        way="separable",
    )


def _worked_in(place: Geometry, map_: ImageShape, weight: tuple[int, ...], at: Place) -> tuple[Working, Working]:
    """Moved copies of the map and shares of the output, as many as are worth one matrix product: forward, and what the
    way back adds."""
    groups = map_.channels // weight[1]
    forward = convolution.held(place, (*map_.array, at.most), weight, groups, wanted=at.behind)[0]
    back = max(0, convolution.held(place, (*map_.array, at.batch), weight, groups, wanted=at.behind)[1] - forward)
    width = number("bytes per number", at.width)
    unfolded, folded = (number("numbers at a time", count) * width if count else ZERO for count in (forward, back))
    return unfolded, folded


def add(*terms: Working) -> Working:
    """The sum of what is not 0."""
    some = [term for term in terms if term.value]
    return total(some) if some else ZERO
