"""What a layer's lines of PyTorch are: the module it is made as, and the expression that applies it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from netbuilder.layers import ImageShape, Layer, Shape

from .layout import Call, Expression, Named
from .plan import CodeError

Use = Callable[[str, Sequence[str]], Expression]
Pads = tuple[int, int, int, int]


@dataclass(frozen=True)
class Row:
    """How a layer is written. `module` makes what it keeps, None where an expression says all; `use` gives the
    expression for what calls the module and the inputs' variables. `helper` is a class the module needs."""

    module: Expression | None
    use: Use
    helper: str = ""


def called(module: str, inputs: Sequence[str]) -> Expression:
    """self.conv1(x)."""
    return Call(module, tuple(inputs))


def image(shape: Shape) -> ImageShape:
    """The shape of a map, which these layers only ever take in a valid design."""
    assert isinstance(shape, ImageShape)
    return shape


def pair(values: tuple[int, int]) -> str:
    """'3' where both are alike, else '(3, 5)'."""
    return str(values[0]) if values[0] == values[1] else f"({values[0]}, {values[1]})"


def padding_first(pads: Pads, value: str = "") -> Use:
    """The module on its input with pads around (top, bottom, left, right), which may also cut off."""

    def use(module: str, inputs: Sequence[str]) -> Expression:
        return Call(module, (padded(inputs[0], pads, value),))

    return use


def padded(x: Expression, pads: Pads, value: str = "") -> Call:
    """F.pad(x, (left, right, top, bottom)), PyTorch's order: the last axis first."""
    top, bottom, left, right = pads
    around = Call("", (str(left), str(right), str(top), str(bottom)))
    return Call("F.pad", (x, around, *([Named("value", value)] if value else ())))


def plain(name: str, *arguments: str) -> Row:
    """A module of torch.nn that is applied as it is."""
    return Row(Call(f"nn.{name}", arguments), called)


@singledispatch
def row(layer: Layer, inputs: Sequence[Shape], output: Shape) -> Row:
    """How this layer, with inputs and output of these shapes, is written."""
    raise CodeError(f"PyTorch code cannot be written for {type(layer).__name__} yet.")
