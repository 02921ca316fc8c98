"""Mistakes that are easily made, each planted in the product for a while: checks that notice none are no checks."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from netbuilder.engine.buffers import StepBuffers
from netbuilder.engine.lanes import Lane
from netbuilder.kernels import normalisation as sums
from netbuilder.kernels import pooling
from netbuilder.kernels.scratch import Array
from netbuilder.kernels.windows import Geometry, taps
from netbuilder.layers import (
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    convolution,
    normalisation,
    sliding,
)
from netbuilder.layers import pooling as pool
from netbuilder.layers.base import Pass, Pullback

Plant = Callable[[], AbstractContextManager[Any]]


NETWORKS, LAYERS, ONNX, LOOPS, LAWS = "networks", "layers", "onnxruntime", "plain loops", "laws"
"""What can notice a bug: differences of whole networks or of one layer, other implementations, and tests of what a
layer is meant to be, which none of its own numbers tell."""


@dataclass(frozen=True)
class Bug:
    """A mistake: how to plant it, what must notice it, and the layers it is in; none where it is in how the engine puts
    layers together."""

    title: str
    plant: Plant
    noticed_by: tuple[str, ...]
    layers: tuple[type[Layer], ...] = ()

    @contextmanager
    def planted(self) -> Generator[None]:
        """Within this, the product has the bug; what was remembered of it before and after is forgotten."""
        _forget()
        try:
            with self.plant():
                yield
        finally:
            _forget()


def _forget() -> None:
    for module in (convolution, pool):
        module._geometry.cache_clear()


def _put(place: Any, name: str, wrong: object) -> Plant:
    return lambda: patch.object(place, name, wrong)


def _forward(cls: type[Layer], changed: Callable[..., tuple[Array, Pullback]]) -> Plant:
    """A layer whose `forward` is another one, which is given the right one first."""
    right = cls.forward
    return lambda: patch.object(
        cls, "forward", lambda layer, run, weights, *inputs: changed(right, layer, run, weights, *inputs)
    )


def _gradients(cls: type[Layer], changed: Callable[[dict[str, Array], int], dict[str, Array]]) -> Plant:
    """A layer whose gradients by its weights are others; `changed` is given the right ones and the batch's size."""

    def forward(
        right: Callable[..., Any], layer: Layer, run: Pass, weights: Mapping[str, Array], *inputs: Array
    ) -> tuple[Array, Pullback]:
        y, pullback = right(layer, run, weights, *inputs)

        def back(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            into_inputs, learned = pullback(dy)
            return into_inputs, changed(learned, len(dy))

        return y, back

    return _forward(cls, forward)


def _flipped(
    right: Callable[..., Any], layer: Layer, run: Pass, weights: Mapping[str, Array], *inputs: Array
) -> tuple[Array, Pullback]:
    """A true convolution, whose gradients are right, where everybody computes a correlation."""
    y, pullback = right(layer, run, {**weights, "weight": weights["weight"][:, :, ::-1, ::-1]}, *inputs)

    def back(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
        into_inputs, learned = pullback(dy)
        return into_inputs, {**learned, "weight": learned["weight"][:, :, ::-1, ::-1]}

    return y, back


def _largest_assigned(run: Any, geometry: Geometry, maps: Array, y: Array, dy: Array) -> Array:
    dx = np.zeros(maps.shape, dy.dtype)
    for tap in taps(geometry, maps.shape[1:3]):
        read, written = (slice(None), *tap.read), (slice(None), *tap.written)
        dx[read] = np.where(maps[read] == y[written], dy[written], dx[read])
    return dx


def _mean_assigned(run: Any, geometry: Geometry, dy: Array, counts: Array, shape: tuple[int, ...]) -> Array:
    dx = np.zeros(shape, dy.dtype)
    for tap in taps(geometry, shape[1:3]):
        dx[:, *tap.read] = (dy / counts)[:, *tap.written]
    return dx


def _no_mean(dx: Array, dy: Array, by_shift: Array, by_scale: Array, scale: Array) -> None:
    sums.batch_gradient(dx, dy, np.zeros_like(by_shift), by_scale, scale)


def _no_variance(dx: Array, dy: Array, by_shift: Array, by_scale: Array, scale: Array) -> None:
    sums.batch_gradient(dx, dy, by_shift, np.zeros_like(by_scale), scale)


def _unscaled_gradient(
    right: Callable[..., Any], layer: Any, run: Pass, weights: Mapping[str, Array], *inputs: Array
) -> tuple[Array, Pullback]:
    y, pullback = right(layer, run, weights, *inputs)
    return y, lambda dy: pullback(dy * (1 - layer.rate) if run.training else dy)


def _unscaled(
    right: Callable[..., Any], layer: Any, run: Pass, weights: Mapping[str, Array], *inputs: Array
) -> tuple[Array, Pullback]:
    """Neither way: its gradient is right, but what it gives has another mean than in evaluation."""
    y, pullback = right(layer, run, weights, *inputs)
    share = (1 - layer.rate) if run.training else 1
    return y * share, lambda dy: pullback(dy * share)


def _odd_pixel_first(size: int, extent: int, stride: int, padding: str | tuple[int, int]) -> tuple[int, int]:
    begin, end = _pads(size, extent, stride, padding)
    return (end, begin) if padding == "same" else (begin, end)


_pads, _neighbours, _counts = sliding._pads, sums.neighbour_sums, pooling.counts


def _all_counted(geometry: Geometry, shape: tuple[int, ...], *, padding: bool) -> Array:
    return _counts(geometry, shape, padding=True)


def _too_few(allocate: Any, role: str, x: Array, before: int, after: int) -> Array:
    return _neighbours(allocate, role, x, before, max(after - 1, 0))


def _forgetful(self: Lane, into: dict[Any, Array], summed: set[int], source: int, dx: Array) -> None:
    into[source] = dx


def _careless(self: Lane, into: dict[Any, Array], summed: set[int], source: int, dx: Array) -> None:
    if source in into:
        into[source] += dx
    else:
        into[source] = dx


def _anew(self: StepBuffers, role: str, shape: tuple[int, ...]) -> Array:
    return np.random.default_rng().random(shape)


def _averaged(learned: dict[str, Array], batch: int) -> dict[str, Array]:
    return {name: g / batch if name == "bias" else g for name, g in learned.items()}


def _forgotten(learned: dict[str, Array], batch: int) -> dict[str, Array]:
    return {name: 0 * g if name == "bias" else g for name, g in learned.items()}


def _turned(learned: dict[str, Array], batch: int) -> dict[str, Array]:
    weight = learned["weight"]
    return {**learned, "weight": weight.swapaxes(2, 3).reshape(weight.shape)}


BUGS: Sequence[Bug] = (
    Bug("a convolution flips its kernel", _forward(Conv2D, _flipped), (ONNX, LOOPS), (Conv2D,)),
    Bug("a kernel's gradient mixes rows and columns", _gradients(Conv2D, _turned), (NETWORKS, LAYERS), (Conv2D,)),
    Bug("output sizes are rounded up", _put(sliding, "floor", sliding.ceil), (ONNX, LOOPS, LAWS), (Conv2D, MaxPool2D)),
    Bug("“same” pads the wrong side", _put(sliding, "_pads", _odd_pixel_first), (LAWS,), (Conv2D,)),
    Bug("Dense averages its bias gradient", _gradients(Dense, _averaged), (NETWORKS, LAYERS), (Dense,)),
    Bug("Conv2D averages its bias gradient", _gradients(Conv2D, _averaged), (NETWORKS, LAYERS), (Conv2D,)),
    Bug("Dense forgets its bias gradient", _gradients(Dense, _forgotten), (NETWORKS, LAYERS), (Dense,)),
    Bug("overlapping means assign", _put(pooling, "to_mean", _mean_assigned), (NETWORKS, LAYERS), (AveragePool2D,)),
    Bug("overlapping maxima assign", _put(pooling, "to_largest", _largest_assigned), (LAYERS,), (MaxPool2D,)),
    Bug("padding wins a maximum", _put(pooling, "NOTHING", 0.0), (ONNX,), (MaxPool2D,)),
    Bug("padding counts in every mean", _put(pooling, "counts", _all_counted), (ONNX,), (AveragePool2D,)),
    Bug("BatchNorm without the mean term", _put(normalisation, "batch_gradient", _no_mean), (LAYERS,), (BatchNorm,)),
    Bug(
        "BatchNorm without the variance term",
        _put(normalisation, "batch_gradient", _no_variance),
        (LAYERS,),
        (BatchNorm,),
    ),
    Bug("dropout's gradient is not rescaled", _forward(Dropout, _unscaled_gradient), (LAYERS,), (Dropout,)),
    Bug("dropout is not rescaled at all", _forward(Dropout, _unscaled), (LAWS,), (Dropout,)),
    Bug(
        "a response norm misses a neighbour",
        _put(normalisation, "neighbour_sums", _too_few),
        (ONNX, LAYERS),
        (LocalResponseNorm,),
    ),
    Bug("dropout draws anew in every pass", _put(StepBuffers, "uniform", _anew), (NETWORKS,)),
    Bug("a second reader's gradient replaces the first", _put(Lane, "_collect", _forgetful), (NETWORKS,)),
    Bug("gradients are summed into a shared array", _put(Lane, "_collect", _careless), (NETWORKS,)),
)
