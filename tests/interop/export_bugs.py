"""Mistakes an exporter could make, done to a right model: what is to be noticed when a file is run elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from onnx import ModelProto, NodeProto, helper, numpy_helper

Change = Callable[[ModelProto], None]


@dataclass(frozen=True)
class ExportBug:
    """A mistake: what it does to a model in place."""

    title: str
    change: Change

    def made(self, model: ModelProto) -> ModelProto | None:
        """The model with the mistake; None where it makes no difference there."""
        wrong = ModelProto()
        wrong.CopyFrom(model)
        self.change(wrong)
        return None if wrong == model else wrong


def _nodes(model: ModelProto, *kinds: str) -> list[NodeProto]:
    return [node for node in model.graph.node if node.op_type in kinds]


def _put(node: NodeProto, name: str, value: object) -> None:
    for attribute in [each for each in node.attribute if each.name == name]:
        node.attribute.remove(attribute)
    if value is not None:
        node.attribute.append(helper.make_attribute(name, value))


def _attribute(
    kinds: Sequence[str], name: str, change: Callable[[object], object], model: ModelProto, always: bool = False
) -> None:
    """Another value of an attribute, where it is given (or everywhere)."""
    for node in _nodes(model, *kinds):
        given = [helper.get_attribute_value(each) for each in node.attribute if each.name == name]
        if given or always:
            _put(node, name, change(given[0] if given else None))


def _constants(kinds: Sequence[str], port: int, change: Callable[[np.ndarray], np.ndarray], model: ModelProto) -> None:
    """Other numbers in the initializers that feed a port."""
    wanted = {node.input[port] for node in _nodes(model, *kinds) if len(node.input) > port}
    for tensor in model.graph.initializer:
        if tensor.name in wanted:
            array = change(numpy_helper.to_array(tensor))
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))


def _exchanged(kind: str, first: int, second: int, model: ModelProto) -> None:
    """Two inputs of a node in each other's place."""
    for node in _nodes(model, kind):
        if len(node.input) > max(first, second):
            node.input[first], node.input[second] = node.input[second], node.input[first]


def _unsaid(kind: str, port: int, model: ModelProto) -> None:
    """An optional input left out."""
    for node in _nodes(model, kind):
        if len(node.input) > port:
            del node.input[port:]


def _bypassed(kind: str, model: ModelProto) -> None:
    """A layer that is not written at all: whoever read it reads its input."""
    for node in _nodes(model, kind):
        for other in model.graph.node:
            for port, name in enumerate(other.input):
                if name == node.output[0]:
                    other.input[port] = node.input[0]


def _half(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float16).astype(array.dtype) if array.dtype == np.float32 else array


def _ends_first(pads: object) -> object:
    assert isinstance(pads, list)
    return [*pads[len(pads) // 2 :], *pads[: len(pads) // 2]]


def _by_axis(pads: object) -> object:
    """(top, bottom, left, right) where ONNX wants all begins first."""
    assert isinstance(pads, list)
    return [pads[0], pads[2], pads[1], pads[3]]


WINDOWS = ("Conv", "ConvTranspose", "MaxPool", "AveragePool")

EXPORT_BUGS: Sequence[ExportBug] = (
    ExportBug("kernels are flipped", partial(_constants, ["Conv"], 1, lambda w: w[:, :, ::-1, ::-1])),
    ExportBug("kernels' rows and columns are exchanged", partial(_constants, ["Conv"], 1, lambda w: w.swapaxes(2, 3))),
    ExportBug("padding is at the wrong end", partial(_attribute, WINDOWS, "pads", _ends_first)),
    ExportBug("padding is told axis by axis", partial(_attribute, WINDOWS, "pads", _by_axis)),
    ExportBug("strides are forgotten", partial(_attribute, WINDOWS, "strides", lambda _: [1, 1])),
    ExportBug("dilation is forgotten", partial(_attribute, ["Conv"], "dilations", lambda _: [1, 1])),
    ExportBug("groups are forgotten", partial(_attribute, ["Conv"], "group", lambda _: 1)),
    ExportBug(
        "sizes are rounded up", partial(_attribute, ["MaxPool", "AveragePool"], "ceil_mode", lambda _: 1, always=True)
    ),
    ExportBug(
        "padding counts in means",
        partial(_attribute, ["AveragePool"], "count_include_pad", lambda n: 0 if n else 1, always=True),
    ),
    ExportBug("biases of convolutions are left out", partial(_unsaid, "Conv", 2)),
    ExportBug("dense weights are not transposed", partial(_attribute, ["Gemm"], "transB", lambda _: 0)),
    ExportBug("dense biases are of another layer", partial(_constants, ["Gemm"], 2, lambda b: np.roll(b, 1))),
    ExportBug("scale and shift of a norm are exchanged", partial(_exchanged, "BatchNormalization", 1, 2)),
    ExportBug("mean and variance of a norm are exchanged", partial(_exchanged, "BatchNormalization", 3, 4)),
    ExportBug(
        "a norm's epsilon is another",
        partial(_attribute, ["BatchNormalization"], "epsilon", lambda _: 1e-3, always=True),
    ),
    ExportBug("parts are joined in another order", partial(_exchanged, "Concat", 0, 1)),
    ExportBug(
        "a softmax runs over the batch",
        partial(_attribute, ["Softmax", "LogSoftmax"], "axis", lambda _: 0, always=True),
    ),
    ExportBug("a leak is another", partial(_attribute, ["LeakyRelu", "Elu"], "alpha", lambda _: 0.2, always=True)),
    ExportBug("a response norm's size is another", partial(_attribute, ["LRN"], "size", lambda n: 1)),
    ExportBug(
        "pixels are enlarged from the corner",
        partial(_attribute, ["Resize"], "coordinate_transformation_mode", lambda _: "align_corners"),
    ),
    ExportBug("channels are not shuffled", partial(_attribute, ["Transpose"], "perm", lambda perm: sorted(perm))),  # pyright: ignore
    ExportBug("an activation is left out", partial(_bypassed, "Relu")),
    ExportBug("weights are rounded to half precision", partial(_constants, ["Conv", "Gemm"], 1, _half)),
)
