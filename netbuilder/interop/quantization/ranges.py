"""A model, some of its tensors and samples -> between which bounds the numbers of each tensor lie."""

import numpy as np
from onnx import ModelProto, TensorProto, helper

from netbuilder.interop.backends import runner
from netbuilder.interop.emitter import Array
from netbuilder.interop.options import ExportError

BATCH, MOST_NUMBERS = 32, 1 << 25
"""Samples at a time, or fewer where all that is looked at would be more numbers than these."""


def bounds_of(model: ModelProto, tensors: list[str], samples: Array) -> dict[str, tuple[float, float]]:
    """The smallest and the largest number of every tensor, zero included, when the samples are run.

    Zero counts because padding is made of it. Nothing is cut off: bounds drawn in for the least squared error lose
    more in deep networks than they gain. Raises ExportError for numbers that are not finite.
    """
    watched = ModelProto()
    watched.CopyFrom(model)
    name = model.graph.input[0].name
    inner = [tensor for tensor in tensors if tensor != name]
    del watched.graph.output[:]
    watched.graph.output.extend(helper.make_tensor_value_info(each, TensorProto.FLOAT, None) for each in inner)
    run, found = runner(watched, name, inner), dict.fromkeys(tensors, (0.0, 0.0))
    start, size = 0, 1
    while start < len(samples):
        batch = np.ascontiguousarray(samples[start : start + size], np.float32)
        given = {name: batch, **dict(zip(inner, run(batch) if inner else [], strict=True))}
        start += size
        size = max(1, min(BATCH, MOST_NUMBERS * len(batch) // sum(values.size for values in given.values())))
        for tensor, values in given.items():
            if not np.isfinite(values).all():
                raise ExportError(f"“{tensor}” gives numbers that are not finite, so int8 cannot be fitted to them.")
            if tensor in found:
                low, high = found[tensor]
                found[tensor] = min(low, float(values.min())), max(high, float(values.max()))
    return found
