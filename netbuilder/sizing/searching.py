"""A layer, what flows into it and a wanted output size -> the small changes of its settings that give exactly that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import gcd
from typing import Any, Literal, NamedTuple

from netbuilder.layers import (
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    ImageShape,
    Input,
    Layer,
    Misfit,
    SeparableConv2D,
    SettingError,
    Shape,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
)
from netbuilder.layers.base import Reach
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool

from .labels import label, limits

Axis = Literal["height", "width", "both", "channels", "features"]
LARGEST: Mapping[str, int] = {"stride": 8, "kernel_size": 11, "pool_size": 11, "padding": 5, "dilation": 4}
"""How far each setting is searched; padding on each side. Ceil mode is tried on and off."""
MOST = 12
_SIDES = {"height": slice(0, 1), "width": slice(1, 2), "both": slice(0, 2)}

Windowed = Sliding | ConvTranspose2D | Pool
Enlarging = Upsample2D | ZeroPad2D
Change = tuple[int, str, Any]
"""How far a value is from the present one, the setting, the value."""


@dataclass(frozen=True, slots=True)
class Way:
    """A change that gives the wanted size: what a button says, and the layer, shape and weights it gives."""

    label: str
    layer: Layer
    shape: Shape
    parameters: int


def axes(layer: Layer) -> tuple[Axis, ...]:
    """Which sizes of a layer's output follow from its own settings, and so can be asked for."""
    if isinstance(layer, Input):
        return ("height", "width", "both", "channels") if layer.features is None else ("features",)
    if isinstance(layer, Windowed | Enlarging):
        sides: tuple[Axis, ...] = ("height", "width", "both")
        return (*sides, "channels") if isinstance(layer, (Sliding, ConvTranspose2D)) else sides
    return ("features",) if isinstance(layer, Dense) else ()


def ways(layer: Layer, shape: Shape | None, axis: Axis, target: float) -> tuple[Way, ...]:
    """Every small change, at most twelve, after which the output has exactly `target` along `axis`; each was inferred.

    `shape` is what flows in (None for an Input). Height or width alone leaves the other as it is; "both" gives both.
    Of a sliding window, stride up to 8, padding up to 5 a side (an odd row at the end), kernel up to 11, dilation up to
    4 and ceil mode are tried: each alone, then two together. The order is: fewer settings; the smaller distance, which
    adds up the steps of stride, kernel and dilation, the rows of padding, one more where they are odd, and 1 for same,
    valid or ceil mode; then padding before stride before ceil mode before kernel before dilation. Left out is what
    computes the same as a way before it, and two changes of which one alone would do. Empty where nothing fits, or the
    size is there already; `why_none` says which.
    """
    if not float(target).is_integer() or target < 1 or axis not in axes(layer):
        return ()
    wanted = int(target)
    if _reached(_inferred(layer, shape), axis, wanted):
        return ()
    if isinstance(layer, Windowed) and axis in _SIDES:
        return _window_ways(layer, shape, axis, wanted) if isinstance(shape, ImageShape) else ()
    found = (_way(layer, shape, changes) for changes in _counts(layer, shape, axis, wanted))
    return tuple(way for way in found if way and _reached(way.shape, axis, wanted))[:MOST]


def why_none(layer: Layer, shape: Shape | None, axis: Axis, target: float) -> str:
    """Why `ways` is empty, in a sentence."""
    whole = float(target).is_integer() and target >= 1
    name, size = type(layer).__name__, f"{int(target):,}" if whole else f"{target:g}"
    if axis not in axes(layer):
        return f"No setting of {name} changes its {'height and width' if axis == 'both' else axis}."
    if isinstance(layer, Windowed | Enlarging) and not isinstance(shape, ImageShape):
        does = "slides over" if isinstance(layer, (Sliding, Pool)) else "takes"
        return f"{name} {does} a map, and none flows into it."
    if _reached(_inferred(layer, shape), axis, target):
        return f"The output is {size} already."
    if isinstance(layer, Enlarging) and isinstance(shape, ImageShape):
        how = "only adds to" if isinstance(layer, ZeroPad2D) else "only multiplies"
        return f"{name} {how} {_present(shape, axis)}, which cannot become {size}."
    if isinstance(layer, Windowed) and isinstance(shape, ImageShape) and axis in _SIDES:
        searched = {each: LARGEST[each] for each in ("padding", *_spaced(layer))}
        tried = limits(searched, *(["ceil mode"] if isinstance(layer, Pool) else []))
        return f"No {tried} turns {_present(shape, axis)} into {size}, alone or two together."
    if not whole:
        return f"The {axis} of an output is a whole number of at least 1, not {size}."
    if isinstance(layer, DepthwiseConv2D) and isinstance(shape, ImageShape):
        return f"{name} gives a multiple of the {shape.channels} channels it is given, and {size} is none."
    if (changes := next(_counts(layer, shape, axis, int(target)), None)) is not None:
        try:
            layer.using(**changes)
        except SettingError as error:
            return str(error)
    return f"{name} does not fit what flows into it."


def _present(shape: ImageShape, axis: Axis) -> str:
    return f"{shape.height}×{shape.width}" if axis == "both" else f"{shape.height if axis == 'height' else shape.width}"


# ---- sliding windows -------------------------------------------------------------------------------------------------


def _window_ways(layer: Windowed, shape: ImageShape, axis: Axis, wanted: int) -> tuple[Way, ...]:
    before = _inferred(layer, shape)
    found: dict[object, Way] = {}
    enough: set[tuple[str, Any]] = set()
    for changes in _changes(layer, shape, axis):
        if enough & changes.items():
            continue
        try:
            changed = layer.using(**changes)
            laid = _laid(changed, shape)
        except (SettingError, Misfit):
            continue
        after = ImageShape(shape.channels, *laid.size)
        if not _reached(after, axis, wanted) or not _rest_kept(before, after, axis):
            continue
        if len(changes) == 1:
            enough |= changes.items()
        same = (*laid, *(changed.values()[name] for name in _spaced(changed)))
        way = None if same in found else _way(layer, shape, changes)
        if way:
            found[same] = way
        if len(found) == MOST:
            break
    return tuple(found.values())


def _changes(layer: Windowed, shape: ImageShape, axis: Axis) -> Iterator[dict[str, Any]]:
    """One change or two of what is searched, the smallest first."""
    each = [list(_padding(layer, shape, axis)), *(list(_sizes(layer, name, axis)) for name in _spaced(layer))]
    each.insert(2, [(1, "ceil_mode", not layer.ceil_mode)] if isinstance(layer, Pool) else [])
    for count in (1, 2):
        together = [
            (sum(change[0] for change in changes), index, changes)
            for index, settings in enumerate(combinations(each, count))
            for changes in product(*settings)
        ]
        for _, _, changes in sorted(together, key=lambda found: found[:2]):
            yield {name: value for _, name, value in changes}


class _Laid(NamedTuple):
    """Where windows lie: the output's height and width, the padding, and what outputs look through."""

    size: tuple[int, int]
    pads: tuple[int, int, int, int]
    reach: Reach


def _laid(layer: Windowed, shape: ImageShape) -> _Laid:
    """Raises Misfit."""
    if isinstance(layer, ConvTranspose2D):
        size = layer.spread(shape).size
        return _Laid(size, (*layer.crop[0], *layer.crop[1]), layer.reach)
    slide = layer.slide(shape)
    return _Laid(slide.size, slide.pads, slide.reach)


def _spaced(layer: Windowed) -> tuple[str, ...]:
    """The pairs of numbers that are searched, in order of preference."""
    return ("stride", "pool_size") if isinstance(layer, Pool) else ("stride", "kernel_size", "dilation")


def _sizes(layer: Windowed, name: str, axis: Axis) -> Iterator[Change]:
    """Other values of a pair of numbers, along an axis."""
    present: tuple[int, int] = getattr(layer, name)
    for value in range(1, LARGEST[name] + 1):
        pair = list(present)
        pair[_SIDES[axis]] = [value] * len(pair[_SIDES[axis]])
        distance = max(abs(a - b) for a, b in zip(pair, present, strict=True))
        if distance:
            yield distance, name, tuple(pair)


def _padding(layer: Windowed, shape: ImageShape, axis: Axis) -> Iterator[Change]:
    """Other paddings: by name, or counted, along an axis."""
    yield from ((1, "padding", rule) for rule in ("same", "valid") if rule != layer.padding)
    present = _pads(layer, shape)
    for total in range(2 * LARGEST["padding"] + 1):
        pads = [present[:2], present[2:]]
        pads[_SIDES[axis]] = [(total // 2, total - total // 2)] * len(pads[_SIDES[axis]])
        counted = (*pads[0], *pads[1])
        steps = max(abs(total - sum(side)) for side in (present[:2], present[2:])[_SIDES[axis]])
        if counted != layer.padding:
            yield max(steps, 1) + total % 2, "padding", counted


def _pads(layer: Windowed, shape: ImageShape) -> tuple[int, int, int, int]:
    """The padding there is: top, bottom, left, right."""
    try:
        return _laid(layer, shape).pads
    except Misfit:
        return layer.padding if isinstance(layer.padding, tuple) else (0, 0, 0, 0)


def _rest_kept(before: Shape | None, after: ImageShape, axis: Axis) -> bool:
    if not isinstance(before, ImageShape) or axis == "both":
        return True
    return before.width == after.width if axis == "height" else before.height == after.height


# ---- counts ----------------------------------------------------------------------------------------------------------


def _counts(layer: Layer, shape: Shape | None, axis: Axis, wanted: int) -> Iterator[dict[str, Any]]:
    """What gives a number of channels or features, and the size of an Input."""
    if isinstance(layer, Input):
        yield dict.fromkeys(("height", "width") if axis == "both" else (axis,), wanted)
    elif isinstance(layer, Dense):
        yield {"units": wanted}
    elif isinstance(layer, Enlarging) and isinstance(shape, ImageShape):
        yield from _enlarged(layer, shape, axis, wanted)
    elif isinstance(layer, SeparableConv2D):
        yield {"filters": wanted}
    elif isinstance(layer, DepthwiseConv2D) and isinstance(shape, ImageShape) and wanted % shape.channels == 0:
        yield {"depth_multiplier": wanted // shape.channels}
    elif isinstance(layer, (Conv2D, ConvTranspose2D)) and isinstance(shape, ImageShape):
        common = gcd(wanted, shape.channels)
        fitting = [groups for groups in range(1, common + 1) if common % groups == 0]
        if layer.groups in fitting:
            yield {"filters": wanted}
        else:
            for groups in sorted(fitting, key=lambda groups: abs(groups - layer.groups)):
                yield {"filters": wanted, "groups": groups}


def _enlarged(layer: Enlarging, shape: ImageShape, axis: Axis, wanted: int) -> Iterator[dict[str, Any]]:
    """The factor of an upsampling, or the zeros around a map, an odd row at the end."""
    sides, sizes = _SIDES[axis], (shape.height, shape.width)
    if isinstance(layer, Upsample2D):
        factor = list(layer.factor)
        factor[sides] = [wanted // size for size in sizes[sides]]
        yield {"factor": tuple(factor)}
        return
    pads = [layer.padding[:2], layer.padding[2:]]
    pads[sides] = [((wanted - size) // 2, wanted - size - (wanted - size) // 2) for size in sizes[sides]]
    yield {"padding": (*pads[0], *pads[1])}


# ---- trying and telling ----------------------------------------------------------------------------------------------


def _way(layer: Layer, shape: Shape | None, changes: Mapping[str, Any]) -> Way | None:
    try:
        changed = layer.using(**changes)
        facts = changed.infer(*([] if shape is None else [shape]))
    except (SettingError, Misfit):
        return None
    text = " · ".join(label(name, value) for name, value in sorted(changes.items(), key=lambda c: c[0] == "padding"))
    return Way(text, changed, facts.shape, facts.parameters.result)


def _inferred(layer: Layer, shape: Shape | None) -> Shape | None:
    try:
        return layer.infer(*([] if shape is None else [shape])).shape
    except Misfit:
        return None


def _reached(shape: Shape | None, axis: Axis, target: float) -> bool:
    if isinstance(shape, VectorShape):
        return axis == "features" and shape.features == target
    if shape is None or axis == "features":
        return False
    return all(getattr(shape, side) == target for side in (("height", "width") if axis == "both" else (axis,)))
