"""A plan and the tensors' bounds -> the model with its weights in eight bits and a pair of nodes at every tensor."""

import numpy as np
from onnx import NodeProto, TensorProto

from netbuilder.interop.emitter import Array, Emitter, Value
from netbuilder.interop.quantization.folding import FILTERS, array_of, put
from netbuilder.interop.quantization.plan import Plan

LARGEST_BIAS = 2**31 - 1
LARGEST_WEIGHT = 127


def write(graph: Emitter, plan: Plan, bounds: dict[str, tuple[float, float]]) -> None:
    """Rewrite the nodes in order: weights first, then the node, then what turns its output to eight bits and back."""
    tensors = {tensor.name: tensor for tensor in graph.initializers}
    scales = {name: _scale(*limits) for name, limits in bounds.items()}
    nodes = list(graph.nodes)
    del graph.nodes[:]
    now: dict[str, str] = {}

    def turn(name: str) -> None:
        if name in plan.scale_of:
            now[name] = _turned(graph, name, *scales[plan.scale_of[name]])

    turn(graph.model.graph.input[0].name)
    for node in nodes:
        if node.output[0] in plan.filtering:
            step = scales[plan.scale_of[node.input[0]]][0]
            _weights(graph, node, step, tensors)
        node.input[:] = [now.get(name, name) for name in node.input]
        graph.nodes.append(node)
        turn(node.output[0])


def _scale(low: float, high: float) -> tuple[np.float32, np.uint8]:
    """The step between two numbers, and the one that stands for zero."""
    step = np.float32((high - low) / 255)
    if not step > 0 or not np.isfinite(1 / step):
        return np.float32(1), np.uint8(0)
    return step, np.uint8(np.clip(np.rint(-low / step), 0, 255))


def _turned(graph: Emitter, name: str, step: np.float32, zero: np.uint8) -> str:
    with graph.scope(name):
        both = graph.constant("scale", step), graph.constant("zero_point", zero)
        return graph.DequantizeLinear(graph.QuantizeLinear(Value(name), *both), *both).name


def _weights(graph: Emitter, node: NodeProto, step: np.float32, tensors: dict[str, TensorProto]) -> None:
    """Weights as int8 with a scale for each filter; the bias as int32 in steps of input times weight."""
    tensor, axis = tensors[node.input[1]], FILTERS[node.op_type]
    values = array_of(tensor)
    rest = tuple(i for i in range(values.ndim) if i != axis)
    scale = np.abs(values).max(rest).astype(np.float64) / LARGEST_WEIGHT
    bias = tensors[node.input[2]] if len(node.input) > 2 and node.op_type != "ConvTranspose" else None
    if bias is not None:  # of filters that are all but zero the bias would not fit
        scale = np.maximum(scale, 2 * np.abs(array_of(bias)) / (float(step) * LARGEST_BIAS))
    scale = np.where(scale > 1e-30, scale, 1.0).astype(np.float32)
    along = [1] * values.ndim
    along[axis] = -1
    put(tensor, np.clip(np.rint(values / scale.reshape(along)), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.int8))
    node.input[1] = _restored(graph, tensor.name, scale, np.zeros(len(scale), np.int8), axis)
    if bias is not None:
        steps = (scale * step).astype(np.float32)
        put(bias, np.rint(array_of(bias).astype(np.float64) / steps).astype(np.int32))
        node.input[2] = _restored(graph, bias.name, steps, None, 0)


def _restored(graph: Emitter, name: str, scale: Array, zero: Array | None, axis: int) -> str:
    with graph.scope(name):
        zeros = () if zero is None else (graph.constant("zero_point", zero),)
        return graph.DequantizeLinear(Value(name), graph.constant("scale", scale), *zeros, axis=axis).name
