"""A valid design and its weights -> an ONNX model, checked, with every tensor's shape and where it came from."""
# pyright: reportUnknownMemberType=false

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from netbuilder.analysis import Report, analyze
from netbuilder.data import Preprocessing
from netbuilder.files import write_atomic
from netbuilder.graph import Graph, Node
from netbuilder.interop.emitter import Array, Emitter, Value
from netbuilder.layers import Input, Softmax
from netbuilder.version import __version__

# onnx's own defaults are newer than what onnxruntime and most tools load.
OPSET, IR_VERSION = 17, 8
BATCH = "N"
SMALL = 64
"""Bytes of a constant that ONNX may need to tell a shape, such as the scales of a Resize."""
LARGEST = 2**31 - 2**20
"""Bytes that fit in one protobuf message, with room for what is not weights."""


class ExportError(ValueError):
    """A design that cannot be written as ONNX; the sentence says why."""


def export_onnx(
    graph: Graph,
    weights: Mapping[str, Array],
    path: str | Path,
    *,
    softmax: bool = False,
    class_names: Sequence[str] = (),
    preprocessing: Preprocessing | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Path:
    """Write a design with weights `"<layer>.weight"`, … as an ONNX file and return its path, .onnx added if omitted.

    Opset 17, IR 8, one input (N, *shape), one output named after the last layer; with `softmax` probabilities instead
    of scores. The file is checked before it replaces another, and replaces it whole or not at all.
    Raises ExportError for an invalid design and for weights that do not fit, FileError where nothing can be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".onnx":
        path = path.with_name(path.name + ".onnx")
    model = _built(graph, weights, softmax, _properties(class_names, preprocessing, metadata))
    data = model.SerializeToString()
    del model  # of a large network the bytes alone are enough
    _check(data)
    write_atomic(path, data)
    return path


def to_model(
    graph: Graph,
    weights: Mapping[str, Array],
    *,
    softmax: bool = False,
    class_names: Sequence[str] = (),
    preprocessing: Preprocessing | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> ModelProto:
    """The ONNX model of a design, checked in full. Raises ExportError."""
    model = _built(graph, weights, softmax, _properties(class_names, preprocessing, metadata))
    _check(model)
    return model


def _check(model: ModelProto | bytes) -> None:
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as problem:
        raise ExportError(f"ONNX's own checker refuses this design: {problem}") from problem


def _built(graph: Graph, weights: Mapping[str, Array], softmax: bool, properties: dict[str, str]) -> ModelProto:
    report = analyze(graph)
    emitter, values = _written(graph, report, _fitting_weights(report, weights))
    last = graph.nodes[next(reversed(values))]
    output = values[last.id]
    if softmax and not isinstance(last.layer, Softmax):
        output = Value(emitter.Softmax(output, axis=1).name, output.shape)
    model = emitter.model
    model.ir_version, model.producer_name, model.producer_version = IR_VERSION, "netbuilder", __version__
    model.opset_import.append(helper.make_opsetid("", OPSET))
    model.graph.name = "netbuilder"
    for key, value in values.items():
        if isinstance(graph.nodes[key].layer, Input):
            model.graph.input.append(_info(value))
        elif value != output:
            model.graph.value_info.append(_info(value))
    model.graph.output.append(_info(output))
    helper.set_model_props(model, properties)
    _complete_shapes(model)
    return model


def _fitting_weights(report: Report, weights: Mapping[str, Array]) -> dict[int, dict[str, Array]]:
    """Each layer's own arrays by bare name, once the design is valid and every array has its shape."""
    if not report.valid:
        problems = " ".join(problem.message for problem in report.problems if problem.severity == "error")
        raise ExportError(f"This design cannot be exported yet. {problems}")
    if 4 * (report.totals.parameters + report.totals.statistics) > LARGEST:
        raise ExportError("An ONNX file holds at most 2 GB, and this design's weights need more.")
    found: dict[int, dict[str, Array]] = {}
    for key, layer in report.layers.items():
        found[key] = {}
        for name, weight in layer.facts.weights.items() if layer.facts else ():
            full = f"{layer.node.name}.{name}"
            found[key][name] = _fitting(full, weight.shape, weights, layer.node)
    return found


def _fitting(full: str, shape: tuple[int, ...], weights: Mapping[str, Array], node: Node) -> Array:
    array = weights.get(full)
    if array is None:
        raise ExportError(f"The weights lack “{full}”, which {node.title} needs.")
    if array.shape != shape:
        needed, got = ("×".join(map(str, each)) or "a single number" for each in (shape, array.shape))
        raise ExportError(f"“{full}” is {got}, but {node.title} needs {needed}.")
    return array


def _written(graph: Graph, report: Report, own: dict[int, dict[str, Array]]) -> tuple[Emitter, dict[int, Value]]:
    """All layers written in execution order, and the value each gives."""
    emitter, values = Emitter(), dict[int, Value]()
    nodes = [layer.node for layer in report.layers.values()]
    emitter.reserve(
        [node.name for node in nodes],
        [f"{graph.nodes[key].name}.{name}" for key, names in own.items() for name in names],
    )
    for node in nodes:
        shape, inputs = report.layers[node.id].shape, [values[key] for key in graph.inputs(node.id)]
        assert shape is not None, "a valid design has no layer without a shape"
        if isinstance(node.layer, Input):
            values[node.id] = emitter.input(node.name, shape)
        else:
            values[node.id] = emitter.write(node.name, node.layer, own[node.id], inputs, shape)
    return emitter, values


def _info(value: Value) -> ValueInfoProto:
    axes = value.shape.array if value.shape else ()
    return helper.make_tensor_value_info(value.name, TensorProto.FLOAT, [BATCH, *axes])


def _properties(
    class_names: Sequence[str],
    preprocessing: Preprocessing | Mapping[str, Any] | None,
    metadata: Mapping[str, Any] | None,
) -> dict[str, str]:
    """What a file says of itself, as text: lists and mappings as JSON, text as it is."""
    found: dict[str, Any] = dict(metadata or {})
    if class_names:
        found["class_names"] = list(class_names)
    if isinstance(preprocessing, Preprocessing):
        preprocessing = {
            "formula": "(x · scale − mean) / std",
            "scale": preprocessing.scale,
            "mean": list(preprocessing.mean),
            "std": list(preprocessing.std),
        }
    if preprocessing:
        found["preprocessing"] = dict(preprocessing)
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
        for key, value in found.items()
        if value is not None
    }


# ---- shapes ----------------------------------------------------------------------------------------------------------


def _complete_shapes(model: ModelProto) -> None:
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
        if tensor.data_type == TensorProto.FLOAT and len(tensor.raw_data) > SMALL:
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
