"""A layer class -> the marks of its small drawing, on a square of 20 by 20, in strengths of its family's colour."""

from collections.abc import Callable, Iterator
from itertools import product
from math import exp, log, tanh
from typing import NamedTuple

from netbuilder.graph import Point
from netbuilder.layers import Layer

SIDE, CORNER = 20.0, 5.0


class Cell(NamedTuple):
    """A rounded rectangle: filled, or outlined where `pen`, the width of its line, is not 0."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 1.0
    strength: float = 1.0
    pen: float = 0.0


class Stroke(NamedTuple):
    """A line through points, with round ends."""

    points: tuple[Point, ...]
    pen: float = 1.6
    strength: float = 1.0


Marks = tuple[Cell | Stroke, ...]


def marks(layer_class: type[Layer]) -> Marks:
    """What is drawn, in order, on the soft square."""
    return _MEMBERS.get(layer_class.__name__) or _FAMILIES[layer_class.family]


def _cells(strengths: str, step: float, side: float) -> Marks:
    """A square grid of cells; each strength is a tenth of full colour (0: all of it), a space leaves a cell out."""
    count = round(len(strengths) ** 0.5)
    start = (SIDE - (count - 1) * step - side) / 2
    return tuple(
        Cell(start + index % count * step, start + index // count * step, side, side, 1, (int(strength) or 10) / 10)
        for index, strength in enumerate(strengths)
        if strength != " "
    )


def _grid(strengths: str) -> Marks:
    return _cells(strengths, 4.5, 3.6)


def _spread() -> Marks:
    """Nine cells around the one they come from."""
    return _cells("343434343", 4.6, 3.2)


def _pooled(strengths: str) -> Marks:
    return _cells(strengths, 6.4, 5.6)


def _global(strengths: str) -> Marks:
    """Pooled cells inside the frame of the whole map."""
    return (*_cells(strengths, 4.4, 3.8), Cell(3.6, 3.6, 12.8, 12.8, 2.4, pen=1.1))


def _bars(heights: tuple[float, ...], tallest: int, x: float, step: float, width: float, bottom: float) -> Marks:
    """Bars side by side, the tallest in full colour."""
    return tuple(
        Cell(x + index * step, bottom - height, width, height, 0.8, 1.0 if index == tallest else 0.5)
        for index, height in enumerate(heights)
    )


def _dot(x: float, y: float, radius: float, strength: float = 1.0) -> Cell:
    return Cell(x - radius, y - radius, 2 * radius, 2 * radius, radius, strength)


def _curve(function: Callable[[float], float]) -> Marks:
    """A function over −3…3, its values 0…1 from bottom to top."""
    return (Stroke(tuple((4 + 12 * i / 24, 15 - 10 * function(i / 4 - 3)) for i in range(25))),)


def _bell() -> Iterator[Point]:
    """Two cubic Bézier curves that meet at the top."""
    halves = ((4, 15), (8.2, 15), (7.6, 5), (10, 5)), ((10, 5), (12.4, 5), (11.8, 15), (16, 15))
    for half, step in product(halves, range(13)):
        t = step / 12
        parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        yield (
            sum(p * x for p, (x, _) in zip(parts, half, strict=True)),
            sum(p * y for p, (_, y) in zip(parts, half, strict=True)),
        )


def _dense() -> Marks:
    left, right = [(5.0, y) for y in (5.0, 10.0, 15.0)], [(15.0, y) for y in (5.0, 10.0, 15.0)]
    lines = tuple(Stroke((a, b), 0.8, 0.55) for a, b in product(left, right))
    return (*lines, *(_dot(x, y, 1.7) for x, y in (*left, *right)))


_FAMILIES: dict[str, Marks] = {
    "input": (
        Cell(3.7, 4.7, 12.6, 10.6, 2, pen=1.4),
        Stroke(((5.5, 13), (8.5, 9.5), (10.8, 12), (12.4, 10.6), (14.5, 13)), 1.4),
    ),
    "convolution": _grid("040404040"),
    "pooling": _pooled("5055"),
    "activation": (Stroke(((4, 14.5), (10, 14.5), (16, 5.5))),),
    "normalisation": (Stroke(tuple(_bell())),),
    "dense": _dense(),
    "merge": (Stroke(((4.8, 10), (15.2, 10)), 1.8), Stroke(((10, 4.8), (10, 15.2)), 1.8)),
    "output": (
        Cell(3.7, 4.7, 6.6, 10.6, 2, pen=1.4),
        Stroke(((7, 10), (16, 10)), 1.4),
        Stroke(((13, 7), (16, 10), (13, 13)), 1.4),
    ),
    "reshape": tuple(Cell(3.8 + i * 2.6, 6.6, 1.9, 6.8, 0.6, 0.35 + 0.16 * i) for i in range(5)),
}
_MEMBERS: dict[str, Marks] = {
    "DepthwiseConv2D": _grid("033303330"),
    "SeparableConv2D": (*_grid("03 30 03 "), Cell(12.7, 3.7, 3.6, 12.6)),
    "ConvTranspose2D": (*_spread(), Cell(7.6, 7.6, 4.8, 4.8)),
    "AveragePool2D": _pooled("7777"),
    "GlobalAveragePool2D": _global("7777"),
    "GlobalMaxPool2D": _global("5055"),
    "LeakyReLU": (Stroke(((4, 15.5), (10, 13), (16, 5))),),
    "PReLU": (Stroke(((4, 15.5), (10, 13)), 1.6, 0.5), Stroke(((10, 13), (16, 5)))),
    "ReLU6": (Stroke(((4, 14.5), (8.4, 14.5), (12.4, 6), (16, 6))),),
    "HardTanh": (Stroke(((4, 15), (7.4, 15), (12.6, 5), (16, 5))),),
    "HardSigmoid": (Stroke(((4, 14.5), (6.4, 14.5), (13.6, 5.5), (16, 5.5))),),
    "HardSwish": _curve(lambda x: 0.2 + x * min(max(x + 1.6, 0), 3.2) / 11.5),
    "Softplus": _curve(lambda x: log(1 + exp(1.5 * x)) / 4.6),
    "Mish": _curve(lambda x: 0.2 + x * tanh(log(1 + exp(x))) / 3.8),
    "ELU": _curve(lambda x: (0.25 + x / 4) if x > 0 else 0.25 * exp(1.5 * x)),
    "GELU": _curve(lambda x: 0.2 + x / (1 + exp(-1.702 * x)) / 3.75),
    "SiLU": _curve(lambda x: 0.2 + x / (1 + exp(-x)) / 3.6),
    "Sigmoid": _curve(lambda x: 1 / (1 + exp(-2 * x))),
    "Tanh": _curve(lambda x: (1 + tanh(1.6 * x)) / 2),
    "Softmax": _bars((3.5, 11.5, 6, 2), 1, 3.9, 3.2, 2.4, 15.7),
    "LogSoftmax": _bars((8, 11.5, 9.6, 6), 1, 3.9, 3.2, 2.4, 15.7),
    "LayerNorm": (
        Stroke(tuple(_bell())),
        Stroke(((4, 17), (16, 17)), 1.2, 0.5),
    ),
    "Rescaling": (Stroke(((4, 15), (16, 5))), Stroke(((4, 12.5), (16, 7.5)), 1.4, 0.5)),
    "Dropout": tuple(
        _dot(5.4 + i % 3 * 4.6, 5.4 + i // 3 * 4.6, 1.6, 0.25 if i in (1, 5, 6) else 1.0) for i in range(9)
    ),
    "LocalResponseNorm": _bars((4, 8, 12, 8, 4), 2, 3.6, 2.7, 2, 16),
    "Multiply": (Stroke(((6, 6), (14, 14)), 1.8), Stroke(((14, 6), (6, 14)), 1.8)),
    "Reshape": (
        *(Cell(4.2 + i % 2 * 3.2, 5.4 + i // 2 * 3.2, 2.4, 2.4, 0.6, 0.45) for i in range(6) if i // 2 < 3),
        *(Cell(12.4, 4.2 + i * 2.4, 3.4, 1.7, 0.6) for i in range(5)),
    ),
    "Upsample2D": (Cell(4, 11.2, 4.8, 4.8, 1), Cell(4, 4, 12, 12, 2, 0.35), Stroke(((9.6, 10.4), (13.2, 6.8)), 1.4)),
    "ZeroPad2D": (Cell(6.8, 6.8, 6.4, 6.4, 1.2), Cell(3.8, 3.8, 12.4, 12.4, 2.2, 0.6, pen=1.2)),
    "ChannelShuffle": (
        Stroke(((4.2, 6), (7, 6), (13, 14), (15.8, 14)), 1.6),
        Stroke(((4.2, 14), (7, 14), (13, 6), (15.8, 6)), 1.6, 0.55),
    ),
    "SelectChannels": tuple(Cell(3.8 + i * 2.6, 5.6, 1.9, 8.8, 0.6, 1.0 if i in (1, 2) else 0.3) for i in range(5)),
    "Concat": (Cell(4, 4.5, 5.4, 11, 1.4, 0.45), Cell(10.6, 4.5, 5.4, 11, 1.4)),
}
