"""A valid design and its weights -> an ONNX model, checked, with every tensor's shape and where it came from."""
# pyright: reportUnknownMemberType=false

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from netbuilder.analysis import Report, analyze
from netbuilder.data import Preprocessing
from netbuilder.files import write_atomic
from netbuilder.graph import Graph, Node
from netbuilder.interop import certificate_file
from netbuilder.interop.emitter import Array, Emitter, Value
from netbuilder.interop.export_data import ExportData
from netbuilder.interop.inferred_shapes import complete_shapes
from netbuilder.interop.options import ExportError, ExportOptions
from netbuilder.interop.order import Extras, Order, ordered
from netbuilder.interop.preparation import prepend
from netbuilder.interop.quantization import quantize
from netbuilder.layers import Input, Output, Softmax
from netbuilder.version import __version__

BATCH = "N"
LARGEST = 2**31 - 2**20
"""Bytes that fit in one protobuf message, with room for what is not weights."""


def export_onnx(
    graph: Graph,
    weights: Mapping[str, Array],
    path: str | Path,
    *,
    options: ExportOptions | None = None,
    data: ExportData | None = None,
    softmax: bool = False,
    class_names: Sequence[str] = (),
    preprocessing: Preprocessing | Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    calibration: Array | None = None,
) -> Path:
    """Write a design with weights `"<layer>.weight"`, … as an ONNX file and return its path, .onnx added if omitted.

    One input (N, *shape), an output named after each layer the network ends in, the main one first, opset 17; `options`
    say otherwise, and `softmax` is short for the one of that name. `data` tells class names, preprocessing and what
    int8 is fitted to; each can be given by itself as well, `calibration` as prepared samples (N, *shape). The file is
    checked before it replaces another, whole or not at all; the certificate of that one goes. Raises ExportError for an
    invalid design and for weights that do not fit, FileError where nothing can be written.
    """
    order = ordered(
        graph,
        weights,
        options=options,
        data=data,
        softmax=softmax,
        class_names=class_names,
        preprocessing=preprocessing,
        metadata=metadata,
        calibration=calibration,
    )
    path = onnx_path(path)
    write_atomic(path, serialized(order))
    certificate_file.forget(path)
    return path


def onnx_path(path: str | Path) -> Path:
    """Where a file is written: .onnx added where it is left out."""
    path = Path(path)
    return path if path.suffix.lower() == ".onnx" else path.with_name(path.name + ".onnx")


def to_model(graph: Graph, weights: Mapping[str, Array], **extras: Unpack[Extras]) -> ModelProto:
    """The ONNX model of a design, checked in full; takes what `export_onnx` takes. Raises ExportError."""
    model = _built(ordered(graph, weights, **extras))
    _check(model)
    return model


def serialized(order: Order) -> bytes:
    """The bytes of the file that is ordered, checked in full. Raises ExportError."""
    data = _built(order).SerializeToString()  # of a large network the bytes alone are enough
    _check(data)
    return data


def _check(model: ModelProto | bytes) -> None:
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as problem:
        raise ExportError(f"ONNX's own checker refuses this design: {problem}") from problem


def _built(order: Order) -> ModelProto:
    graph, options, report = order.graph, order.options, analyze(order.graph)
    emitter = Emitter(options.opset, half=options.precision == "float16")
    values = _written(graph, report, _fitting_weights(report, order.weights), emitter)
    outputs = _ended(report, values, emitter, softmax=options.softmax)
    model, opset = emitter.model, helper.make_opsetid("", options.opset)
    model.ir_version = helper.find_min_ir_version_for([opset])  # the oldest that knows the operators loads everywhere
    model.producer_name, model.producer_version = "netbuilder", __version__
    model.opset_import.append(opset)
    model.graph.name = "netbuilder"
    for key, value in values.items():
        if isinstance(graph.nodes[key].layer, Input):
            model.graph.input.append(_info(value))
        elif value not in outputs:
            model.graph.value_info.append(_info(value))
    model.graph.output.extend(_info(output) for output in outputs)
    if options.precision == "int8" and order.calibration is not None:
        quantize(emitter, {value.name for value in values.values()}, order.calibration)
    if order.preparation is not None:
        prepend(emitter, order.preparation, options.preprocessing)
    if options.batch is not None:
        _fix_batch(model, options.batch)
    helper.set_model_props(model, order.properties)
    complete_shapes(model)
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


def _written(graph: Graph, report: Report, own: dict[int, dict[str, Array]], emitter: Emitter) -> dict[int, Value]:
    """All layers written in execution order, and the value each gives."""
    values = dict[int, Value]()
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
        elif not isinstance(node.layer, Output):
            values[node.id] = emitter.write(node.name, node.layer, own[node.id], inputs, shape)
    return values


def _ended(report: Report, values: dict[int, Value], emitter: Emitter, *, softmax: bool) -> list[Value]:
    """The model's outputs, in the report's order; `values` learns what Output blocks give.

    The tensor that an Output block marks takes its name. A node of its own is needed only where another output has
    that tensor, or where it is the input. With `softmax` scores become probabilities: outputs as large as the main one.
    """
    found: list[Value] = []
    main = report.core(report.outputs[0]).shape
    for key in report.outputs:
        core, node = report.core(key), report.layers[key].node
        value, marked = values[core.node.id], isinstance(node.layer, Output)
        assert value.shape is not None, "every layer's output has a shape"
        closed = not softmax or isinstance(core.node.layer, Softmax) or value.shape != main
        if marked and closed and not isinstance(core.node.layer, Input) and value not in found:
            value = values[core.node.id] = emitter.called(value, node.name)
        elif marked:
            value = emitter.write(node.name, node.layer if closed else Softmax(), {}, [value], value.shape)
        elif not closed:
            value = Value(emitter.Softmax(value, axis=1).name, value.shape)
        values[key] = value
        found.append(value)
    return found


def _info(value: Value) -> ValueInfoProto:
    axes = value.shape.array if value.shape else ()
    return helper.make_tensor_value_info(value.name, TensorProto.FLOAT, [BATCH, *axes])


def _fix_batch(model: ModelProto, size: int) -> None:
    """Put a number where every tensor has the batch's name."""
    for info in (*model.graph.input, *model.graph.value_info, *model.graph.output):
        info.type.tensor_type.shape.dim[0].dim_value = size
