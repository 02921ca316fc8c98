"""Activations made of straight lines, cut off where they would grow too large: cheap on a telephone."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import like

from .activation import Activation, Slope
from .base import Array, Pass, SettingError, layer
from .settings import Real, setting

SIXTH = 1 / 6


@layer
class ReLU6(Activation):
    """max(0, x), but no more than 6, so that few bits can hold it (Howard et al. 2017, arXiv 1704.04861)."""

    takes_place: ClassVar[bool] = True

    def caption(self) -> str:
        return "0 to 6"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        return _clipped(run, x, 0, 6)

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return _clip(graph, inputs[0], 0, 6)


@layer
class HardTanh(Activation):
    """x between two bounds, the nearer bound beyond them."""

    takes_place: ClassVar[bool] = True

    low: float = setting(default=-1.0, converter=Real(-1e6, 1e6), help="Nothing becomes smaller than this.")
    high: float = setting(default=1.0, converter=Real(-1e6, 1e6), help="Nothing becomes larger than this.")

    def check(self) -> None:
        if self.low >= self.high:
            raise SettingError("HardTanh", "high", f"must be above the low bound of {self.low:g}, not {self.high:g}")

    def caption(self) -> str:
        return f"{self.low:g} to {self.high:g}".replace("-", "−")

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        return _clipped(run, x, self.low, self.high)

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return _clip(graph, inputs[0], self.low, self.high)


@layer
class HardSigmoid(Activation):
    """slope · x + ½, kept between 0 and 1: a logistic curve made of three lines. With a slope of 1/6 it is PyTorch's
    and MobileNetV3's (Howard et al. 2019, arXiv 1905.02244, section 5.2), with 0.2 the one of early Keras."""

    slope: float = setting(default=SIXTH, converter=Real(0, 1000, low_open=True), help="How steep it is around 0.")

    def caption(self) -> str:
        return f"{self.slope:.3g}·x + ½, 0 to 1"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = np.multiply(x, self.slope, out=like(run.array, "y", x))
        y += 0.5
        np.clip(y, 0, 1, out=y)

        def slope() -> Array:
            return np.multiply(_inside(run, y, 0, 1), self.slope, out=like(run.temporary, "slope", y), dtype=y.dtype)

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return graph.HardSigmoid(*inputs, alpha=self.slope, beta=0.5)


@layer
class HardSwish(Activation):
    """x · min(max(0, x + 3), 6) / 6: SiLU with a logistic curve made of lines (Howard et al. 2019, arXiv 1905.02244,
    section 5.2)."""

    def caption(self) -> str:
        return "x · (x + 3) / 6 around 0"

    def curve(self, run: Pass, x: Array) -> tuple[Array, Slope]:
        y = np.multiply(x, SIXTH, out=like(run.array, "y", x))
        y += 0.5
        np.clip(y, 0, 1, out=y)
        y *= x

        def slope() -> Array:
            """0 and 1 on either side, x/3 + ½ between."""
            d = np.multiply(x, 2 * SIXTH, out=like(run.temporary, "slope", x))
            d += 0.5
            beyond = like(run.temporary, "beyond", x, bool)
            np.copyto(d, 0, where=np.less_equal(x, -3, out=beyond))
            np.copyto(d, 1, where=np.greater_equal(x, 3, out=beyond))
            return d

        return y, slope

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        """In two steps, since the operator of this name is younger than most operator sets in use."""
        (x,) = inputs
        return graph.Mul(x, graph.HardSigmoid(x, alpha=SIXTH, beta=0.5))


def _clipped(run: Pass, x: Array, low: float, high: float) -> tuple[Array, Slope]:
    y = np.clip(x, low, high, out=x if run.may_overwrite else like(run.array, "y", x))
    return y, lambda: _inside(run, y, low, high)


def _inside(run: Pass, y: Array, low: float, high: float) -> Array:
    """Where numbers lie between the bounds."""
    inside = np.greater(y, low, out=like(run.temporary, "above", y, bool))
    inside &= np.less(y, high, out=like(run.temporary, "below", y, bool))
    return inside


def _clip(graph: Any, x: Any, low: float, high: float) -> Any:
    return graph.Clip(x, graph.constant("low", np.float32(low)), graph.constant("high", np.float32(high)))
