"""What a layer is: a frozen bag of settings that can describe itself, run, and be written as an ONNX node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, ClassVar, Literal, Protocol, Self, TypeVar, dataclass_transform

from netbuilder.kernels.scratch import Array, Scratch

from .settings import Setting, Value, declared, setting
from .shapes import ImageShape, Shape, VectorShape
from .workings import ZERO, Working, number

Pullback = Callable[[Array], tuple[tuple[Array | None, ...], dict[str, Array]]]
T = TypeVar("T")
Family = Literal[
    "input", "convolution", "pooling", "dense", "activation", "normalisation", "merge", "reshape", "output"
]


class SettingError(ValueError):
    """A setting has a value its layer cannot take; the sentence names layer type, setting and what would be right."""

    def __init__(self, layer: str, name: str, reason: str):
        super().__init__(f"{layer}: {name.replace('_', ' ')} {reason}.")
        self.layer, self.name, self.reason = layer, name, reason


class Misfit(ValueError):
    """A layer cannot take the shapes it is given.

    `template` is the sentence with `{layer}` for the layer and `{0}`, `{1}`, … for its inputs, which only the graph
    can name. `code` is stable; repairs are found by it.
    """

    def __init__(self, code: str, template: str):
        super().__init__(template)
        self.code, self.template = code, template

    def sentence(self, layer: str, inputs: Sequence[str]) -> str:
        return self.template.format(*inputs, layer=layer)


@dataclass(frozen=True, slots=True)
class Weight:
    """One array a layer owns. `start` is 'scaled' (random, by fan-in and fan-out), 'zeros', 'ones' or a number.

    Statistics that are remembered rather than learned, as BatchNorm's, have `trainable=False`.
    """

    shape: tuple[int, ...]
    start: Literal["scaled", "zeros", "ones"] | float = "zeros"
    fan_in: int = 1
    fan_out: int = 1
    trainable: bool = True

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Window:
    """How outputs along one axis look back: `extent` positions, `stride` apart, starting `begin` before the first.

    Where outputs are more than inputs, these count positions of a map whose own lie `spread` apart.
    """

    extent: int = 1
    stride: int = 1
    begin: int = 0
    spread: int = 1


Reach = tuple[Window, Window] | None
POINTWISE: Reach = (Window(), Window())


@dataclass(frozen=True)
class Facts:
    """All that is known of one layer once its inputs' shapes are: the output's shape, its arrays, its cost, and how
    each number came about.

    `axes` holds a working for every axis of the shape; `parameters` counts trainable numbers, biases included; `macs`
    counts multiply-accumulates for one example, biases and divisions excluded; `reach` tells the vertical and the
    horizontal window each output looks back through, or None where it sees the whole input.
    """

    shape: Shape
    axes: Mapping[str, Working]
    weights: Mapping[str, Weight] = field(default_factory=dict[str, Weight])
    parameters: Working = ZERO
    macs: Working = ZERO
    reach: Reach = POINTWISE

    @property
    def statistics(self) -> int:
        """Remembered numbers that training does not learn."""
        return sum(w.size for w in self.weights.values() if not w.trainable)


def unchanged(shape: Shape, **rest: Any) -> Facts:
    """Facts of a layer whose output has its input's shape."""
    return Facts(shape, {axis: number(axis, size) for axis, size in shape.to_dict().items()}, **rest)


class Pass(Scratch, Protocol):
    """One run of one layer inside a compiled program, which owns every array that outlives the call.

    `training` says whether batch statistics and dropout apply; `needs_input_gradient` is False where nothing before
    this layer learns, so that its pullback may give None for its inputs; `may_overwrite` is True where nobody reads
    the first input again, so that the output may take its place.
    """

    training: bool
    needs_input_gradient: bool
    may_overwrite: bool

    def uniform(self, role: str, shape: tuple[int, ...]) -> Array:
        """Random numbers from 0 to below 1 for some examples, from this layer's own seeded stream: single precision
        always, so that both precisions see the same."""
        ...

    def gather(self, values: T) -> Sequence[T]:
        """What all parts of the batch computed, in order: a large one goes through the network in several at once."""
        ...

    def remember(self, name: str, value: Array) -> None:
        """Propose a new value for one of the layer's untrained arrays; the trainer stores it after the step."""
        ...


@dataclass(frozen=True)
class Layer:
    """Base of every block. Settings only: no arrays, ids, positions or widgets.

    Arrays have a leading batch axis that shapes leave out: images are (N, C, H, W), vectors (N, features).
    """

    family: ClassVar[Family]
    least_inputs: ClassVar[int] = 1
    most_inputs: ClassVar[int | None] = 1
    forgets_output: ClassVar[bool] = False
    """Whether its pullback never looks at its output, which another layer may then take the place of."""
    takes_place: ClassVar[bool] = False
    """Whether its output takes its first input's place where `Pass.may_overwrite` says so."""

    def __post_init__(self) -> None:
        for s in self.settings():
            try:
                object.__setattr__(self, s.name, s.kind(getattr(self, s.name)))
            except ValueError as reason:
                raise SettingError(type(self).__name__, s.name, str(reason)) from None
        self.check()

    def check(self) -> None:
        """Raise SettingError where settings contradict each other."""

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        known = cls.__dict__.get("_settings")
        if known is None:
            known = declared(cls)
            cls._settings = known  # pyright: ignore
        return known

    def values(self) -> dict[str, Value]:
        """Every setting by name, as the form, the file and the summary show it."""
        return {s.name: getattr(self, s.name) for s in self.settings()}

    def using(self, **changes: Any) -> Self:
        """This layer with other settings. Raises SettingError, also for a setting it does not have."""
        known = {s.name for s in self.settings()}
        for name in changes.keys() - known:
            raise SettingError(type(self).__name__, name, "is not one of its settings")
        return replace(self, **changes)

    def caption(self) -> str:
        """The settings that matter, in one short line for the block."""
        return ""

    def infer(self, *inputs: Shape) -> Facts:
        """Shape, weights, cost and workings for these input shapes. Raises Misfit where they do not fit."""
        raise NotImplementedError

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        """The output, and its pullback: the loss gradient by the output -> those by each input and each weight.

        `weights` are this layer's own, by bare name ('weight', 'bias'). The pullback may be called once, before the
        next `forward` of the same program, and may give None for an input nobody learns from. Neither inputs, unless
        `run.may_overwrite`, nor the gradient handed in are ever written; what comes back may be one of them, or a view,
        and holds until then.
        """
        raise NotImplementedError

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """Append this layer's nodes to an ONNX graph under construction and return its output value."""
        raise NotImplementedError


L = TypeVar("L", bound=Layer)


@dataclass_transform(frozen_default=True, field_specifiers=(setting,))
def layer(cls: type[L]) -> type[L]:
    """Class decorator of every block: a frozen dataclass of its settings."""
    return dataclass(frozen=True)(cls)


def image(shape: Shape) -> ImageShape:
    """The shape as a map; raises Misfit where it is a flat list of numbers."""
    if isinstance(shape, ImageShape):
        return shape
    raise Misfit(
        "needs-image",
        "{layer} slides over a map of height × width × channels, but {0} gives a flat list of "
        f"{shape.features:,} numbers.",
    )


def vector(shape: Shape) -> VectorShape:
    """The shape as a flat list; raises Misfit where it is a map."""
    if isinstance(shape, VectorShape):
        return shape
    h, w, c = shape.height, shape.width, shape.channels
    raise Misfit(
        "needs-flatten",
        f"{{layer}} needs a flat list of numbers, but {{0}} gives a {h}×{w}×{c} block. "
        f"Flattened that is {h}·{w}·{c} = {shape.size:,} numbers.",
    )
