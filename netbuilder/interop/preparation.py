"""How a data set makes its samples ready -> ONNX nodes that do the same, to the last bit, before the first layer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from netbuilder.data import Preprocessing
from netbuilder.data.resizing import LUMA, resized
from netbuilder.interop.emitter import Array, Emitter, Value
from netbuilder.interop.options import ExportError, Pixels
from netbuilder.layers import ImageShape, Shape, VectorShape

FIXED_POINT = 1 << 22
"""Pillow resizes bytes with coefficients that are whole multiples of its inverse (Resample.c, PRECISION_BITS)."""


@dataclass(frozen=True)
class Preparation:
    """The way from a sample as it is stored to what the network reads.

    `raw` is the stored shape, bytes of 0…255 where `bytes` says so and float32 otherwise; `image` the picture's shape
    once it has the network's size and colours, None for a table; `ready` what the network reads, perhaps flat.
    """

    raw: Shape
    ready: Shape
    preprocessing: Preprocessing
    bytes: bool = False
    image: ImageShape | None = None

    def to_dict(self) -> dict[str, Any]:
        """What a file that does all this says of it."""
        how = self.preprocessing
        return {
            "takes": {**self.raw.to_dict(), "numbers": "0 to 255" if self.bytes else "as stored"},
            "resizes_to": self.image.to_dict() if self.image and self.image != self.raw else None,
            "formula": "(x · scale − mean) / std",
            "scale": how.scale,
            "mean": list(how.mean),
            "std": list(how.std),
        }

    def element(self, pixels: Pixels) -> int:
        """ONNX's type of the numbers the file takes. Raises ExportError where they would not fit in bytes."""
        if pixels == "uint8" and not self.bytes:
            raise ExportError(
                "The data set holds decimal numbers, which do not fit in bytes: have the file take float32 instead."
            )
        wanted = self.bytes if pixels == "auto" else pixels == "uint8"
        return TensorProto.UINT8 if wanted else TensorProto.FLOAT

    def write(self, graph: Emitter, raw: Value) -> Value:
        """Append the nodes: recolour, resize, scale and standardise, flatten, in the order of the data set."""
        x = graph.Cast(raw, to=TensorProto.FLOAT)
        if isinstance(self.raw, ImageShape) and self.image is not None:
            x = self._recoloured(graph, x, self.raw.channels, self.image.channels)
            x = self._resized(graph, x, self.raw, self.image)
        channels = len(self.preprocessing.mean)
        axes = (channels, 1, 1) if isinstance(self.raw, ImageShape) else (channels,)
        std, mean = (np.array(each, np.float64) for each in (self.preprocessing.std, self.preprocessing.mean))
        x = graph.Mul(x, graph.constant("scale", (self.preprocessing.scale / std).astype(np.float32).reshape(axes)))
        x = graph.Sub(x, graph.constant("shift", (mean / std).astype(np.float32).reshape(axes)))
        if isinstance(self.ready, VectorShape) and isinstance(self.raw, ImageShape):
            x = graph.Flatten(x, axis=1)
        return Value(x.name, self.ready)

    def _recoloured(self, graph: Emitter, x: Value, old: int, new: int) -> Value:
        """Grey repeated, colour weighed, as `data.resizing.recoloured` does."""
        if old == new:
            return x
        if old == 1:
            return graph.Concat(*[x] * new, axis=1)
        axis = graph.constant("axis", np.array([1]))
        total: Value | None = None
        for channel, weight in enumerate(LUMA):
            bounds = [graph.constant(name, np.array([channel + i])) for i, name in enumerate(("from", "to"))]
            part = graph.Mul(graph.Slice(x, *bounds, axis), graph.constant("luma", np.float32(weight)))
            total = part if total is None else graph.Add(total, part)
        assert total is not None
        return graph.Round(total) if self.bytes else total

    def _resized(self, graph: Emitter, x: Value, old: ImageShape, new: ImageShape) -> Value:
        """Along the rows and along the columns, in double precision and in the order that Pillow takes."""
        if (old.height, old.width) == (new.height, new.width):
            return x
        x = graph.Cast(x, to=TensorProto.DOUBLE)
        for axis in _order((old.height, old.width), (new.height, new.width)):
            if axis == "rows":
                across = graph.constant("across", coefficients(old.width, new.width, fixed=self.bytes).T, exact=True)
                x = self._rounded(graph, graph.MatMul(x, across))
            else:
                down = graph.constant("down", coefficients(old.height, new.height, fixed=self.bytes), exact=True)
                x = self._rounded(graph, graph.MatMul(down, x))
        return graph.Cast(x, to=TensorProto.FLOAT)

    def _rounded(self, graph: Emitter, x: Value) -> Value:
        """What a pass leaves behind: a byte, rounded up from one half on, or a float32."""
        if not self.bytes:
            return graph.Cast(graph.Cast(x, to=TensorProto.FLOAT), to=TensorProto.DOUBLE)
        half = graph.constant("half", 0.5, exact=True)
        return graph.Cast(graph.Cast(graph.Add(x, half), to=TensorProto.INT32), to=TensorProto.DOUBLE)


def prepend(graph: Emitter, preparation: Preparation, pixels: Pixels) -> None:
    """Have a written model take raw samples under its input's name and prepare them before anything else."""
    (old,) = graph.model.graph.input
    name, batch, network = old.name, old.type.tensor_type.shape.dim[0].dim_param, list(graph.nodes)
    kind = preparation.element(pixels)
    del graph.nodes[:]
    with graph.scope(name):
        ready = preparation.write(graph, Value(name, preparation.raw))
    for node in network:
        node.input[:] = [ready.name if each == name else each for each in node.input]
    graph.nodes.extend(network)
    old.CopyFrom(helper.make_tensor_value_info(name, kind, [batch, *preparation.raw.array]))


def _order(old: tuple[int, int], new: tuple[int, int]) -> list[str]:
    """The axes to resize along. Which of two comes first differs between versions of Pillow, so a picture is tried."""
    axes = [name for name, before, after in zip(("columns", "rows"), old, new, strict=True) if before != after]
    if len(axes) == 2:
        picture = np.random.default_rng(0).integers(0, 256, old).astype(np.uint8)
        down, across = (coefficients(*each, fixed=True) for each in zip(old, new, strict=True))
        by_rows = np.floor(down @ np.floor(picture @ across.T + 0.5) + 0.5)
        if np.array_equal(by_rows, resized(picture[None, None], *new)[0, 0]):
            axes.reverse()
    return axes


def coefficients(old: int, new: int, *, fixed: bool) -> Array:
    """(new, old): how much of each pixel every new one takes along one axis, bilinear with antialiasing.

    As Pillow's precompute_coeffs with the triangle filter; `fixed` rounds them to the fixed point it has for bytes.
    """
    stretch = old / new
    reach = max(stretch, 1.0)
    found = np.zeros((new, old))
    for i in range(new):
        centre = (i + 0.5) * stretch
        first, last = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), old)
        weights = np.maximum(1 - np.abs((np.arange(first, last) - centre + 0.5) / reach), 0)
        found[i, first:last] = weights / weights.sum()
    return np.floor(found * FIXED_POINT + 0.5) / FIXED_POINT if fixed else found
