"""A model, some of its tensors and samples -> between which bounds the numbers of each tensor lie."""

import numpy as np
from onnx import ModelProto, TensorProto, helper

from netbuilder.interop.backends import runner
from netbuilder.interop.emitter import Array
from netbuilder.interop.options import ExportError

BATCH = 32
"""Samples at a time."""


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
    for start in range(0, len(samples), BATCH):
        batch = np.ascontiguousarray(samples[start : start + BATCH], np.float32)
        for tensor, values in {name: batch, **dict(zip(inner, run(batch), strict=True))}.items():
            if not np.isfinite(values).all():
                raise ExportError(f"“{tensor}” gives numbers that are not finite, so int8 cannot be fitted to them.")
            if tensor in found:
                low, high = found[tensor]
                found[tensor] = min(low, float(values.min())), max(high, float(values.max()))
    return found
