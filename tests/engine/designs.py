"""Small designs that the tests of the engine train and differentiate."""

import numpy as np

from netbuilder.graph import Graph
from netbuilder.layers import (
    GELU,
    Add,
    AveragePool2D,
    BatchNorm,
    Concat,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    Multiply,
    Output,
    ReLU,
    SeparableConv2D,
    Sigmoid,
    SiLU,
    Tanh,
)


def lenet_like() -> Graph:
    """Convolutions and pooling for the 8×8 digits, as LeNet-5 lays them out."""
    return Graph.chain(
        Input(height=8, width=8, channels=1),
        Conv2D(filters=16, kernel_size=3, padding="same"),
        ReLU(),
        MaxPool2D(pool_size=2),
        Conv2D(filters=32, kernel_size=3, padding="same"),
        ReLU(),
        MaxPool2D(pool_size=2),
        Flatten(),
        Dense(units=64),
        ReLU(),
        Dense(units=10),
    )


def with_everything_random() -> Graph:
    """A quick design for the digits whose training draws random numbers and keeps statistics."""
    return Graph.chain(
        Input(height=8, width=8, channels=1),
        Conv2D(filters=4, kernel_size=3, stride=2),
        BatchNorm(),
        ReLU(),
        Flatten(),
        Dropout(rate=0.3),
        Dense(units=10),
    )


def with_several_outputs(*, marked: bool = False, weight: float = 0.3) -> Graph:
    """A quick classifier of the digits with an auxiliary one on its first map, as GoogLeNet has two; where `marked` an
    Output block says that the main one is meant, too."""
    graph = Graph.chain(
        Input(height=8, width=8, channels=1),
        Conv2D(filters=4, kernel_size=3, stride=2),
        BatchNorm(),
        ReLU(),
        Conv2D(filters=6, kernel_size=2),
        ReLU(),
        Flatten(),
        Dropout(rate=0.3),
        Dense(units=10),
    )
    end = graph["relu_1"].id
    for name, layer in (("pool", GlobalAveragePool2D()), ("norm", BatchNorm()), ("guess", Dense(units=10))):
        graph, node = graph.add(layer, name)
        graph, end = graph.connect(end, node.id), node.id
    graph, node = graph.add(Output(weight), "aux")
    graph = graph.connect(end, node.id)
    if marked:
        graph, _ = graph.add(Output(), "scores")
        graph = graph.connect("dense_1", "scores")
    return graph


def random_design(seed: int) -> Graph:
    """A smooth network on 5×5×2 images with branches, merges, a value read many times, statistics and dropout."""
    draw = np.random.default_rng(seed)
    graph, first = Graph().add(Input(height=5, width=5, channels=2))
    ends = [first.id]
    shapes = {first.id: 2}
    for _ in range(int(draw.integers(6, 12))):
        source = int(draw.choice(ends[-4:]))
        alike = [key for key in ends if shapes[key] == shapes[source]]
        other = int(draw.choice(alike))
        layer, channels, inputs = _drawn(draw, shapes[source], shapes, source, other)
        graph, node = graph.add(layer)
        for port, key in enumerate(inputs):
            graph = graph.connect(key, node.id, port)
        ends.append(node.id)
        shapes[node.id] = channels
    return _closed(graph, first.id)


def _drawn(
    draw: np.random.Generator, channels: int, shapes: dict[int, int], source: int, other: int
) -> tuple[Layer, int, tuple[int, ...]]:
    """A layer that keeps the size of its maps, its output's channels, and what it reads."""
    plain: list[tuple[Layer, int]] = [
        (Conv2D(filters=3, kernel_size=3, padding="same"), 3),
        (DepthwiseConv2D(kernel_size=2, padding="same"), channels),
        (SeparableConv2D(filters=2, kernel_size=3, padding="same"), 2),
        (AveragePool2D(pool_size=2, stride=1, padding="same"), channels),
        (BatchNorm(), channels),
        (Dropout(rate=0.4), channels),
        *[(activation(), channels) for activation in (Tanh, Sigmoid, SiLU, GELU)],
    ]
    kind = int(draw.integers(0, 8))
    if kind < 4:
        layer, width = plain[int(draw.integers(0, len(plain)))]
        return layer, width, (source,)
    if kind == 4:
        return Concat(), channels + shapes[other], (source, other)
    if kind == 5:
        return Multiply(), channels, (source, other)
    return Add(), channels, (source, other, source) if kind == 6 else (source, other)


def _closed(graph: Graph, first: int) -> Graph:
    """All loose ends joined and read by one dense layer."""
    loose = [key for key in graph.nodes if not graph.outgoing(key)] or [first]
    joined = loose[0]
    if len(loose) > 1:
        graph, node = graph.add(Concat())
        for port, key in enumerate(loose):
            graph = graph.connect(key, node.id, port)
        joined = node.id
    for layer in (Conv2D(filters=4, kernel_size=2), Tanh(), GlobalAveragePool2D(), Dense(units=3)):
        graph, node = graph.add(layer)
        graph = graph.connect(joined, node.id)
        joined = node.id
    return graph
