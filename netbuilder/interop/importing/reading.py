"""The bytes of a foreign model -> its one input, its operations and its constants, checked, or a refusal."""
# pyright: reportUnknownMemberType=false

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import onnx
from onnx import GraphProto, ModelProto, TensorProto, helper

from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import LARGEST_SAMPLE, OnnxFileError, outside, parsed
from netbuilder.layers import Input

from .branches import settle
from .compositions import composed, joined
from .constants import FOLDED, Folder, to_array
from .normalisations import normalised
from .operations import Operation, Unsupported, operation, shown
from .responses import responding
from .views import View
from .wire import lightened

MOST_OPERATIONS, MOST_LAYERS = 20_000, 4_000
MOST_AXES, MOST_SAMPLES = 64, 100_000
SETTLING = ("Shape", "Reshape", "Flatten", "Conv", "Gemm", "ConstantOfShape")
"""Operators whose output has as many axes as they say, whatever they are given."""
PREPARING = ("Add", "Sub", "Mul", "Div", "Cast", "Identity", "Pad")
"""What may happen to an image before its channels come first."""
REALS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16)


@dataclass(frozen=True, eq=False)
class Source:
    """A model that can be translated. `view` is how the file counts through the input's numbers, `batch` its fixed
    number of samples; `live` are the operations that the `outputs` depend on, `bare` the model without its weights."""

    name: str
    tensor: str
    layer: Input
    view: View
    batch: int | None
    live: tuple[Operation, ...]
    constants: dict[str, Array]
    outputs: tuple[str, ...]
    ours: bool
    properties: dict[str, str]
    bare: ModelProto
    folder: Folder

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Axes of every tensor but for the batch's, as far as ONNX can tell; 0 where it cannot."""
        try:
            graph = onnx.shape_inference.infer_shapes(self.bare).graph
        except Exception:  # whatever stops it: then nothing is known
            return {}
        return {
            info.name: tuple(axis.dim_value for axis in info.type.tensor_type.shape.dim)[1:]
            for info in (*graph.value_info, *graph.output)
        }


def read(data: bytes, name: str, known: Sequence[str]) -> Source:
    """Read a model whose operators are mostly `known`. Raises OnnxFileError."""
    light, raw = lightened(data)
    model = parsed(light, name)
    settle(model.graph)
    foreign = outside(model)
    if foreign:
        raise OnnxFileError(f"“{name}” {foreign}, which netbuilder does not open.")
    graph = model.graph
    if not graph.node or not graph.input or not graph.output:
        raise OnnxFileError(f"“{name}” holds no network, or it is damaged.")
    if not all(isinstance(text, str) for text in _texts(graph)):
        raise OnnxFileError(f"“{name}” is damaged: a name in it is not text.")
    if len(graph.node) > MOST_OPERATIONS:
        raise OnnxFileError(
            f"“{name}” has {len(graph.node):,} nodes, more than a design can show ({MOST_OPERATIONS:,})."
        )
    version = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 1)
    operations = [operation(node, version) for node in graph.node]
    if _tower(operations) > MOST_AXES:
        raise OnnxFileError(f"“{name}” piles up axes as no network does.")
    bare = _bare(model)
    if all(op.kind in known for op in operations):
        _check(bare, name)
    constants = _initializers(model, raw, name)
    outputs = tuple(dict.fromkeys(output.name for output in model.graph.output))
    folder = Folder(sum(array.size for array in constants.values()))
    operations = _folded(operations, constants, folder, name)
    live = _live(operations, outputs)
    if len(live) > MOST_LAYERS:
        raise OnnxFileError(f"“{name}” has {len(live):,} layers, more than a design can show ({MOST_LAYERS:,}).")
    tensor, layer, view, batch = _input(model, name, live, constants)
    live = _named(_uncast(live, tensor, outputs), constants, outputs)
    live = joined(composed(live, constants, outputs))
    ours = model.producer_name == "netbuilder"
    said = {str(entry.key): str(entry.value) for entry in model.metadata_props}
    return Source(name, tensor, layer, view, batch, tuple(live), constants, outputs, ours, said, bare, folder)


def _texts(graph: GraphProto) -> Iterator[object]:
    """Every name in the graph; one that is damaged comes as bytes."""
    yield graph.name
    for node in graph.node:
        yield from (node.op_type, node.domain, node.name, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
    for value in (*graph.input, *graph.output):
        yield value.name
        yield from (axis.dim_param for axis in value.type.tensor_type.shape.dim)
    yield from (tensor.name for tensor in graph.initializer)


def _tower(operations: Sequence[Operation]) -> int:
    """How many axes are put upon each other; ONNX's shape inference takes ever more memory for every one."""
    found = Counter[str]()
    for op in operations:
        height = 0 if op.kind in SETTLING else max((found[name] for name in op.inputs), default=0)
        height += (op.kind == "Unsqueeze") - (op.kind == "Squeeze")
        found.update(dict.fromkeys(op.outputs, height))
    return max(found.values(), default=0)


def _bare(model: ModelProto) -> ModelProto:
    """The model with its weights declared rather than carried along."""
    bare = ModelProto()
    bare.ir_version = max(model.ir_version, 4)  # which lets initializers be declared without being inputs
    bare.opset_import.extend(model.opset_import)
    bare.graph.name = model.graph.name or "graph"
    bare.graph.node.extend(model.graph.node)
    bare.graph.output.extend(model.graph.output)
    weights = {tensor.name for tensor in model.graph.initializer}
    bare.graph.input.extend(value for value in model.graph.input if value.name not in weights)
    for tensor in model.graph.initializer:
        if tensor.data_type in REALS:
            bare.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
        else:
            bare.graph.initializer.append(tensor)
    return bare


def _check(bare: ModelProto, name: str) -> None:
    """Let ONNX's own checker look at the model, but for the numbers of its weights.

    It wants outputs' shapes told, which some programs leave out; then the count of its numbers is the output.
    """
    for index, output in enumerate(bare.graph.output):
        if output.type.WhichOneof("value") == "tensor_type" and not output.type.tensor_type.HasField("shape"):
            size = f"size of output {index}"
            bare.graph.node.append(helper.make_node("Size", [output.name], [size]))
            output.CopyFrom(helper.make_tensor_value_info(size, TensorProto.INT64, []))
    try:
        onnx.checker.check_model(bare, full_check=True)
    except Exception as problem:  # the checker's own errors and, on damage, those of the parser beneath it
        first = str(problem).strip().partition("\n")[0][:200]
        raise OnnxFileError(f"“{name}” is not a valid ONNX model: {shown(first)}") from None


def _initializers(model: ModelProto, raw: Mapping[int, memoryview], name: str) -> dict[str, Array]:
    """All initializers as arrays: the large ones still in the file's bytes, and of the others the model gives each up,
    so that all numbers are in memory but once."""
    found: dict[str, Array] = {}
    for index, tensor in enumerate(model.graph.initializer):
        try:
            found[tensor.name] = to_array(tensor, raw.get(index))
        except Unsupported as problem:
            raise OnnxFileError(f"“{name}” is damaged: “{shown(tensor.name)}” {problem.reason}.") from None
        tensor.ClearField("raw_data")
    return found


def _folded(operations: Sequence[Operation], constants: dict[str, Array], folder: Folder, name: str) -> list[Operation]:
    """The operations that remain once those on constants alone are carried out."""
    rest: list[Operation] = []
    for op in operations:
        given = [each for each in op.inputs if each]
        if op.kind not in FOLDED or not all(each in constants for each in given) or len(op.outputs) != 1:
            rest.append(op)
            continue
        try:
            constants[op.outputs[0]] = folder.fold(op, [constants[each] if each else None for each in op.inputs])
        except Unsupported as problem:
            raise OnnxFileError(f"“{name}” cannot be imported: {op.title} {problem.reason}.") from None
    return rest


def _uncast(live: Sequence[Operation], tensor: str, outputs: Sequence[str]) -> list[Operation]:
    """The operations without those that pass activations on as they are, or as another kind of real numbers."""
    passed, found = {tensor: tensor}, list[Operation]()
    for op in live:
        given = [name for name in op.inputs if name in passed]
        op = replace(op, inputs=tuple(passed.get(name, name) for name in op.inputs)) if given else op
        idle = op.kind == "Identity" or (op.kind == "Cast" and op.attributes.get("to") in REALS)
        if given and idle and not set(op.outputs).intersection(outputs):
            passed[op.outputs[0]] = op.inputs[0]
            continue
        if given and op.kind not in ("Shape", "Size"):
            passed.update((name, name) for name in op.outputs)
        found.append(op)
    return found


def _named(live: Sequence[Operation], constants: dict[str, Array], outputs: Sequence[str]) -> list[Operation]:
    """The operations with norms that are spelled out by their names."""
    return responding(normalised(live, constants, outputs), constants, outputs)


def _live(operations: Sequence[Operation], outputs: Sequence[str]) -> list[Operation]:
    """The operations that outputs depend on."""
    needed, found = set(outputs), list[Operation]()
    for op in reversed(operations):
        if needed.intersection(op.outputs):
            needed.update(name for name in op.inputs if name)
            found.append(op)
    return found[::-1]


def _input(
    model: ModelProto, name: str, live: Sequence[Operation], constants: dict[str, Array]
) -> tuple[str, Input, View, int | None]:
    """The one tensor the model is given: its name, layer, order of axes and fixed batch."""
    inputs = [value for value in model.graph.input if value.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(f"“{shown(each.name)}”" for each in inputs[:5]) or "none"
        raise OnnxFileError(f"“{name}” has {len(inputs)} inputs ({names}); a design that can be imported has one.")
    about = inputs[0].type.tensor_type
    batch, *axes = [axis.dim_value for axis in about.shape.dim] or [0]
    fixed = len(axes) in (1, 3) and all(0 < size <= 1_000_000 for size in axes) and prod(axes) <= LARGEST_SAMPLE
    if about.elem_type not in REALS or not fixed or batch > MOST_SAMPLES:
        shape = "×".join(axis.dim_param or str(axis.dim_value) for axis in about.shape.dim[:6]) or "nothing known"
        raise OnnxFileError(
            f"“{name}” takes {shown(shape)}, and only images or flat lists of real numbers and of a fixed size become "
            "a design."
        )
    batch = max(0, batch)  # some programs write -1 for any size
    if len(axes) == 1:
        return inputs[0].name, Input(features=axes[0]), View.plain(axes), batch or None
    if _turned(live, inputs[0].name):
        height, width, channels = axes
        view = View.plain((channels, height, width)).transposed((1, 2, 0))
    else:
        channels, height, width = axes
        view = View.plain(axes)
    return inputs[0].name, Input(height=height, width=width, channels=channels), view, batch or None


def _turned(live: Sequence[Operation], name: str) -> bool:
    """Whether the input has its channels last: before anything looks at places, it is transposed."""
    waiting, turned = [name], False
    while waiting:
        read = waiting.pop()
        for op in (op for op in live if read in op.inputs):
            if op.kind in PREPARING:
                waiting += [each for each in op.outputs[:1] if each not in waiting]
            elif op.kind == "Transpose" and op.attributes.get("perm") == [0, 3, 1, 2]:
                turned = True
            else:
                return False
    return turned
