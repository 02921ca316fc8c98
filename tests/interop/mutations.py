"""Models damaged on purpose: bytes changed, cut, doubled; nodes, names, attributes and shapes exchanged for others."""

import random
from collections.abc import Callable
from functools import cache

import numpy as np
from onnx import AttributeProto, ModelProto, TensorProto, helper, numpy_helper

from netbuilder.interop.onnx_export import to_model
from tests.designs import valid_design
from tests.interop.trips import random_weights

NUMBERS = (-(2**63), -1, 0, 1, 2, 3, 7, 2**31, 2**40, 2**62, 2**63 - 1)
WORDS = (
    "",
    "x",
    "Conv",
    "Frobnicate",
    "Loop",
    "Clip",
    "Slice",
    "\0",
    "<img src=x>",
    "a" * 100_000,
    "SAME_LOWER",
    "Einsum",
)
OPERATORS = (
    *("Conv", "ConstantOfShape", "Reshape", "Transpose", "Concat", "Gemm", "MatMul", "Add", "Mul", "Pad", "Softmax"),
    *(
        "MaxPool",
        "AveragePool",
        "Squeeze",
        "Unsqueeze",
        "Flatten",
        "ReduceMean",
        "Identity",
        "Shape",
        "Gather",
        "Slice",
    ),
    *("BatchNormalization", "LRN", "Dropout", "Clip", "Cast", "Resize", "ConvTranspose", "Expand", "Tile", "Range"),
)


@cache
def original(index: int) -> bytes:
    """Small sound models: some of our designs, and one of the idioms other programs use."""
    if index == 0:
        return idioms().SerializeToString()
    graph = valid_design(index)
    return to_model(graph, random_weights(graph, index)).SerializeToString()


def idioms() -> ModelProto:
    """Padding before a convolution, scales and shifts, a computed shape, a dense layer of two operators."""
    random_, nodes = np.random.default_rng(0), list[object]()

    def node(kind: str, *inputs: str, **attributes) -> str:
        name = f"t{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def weight(name: str, *shape: int) -> TensorProto:
        return numpy_helper.from_array(random_.standard_normal(shape).astype(np.float32), name)

    def whole(name: str, *numbers: int) -> TensorProto:
        return numpy_helper.from_array(np.array(numbers, np.int64), name)

    padded = node("Pad", "x", "pads")
    y = node("Conv", padded, "w", kernel_shape=[3, 3], strides=[2, 2])
    y = node("Add", node("Mul", y, "scale"), "shift")
    y = node("Relu", y)
    zeros = node("ConstantOfShape", "many")
    y = node("Conv", y, zeros)
    count = node("Gather", node("Shape", y), "zero")
    y = node("Reshape", y, node("Concat", count, "rest", axis=0))
    y = node("Add", node("MatMul", y, "dense"), "bias")
    y = node("Softmax", y, axis=-1)
    weights = [
        *(weight("w", 4, 2, 3, 3), weight("scale", 4, 1, 1), weight("shift", 4, 1, 1)),
        *(weight("dense", 3 * 16, 5), weight("bias", 5)),
        *(whole("pads", 0, 0, 1, 1, 0, 0, 0, 0), whole("many", 3, 4, 1, 1), whole("zero", 0), whole("rest", -1)),
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2, 8, 8])]
    outputs = [helper.make_tensor_value_info(y, TensorProto.FLOAT, ["N", 5])]
    graph = helper.make_graph(nodes, "idioms", inputs, outputs, weights)  # pyright: ignore
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def mutant(seed: int) -> bytes:
    """A damaged model; the same for the same seed."""
    rng = random.Random(seed)
    data = original(rng.randrange(8))
    if rng.random() < 0.4:
        return rng.choice(ON_BYTES)(rng, data)
    model = ModelProto()
    model.ParseFromString(data)
    for _ in range(rng.randint(1, 3)):
        rng.choice(ON_MODELS)(rng, model)
    return model.SerializeToString()


# ---- bytes -----------------------------------------------------------------------------------------------------------


def flipped(rng: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def flipped_in_structure(rng: random.Random, data: bytes) -> bytes:
    """Like `flipped`, but near names and attributes, which are text."""
    found = bytearray(data)
    places = [i for i, byte in enumerate(data) if chr(byte).isalpha()][:4000] or [0]
    for _ in range(rng.randint(1, 6)):
        at = max(0, rng.choice(places) - rng.randrange(4))
        found[at] = rng.randrange(256)
    return bytes(found)


def cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def doubled(rng: random.Random, data: bytes) -> bytes:
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:b] + data[a : min(b, a + 200)] + data[b:]


def without(rng: random.Random, data: bytes) -> bytes:
    a = rng.randrange(len(data))
    return data[:a] + data[a + rng.randint(1, 60) :]


ON_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (flipped, flipped_in_structure, cut, doubled, without)


# ---- messages --------------------------------------------------------------------------------------------------------


def another_operator(rng: random.Random, model: ModelProto) -> None:
    if model.graph.node:
        rng.choice(model.graph.node).op_type = rng.choice(OPERATORS + WORDS)


def another_number(rng: random.Random, model: ModelProto) -> None:
    attributes = [a for node in model.graph.node for a in node.attribute]
    if attributes:
        attribute = rng.choice(attributes)
        if attribute.ints and rng.random() < 0.7:
            attribute.ints[rng.randrange(len(attribute.ints))] = rng.choice(NUMBERS)
        elif attribute.ints and rng.random() < 0.5:
            attribute.ints.append(rng.choice(NUMBERS))
        else:
            attribute.i, attribute.f = rng.choice(NUMBERS), float(rng.choice((0, -1, 1e38, float("nan"), float("inf"))))


def another_kind(rng: random.Random, model: ModelProto) -> None:
    attributes = [a for node in model.graph.node for a in node.attribute]
    if attributes:
        rng.choice(attributes).type = rng.choice(list(AttributeProto.AttributeType.values()))  # pyright: ignore


def another_attribute(rng: random.Random, model: ModelProto) -> None:
    if model.graph.node:
        name = rng.choice(
            ("axis", "axes", "group", "perm", "pads", "auto_pad", "dilations", "ceil_mode", "alpha", "to")
        )
        value = rng.choice([rng.choice(NUMBERS), [rng.choice(NUMBERS)], [1, 2, 3], 0.5, "SAME_UPPER", "x" * 5000])
        rng.choice(model.graph.node).attribute.append(helper.make_attribute(name, value))


def another_input(rng: random.Random, model: ModelProto) -> None:
    """A node reads, or makes, another tensor: circles, constants for activations and the reverse, missing ones."""
    nodes = model.graph.node
    names = [name for node in nodes for name in (*node.input, *node.output)] + list(WORDS[:3])
    if nodes:
        names_of = rng.choice(nodes).input if rng.random() < 0.8 else rng.choice(nodes).output
        if names_of and rng.random() < 0.8:
            names_of[rng.randrange(len(names_of))] = rng.choice(names)
        elif names_of and rng.random() < 0.5:
            names_of.pop()
        else:
            names_of.append(rng.choice(names))


def fewer_nodes(rng: random.Random, model: ModelProto) -> None:
    if model.graph.node:
        del model.graph.node[rng.randrange(len(model.graph.node))]


def another_order(rng: random.Random, model: ModelProto) -> None:
    nodes = list(model.graph.node)
    rng.shuffle(nodes)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def another_shape(rng: random.Random, model: ModelProto) -> None:
    """A tensor claims other axes than it holds, or another type."""
    if model.graph.initializer:
        tensor = rng.choice(model.graph.initializer)
        if tensor.dims and rng.random() < 0.7:
            tensor.dims[rng.randrange(len(tensor.dims))] = rng.choice(NUMBERS)
        else:
            tensor.data_type = rng.choice(list(TensorProto.DataType.values()))


def other_whole_numbers(rng: random.Random, model: ModelProto) -> None:
    """Shapes, axes and pads that are computed with are others, perhaps enormous ones."""
    tensors = [t for t in model.graph.initializer if t.data_type == TensorProto.INT64]
    if tensors:
        tensor = rng.choice(tensors)
        count = len(tensor.raw_data) // 8
        numbers = np.array([rng.choice(NUMBERS) for _ in range(max(1, count))], np.int64)
        tensor.raw_data = numbers.tobytes()


def another_size(rng: random.Random, model: ModelProto) -> None:
    """The model takes, or gives, something else."""
    values = [*model.graph.input, *model.graph.output]
    axes = [axis for value in values for axis in value.type.tensor_type.shape.dim]
    if axes:
        rng.choice(axes).dim_value = rng.choice(NUMBERS)
        rng.choice(values).type.tensor_type.elem_type = rng.choice((1, 1, 1, 7, 8, 10, 11, 99))


def more_ends(rng: random.Random, model: ModelProto) -> None:
    value = rng.choice([model.graph.input, model.graph.output])
    if value and rng.random() < 0.5:
        value.add().CopyFrom(value[0])
    elif value:
        value.pop()


def another_version(rng: random.Random, model: ModelProto) -> None:
    if model.opset_import:
        model.opset_import[0].version = rng.choice((1, 5, 6, 8, 10, 12, 13, 18, 20, 99, *NUMBERS))


def something_foreign(rng: random.Random, model: ModelProto) -> None:
    """A file beside it, a program inside it, an operator of another domain."""
    match rng.randrange(4):
        case 0 if model.graph.initializer:
            tensor = rng.choice(model.graph.initializer)
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="/etc/passwd")
        case 1 if model.graph.node:
            rng.choice(model.graph.node).domain = rng.choice(("com.microsoft", "evil", "ai.onnx.ml"))
        case 2 if model.graph.node:
            rng.choice(model.graph.node).attribute.append(helper.make_attribute("body", model.graph))
        case _:
            model.functions.append(helper.make_function("d", "f", [], [], [], model.opset_import))


ON_MODELS: tuple[Callable[[random.Random, ModelProto], None], ...] = (
    *(another_operator, another_number, another_kind, another_attribute, another_input, another_input, fewer_nodes),
    *(another_order, another_shape, other_whole_numbers, another_size, more_ends, another_version, something_foreign),
)


def sound() -> list[bytes]:
    """The models before they are damaged."""
    return [original(index) for index in range(8)]
