"""The one branch that PyTorch writes without anybody asking for it -> the operation it stands for."""

from collections.abc import Mapping

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto

from .constants import to_array
from .operations import Unsupported


def settle(graph: GraphProto) -> None:
    """Put a Squeeze in place of every "if this axis has one place, Squeeze, else Identity".

    PyTorch's older exporter writes `x.squeeze(axis)` so where it does not know the size. Nothing is run: both branches
    and the condition must be exactly these. Every other branch stays, and will be refused.
    """
    makers = {name: node for node in graph.node for name in node.output}
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for index in reversed(range(len(graph.node))):
        node = graph.node[index]
        try:
            found = _squeeze(node, makers, tensors) if node.op_type == "If" else None
        except (IndexError, TypeError, ValueError):  # of a damaged one
            found = None
        if found is not None:
            axes, squeeze = found
            node.CopyFrom(squeeze)
            if axes is not None:
                graph.node.insert(index, axes)


def _squeeze(
    node: NodeProto, makers: Mapping[str, NodeProto], tensors: Mapping[str, TensorProto]
) -> tuple[NodeProto | None, NodeProto] | None:
    """The axes where they are a constant of the branch's own, and the Squeeze; None where it is something else."""
    branches = {attribute.name: attribute.g for attribute in node.attribute}
    if set(branches) != {"then_branch", "else_branch"} or len(node.output) != 1:
        return None
    then, otherwise = branches["then_branch"], branches["else_branch"]
    if any(part.input or part.initializer or len(part.output) != 1 for part in (then, otherwise)):
        return None
    if [each.op_type for each in otherwise.node] != ["Identity"] or len(then.node) not in (1, 2):
        return None
    *before, last = then.node
    if last.op_type != "Squeeze" or any(each.op_type != "Constant" for each in before):
        return None
    given = otherwise.node[0].input[0]
    own = {**makers, **{each.output[0]: each for each in before}}
    axis = _axis(last, own, tensors)
    if last.input[0] != given or axis is None or not _asks(node.input[0], given, axis, makers, tensors):
        return None
    squeeze = NodeProto()
    squeeze.CopyFrom(last)
    squeeze.output[0], squeeze.name = node.output[0], node.name
    return (before[0] if before else None), squeeze


def _axis(squeeze: NodeProto, makers: Mapping[str, NodeProto], tensors: Mapping[str, TensorProto]) -> int | None:
    told = [list(attribute.ints) for attribute in squeeze.attribute if attribute.name == "axes"]
    if told:
        return told[0][0] if len(told[0]) == 1 else None
    return _number(squeeze.input[1], makers, tensors) if len(squeeze.input) > 1 else None


def _asks(
    name: str, given: str, axis: int, makers: Mapping[str, NodeProto], tensors: Mapping[str, TensorProto]
) -> bool:
    """Whether a condition is that this axis of this tensor has one place."""
    equal = makers.get(name)
    gather = makers.get(equal.input[0]) if equal is not None and equal.op_type == "Equal" else None
    shape = makers.get(gather.input[0]) if gather is not None and gather.op_type == "Gather" else None
    if equal is None or gather is None or shape is None or shape.op_type != "Shape" or shape.input[0] != given:
        return False
    return _number(gather.input[1], makers, tensors) == axis and _number(equal.input[1], makers, tensors) == 1


def _number(name: str, makers: Mapping[str, NodeProto], tensors: Mapping[str, TensorProto]) -> int | None:
    """A constant of one whole number."""
    tensor, maker = tensors.get(name), makers.get(name)
    if maker is not None and maker.op_type == "Constant":
        tensor = next((attribute.t for attribute in maker.attribute if attribute.name == "value"), None)
    try:
        array = to_array(tensor) if tensor is not None else np.zeros(0)
    except Unsupported:
        return None
    return int(array.reshape(-1)[0]) if array.size == 1 and array.dtype.kind == "i" else None
