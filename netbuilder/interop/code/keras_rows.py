"""What a layer's lines of Keras are: the layers, one after another, that are called on its inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from netbuilder.layers import Layer, Shape

from .layout import Applied, Call, Expression, Named
from .plan import CodeError

Apply = Callable[[Sequence[str]], Expression]
Sides = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class KerasRow:
    """How a layer is written: expressions one after another, the first of the inputs' variables, each other of what the
    one before gave. `helper` is a function they need, `converted` how its stored weights become those of Keras."""

    applied: tuple[Apply, ...]
    helper: str = ""
    converted: str = ""


def made(kind: str, name: str, *settings: str | Call) -> Apply:
    """layers.Conv2D(6, 5, name="conv1")(x)."""

    def apply(inputs: Sequence[str]) -> Expression:
        return Applied(Call(f"layers.{kind}", (*settings, _named(name))), inputs[0])

    return apply


def merged(kind: str, name: str, *settings: str) -> Apply:
    """layers.Add(name="sum")([a, b])."""

    def apply(inputs: Sequence[str]) -> Expression:
        together = Call("", tuple(inputs), brackets="[]")
        return Applied(Call(f"layers.{kind}", (*settings, _named(name))), together)

    return apply


def function(value: str, name: str) -> Apply:
    """A layer that only computes what an expression of x says."""
    return made("Lambda", name, f"lambda x: {value}")


def _named(name: str) -> Named:
    return Named("name", f'"{name}"')


def sides(pads: Sides) -> str:
    """'((0, 1), (0, 1))', or one number where all are alike."""
    return str(pads[0][0]) if len({*pads[0], *pads[1]}) == 1 else str(pads)


def batch_sides(pads: Sides) -> str:
    """Pads of all four axes."""
    return f"((0, 0), {pads[0]}, {pads[1]}, (0, 0))"


@singledispatch
def keras_row(layer: Layer, name: str, inputs: Sequence[Shape], output: Shape) -> KerasRow:
    """How this layer, with inputs and output of these shapes, is written; its parts are called `name`, and `name_…`."""
    raise CodeError(f"Keras code cannot be written for {type(layer).__name__} yet.")
