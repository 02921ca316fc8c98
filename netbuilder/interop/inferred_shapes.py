"""An ONNX model and the shapes its layers claim -> the shape of every tensor, once ONNX's own inference agrees."""
# pyright: reportUnknownMemberType=false

import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from netbuilder.interop.options import ExportError

SMALL = 64
"""Bytes of a constant that ONNX may need to tell a shape, such as the scales of a Resize."""
DECLARED = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT8)
"""Types of weights, whose numbers never tell a shape."""


def complete_shapes(model: ModelProto) -> None:
    """Add the shape of every tensor between our layers, as ONNX infers it; where both know one, they must agree."""
    try:
        inferred = onnx.shape_inference.infer_shapes(
            _skeleton(model), check_type=True, strict_mode=True, data_prop=True
        )
    except onnx.shape_inference.InferenceError as problem:
        raise ExportError(f"ONNX finds this design's shapes inconsistent: {problem}") from problem
    found = {info.name: info for info in [*inferred.graph.value_info, *inferred.graph.output]}
    ours = {info.name: _dimensions(info) for info in [*model.graph.value_info, *model.graph.output]}
    for name in (output for node in model.graph.node for output in node.output if output):
        shape = _dimensions(found[name]) if name in found else (None,)
        if None in shape:
            raise ExportError(f"ONNX cannot tell the shape of “{name}”.")
        if name not in ours:
            model.graph.value_info.append(found[name])
        elif ours[name] != shape:
            raise ExportError(f"ONNX finds the shape {shape} for “{name}”, but netbuilder {ours[name]}.")


def _skeleton(model: ModelProto) -> ModelProto:
    """The model without what we say of shapes, and with large weights declared rather than carried along."""
    bare = ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    bare.graph.name = model.graph.name
    bare.graph.node.extend(model.graph.node)
    bare.graph.input.extend(model.graph.input)
    for tensor in model.graph.initializer:
        if tensor.data_type in DECLARED and len(tensor.raw_data) > SMALL:
            bare.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
        else:
            bare.graph.initializer.append(tensor)
    resized = {node.output[0] for node in model.graph.node if node.op_type == "Resize"}  # loses the batch's name
    bare.graph.value_info.extend(info for info in model.graph.value_info if info.name in resized)
    for output in model.graph.output:
        unsaid = helper.make_tensor_value_info(output.name, TensorProto.FLOAT, None)
        bare.graph.output.append(output if output.name in resized else unsaid)
    return bare


def _dimensions(info: ValueInfoProto) -> tuple[int | str | None, ...]:
    return tuple(
        getattr(axis, kind) if (kind := axis.WhichOneof("value")) else None for axis in info.type.tensor_type.shape.dim
    )
