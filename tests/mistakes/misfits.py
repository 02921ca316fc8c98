"""From a seed to a layer whose input does not fit, and the sentence for it, reckoned from scratch."""

import random

from netbuilder.graph import Graph
from netbuilder.layers import (
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    Input,
    MaxPool2D,
    ReLU,
    SeparableConv2D,
)
from tests.mistakes.sketch import Mistake, Sketch, sketch


def needs_flatten(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    source, h, w, c = draw.last, draw.maps.height, draw.maps.width, draw.maps.channels
    name = draw.put(Dense(rng.randint(2, 90)), ReLU(), Dense(10))
    return Mistake(
        draw.graph,
        name,
        f"Dense “{name}” needs a flat list of numbers, but “{source}” gives a {h}×{w}×{c} block. "
        f"Flattened that is {h}·{w}·{c} = {h * w * c:,} numbers.",
    )


def needs_image(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    draw.follow(rng.choice([Flatten(), GlobalAveragePool2D(), GlobalMaxPool2D()]))
    draw.follow(*draw._perhaps(Dropout(0.2)))
    source, count = draw.last, draw.shape.size
    layer = rng.choice([Conv2D(4, 1), MaxPool2D(1), SeparableConv2D(3, 1), GlobalAveragePool2D()])
    name = draw.put(layer, ReLU(), Flatten(), Dense(7))
    return Mistake(
        draw.graph,
        name,
        f"{type(layer).__name__} “{name}” slides over a map of height × width × channels, "
        f"but “{source}” gives a flat list of {count:,} numbers.",
    )


def window_too_large(rng: random.Random) -> Mistake:
    size = rng.randint(4, 90)
    draw, sizes = Sketch(rng, ImageShape(rng.randint(1, 3), size, size)), [size]
    while size > 2:
        size //= 2
        sizes.append(size)
        draw.follow(Conv2D(rng.randint(2, 12), 3, padding="same"), ReLU(), MaxPool2D(2))
    source, kernel = draw.last, rng.randint(size + 1, 7)
    layer = rng.choice([Conv2D(8, kernel), DepthwiseConv2D(kernel), MaxPool2D(kernel), SeparableConv2D(5, kernel)])
    name = draw.put(layer, ReLU(), Flatten(), Dense(10))
    chain = "→".join(map(str, sizes))
    return Mistake(
        draw.graph,
        name,
        f"{type(layer).__name__} “{name}” slides a {kernel}×{kernel} window, but only {size}×{size} is left "
        f"after “{source}” ({chain}).",
    )


def no_channels(rng: random.Random) -> Mistake:
    height, width = rng.randint(9, 64), rng.randint(9, 64)
    layers = [Conv2D(rng.randint(1, 9), 3), ReLU(), MaxPool2D(2, padding="same")] * rng.randint(0, 2)
    graph = Graph.chain(Input(height=height, width=width), *layers, Flatten(), Dense(rng.randint(2, 20)))
    return Mistake(
        graph,
        "input_1",
        f"Images are {height}×{width} with no channel. A grey image has 1: {height}×{width}×1.",
    )


def axis_order(rng: random.Random) -> Mistake:
    size, pixel = rng.randint(8, 224), rng.choice([1, 3, 4])
    if rng.random() < 0.5:
        entry, written = Input(height=size, width=pixel, channels=size), "height×width×channels"
    else:
        entry, written = Input(height=pixel, width=size, channels=size), "channels×height×width"
    first = rng.choice([Conv2D(6, 5), Conv2D(6, 3, padding="same"), MaxPool2D(2, padding="same")])
    graph = Graph.chain(entry, first, ReLU(), Flatten(), Dense(10))
    return Mistake(
        graph,
        "input_1",
        f"“input_1” reads as {size} channels of {entry.height}×{entry.width} pixels. That looks like {written}.",
    )


def groups_mismatch(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    channels = draw.maps.channels
    while True:
        groups, filters = rng.randint(2, 8), rng.randint(2, 30)
        if channels % groups or filters % groups:
            break
    source = draw.last
    layer = rng.choice([Conv2D(filters, 1, groups=groups), ConvTranspose2D(filters, 2, 2, groups=groups)])
    name = draw.put(layer, ReLU(), GlobalAveragePool2D(), Dense(10))
    return Mistake(
        draw.graph,
        name,
        f"{type(layer).__name__} “{name}” splits channels into {groups} groups, but {groups} does not divide both the "
        f"{channels} channels of “{source}” and the {filters} filters.",
    )
