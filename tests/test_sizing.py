"""Every way to an output size gives it, and no cheaper way of the documented search is missed."""

import random
from collections.abc import Iterator
from itertools import product
from types import MappingProxyType
from typing import Any

import pytest

from netbuilder import sizing
from netbuilder.layers import (
    AveragePool2D,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    ImageShape,
    Input,
    Layer,
    MaxPool2D,
    Misfit,
    ReLU,
    SeparableConv2D,
    SettingError,
    Shape,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
)
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool
from netbuilder.sizing import Axis, Way, axes, searching, ways, why_none

MAP = ImageShape(8, 28, 28)


def labels(found: tuple[Way, ...]) -> list[str]:
    return [way.label for way in found]


def test_the_ways_to_halve_a_map_come_in_the_order_a_person_would_try():
    assert labels(ways(Conv2D(16, 3), MAP, "both", 14)) == [
        "stride 2 · same padding",
        "stride 2 · kernel 2×2",
        "stride 2 · padding 1",
        "stride 2 · kernel 1×1",
        "kernel 8×8 · dilation 2",
    ]
    assert labels(ways(Conv2D(16, 3, padding="same"), MAP, "both", 14))[0] == "stride 2"
    assert labels(ways(MaxPool2D(2), ImageShape(8, 27, 27), "both", 14)) == ["same padding", "ceil mode", "padding 1"]


def test_a_way_tells_the_layer_shape_and_weights_it_gives():
    first = ways(Conv2D(16, 3), MAP, "both", 14)[0]
    assert first.layer == Conv2D(16, 3, stride=2, padding="same")
    assert first.shape == ImageShape(16, 14, 14)
    assert first.parameters == 16 * (8 * 9 + 1)


def test_one_side_alone_leaves_the_other():
    found = ways(Conv2D(16, 3), ImageShape(3, 25, 64), "height", 13)
    assert labels(found)[0] == "stride 2×1 · padding 1 above and below, 0 at the sides"
    assert {way.shape for way in found} == {ImageShape(16, 13, 62)}


@pytest.mark.parametrize(
    ("layer", "shape", "axis", "target", "wanted"),
    [
        (Conv2D(16, 3), MAP, "channels", 64, ["64 filters"]),
        (Conv2D(16, 3, groups=4), MAP, "channels", 6, ["6 filters · 2 groups", "6 filters · 1 group"]),
        (SeparableConv2D(16), MAP, "channels", 5, ["5 filters"]),
        (DepthwiseConv2D(), MAP, "channels", 24, ["depth multiplier 3"]),
        (Dense(10), VectorShape(5), "features", 12, ["12 units"]),
        (Input(), None, "both", 32, ["height 32 · width 32"]),
        (Input(), None, "channels", 3, ["channels 3"]),
        (Input(features=3), None, "features", 4, ["features 4"]),
    ],
)
def test_counts_are_set_directly(layer: Layer, shape: Shape | None, axis: Any, target: int, wanted: list[str]):
    found = ways(layer, shape, axis, target)
    assert labels(found) == wanted
    assert all(way.shape == way.layer.infer(*([shape] if shape else [])).shape for way in found)


LIMITS = "padding up to 5, stride up to 8, kernel up to 11 or dilation up to 4"


@pytest.mark.parametrize(
    ("layer", "shape", "axis", "target", "message"),
    [
        (Conv2D(), MAP, "both", 27.5, f"No {LIMITS} turns 28×28 into 27.5, alone or two together."),
        (Conv2D(), MAP, "height", 500, f"No {LIMITS} turns 28 into 500, alone or two together."),
        (MaxPool2D(2), MAP, "width", 0, "No padding up to 5, stride up to 8, window up to 11 or ceil mode turns 28"),
        (Conv2D(), MAP, "both", 26, "The output is 26 already."),
        (Conv2D(), MAP, "channels", 2.5, "The channels of an output is a whole number of at least 1, not 2.5."),
        (Conv2D(), VectorShape(7), "both", 3, "Conv2D slides over a map, and none flows into it."),
        (DepthwiseConv2D(), MAP, "channels", 12, "DepthwiseConv2D gives a multiple of the 8 channels"),
        (MaxPool2D(2), MAP, "channels", 12, "No setting of MaxPool2D changes its channels."),
        (ReLU(), MAP, "both", 12, "No setting of ReLU changes its height and width."),
        (Concat(), MAP, "channels", 12, "No setting of Concat changes its channels."),
        (Flatten(), MAP, "features", 12, "No setting of Flatten changes its features."),
        (Dense(), VectorShape(7), "features", 2_000_000, "Dense: units must be from 1 to 1,000,000, not 2000000."),
        (Conv2D(), ImageShape(1, 2, 2), "channels", 64, "Conv2D does not fit what flows into it."),
        (Dense(12), VectorShape(7), "features", 12, "The output is 12 already."),
        (Dense(12), VectorShape(7), "features", float("nan"), "The features of an output is a whole number"),
    ],
)
def test_where_there_is_no_way_a_sentence_says_why(layer: Layer, shape: Shape, axis: Any, target: float, message: str):
    assert ways(layer, shape, axis, target) == ()
    assert why_none(layer, shape, axis, target).startswith(message)


def test_which_sizes_can_be_asked_for():
    assert axes(Conv2D()) == ("height", "width", "both", "channels")
    assert axes(MaxPool2D()) == ("height", "width", "both")
    assert axes(ConvTranspose2D()) == ("height", "width", "both", "channels")
    assert axes(Upsample2D()) == axes(ZeroPad2D()) == ("height", "width", "both")
    assert axes(ReLU()) == ()


@pytest.mark.parametrize(
    ("layer", "axis", "target", "labels"),
    [
        (Upsample2D(), "both", 84, ["factor 3×3"]),
        (Upsample2D((2, 3)), "height", 28, ["factor 1×3"]),
        (Upsample2D(), "both", 50, []),
        (ZeroPad2D(), "both", 33, ["padding 2+3"]),
        (ZeroPad2D(), "width", 28, ["padding 1 above and below, 0 at the sides"]),
        (ZeroPad2D(), "both", 27, []),
        (ConvTranspose2D(groups=2), "channels", 9, ["9 filters · 1 group", "9 filters · 3 groups"]),
    ],
)
def test_maps_are_made_larger_by_as_much_as_is_wanted(layer: Layer, axis: Any, target: int, labels: list[str]):
    shape = ImageShape(6, 28, 28)
    found = ways(layer, shape, axis, target)
    assert [way.label for way in found] == labels
    assert all(way.layer.infer(shape).shape == way.shape for way in found)
    if not labels:
        assert why_none(layer, shape, axis, target).endswith(f"28×28, which cannot become {target}.")


def test_a_transposed_convolution_reaches_twice_its_input_in_the_usual_ways():
    shape = ImageShape(6, 28, 28)
    found = ways(ConvTranspose2D(8, 2, 1), shape, "both", 56)
    assert "stride 2" in [way.label for way in found]
    labels = [way.label for way in ways(ConvTranspose2D(8, 4, 2), shape, "both", 56)]
    assert labels[:2] == ["same padding", "kernel 2×2"]  # padding 1 is what same comes to


# ---- against every combination there is ------------------------------------------------------------------------------

Found = tuple[int, int, Layer, frozenset[tuple[str, Any]]]
"""How many settings a change touches, the distance, the layer it gives, and the changes."""


def size(layer: Layer, shape: ImageShape) -> tuple[int, int] | None:
    try:
        after = layer.infer(shape).shape
    except Misfit:
        return None
    assert isinstance(after, ImageShape)
    return after.height, after.width


def searched(layer: Sliding | Pool, shape: ImageShape, axis: str) -> dict[str, dict[Any, int]]:
    """Each setting's values within the documented limits, with their distances, spelled out once more."""
    sides = {"height": [0], "width": [1], "both": [0, 1]}[axis]
    found: dict[str, dict[Any, int]] = {}
    for name, most in {"stride": 8, "kernel_size": 11, "pool_size": 11, "dilation": 4}.items():
        if not hasattr(layer, name):
            continue
        now = getattr(layer, name)
        for value in range(1, most + 1):
            pair = tuple(value if side in sides else now[side] for side in (0, 1))
            found.setdefault(name, {})[pair] = max(abs(pair[0] - now[0]), abs(pair[1] - now[1]))
    try:
        pads = layer.slide(shape).pads
    except Misfit:
        pads = layer.padding if isinstance(layer.padding, tuple) else (0, 0, 0, 0)
    found["padding"] = {"same": 1, "valid": 1}
    for begin in range(6):
        for end in {begin, begin + 1} - {6}:
            counted = [begin if side in sides else pads[2 * side] for side in (0, 1)]
            ends = [end if side in sides else pads[2 * side + 1] for side in (0, 1)]
            steps = max(abs(begin + end - pads[2 * side] - pads[2 * side + 1]) for side in sides)
            found["padding"][counted[0], ends[0], counted[1], ends[1]] = max(1, steps) + (end > begin)
    if isinstance(layer, Pool):
        found["ceil_mode"] = {True: 1, False: 1}
    return found


def by_force(layer: Sliding | Pool, shape: ImageShape, axis: str, target: int) -> Iterator[Found]:
    """Every change of one or two settings that gives the size, found by inferring all of them."""
    space, before, now = searched(layer, shape, axis), size(layer, shape), layer.values()
    choices = [(name, value, far) for name, each in space.items() for value, far in each.items() if value != now[name]]
    pairs = [(a, b) for a, b in product(choices, choices) if a[0] < b[0]]
    for changes in [*((one,) for one in choices), *pairs]:
        try:
            changed = layer.using(**{name: value for name, value, _ in changes})
        except SettingError:
            continue
        after = size(changed, shape)
        wanted = {"height": (target, before and before[1]), "width": (before and before[0], target)}
        goal = wanted.get(axis, (target, target))
        if after and all(b in (None, a) for a, b in zip(after, goal, strict=True)):
            yield len(changes), sum(far for *_, far in changes), changed, frozenset((n, v) for n, v, _ in changes)


def computes(layer: Layer, shape: ImageShape) -> object:
    assert isinstance(layer, (Sliding, Pool))
    slide, kept = layer.slide(shape), layer.values()
    return slide.size, slide.pads, [kept.get(n) for n in ("stride", "kernel_size", "pool_size", "dilation")]


def missed(layer: Sliding | Pool, shape: ImageShape, axis: Axis, target: int) -> tuple[int, int]:
    """How many ways brute force finds, and how many of them `ways` should have listed, or listed wrongly."""
    listed = ways(layer, shape, axis, target)
    forced = list(by_force(layer, shape, axis, target))
    alone = {next(iter(changes)) for count, _, _, changes in forced if count == 1}
    forced = [found for found in forced if found[0] == 1 or not alone & found[3]]
    keys = {found[2]: found[:2] for found in reversed(forced)}
    wrong = sum(way.layer not in keys or way.layer.infer(shape).shape != way.shape for way in listed)
    order = [keys[way.layer] for way in listed if way.layer in keys]
    wrong += order != sorted(order)
    shown = {repr(computes(way.layer, shape)) for way in listed}
    last = order[-1] if len(listed) == sizing.MOST else (9, 9)
    wrong += sum(found[:2] < last and repr(computes(found[2], shape)) not in shown for found in forced)
    return len(forced), wrong


def random_case(rng: random.Random) -> tuple[Sliding | Pool, ImageShape, Axis, int]:
    shape = ImageShape(2, rng.randint(3, 30), rng.randint(3, 30))
    kernel = rng.choice([1, 2, 3, 5, (3, 2)])
    padding = rng.choice(["valid", "same", 0, (0, 1, 0, 1)]) if kernel != 1 else "same"
    stride = rng.choice([1, 1, 2, (2, 1)])
    layer: Sliding | Pool
    if rng.random() < 0.4:
        layer = rng.choice([MaxPool2D, AveragePool2D])(kernel, stride, padding, ceil_mode=rng.random() < 0.3)
    else:
        layer = rng.choice([Conv2D, SeparableConv2D, DepthwiseConv2D])().using(
            kernel_size=kernel, stride=stride, padding=padding, dilation=rng.choice([1, 1, 2])
        )
    axis: Axis = rng.choice(["height", "width", "both"])
    now = size(layer, shape)
    target = rng.randint(1, max(shape.height, shape.width) // rng.choice([1, 1, 2, 3]))
    return layer, shape, axis, target + (now is not None and target in now)


def test_no_cheaper_way_is_missed():
    counts = [missed(*random_case(random.Random(seed))) for seed in range(80)]
    assert [wrong for _, wrong in counts] == [0] * 80
    assert sum(forced > 0 for forced, _ in counts) > 40
    assert sum(forced > sizing.MOST for forced, _ in counts) > 3


def test_a_search_that_stops_short_is_caught(monkeypatch: pytest.MonkeyPatch):
    """Negative control: without large strides brute force finds what is missing."""
    forced, wrong = missed(Conv2D(16, 3), MAP, "both", 14)
    assert (forced > 4, wrong) == (True, 0)
    monkeypatch.setattr(searching, "LARGEST", MappingProxyType({**sizing.LARGEST, "stride": 1}))
    assert missed(Conv2D(16, 3), MAP, "both", 14)[1] > 0
