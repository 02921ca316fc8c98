"""Layers that lay the same numbers out anew."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, SettingError, layer, unchanged
from .settings import OptionalInteger, setting
from .shapes import ImageShape, Shape, VectorShape
from .workings import number, product

_SIZE = OptionalInteger(low=-1)


@layer
class Flatten(Layer):
    """A map becomes a flat list: channel after channel, each row by row. A list stays as it is."""

    family: ClassVar[Family] = "reshape"

    def caption(self) -> str:
        return "to a flat list"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        if not isinstance(shape, ImageShape):
            return unchanged(shape)
        sizes = product([number(axis, size) for axis, size in shape.to_dict().items()])
        return Facts(VectorShape(shape.size), {"features": sizes})

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (dy.reshape(x.shape),), {}

        return x.reshape(len(x), -1), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Flatten(*inputs, axis=1)


@layer
class Reshape(Layer):
    """The same numbers as a map of height × width × channels, or as a flat list of features, in the order Flatten reads
    them: channel after channel, each row by row. One of the sizes may be −1: what the others leave."""

    family: ClassVar[Family] = "reshape"

    height: int | None = setting(default=None, converter=_SIZE, unit="pixels", help="Rows, or −1 for what is left.")
    width: int | None = setting(default=None, converter=_SIZE, unit="pixels", help="Columns, or −1 for what is left.")
    channels: int | None = setting(default=None, converter=_SIZE, help="Numbers at each place, or −1 for what is left.")
    features: int | None = setting(
        default=None, converter=_SIZE, help="Length of a flat list instead of a map, or −1 for all there is."
    )

    def __post_init__(self) -> None:
        """Where nothing is given a single place has all channels; a map without channels takes what is left."""
        if self.features is None:
            if self.height is self.width is self.channels is None:
                for name in ("height", "width"):
                    object.__setattr__(self, name, 1)
            if self.channels is None:
                object.__setattr__(self, "channels", -1 if -1 not in (self.height, self.width) else 1)
        super().__post_init__()

    def check(self) -> None:
        sizes = {"height": self.height, "width": self.width, "channels": self.channels}
        if self.features is not None and any(size is not None for size in sizes.values()):
            raise SettingError("Reshape", "features", "cannot be combined with height, width or channels")
        for name, size in {**sizes, "features": self.features}.items():
            if size == 0:
                raise SettingError("Reshape", name, "must be at least 1, or −1 for what is left, not 0")
            if size is None and name != "features" and self.features is None:
                raise SettingError("Reshape", name, "is missing")
        if list(sizes.values()).count(-1) > 1:
            raise SettingError("Reshape", "channels", "cannot be −1 where another size is: only one is what is left")

    def using(self, **changes: Any) -> Self:
        """This layer with other settings. A map gives way to features, and features to a map."""
        sides = ("height", "width", "channels")
        if changes.get("features") is not None and not any(changes.get(side) for side in sides):
            changes = dict.fromkeys(sides) | changes
        elif self.features is not None and any(changes.get(side) is not None for side in sides):
            changes = {"features": None, "height": 1, "width": 1} | changes
        return super().using(**changes)

    def caption(self) -> str:
        """'to 7×7×32', '…' for what is left."""
        sizes = [self.features] if self.features is not None else [self.height, self.width, self.channels]
        return f"to {'×'.join('…' if size == -1 else str(size) for size in sizes)}"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        count = product([number(axis, size) for axis, size in shape.to_dict().items()])
        named = {"channels": self.channels, "height": self.height, "width": self.width, "features": self.features}
        sizes = {axis: number(axis, size) for axis, size in named.items() if size is not None}
        given = [size for size in sizes.values() if size.value != -1]
        whole = product(given) if given else number("one", 1)
        left = next((axis for axis, size in sizes.items() if size.value == -1), None)
        if shape.size % whole.result or (left is None and shape.size != whole.result):
            raise _miscounted(shape, [size.result for size in given], whole.result, exact=left is None)
        if left is not None:
            sizes[left] = count / whole if whole.result > 1 else count
        if self.features is not None:
            return Facts(VectorShape(shape.size), sizes)
        out = ImageShape(sizes["channels"].result, sizes["height"].result, sizes["width"].result)
        return Facts(out, sizes, reach=None)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        given = ImageShape(*x.shape[1:]) if x.ndim > 2 else VectorShape(x.shape[1])
        return x.reshape(len(x), *self.infer(given).shape.array), lambda dy: ((dy.reshape(x.shape),), {})

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        (x,) = inputs
        shape = self.infer(x.shape).shape
        return graph.Reshape(x, graph.constant("shape", np.array([0, *shape.array], np.int64)))


def _miscounted(shape: Shape, given: list[int], whole: int, *, exact: bool) -> Misfit:
    """Too many numbers or too few, or so many that nothing whole is left for the size that is −1."""
    product_ = f"{'·'.join(map(str, given))} = {whole:,}" if len(given) > 1 else f"{whole:,}"
    needs = f"exactly {product_}" if exact else f"a multiple of {product_}"
    return Misfit("reshape-count", f"{{layer}} needs {needs} numbers, but {{0}} gives {shape.size:,}.")
