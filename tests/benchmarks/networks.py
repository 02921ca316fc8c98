"""The networks that speed is measured on: name -> batch size and design."""

from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    ReLU,
)


def conv(filters: int, size: int, *, same: bool = False) -> list[Layer]:
    """A convolution and its ReLU."""
    return [Conv2D(filters, size, padding="same" if same else "valid"), ReLU()]


def dense(units: int) -> list[Layer]:
    """A dense layer and its ReLU."""
    return [Dense(units), ReLU()]


def separable(filters: int, stride: int = 1) -> list[Layer]:
    """A block of MobileNet: a depthwise and a 1×1 convolution, each with batch norm and ReLU."""
    depthwise = DepthwiseConv2D(3, stride=stride, padding="same", bias=False)
    return [depthwise, BatchNorm(), ReLU(), Conv2D(filters, 1, bias=False), BatchNorm(), ReLU()]


GREY, COLOUR = Input(height=28, width=28, channels=1), Input(height=32, width=32, channels=3)
POOL, FLAT, SCORES = MaxPool2D(2), Flatten(), Dense(10)
WIDE_POOL = MaxPool2D(2, padding="same")

NETWORKS: dict[str, tuple[int, Graph]] = {
    "digits": (
        32,
        Graph.chain(
            Input(height=8, width=8, channels=1), *conv(16, 3, same=True), POOL, *conv(32, 3, same=True), FLAT, SCORES
        ),
    ),
    "mlp": (64, Graph.chain(GREY, FLAT, *dense(256), *dense(128), SCORES)),
    "lenet": (
        64,
        Graph.chain(GREY, *conv(6, 5, same=True), POOL, *conv(16, 5), POOL, FLAT, *dense(120), *dense(84), SCORES),
    ),
    "mnist-cnn": (
        64,
        Graph.chain(GREY, *conv(32, 3, same=True), POOL, *conv(64, 3, same=True), POOL, FLAT, *dense(128), SCORES),
    ),
    "classic": (
        64,
        Graph.chain(COLOUR, *conv(32, 5), *conv(32, 5), POOL, ReLU(), *conv(64, 3), POOL, FLAT, SCORES),
    ),
    "exercise": (
        32,
        Graph.chain(
            Input(height=25, width=64, channels=1),
            *conv(100, 7, same=True),
            WIDE_POOL,
            *conv(150, 5, same=True),
            WIDE_POOL,
            FLAT,
            SCORES,
        ),
    ),
    "resnet20": (32, example("resnet-20")),
}
"""The set that is to be as fast as PyTorch."""

OTHERS: dict[str, tuple[int, Graph]] = {
    "mobile": (
        32,
        Graph.chain(
            COLOUR,
            Conv2D(32, 3, padding="same", bias=False),
            BatchNorm(),
            ReLU(),
            *separable(64),
            *separable(128, 2),
            *separable(128),
            *separable(256, 2),
            GlobalAveragePool2D(),
            SCORES,
        ),
    ),
    "strided": (
        64,
        Graph.chain(
            COLOUR,
            Conv2D(32, 3, stride=2, padding="same"),
            ReLU(),
            Conv2D(64, 3, stride=2, padding="same"),
            ReLU(),
            Conv2D(128, 3, stride=2, padding="same"),
            ReLU(),
            FLAT,
            SCORES,
        ),
    ),
}
"""What else shall not fall off a cliff."""
