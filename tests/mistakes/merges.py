"""From a seed to branches that meet in vain, and the sentence for it, reckoned from scratch."""

import random

from netbuilder.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2D,
    Dense,
    GlobalAveragePool2D,
    ImageShape,
    Layer,
    Multiply,
    ReLU,
    Shape,
    Sigmoid,
    VectorShape,
)
from tests.mistakes.sketch import Mistake, Sketch, sketch, title


def merge_shapes(rng: random.Random) -> Mistake:
    return rng.choice([_maps_differ, _maps_differ, _maps_differ, _lists_differ, _kinds_differ])(rng)


def _maps_differ(rng: random.Random) -> Mistake:
    """A residual block, or two towers, whose sizes or channels disagree."""
    size = 2 * rng.randint(4, 16)
    draw = Sketch(rng, ImageShape(rng.randint(1, 3), size, size))
    draw.follow(Conv2D(rng.randint(2, 12), 3, padding="same"), ReLU())
    start, shape = draw.end, draw.maps
    join = rng.choice([Add(), Multiply(), Concat()])
    stride = 2 if isinstance(join, Concat) else rng.choice([1, 2])
    valid = rng.random() < 0.3
    filters = shape.channels + rng.randint(0 if stride > 1 or valid else 1, 9)
    body = (Conv2D(filters, 3, stride, "valid" if valid else (1, 1, 1, 1)), BatchNorm(), ReLU())
    main = draw.branch(start, shape, *body, Conv2D(filters, 3, padding="same"))
    return _met(draw, join, [main, (start, shape)])


def _met(draw: Sketch, join: Layer, ends: list[tuple[int, Shape]]) -> Mistake:
    """Branches of maps that meet in vain, the sentence for it, and a tail."""
    draw.rng.shuffle(ends)
    draw.graph, node = draw.graph.add(join, draw.name("join"))
    for port, (key, _) in enumerate(ends):
        draw.graph = draw.graph.connect(key, node.id, port)
    draw.end = node.id
    draw.put(ReLU(), GlobalAveragePool2D(), Dense(10))
    a, b = (shape for _, shape in ends)
    assert isinstance(a, ImageShape)
    assert isinstance(b, ImageShape)
    differences = [f"size ({a.height}≠{b.height})"] if a.height != b.height else []
    if not isinstance(join, Concat) and a.channels != b.channels:
        differences.append(f"channels ({a.channels}≠{b.channels})")
    rule = "joins the channels of equally large maps" if isinstance(join, Concat) else "needs equal shapes"
    names = [draw.graph.nodes[key].name for key, _ in ends]
    sentence = (
        f"{title(draw.graph, node.name)} {rule}: “{names[0]}” {a.height}×{a.width}×{a.channels}, "
        f"“{names[1]}” {b.height}×{b.width}×{b.channels}. They differ in {' and '.join(differences)}."
    )
    return Mistake(draw.graph, node.name, sentence)


def _lists_differ(rng: random.Random) -> Mistake:
    draw = Sketch(rng, VectorShape(rng.randint(3, 60)))
    draw.follow(Dense(rng.randint(3, 30)), ReLU())
    start, shape, n = draw.end, draw.shape, draw.shape.size
    units = n + rng.randint(1, 20)
    main = draw.branch(start, shape, Dense(units), ReLU())
    draw.graph, node = draw.graph.add(rng.choice([Add(), Multiply()]), draw.name("join"))
    draw.graph = draw.graph.connect(main[0], node.id, 0).connect(start, node.id, 1)
    draw.end = node.id
    draw.put(Dense(4))
    names = draw.graph.nodes[main[0]].name, draw.graph.nodes[start].name
    return Mistake(
        draw.graph,
        node.name,
        f"{title(draw.graph, node.name)} needs equal shapes: “{names[0]}” {units}, “{names[1]}” {n}. "
        f"They differ in length ({units}≠{n}).",
    )


def _kinds_differ(rng: random.Random) -> Mistake:
    draw = sketch(rng)
    draw.follow(Conv2D(rng.randint(2, 9), 3, padding="same"), ReLU())
    start, shape = draw.end, draw.maps
    join = rng.choice([Add(), Multiply(), Concat()])
    units = rng.choice([shape.channels, rng.randint(2, 30)])
    if isinstance(join, Multiply):  # which takes a list of one number for each channel
        units = shape.channels + rng.randint(1, 20)
    main = draw.branch(start, shape, GlobalAveragePool2D(), Dense(units), Sigmoid())
    draw.graph, node = draw.graph.add(join, draw.name("join"))
    draw.graph = draw.graph.connect(main[0], node.id, 0).connect(start, node.id, 1)
    draw.end = node.id
    draw.put(Dense(4))
    rule = "joins the channels of equally large maps" if isinstance(join, Concat) else "needs equal shapes"
    names = draw.graph.nodes[main[0]].name, draw.graph.nodes[start].name
    return Mistake(
        draw.graph,
        node.name,
        f"{title(draw.graph, node.name)} {rule}: “{names[0]}” {units}, “{names[1]}” {shape.text()}. "
        "They differ in kind (a flat list is not a map).",
    )
