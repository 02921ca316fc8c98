"""From a seed to a design that runs, but hardly as meant, and the sentence for it, reckoned from scratch."""

import random
from collections.abc import Sequence
from math import exp, log

from netbuilder.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Layer,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from netbuilder.layers.settings import Pair
from tests.mistakes.sketch import Mistake, Sketch, sketch


def no_activation(rng: random.Random) -> Mistake:
    draw = sketch(rng)
    if rng.random() < 0.5:
        draw.follow(Conv2D(rng.randint(2, 9), 3, padding="same"), ReLU())
    between = rng.sample([BatchNorm(), Dropout(0.3)], rng.randint(0, 2))
    kind = rng.randrange(3)
    if kind == 0:
        return _two_convolutions(rng, draw, between)
    if kind == 1:
        draw.follow(Conv2D(rng.randint(8, 16), 3, padding="same"), Flatten())
        first, units = draw.graph.nodes[draw.graph.inputs(draw.end)[0]].name, rng.randint(2, 40)
        draw.follow(*between)
    else:
        draw.follow(Flatten(), Dense(rng.randint(50, 90)))
        first, units = draw.last, rng.randint(2, 40)
        draw.follow(*between)
    draw.follow(Dense(units))
    second = draw.last
    sentence = f"“{first}” and “{second}” have no activation between them; "
    return Mistake(draw.graph, second, sentence + f"together they equal one Dense layer of {units} units.")


def _two_convolutions(rng: random.Random, draw: Sketch, between: Sequence[Layer]) -> Mistake:
    kernels: list[Pair] = [(rng.randint(1, 4), rng.randint(1, 4)) for _ in range(2)]
    if rng.random() < 0.7:
        kernels = [(k, k) for k, _ in kernels]
    kernels = [(2, 2) if 1 in pair and pair != (1, 1) else pair for pair in kernels]  # 1×k with k×1 is meant
    strides, dilations = [rng.choice([1, 1, 2]) for _ in range(2)], [rng.choice([1, 1, 2]) for _ in range(2)]
    pads = rng.random() < 0.5
    fewest = draw.maps.channels
    one = Conv2D(fewest + rng.randint(0, 9), kernels[0], strides[0], (1, 1, 1, 1), dilations[0])
    two = Conv2D(rng.randint(2, 30), kernels[1], strides[1], (1, 0, 1, 0) if pads else "valid", dilations[1])
    draw.follow(one)
    first = draw.last
    draw.follow(*between, two)
    second = draw.last
    draw.follow(ReLU(), GlobalAveragePool2D(), Dense(10))
    height, width = (_span(kernels, strides, dilations, axis) for axis in (0, 1))
    stride = "" if strides == [1, 1] else f" with stride {strides[0] * strides[1]}"
    edges = ", edges aside" if pads else ""
    return Mistake(
        draw.graph,
        second,
        f"“{first}” and “{second}” have no activation between them; "
        f"together they equal one {height}×{width} convolution{stride}{edges}.",
    )


def _span(kernels: list[Pair], strides: list[int], dilations: list[int], axis: int) -> int:
    """How many positions lie between the first and the last that one output of two convolutions reads, both counted."""
    read = {
        strides[0] * dilations[1] * b + dilations[0] * a
        for b in range(kernels[1][axis])
        for a in range(kernels[0][axis])
    }
    return max(read) - min(read) + 1


def activation_last(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    classes = rng.randint(2, 30)
    draw.follow(GlobalAveragePool2D(), Dense(classes), *draw._perhaps(BatchNorm()))
    curve = rng.choice([ReLU(), ReLU(), Sigmoid(), Tanh()])
    draw.follow(curve)
    name = draw.last
    draw.follow(*draw._perhaps(Softmax()))
    if isinstance(curve, ReLU):
        return Mistake(
            draw.graph, name, f"“{name}” cuts every negative score to 0, so the network cannot say “surely not”."
        )
    low, span = ("0", 1) if isinstance(curve, Sigmoid) else ("−1", 2)
    return Mistake(
        draw.graph,
        name,
        f"“{name}” keeps every score between {low} and 1: the loss cannot fall below {_least(classes, span)}.",
    )


def _least(classes: int, span: int) -> str:
    """The loss of the best scores within a span: the right class at the top, all others at the bottom."""
    shares = [exp(span if index == 0 else 0) for index in range(classes)]
    return f"{-log(shares[0] / sum(shares)):.2f} for {classes} classes"


def double_softmax(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    classes = rng.randint(2, 100)
    if rng.random() < 0.5:
        draw.follow(GlobalAveragePool2D(), Dense(classes), Softmax())
        name = draw.last
        draw.follow(rng.choice([Flatten(), Softmax()]))
    else:
        draw.follow(Conv2D(classes, 1), Softmax())
        name = draw.last
        draw.follow(GlobalAveragePool2D(), *draw._perhaps(Softmax()))
    return Mistake(
        draw.graph,
        name,
        f"Softmax would be applied twice: once by “{name}”, once inside the loss. "
        f"The loss cannot fall below {_least(classes, 1)}.",
    )
