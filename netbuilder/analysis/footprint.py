"""A layer and what flows into it -> the bytes the engine keeps for it, named array by array.

This mirrors the buffers that forward and backward ask for; tests hold the two together, layer by layer.
"""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import NamedTuple

from netbuilder.kernels.convolution import CHUNK
from netbuilder.kernels.transposed import rows_at_a_time
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
    ImageShape,
    Layer,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool2D,
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
    Working,
    ZeroPad2D,
)
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import GlobalPool, Pool
from netbuilder.layers.settings import Pair
from netbuilder.layers.sliding import Slide2D
from netbuilder.layers.workings import ZERO, number, product, total


class Footprint(NamedTuple):
    """Bytes for each example: of a pass forward, what training adds to it, and of the pass back; and the convolutions'
    unfolded windows in either direction, for as many examples as are worked on at a time."""

    forward: Working = ZERO
    training: Working = ZERO
    backward: Working = ZERO
    unfolded: Working = ZERO
    folded: Working = ZERO


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


_ARRAYS: Mapping[type[Layer], tuple[str, str, str]] = {
    ReLU: ("output", "", "gradient mask"),
    LeakyReLU: ("output", "", "gradient slope mask"),
    ELU: ("output mask", "", "gradient slope"),
    GELU: ("scaled size argument tail output", "", "gradient slope"),
    SiLU: ("sigmoid divisor mask output", "", "gradient slope"),
    Sigmoid: ("output divisor mask", "", "gradient slope"),
    Tanh: ("output", "", "gradient slope"),
    Softmax: ("output", "", "gradient"),
    BatchNorm: ("centred output", "square", "product gradient"),
    LocalResponseNorm: ("square divisor factor output", "", "share felt gradient"),
    Dropout: ("", "draw factor output mask", "gradient"),
    Add: ("output", "", ""),
    Concat: ("output", "", ""),
    Flatten: ("", "", ""),
    Reshape: ("", "", ""),
    ZeroPad2D: ("output", "", ""),
}
"""Arrays of the output's size that layers keep forward, forward in training, and backward; a mask has a byte for each
number, a draw always four."""


@singledispatch
def footprint(layer: Layer, at: Place) -> Footprint:
    """What the engine keeps for a layer; of one that is not known here: its output, and a gradient by its inputs."""
    out = at.facts.shape
    forward, training, backward = (_arrays(names, out, at.width) for names in _arrays_of(layer))
    return Footprint(forward, training, backward if at.behind else ZERO)


def _arrays_of(layer: Layer) -> tuple[str, str, str]:
    if isinstance(layer, GELU) and layer.approximation == "tanh":
        return "curve share output", "", "gradient slope"
    if isinstance(layer, Dropout) and layer.rate == 0:
        return "", "", ""
    return _ARRAYS.get(type(layer), ("output", "", "gradient"))


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
    output = output_bytes(at.facts.shape, at.width)
    return Footprint(output, backward=number("inputs", len(at.inputs)) * output if at.behind else ZERO)


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
    slide, out = layer.slide(at.image), at.facts.shape
    forward = add(_arrays("output", out, at.width), _padded(slide, at.image, at.width))
    backward = add(
        _margins(slide, at.image, at.width),
        _arrays("share mask mask" if isinstance(layer, MaxPool2D) else "share", out, at.width),
    )
    return Footprint(forward, backward=backward if at.behind else ZERO)


@footprint.register
def _(layer: Sliding, at: Place) -> Footprint:
    slide = layer.slide(at.image)
    columns, weights = _columns(layer.kernel_size, slide, at.image.channels), at.facts.weights["weight"].size
    return Footprint(
        add(output_bytes(at.facts.shape, at.width), _padded(slide, at.image, at.width)),
        backward=_margins(slide, at.image, at.width) if at.behind else ZERO,
        unfolded=ZERO if _reads_in_place(slide) else _unfolded(columns, at.most, at.width),
        folded=_folded(columns, weights, at, wanted=at.behind),
    )


@footprint.register
def _(layer: SeparableConv2D, at: Place) -> Footprint:
    """Two convolutions: the map between them has an output and a gradient of its own."""
    slide = layer.slide(at.image)
    depth, mixture = (at.facts.weights[f"{part}.weight"] for part in ("depthwise", "pointwise"))
    between = ImageShape(depth.shape[0], *slide.size)
    columns = _columns(layer.kernel_size, slide, at.image.channels)
    return Footprint(
        add(
            output_bytes(at.facts.shape, at.width), output_bytes(between, at.width), _padded(slide, at.image, at.width)
        ),
        backward=add(output_bytes(between, at.width), _margins(slide, at.image, at.width) if at.behind else ZERO),
        unfolded=ZERO if _reads_in_place(slide) else _unfolded(columns, at.most, at.width),
        folded=add(
            _folded(columns, depth.size, at, wanted=at.behind),
            _folded(_columns((1, 1), slide, between.channels), mixture.size, at, wanted=True),
        ),
    )


# ---- windows ---------------------------------------------------------------------------------------------------------


def _covered(slide: Slide2D) -> Pair:
    """Height and width of the padded map that windows read."""
    v, h = slide.vertical, slide.horizontal
    return (v.out.result - 1) * v.stride + v.extent, (h.out.result - 1) * h.stride + h.extent


def _padded(slide: Slide2D, shape: ImageShape, width: int) -> Working:
    """The copy with padding around it, where windows do not stay within the map."""
    rows, columns = _covered(slide)
    if not any(slide.pads) and rows <= shape.height and columns <= shape.width:
        return ZERO
    sizes = [number("channels", shape.channels), number("padded height", rows), number("padded width", columns)]
    return product([*sizes, number("bytes per number", width)])


def _margins(slide: Slide2D, shape: ImageShape, width: int) -> Working:
    """The gradient by the input, with room for padding."""
    rows, columns = _covered(slide)
    height = max(rows, slide.vertical.begin + shape.height)
    across = max(columns, slide.horizontal.begin + shape.width)
    sizes = [number("channels", shape.channels), number("padded height", height), number("padded width", across)]
    return product([*sizes, number("bytes per number", width)])


def _columns(kernel: Pair, slide: Slide2D, channels: int) -> list[Working]:
    """Every window of a map, cell by cell."""
    cells = [number("kernel height", kernel[0]), number("kernel width", kernel[1])]
    places = [number("output height", slide.size[0]), number("output width", slide.size[1])]
    return [number("channels", channels), *cells, *places]


def _reads_in_place(slide: Slide2D) -> bool:
    """Whether a 1×1 kernel reads the map, padded or not, as it lies, so that nothing is unfolded."""
    return all(axis.extent == axis.stride == 1 for axis in (slide.vertical, slide.horizontal))


def _at_a_time(columns: list[Working], examples: int) -> Working:
    """For how many examples windows are unfolded at once: as many as fit a core's cache."""
    return number("examples at a time", min(examples, max(1, CHUNK // product(columns).result)))


def _unfolded(columns: list[Working], examples: int, width: int) -> Working:
    return product([_at_a_time(columns, examples), *columns, number("bytes per number", width)])


def _folded(columns: list[Working], weights: int, at: Place, *, wanted: bool) -> Working:
    """What the pass back holds: each example's share of the weights' gradient, and windows to be added to the map's."""
    share = product([_at_a_time(columns, at.batch), number("weights", weights), number("bytes per number", at.width)])
    return add(share, _unfolded(columns, at.batch, at.width) if wanted else ZERO)


def add(*terms: Working) -> Working:
    """The sum of what is not 0."""
    some = [term for term in terms if term.value]
    return total(some) if some else ZERO
