"""Layers that keep activations in bounds: normalising over the batch or over channels, and dropping some at random."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.normalisation import (
    Moments,
    batch_gradient,
    by_channel,
    column_means,
    dots,
    from_channels,
    merged,
    moments,
    neighbour_sums,
    normalise,
    sums,
    sums_and_dots,
    total,
)
from netbuilder.kernels.scratch import like

from .base import POINTWISE, Array, Facts, Family, Layer, Pass, Pullback, SettingError, Weight, image, layer, unchanged
from .settings import Flag, Integer, Real, setting
from .shapes import ImageShape, Shape
from .workings import number


@layer
class BatchNorm(Layer):
    """Shifts and scales every channel of a map, or every feature of a list, to mean 0 and variance 1, then by learned
    weight and bias: y = weight · (x − mean) / √(variance + epsilon) + bias.

    In training, mean and variance are the batch's, over all places; the running ones remember them (the variance made
    unbiased) and serve afterwards (Ioffe and Szegedy 2015, arXiv 1502.03167, in PyTorch's conventions).
    """

    family: ClassVar[Family] = "normalisation"
    forgets_output: ClassVar[bool] = True

    epsilon: float = setting(
        default=1e-5,
        converter=Real(0, 1, low_open=True),
        help="Added to the variance, so that nothing is divided by 0.",
    )
    momentum: float = setting(
        default=0.1, converter=Real(0, 1), help="How much of each batch's mean and variance the running ones take over."
    )

    def caption(self) -> str:
        return "mean 0, variance 1"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        on_map = isinstance(shape, ImageShape)
        count = shape.channels if on_map else shape.features
        weights = {
            "weight": Weight((count,), "ones"),
            "bias": Weight((count,)),
            "running_mean": Weight((count,), trainable=False),
            "running_var": Weight((count,), "ones", trainable=False),
        }
        parameters = number("weight and bias", 2) * number("channels" if on_map else "features", count)
        return unchanged(shape, weights=weights, parameters=parameters)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (given,) = inputs
        x = by_channel(run.array, "x", given)
        y = run.array("y", x.shape, x.dtype)
        if run.training:
            own = moments(x, centred=y)
            batch = merged(run.gather(own))
            count, mean, variance, moved = batch.numbers, batch.mean, batch.squares / batch.numbers, own.mean
            self._remember(run, weights, batch)
        else:
            count, mean, variance = 0, weights["running_mean"], weights["running_var"]
            np.subtract(x, mean[:, None], out=y)
            moved = mean
        inverse = (1 / np.sqrt(variance + self.epsilon)).astype(x.dtype, copy=False)
        scale = weights["weight"] * inverse
        normalise(y, scale, weights["bias"] + (moved - mean) * scale)

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            dy, wanted = by_channel(run.temporary, "dy", dy), run.needs_input_gradient
            dx = (run.gradient if wanted else run.temporary)("dx", x.shape, x.dtype)
            by_shift, dot = sums_and_dots(dy, x, mean, centred=dx)
            by_scale = dot * inverse
            if wanted and count:
                shifts, scales = total(run.gather(np.stack([by_shift, by_scale]))) / count
                batch_gradient(dx, dy, shifts, scales * inverse, scale)
            elif wanted:
                np.multiply(dy, scale[:, None], out=dx)
            return (from_channels(dx, given) if wanted else None,), {"weight": by_scale, "bias": by_shift}

        return from_channels(y, given), pullback

    def _remember(self, run: Pass, weights: Mapping[str, Array], batch: Moments) -> None:
        """running ← (1 − momentum)·running + momentum·batch, the batch's variance divided by n − 1 instead of n."""
        m, mean = self.momentum, batch.mean
        unbiased = batch.squares / max(batch.numbers - 1, 1)
        run.remember("running_mean", (1 - m) * weights["running_mean"] + m * mean)
        run.remember("running_var", (1 - m) * weights["running_var"] + m * unbiased)

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """ONNX's momentum is what the running ones keep, ours what they take over."""
        return graph.BatchNormalization(*inputs, *weights.values(), epsilon=self.epsilon, momentum=1 - self.momentum)


@layer
class LayerNorm(Layer):
    """Shifts and scales what the channels show at each place of a map, or the features of a list, to mean 0 and
    variance 1, then by learned weight and bias: each example, and each place, by itself, in training as afterwards.

    Ba, Kiros and Hinton 2016, arXiv 1607.06450; on maps in the form of ConvNeXt (Liu et al. 2022, arXiv 2201.03545).
    """

    family: ClassVar[Family] = "normalisation"
    forgets_output: ClassVar[bool] = True

    epsilon: float = setting(
        default=1e-5,
        converter=Real(0, 1, low_open=True),
        help="Added to the variance, so that nothing is divided by 0.",
    )

    def caption(self) -> str:
        return "mean 0, variance 1 over channels"

    def infer(self, *inputs: Shape) -> Facts:
        (shape,) = inputs
        on_map = isinstance(shape, ImageShape)
        count = shape.channels if on_map else shape.features
        weights = {"weight": Weight((count,), "ones"), "bias": Weight((count,))}
        parameters = number("weight and bias", 2) * number("channels" if on_map else "features", count)
        return unchanged(shape, weights=weights, parameters=parameters, reach=POINTWISE if on_map else None)

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (given,) = inputs
        x, scale = by_channel(run.temporary, "x", given), weights["weight"][:, None]
        normal = np.subtract(x, column_means(x), out=run.array("normal", x.shape, x.dtype))
        y = np.square(normal, out=run.array("y", x.shape, x.dtype))
        inverse = 1 / np.sqrt(column_means(y) + self.epsilon)
        normal *= inverse
        np.multiply(normal, scale, out=y)
        y += weights["bias"][:, None]

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            """dx = inverse·(g − mean of g − normal·mean of g·normal), with g = dy·weight."""
            rows = by_channel(run.temporary, "dy", dy)
            grads = {"weight": dots(rows, normal), "bias": sums(rows)}
            if not run.needs_input_gradient:
                return (None,), grads
            dx = np.multiply(rows, scale, out=run.gradient("dx", x.shape, x.dtype))
            along = np.multiply(dx, normal, out=run.temporary("along", x.shape, x.dtype))
            shift, slope = column_means(dx), column_means(along)
            dx -= np.multiply(normal, slope, out=along)
            dx -= shift
            dx *= inverse
            return (from_channels(dx, given),), grads

        return from_channels(y, given), pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """The operator of this name works on the last axis, and is there from operator set 17 on."""
        (x,) = inputs
        if graph.opset < 17:
            return self._in_steps(graph, x, **weights)
        if not isinstance(x.shape, ImageShape):
            return graph.LayerNormalization(x, *weights.values(), epsilon=self.epsilon)
        last = graph.Transpose(x, perm=[0, 2, 3, 1])
        return graph.Transpose(
            graph.LayerNormalization(last, *weights.values(), epsilon=self.epsilon), perm=[0, 3, 1, 2]
        )

    def _in_steps(self, graph: Any, x: Any, weight: Any, bias: Any) -> Any:
        centred = graph.Sub(x, graph.ReduceMean(x, axes=[1], keepdims=1))
        variance = graph.ReduceMean(graph.Mul(centred, centred), axes=[1], keepdims=1)
        normal = graph.Div(centred, graph.Sqrt(graph.Add(variance, graph.constant("epsilon", self.epsilon))))
        if isinstance(x.shape, ImageShape):
            shape = graph.constant("shape", np.array([x.shape.channels, 1, 1], np.int64))
            weight, bias = graph.Reshape(weight, shape), graph.Reshape(bias, shape)
        return graph.Add(graph.Mul(normal, weight), bias)


@layer
class LocalResponseNorm(Layer):
    """Divides each number by what its neighbouring channels show at the same place, as AlexNet does:
    y = x / (bias + alpha / size · Σ x² over `size` channels)^beta, the sum clipped at the first and last channel.

    Krizhevsky, Sutskever and Hinton 2012, section 3.3, in the form of ONNX's LRN, which divides alpha by the size.
    """

    family: ClassVar[Family] = "normalisation"

    size: int = setting(
        default=5, converter=Integer(1, 999), unit="channels", help="Over how many channels; an odd number."
    )
    alpha: float = setting(default=1e-4, converter=Real(0, 1000), help="How strongly neighbours count.")
    beta: float = setting(default=0.75, converter=Real(0, 10), help="The power of the divisor.")
    bias: float = setting(default=1.0, converter=Real(0, 1000, low_open=True), help="What the divisor starts from.")

    def check(self) -> None:
        if self.size % 2 == 0:
            raise SettingError(
                "LocalResponseNorm", "size", f"must be odd, with a channel in its middle, not {self.size}"
            )

    def caption(self) -> str:
        return f"over {self.size} channel{'' if self.size == 1 else 's'}"

    def infer(self, *inputs: Shape) -> Facts:
        return unchanged(image(inputs[0]))

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        side = self.size // 2
        square = np.square(x, out=like(run.temporary, "square", x))
        divisor = neighbour_sums(run.array, "divisor", square, side, side)
        divisor *= self.alpha / self.size
        divisor += self.bias
        factor = np.power(divisor, -self.beta, out=like(run.array, "factor", x))
        y = np.multiply(x, factor, out=like(run.array, "y", x))

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            """dx = dy·factor − 2·alpha·beta / size · x · Σ over neighbours of dy·y / divisor."""
            share = np.multiply(dy, y, out=like(run.temporary, "share", x))
            share /= divisor
            felt = neighbour_sums(run.temporary, "felt", share, side, side)
            felt *= x
            felt *= 2 * self.alpha * self.beta / self.size
            dx = np.multiply(dy, factor, out=like(run.gradient, "dx", x))
            dx -= felt
            return (dx,), {}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.LRN(*inputs, size=self.size, alpha=self.alpha, beta=self.beta, bias=self.bias)


@layer
class Dropout(Layer):
    """In training, sets each number to 0 with probability `rate` and divides the others by 1 − rate; afterwards it
    changes nothing (Srivastava et al. 2014, in the inverted form that keeps the mean).

    Spatial dropout drops whole channels of a map instead, since neighbouring pixels say nearly the same (Tompson et al.
    2015, arXiv 1411.4280, section 3.2; torch.nn.Dropout2d); a flat list knows no difference.
    """

    family: ClassVar[Family] = "normalisation"

    rate: float = setting(
        default=0.5, converter=Real(0, 1, high_open=True), help="The share of numbers set to 0 in training."
    )
    spatial: bool = setting(default=False, converter=Flag(), help="Drop whole channels of a map instead of pixels.")

    def caption(self) -> str:
        return f"{100 * self.rate:.3g} % {'of channels' if self.spatial else 'at random'}"

    def infer(self, *inputs: Shape) -> Facts:
        return unchanged(inputs[0])

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        (x,) = inputs
        if not run.training or self.rate == 0:
            return x, lambda dy: ((dy,), {})
        each = x[..., :1, :1] if self.spatial and x.ndim == 4 else x  # what is dropped at once is drawn for once
        draws = run.uniform("draws", each.shape)
        kept = np.greater_equal(draws, self.rate, out=like(run.temporary, "kept", each, bool))
        factor = np.multiply(kept, 1 / (1 - self.rate), out=like(run.array, "factor", each), dtype=x.dtype)
        y = np.multiply(x, factor, out=like(run.array, "y", x))

        def pullback(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
            return (np.multiply(dy, factor, out=like(run.gradient, "dx", x)),), {}

        return y, pullback

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.Dropout(*inputs, graph.constant("rate", np.float32(self.rate)))
