"""Layers where branches meet: several inputs, one output."""

from collections.abc import Mapping
from functools import reduce
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import batch_first, batch_last, like

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, layer, unchanged
from .shapes import ImageShape, Shape, VectorShape
from .workings import number, total


class Merge(Layer):
    """What all merges share: at least two inputs, as many as are wired."""

    family: ClassVar[Family] = "merge"
    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = None


class Elementwise(Merge):
    """Merges that take equal shapes and keep them."""

    def infer(self, *inputs: Shape) -> Facts:
        _agree("needs equal shapes", inputs, channels=True)
        return unchanged(inputs[0])


@layer
class Add(Elementwise):
    """The sum of its inputs, element by element: where a skip connection returns."""

    forgets_output: ClassVar[bool] = True
    takes_place: ClassVar[bool] = True

    def caption(self) -> str:
        return "a + b"

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        first, second, *rest = inputs
        y = np.add(first, second, out=first if run.may_overwrite else like(run.array, "y", first))
        for x in rest:
            y += x
        return y, lambda dy: ((dy,) * len(inputs), {})

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return reduce(graph.Add, inputs)


@layer
class Multiply(Elementwise):
    """The product of its inputs, element by element: one branch gates another.

    Beside a map, a list with a number for each channel, or a map of a single place, stands for a map that shows these
    numbers everywhere: squeeze and excitation (Hu et al. 2018, arXiv 1709.01507).
    """

    def caption(self) -> str:
        return "a · b"

    def infer(self, *inputs: Shape) -> Facts:
        whole = max(inputs, key=lambda shape: (isinstance(shape, ImageShape), shape.size))
        if not any(_gates(shape, whole) for shape in inputs):
            return super().infer(*inputs)
        if not all(shape == whole or _gates(shape, whole) for shape in inputs):
            _agree("needs equal shapes, or a list of one number for each channel", inputs, channels=True)
        return unchanged(whole, reach=None)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        axes = max(x.ndim for x in inputs)
        maps = [x if x.ndim == axes else x[:, :, None, None] for x in inputs]
        whole = max(maps, key=lambda x: x.size)
        y = like(run.array, "y", whole)
        np.multiply(maps[0], maps[1], out=y)
        for x in maps[2:]:
            y *= x

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return tuple(others(dy, i) for i in range(len(inputs))), {}

        def others(dy: Array, i: int) -> Array:
            """dy times every input but the i-th; what stood for a whole map has the sum over its places."""
            small = maps[i].size < y.size
            full = like(run.temporary, "full", y) if small else like(run.gradient, f"dx{i}", y)
            np.copyto(full, dy)
            for j, x in enumerate(maps):
                if j != i:
                    full *= x
            if not small:
                return full
            dx = like(run.gradient, f"dx{i}", maps[i])
            np.sum(full, (2, 3), keepdims=True, out=dx)
            return dx.reshape(inputs[i].shape)

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """A list that stands for a map is laid along the channels' axis; ONNX would take the last one."""
        if any(isinstance(x.shape, ImageShape) for x in inputs):
            ones = graph.constant("places", np.array([2, 3], np.int64))
            inputs = tuple(graph.Unsqueeze(x, ones) if isinstance(x.shape, VectorShape) else x for x in inputs)
        return reduce(graph.Mul, inputs)


@layer
class Concat(Merge):
    """Its inputs side by side: the channels of equally large maps, or the features of flat lists, in port order."""

    def caption(self) -> str:
        return "side by side"

    def infer(self, *inputs: Shape) -> Facts:
        _agree("joins the channels of equally large maps", inputs, channels=False)
        first = inputs[0]
        if isinstance(first, VectorShape):
            sizes = [number(f"features {i}", shape.size) for i, shape in enumerate(inputs, 1)]
            return Facts(VectorShape(total(sizes).result), {"features": total(sizes)})
        maps = [shape for shape in inputs if isinstance(shape, ImageShape)]
        channels = total(number(f"channels {i}", shape.channels) for i, shape in enumerate(maps, 1))
        height, width = number("height", first.height), number("width", first.width)
        return Facts(
            ImageShape(channels.result, first.height, first.width),
            {"channels": channels, "height": height, "width": width},
        )

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        ends = list(accumulate(x.shape[1] for x in inputs))
        first = inputs[0]
        y = run.array("y", (ends[-1], *first.shape[2:], len(first)), first.dtype)
        np.concatenate([batch_last(x) for x in inputs], out=y)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return tuple(dy[:, end - x.shape[1] : end] for x, end in zip(inputs, ends, strict=True)), {}

        return batch_first(y), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Concat(*inputs, axis=1)


def _gates(shape: Shape, whole: Shape) -> bool:
    """Whether a shape has one place where the other is a map of as many channels."""
    if not isinstance(whole, ImageShape) or shape == whole:
        return False
    if isinstance(shape, VectorShape):
        return shape.features == whole.channels
    return (shape.height, shape.width) == (1, 1) and shape.channels == whole.channels


def _agree(rule: str, inputs: tuple[Shape, ...], *, channels: bool) -> None:
    """Raise Misfit, with every difference, unless the shapes agree (their channels only where asked)."""
    maps = [shape for shape in inputs if isinstance(shape, ImageShape)]
    differences: list[str] = []
    if 0 < len(maps) < len(inputs):
        differences.append("kind (a flat list is not a map)")
    elif maps:
        square = all(shape.height == shape.width for shape in maps)
        sizes = [str(shape.height) if square else f"{shape.height}×{shape.width}" for shape in maps]
        differences += _difference("size", sizes)
        differences += _difference("channels", [str(shape.channels) for shape in maps]) if channels else []
    elif channels:
        differences += _difference("length", [shape.text() for shape in inputs])
    if differences:
        shapes = ", ".join(f"{{{i}}} {shape.text()}" for i, shape in enumerate(inputs))
        raise Misfit("merge-shapes", f"{{layer}} {rule}: {shapes}. They differ in {' and '.join(differences)}.")


def _difference(name: str, values: list[str]) -> list[str]:
    """['size (14≠28)'], each value once, or nothing where all are alike."""
    distinct = list(dict.fromkeys(values))
    return [f"{name} ({'≠'.join(distinct)})"] if len(distinct) > 1 else []
