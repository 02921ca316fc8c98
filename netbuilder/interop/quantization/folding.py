"""A model with BatchNormalization behind its convolutions -> the same model with one affine map less for each."""

from collections import Counter

import numpy as np
from onnx import NodeProto, TensorProto, numpy_helper

from netbuilder.interop.emitter import Array, Emitter

FILTERS = {"Conv": 0, "Gemm": 0, "ConvTranspose": 1}
"""Operators with weights, and the axis of these along which their filters lie."""


def fold(graph: Emitter) -> None:
    """Take into weights and bias what a BatchNormalization does that alone reads them; the layer's name stays.

    y = γ (w · x + b − μ) / √(σ² + ε) + β is another w · x + b (Jacob et al. 2018, section 3.2).
    """
    tensors = {tensor.name: tensor for tensor in graph.initializers}
    makers = {node.output[0]: node for node in graph.nodes}
    readers = Counter(name for node in graph.nodes for name in node.input)
    readers.update(output.name for output in graph.model.graph.output)
    kept: list[NodeProto] = []
    for node in graph.nodes:
        maker = makers.get(node.input[0]) if node.op_type == "BatchNormalization" else None
        if maker is None or not _foldable(maker) or readers[maker.output[0]] > 1:
            kept.append(node)
            continue
        _take_in(graph, maker, node, tensors)
        maker.output[0], maker.name = node.output[0], node.name
        makers[maker.output[0]] = maker
        readers[maker.output[0]] = readers[node.output[0]]
    if len(kept) < len(graph.nodes):
        _keep(graph, kept)


def _foldable(maker: NodeProto) -> bool:
    """A transposed convolution only in one group, where its second axis counts all filters."""
    groups = next((each.i for each in maker.attribute if each.name == "group"), 1)
    return maker.op_type in FILTERS and (maker.op_type != "ConvTranspose" or groups == 1)


def _take_in(graph: Emitter, maker: NodeProto, node: NodeProto, tensors: dict[str, TensorProto]) -> None:
    scale, shift, mean, variance = (array_of(tensors[name]).astype(np.float64) for name in node.input[1:])
    epsilon = next((each.f for each in node.attribute if each.name == "epsilon"), 1e-5)
    factor = scale / np.sqrt(variance + epsilon)
    weight = tensors[maker.input[1]]
    axis = FILTERS[maker.op_type]
    values = array_of(weight)
    along = [1] * values.ndim
    along[axis] = -1
    put(weight, (values * factor.reshape(along)).astype(np.float32))
    bias = array_of(tensors[maker.input[2]]).astype(np.float64) if len(maker.input) > 2 else 0.0
    folded = ((bias - mean) * factor + shift).astype(np.float32)
    if len(maker.input) > 2:
        put(tensors[maker.input[2]], folded)
    else:
        with graph.scope(maker.name):
            maker.input.append(graph.constant("bias", folded).name)


def _keep(graph: Emitter, nodes: list[NodeProto]) -> None:
    """Leave these nodes, and the tensors that they read."""
    del graph.nodes[:]
    graph.nodes.extend(nodes)
    read = {name for node in nodes for name in node.input}
    made = {name for node in nodes for name in node.output}
    inner = graph.model.graph
    for field in (inner.initializer, inner.value_info):
        for index in reversed(range(len(field))):
            if field[index].name not in read | made:
                del field[index]


def array_of(tensor: TensorProto) -> Array:
    """The numbers of a tensor."""
    return numpy_helper.to_array(tensor)


def put(tensor: TensorProto, array: Array) -> None:
    """Other numbers in a tensor's place, under its name."""
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))
