"""Two layers' arrays -> by how much their numbers differ, a million at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from netbuilder.analysis import LayerReport
from netbuilder.kernels.scratch import Array

CHUNK = 1 << 20


@dataclass(frozen=True)
class ArrayChange:
    """One array of a layer in both designs. `largest` is the largest difference of two numbers, `relative` the same as
    a share of the largest number in either array; None where shapes differ, an array is missing, or numbers are not
    finite in one of them only."""

    layer: str
    array: str
    before: tuple[int, ...] | None
    after: tuple[int, ...] | None
    largest: float | None
    relative: float | None

    @property
    def same(self) -> bool:
        return self.largest == 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "array": self.array,
            "shape": {"before": self.before and list(self.before), "after": self.after and list(self.after)},
            "largest": self.largest,
            "relative": self.relative,
        }


def changes(
    before: LayerReport, after: LayerReport, old: Mapping[str, Array], new: Mapping[str, Array]
) -> Iterator[ArrayChange]:
    """All arrays of a layer that is in both designs, `old` and `new` being all weights of the two."""
    known = [facts.weights for facts in (before.facts, after.facts) if facts]
    for name in dict.fromkeys(name for weights in known for name in weights):
        a, b = old.get(f"{before.node.name}.{name}"), new.get(f"{after.node.name}.{name}")
        if a is not None or b is not None:
            yield _change(after.node.name, name, a, b)


def _change(layer: str, name: str, a: Array | None, b: Array | None) -> ArrayChange:
    shapes = None if a is None else a.shape, None if b is None else b.shape
    if a is None or b is None or a.shape != b.shape:
        return ArrayChange(layer, name, *shapes, None, None)
    largest, scale = _largest(a.ravel(), b.ravel())
    if not isfinite(largest):
        return ArrayChange(layer, name, *shapes, None, None)
    return ArrayChange(layer, name, *shapes, largest, largest / scale if scale else 0.0)


def _largest(a: Array, b: Array) -> tuple[float, float]:
    """The largest difference, and the largest finite number in either."""
    largest = scale = 0.0
    for start in range(0, a.size, CHUNK):
        x, y = (flat[start : start + CHUNK].astype(np.float64) for flat in (a, b))
        same = (x == y) | (np.isnan(x) & np.isnan(y))
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(np.where(same, 0.0, x - y)).max(initial=0.0)
        largest = max(largest, float("inf") if np.isnan(apart) else float(apart))
        finite = np.abs(np.concatenate([x[np.isfinite(x)], y[np.isfinite(y)]]))
        scale = max(scale, float(finite.max(initial=0.0)))
    return largest, scale
