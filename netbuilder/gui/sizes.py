"""What a person types as a wanted output size -> changes of a layer's settings that reach it, or why none does."""

from collections.abc import Sequence

from netbuilder.layers import ImageShape, Layer, Order, Shape
from netbuilder.sizing import MOST, Axis, Way, axes, ways, why_none

Wish = tuple[Axis, int]
SEPARATORS = "×x*, \u00a0"


def editable(layer: Layer) -> bool:
    """Whether any setting of a layer decides its output's size."""
    return bool(axes(layer))


def wishes(text: str, shape: Shape | None, order: Order) -> tuple[Wish, ...]:
    """The axes a person wants changed: '14' for both sides, '14×10', '14×10×32' in the order of the day, '120' units.

    An axis that is as wanted already is not asked for. Raises ValueError with a sentence for anything else.
    """
    numbers = _numbers(text)
    if not isinstance(shape, ImageShape):
        if len(numbers) != 1:
            raise ValueError("A flat list has one length, such as 120.")
        return () if shape is not None and shape.features == numbers[0] else (("features", numbers[0]),)
    height, width, channels = shape.height, shape.width, shape.channels
    if len(numbers) == 1:
        height = width = numbers[0]
    elif len(numbers) == 2:
        height, width = numbers
    elif len(numbers) == 3:
        height, width, channels = numbers if order == "hwc" else (numbers[1], numbers[2], numbers[0])
    else:
        raise ValueError("An image has three sizes: height, width and channels.")
    found: list[Wish] = []
    if height == width and (height != shape.height or width != shape.width):
        found.append(("both", height))
    else:
        if height != shape.height:
            found.append(("height", height))
        if width != shape.width:
            found.append(("width", width))
    return (*found, ("channels", channels)) if channels != shape.channels else tuple(found)


def reaching(layer: Layer, fed: Shape | None, wanted: Sequence[Wish]) -> tuple[Way, ...]:
    """The small changes that give all that is wanted, at most as many as `netbuilder.sizing.ways` lists."""
    found: list[Way] = []
    for index, (axis, target) in enumerate(wanted):
        before = found if index else [None]
        found = []
        for first in before:
            for way in ways(first.layer if first else layer, fed, axis, target):
                label = f"{first.label} · {way.label}" if first else way.label
                found.append(Way(label, way.layer, way.shape, way.parameters))
    return tuple(found[:MOST])


def refusal(layer: Layer, fed: Shape | None, wanted: Sequence[Wish]) -> str:
    """Why nothing reaches what is wanted, in a sentence."""
    if not wanted:
        return "The output has this size already."
    for axis, target in wanted:
        if not ways(layer, fed, axis, target):
            return why_none(layer, fed, axis, target)
    return "Each of these sizes can be reached, but not all together."


def _numbers(text: str) -> list[int]:
    if "." in text:
        raise ValueError("Sizes are whole numbers, such as 14 or 14 × 14.")
    for separator in SEPARATORS:
        text = text.replace(separator, " ") if separator != "," or "×" in text else text.replace(",", "")
    words = text.lower().split()
    if not words or not all(word.isdecimal() and len(word) < 8 for word in words):
        raise ValueError("Type a size, such as 14 or 14 × 14.")
    if any(int(word) < 1 for word in words):
        raise ValueError("A size is at least 1.")
    return [int(word) for word in words]
