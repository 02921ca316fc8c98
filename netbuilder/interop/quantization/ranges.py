"""A model, some of its tensors and samples -> between which bounds each tensor is best kept in eight bits."""

from dataclasses import dataclass, field

import numpy as np
from onnx import ModelProto, TensorProto, helper

from netbuilder.interop.backends import runner
from netbuilder.interop.emitter import Array
from netbuilder.interop.options import ExportError

BATCH, VALUES = 32, 1 << 16
"""Samples at a time, and how many numbers of each tensor the bounds are chosen by."""
SHARES = np.linspace(1, 0.3, 71)
"""How far the bounds may be drawn in: what lies beyond them is cut off, what lies between becomes finer."""
LEVELS = 255


@dataclass
class Seen:
    """What a tensor held so far: its bounds, and some of its numbers."""

    low: float = 0.0  # zero is always exact, since padding is made of it
    high: float = 0.0
    some: list[Array] = field(default_factory=list[Array])

    def add(self, values: Array, share: int) -> None:
        """Take note of a batch, and keep evenly spread numbers of it."""
        flat = values.ravel()
        self.low, self.high = min(self.low, float(flat.min())), max(self.high, float(flat.max()))
        self.some.append(flat[:: max(1, flat.size // share)][:share].copy())

    def bounds(self) -> tuple[float, float]:
        """The bounds with the least mean squared error of what is kept."""
        values = np.concatenate(self.some)
        best = min(SHARES, key=lambda share: _error(values, share * self.low, share * self.high))
        return float(best * self.low), float(best * self.high)


def ranges(model: ModelProto, tensors: list[str], samples: Array) -> dict[str, tuple[float, float]]:
    """Bounds (low ≤ 0 ≤ high) of every tensor, by running the samples. Raises ExportError for what is not finite."""
    watched = ModelProto()
    watched.CopyFrom(model)
    name = model.graph.input[0].name
    inner = [tensor for tensor in tensors if tensor != name]
    del watched.graph.output[:]
    watched.graph.output.extend(helper.make_tensor_value_info(each, TensorProto.FLOAT, None) for each in inner)
    run, seen = runner(watched, name, inner), {tensor: Seen() for tensor in tensors}
    batches = [samples[i : i + BATCH] for i in range(0, len(samples), BATCH)]
    for batch in batches:
        prepared = np.ascontiguousarray(batch, np.float32)
        found = {name: prepared, **dict(zip(inner, run(prepared), strict=True))}
        for tensor in tensors:
            if not np.isfinite(found[tensor]).all():
                raise ExportError(f"“{tensor}” gives numbers that are not finite, so int8 cannot be fitted to them.")
            seen[tensor].add(found[tensor], max(1, VALUES // len(batches)))
    return {tensor: each.bounds() for tensor, each in seen.items()}


def _error(values: Array, low: float, high: float) -> float:
    step = (high - low) / LEVELS
    if step <= 0:
        return 0.0
    kept = np.clip(np.rint(values / step), np.rint(low / step), np.rint(high / step)) * step
    return float(np.square(values - kept).mean())
