"""From a seed to wires or names that cannot be right, and the sentence for it."""

import random

from netbuilder.graph import Graph
from netbuilder.layers import (
    Add,
    Concat,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    Multiply,
    Output,
    ReLU,
    SeparableConv2D,
    VectorShape,
)
from tests.mistakes.sketch import Mistake, sketch, title


def not_connected(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    draw.follow(Flatten(), Dense(10))
    if rng.random() < 0.2:
        name = draw.put(rng.choice([Add(), Multiply(), Concat()]), Dense(3))
        return Mistake(draw.graph, name, f"{title(draw.graph, name)} needs 2 inputs, but it has 1.")
    layer = rng.choice([ReLU(), Dropout(0.2), Add(), Concat(), Dense(5), Conv2D(4)])
    draw.graph, node = draw.graph.add(layer, draw.name("stray"))
    if rng.random() < 0.3:
        draw.graph, after = draw.graph.add(ReLU(), draw.name("after"))
        draw.graph = draw.graph.connect(node.id, after.id)
    least = "2 inputs" if isinstance(layer, (Add, Concat)) else "1 input"
    return Mistake(
        draw.graph,
        node.name,
        f"{title(draw.graph, node.name)} needs {least}, but nothing is connected to it.",
    )


def no_input(rng: random.Random) -> Mistake:
    layers = [Conv2D(rng.randint(1, 9), 3), ReLU()] * rng.randint(0, 3)
    graph = Graph.chain(*layers, Flatten(), Dense(rng.randint(2, 30)))
    return Mistake(graph, None, "The design has no Input, where data enters.")


def several_inputs(rng: random.Random) -> Mistake:
    draw = sketch(rng)
    entry, shape = draw.end, draw.maps
    draw.some_blocks()
    draw.follow(Flatten(), Dense(30), ReLU(), Dense(20), ReLU(), Dense(10), ReLU())
    draw.graph, second = draw.graph.add(draw.graph.nodes[entry].layer, draw.name("again"))
    match rng.randrange(3):
        case 0:
            draw.follow(Dense(10))
        case 1:
            other = draw.branch(second.id, shape, Conv2D(3, 3, padding="same"), ReLU(), Flatten(), Dense(10))
            draw.merge(rng.choice([Add(), Concat()]), (draw.end, draw.shape), other)
        case _:
            other = draw.branch(second.id, shape, Flatten())
            draw.merge(Concat(), (draw.end, draw.shape), other)
    return Mistake(draw.graph, second.name, f"Input “{second.name}” is a second input; a network here has one.")


def several_outputs(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    start, shape = draw.end, draw.shape
    draw.follow(Flatten(), Dense(20), ReLU(), Dense(10))
    side = rng.choice([(Flatten(),), (GlobalAveragePool2D(),), (Flatten(), Dense(3)), (GlobalMaxPool2D(), Dense(10))])
    end, _ = draw.branch(start, shape, *side)
    name = draw.graph.nodes[end].name
    return Mistake(
        draw.graph,
        name,
        f"The network has 2 ends, “{draw.last}” and “{name}”; connect or remove all but one, "
        "or put an Output behind each that is meant.",
    )


def output_inside(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    name = draw.put(Output(rng.choice([0.3, 1])))
    after = draw.put(rng.choice([Flatten(), GlobalAveragePool2D()]), Dense(20), ReLU(), Dense(10))
    sentence = f"Output “{name}” says that the network ends here, but “{after}” follows it."
    if rng.random() < 0.3:
        source = draw.graph[name].id
        draw.graph, second = draw.graph.add(rng.choice([Flatten(), GlobalMaxPool2D()]), draw.name("too"))
        draw.graph = draw.graph.connect(source, second.id)
        draw.branch(second.id, VectorShape(9), Output())
        sentence = sentence.replace(f"“{after}” follows", f"“{after}” and “{second.name}” follow")
    return Mistake(draw.graph, name, sentence)


def names_collide(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    draw.follow(SeparableConv2D(rng.randint(1, 9), 1), ReLU())
    first = draw.graph.inputs(draw.end)[0]
    draw.follow(*draw._perhaps(Conv2D(8, 1)))
    if not isinstance(draw.graph.nodes[draw.end].layer, ReLU):
        draw.follow(ReLU())
    part = rng.choice(["depthwise", "pointwise"])
    draw.follow(Conv2D(rng.randint(1, 9), 1), ReLU())
    second = draw.graph.inputs(draw.end)[0]
    name = draw.graph.nodes[first].name
    draw.graph = draw.graph.rename(second, f"{name}.{part}")
    draw.follow(GlobalAveragePool2D(), Dense(10))
    return Mistake(
        draw.graph,
        f"{name}.{part}",
        f"“{name}.{part}” and “{name}” would both have weights named “{name}.{part}.weight”; rename one of them.",
    )
