"""Layers that make maps larger without learning: pixels repeated or blended, and zeros around them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast

import numpy as np

from netbuilder.kernels.resampling import gathered, repeated, stretched, summed
from netbuilder.kernels.scratch import batch_first

from .base import Array, Facts, Family, Layer, Pass, Pullback, Window, image, layer
from .captions import either, joined
from .settings import Choice, PaddingRule, Pair, PairOf, setting
from .shapes import ImageShape, Shape
from .workings import number

Sides = tuple[int, int, int, int]
_SIDES = cast("Callable[[int | Sequence[int]], Sides]", PaddingRule(rules=()))


@layer
class Upsample2D(Layer):
    """Makes a map `factor` times as high and wide: each pixel becomes a block of equal ones (nearest), or pixels are
    blended along straight lines between their centres (bilinear; half-pixel centres, corners not aligned)."""

    family: ClassVar[Family] = "reshape"

    factor: Pair = setting(
        default=2, converter=PairOf(high=1000), help="How many times as high and as wide the map becomes."
    )
    method: str = setting(
        default="nearest", converter=Choice(("nearest", "bilinear")), help="Equal pixels, or straight lines between."
    )

    def caption(self) -> str:
        return joined(f"× {either(self.factor)}", self.method)

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        height = number("height", shape.height) * number("factor", self.factor[0])
        width = number("width", shape.width) * number("factor", self.factor[1])
        axes = {"channels": number("channels", shape.channels), "height": height, "width": width}
        window = _block if self.method == "nearest" else _between
        reach = window(self.factor[0]), window(self.factor[1])
        return Facts(ImageShape(shape.channels, height.result, width.result), axes, reach=reach)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        if self.method == "nearest":
            return repeated(run, x, self.factor), lambda dy: ((summed(run, dy, self.factor),), {})
        return stretched(run, x, self.factor), lambda dy: ((gathered(run, dy, self.factor),), {})

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        nearest = self.method == "nearest"
        scales = graph.constant("scales", np.array([1, 1, *self.factor], np.float32))
        how: dict[str, Any] = {"mode": "nearest", "nearest_mode": "floor"} if nearest else {"mode": "linear"}
        centres = "asymmetric" if nearest else "half_pixel"
        return graph.Resize(*inputs, None, scales, coordinate_transformation_mode=centres, **how)


@layer
class ZeroPad2D(Layer):
    """Surrounds a map with zeros: so many rows above and below, so many columns left and right."""

    family: ClassVar[Family] = "reshape"

    padding: Sides = setting(
        default=1, converter=_SIDES, unit="pixels", help="Zeros added above, below, left and right of the map."
    )

    def caption(self) -> str:
        top, bottom, left, right = self.padding
        if len(set(self.padding)) == 1:
            return f"{top} all around"
        return f"{top}+{bottom} rows · {left}+{right} columns"

    def infer(self, *inputs: Shape) -> Facts:
        shape = image(inputs[0])
        top, bottom, left, right = self.padding
        height = number("height", shape.height) + number("above", top) + number("below", bottom)
        width = number("width", shape.width) + number("left", left) + number("right", right)
        axes = {"channels": number("channels", shape.channels), "height": height, "width": width}
        reach = Window(begin=top), Window(begin=left)
        return Facts(ImageShape(shape.channels, height.result, width.result), axes, reach=reach)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        n, c, h, w = x.shape
        top, bottom, left, right = self.padding
        rows, columns = slice(top, top + h), slice(left, left + w)
        y = batch_first(run.array("y", (c, top + h + bottom, left + w + right, n), x.dtype))
        y[...] = 0
        y[:, :, rows, columns] = x
        return y, lambda dy: ((dy[:, :, rows, columns],), {})

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        top, bottom, left, right = self.padding
        return graph.Pad(*inputs, graph.constant("pads", np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)))


def _block(factor: int) -> Window:
    """Output o shows pixel ⌊o / factor⌋."""
    return Window(factor, 1, factor - 1, factor)


def _between(factor: int) -> Window:
    """Output o lies at (o + ½) / factor − ½ and shows the pixels less than one away."""
    return Window(2 * factor - factor % 2, 1, (3 * factor - 2) // 2, factor)
