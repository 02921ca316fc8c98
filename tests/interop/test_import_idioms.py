"""The many ways in which programs write the same layers: each becomes the layer it means, and computes the same."""

from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from netbuilder.interop.importing import Imported, compare, imported


class Writing:
    """A model being written, one node after another, with random weights of the shapes that are asked for."""

    def __init__(self, *shape: int, batch: int | str = "N", version: int = 17):
        self.random, self.version = np.random.default_rng(0), version
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *shape])
        self.nodes, self.constants, self.last = [], [], "x"

    def __call__(self, kind: str, *inputs, **attributes) -> str:
        """A node behind the last one, or behind the names given; arrays and tuples of sizes become constants."""
        names = [self.named(each) for each in inputs] or [self.last]
        if not any(isinstance(each, str) for each in inputs) and inputs and kind != "Constant":
            names.insert(0, self.last)
        output = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, names, [output], output, **attributes))
        self.last = output
        return output

    def named(self, value) -> str:
        if isinstance(value, str):
            return value
        array = value if isinstance(value, np.ndarray) else self.drawn(value)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def drawn(self, shape: tuple[int, ...]) -> np.ndarray:
        return self.random.uniform(0.2, 1, shape).astype(np.float32)

    def model(self) -> ModelProto:
        output = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "g", [self.input], [output], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.version)], ir_version=8)


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def number(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def same(w: Writing) -> Imported:
    """The design, once it is proved to compute what onnxruntime does."""
    data = w.model().SerializeToString()
    found = imported(data, "net.onnx")
    comparison = compare(data, found, found.weighed())
    assert comparison is not None
    assert comparison.difference < 1e-5, comparison.sentence()
    return found


def kinds(found: Imported) -> str:
    return " ".join(type(node.layer).__name__ for node in found.graph.nodes.values()).removeprefix("Input ")


def only(found: Imported, kind: str) -> Any:
    (layer,) = [node.layer for node in found.graph.nodes.values() if type(node.layer).__name__ == kind]
    return layer


def flattened_by_its_shape(w: Writing) -> None:
    w("Gather", w("Shape", "x"), whole(0))
    w("Reshape", "x", w("Concat", w.last, whole(-1), axis=0))


# ---- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        lambda w: w("Flatten"),
        lambda w: w("Reshape", whole(0, -1)),
        lambda w: w("Reshape", whole(-1, 96)),
        flattened_by_its_shape,
        lambda w: (w("Reshape", whole(0, 2, 48)), w("Flatten")),
        lambda w: (w("Unsqueeze", whole(2)), w("Squeeze", whole(2)), w("Identity"), w("Reshape", whole(0, -1))),
    ],
)  # fmt: skip
@pytest.mark.parametrize("batch", ["N", 3])
def test_flatten(write, batch):
    w = Writing(6, 4, 4, batch=batch)
    write(w)
    w("Gemm", (96, 5), (5,))
    assert kinds(same(w)) == "Flatten Dense"


@pytest.mark.parametrize("head", [("Flatten",), ("Reshape", whole(-1, 6)), ("Squeeze", whole(2, 3))])
@pytest.mark.parametrize("mean", ["GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax"])
def test_means_of_whole_maps(mean: str, head: tuple):
    w = Writing(6, 4, 5)
    w(mean, **({"axes": [2, 3]} if mean.startswith("Reduce") else {}))
    w(*head)
    w("Gemm", (6, 5), (5,))
    assert kinds(same(w)) == ("GlobalMaxPool2D Dense" if "Max" in mean else "GlobalAveragePool2D Dense")


def test_means_without_their_axes():
    w = Writing(6, 4, 5)
    w("ReduceMean", axes=[-1, -2], keepdims=0)
    w("Gemm", (6, 5), (5,))
    assert kinds(same(w)) == "GlobalAveragePool2D Dense"


def test_a_convolution_behind_a_mean_is_a_dense():
    w = Writing(6, 4, 5)
    w("GlobalAveragePool")
    w("Conv", (4, 6, 1, 1), (4,))
    w("Relu")
    w("Conv", (3, 4, 1, 1))
    w("Softmax", axis=1)
    assert kinds(same(w)) == "GlobalAveragePool2D Dense ReLU Dense Softmax"


@pytest.mark.parametrize("turned", [0, 1])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
@pytest.mark.parametrize("bias", [(5,), (1, 5), (1,), ()])
def test_gemm(turned: int, alpha: float, bias: tuple):
    w = Writing(7)
    w("Gemm", (5, 7) if turned else (7, 5), bias, transB=turned, alpha=alpha, beta=2.0)
    assert kinds(same(w)) == "Dense"


def test_matmul_and_add_in_either_order():
    w = Writing(7)
    w("MatMul", (7, 5))
    w("Add", w.named((5,)), w.last)
    w("MatMul", (5, 4))
    w("Sub", (1, 4))
    found = same(w)
    assert kinds(found) == "Dense Dense"
    assert found.weights["matmul_0.bias"].shape == (5,)


# ---- scales and shifts -----------------------------------------------------------------------------------------------


def test_a_scale_and_a_shift_behind_a_batch_norm_are_part_of_it():
    w = Writing(3, 5, 5)
    w("BatchNormalization", (3,), (3,), (3,), (3,), epsilon=1e-3)
    y = w.last
    scale = w("Unsqueeze", w.named((3,)), whole(1, 2))
    w("Mul", y, scale)
    w("Add", (3, 1, 1))
    found = same(w)
    assert kinds(found) == "BatchNorm"
    assert only(found, "BatchNorm").epsilon == 1e-3


@pytest.mark.parametrize("shape", [(4, 1, 1), (1, 4, 1, 1)])
def test_a_scale_and_a_shift_alone_are_a_batch_norm(shape: tuple):
    w = Writing(3, 5, 5)
    w("Conv", (4, 3, 3, 3))
    w("Mul", shape)
    w("Div", shape)
    w("Sub", shape)
    w("Add", shape)
    assert kinds(same(w)) == "Conv2D BatchNorm"


def test_one_scale_and_one_shift_for_all_are_a_rescaling():
    """Which has nothing to learn, and no statistics that training would change."""
    w = Writing(3, 5, 5)
    w("Conv", (4, 3, 3, 3))
    w("Mul", number(0.5))
    w("Sub", number(3), w.last)
    w("Div", number(4))
    found = same(w)
    assert kinds(found) == "Conv2D Rescaling"
    assert only(found, "Rescaling").values() == {"scale": -0.125, "offset": 0.75}


def test_a_shift_behind_a_convolution_is_its_bias():
    w = Writing(3, 5, 5)
    w("Conv", (4, 3, 3, 3))
    w("Add", (1, 4, 1, 1))
    found = same(w)
    assert kinds(found) == "Conv2D"
    assert only(found, "Conv2D").bias


def test_what_others_read_too_is_not_changed():
    w = Writing(3, 5, 5)
    y = w("Conv", (3, 3, 3, 3), pads=[1, 1, 1, 1])
    z = w("Add", (3, 1, 1))
    w("Sum", y, z, "x")
    assert kinds(same(w)) == "Conv2D BatchNorm Add"


def test_prepared_inputs():
    w = Writing(3, 5, 5)
    w("Div", number(255))
    w("Sub", (1, 3, 1, 1))
    w("Div", (3, 1, 1))
    w("Conv", (4, 3, 3, 3))
    assert kinds(same(w)) == "Rescaling BatchNorm Conv2D"


# ---- compositions ----------------------------------------------------------------------------------------------------


def gelu_by_pytorch(w: Writing) -> None:
    w("Erf", w("Div", "x", number(2**0.5)))
    w("Mul", "x", w("Add", number(1)))
    w("Mul", number(0.5))


def gelu_by_keras(w: Writing) -> None:
    w("Erf", w("Mul", "x", number(0.5**0.5)))
    half = w("Mul", w("Add", number(1)), number(0.5))
    w("Mul", half, "x")


def gelu_by_tanh(w: Writing) -> None:
    cube = w("Mul", w("Pow", "x", number(3)), number(0.044715))
    curve = w("Tanh", w("Mul", w("Add", "x", cube), number((2 / np.pi) ** 0.5)))
    w("Mul", w("Mul", "x", number(0.5)), w("Add", curve, number(1)))


def silu(w: Writing) -> None:
    w("Mul", w("Sigmoid", "x"), "x")


@pytest.mark.parametrize(
    ("write", "kind"), [(gelu_by_pytorch, "GELU"), (gelu_by_keras, "GELU"), (gelu_by_tanh, "GELU"), (silu, "SiLU")]
)
def test_compositions_are_named(write, kind: str):
    w = Writing(3, 5, 5)
    write(w)
    w("Conv", (2, 3, 1, 1))
    assert kinds(same(w)) == f"{kind} Conv2D"


def test_a_composition_with_another_number_is_not():
    """Negative control: x · σ(2x) is no SiLU."""
    w = Writing(3, 5, 5)
    w("Mul", w("Sigmoid", w("Mul", "x", number(2))), "x")
    assert "SiLU" not in kinds(same(w))


def test_what_is_read_on_the_way_stays():
    w = Writing(3, 5, 5)
    gate = w("Sigmoid", "x")
    w("Mul", gate, "x")
    w("Add", w.last, gate)
    assert kinds(same(w)) == "Sigmoid Multiply Add"


# ---- windows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("kind", ["Conv", "MaxPool", "AveragePool"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_automatic_padding(rule: str, kind: str, stride: int):
    w = Writing(3, 10, 11)
    kernel = {"kernel_shape": [4, 3], "strides": [stride, stride], "auto_pad": rule}
    w(kind, *([(2, 3, 4, 3)] if kind == "Conv" else []), **kernel)
    same(w)


@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 2, 0]])
@pytest.mark.parametrize("counted", [0, 1])
@pytest.mark.parametrize("ceiling", [0, 1])
def test_pooling_with_every_padding(kind: str, pads: list, counted: int, ceiling: int):
    """Where a last window runs past counted padding, programs differ, and it is refused or the same."""
    w = Writing(3, 10, 11)
    more = {"count_include_pad": counted} if kind == "AveragePool" else {}
    w(kind, kernel_shape=[3, 3], strides=[2, 2], pads=pads, ceil_mode=ceiling, **more)
    if ceiling and counted and kind == "AveragePool" and any(pads):
        with pytest.raises(ValueError, match="programs do differently"):
            same(w)
    else:
        assert kinds(same(w)) == {"MaxPool": "MaxPool2D", "AveragePool": "AveragePool2D"}[kind]


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        ("Conv", "ReLU Conv2D"),
        ("MaxPool", "ReLU MaxPool2D"),
        ("AveragePool", "ReLU AveragePool2D"),
        ("Sigmoid", "ReLU ZeroPad2D Sigmoid"),
    ],
)
def test_padding_before_a_window_is_the_windows(after: str, kind: str):
    w = Writing(3, 9, 9)
    w("Relu")
    w("Pad", whole(0, 0, 1, 0, 0, 0, 2, 1))
    window = {} if after == "Sigmoid" else {"kernel_shape": [3, 3], "strides": [2, 2]}
    w(after, *([(2, 3, 3, 3)] if after == "Conv" else []), **window)
    assert kinds(same(w)) == kind


def test_padding_of_negative_numbers_before_a_largest_one_stays():
    w = Writing(3, 9, 9)
    w("Pad", whole(0, 0, 1, 1, 0, 0, 1, 1))
    w("MaxPool", kernel_shape=[3, 3])
    assert kinds(same(w)) == "ZeroPad2D MaxPool2D"


def test_groups_of_one_channel_are_depthwise():
    w = Writing(4, 9, 9)
    w("Conv", (8, 1, 3, 3), (8,), group=4)
    w("Conv", (4, 4, 3, 3), group=2)
    found = same(w)
    assert kinds(found) == "DepthwiseConv2D Conv2D"
    assert only(found, "DepthwiseConv2D").depth_multiplier == 2


@pytest.mark.parametrize("groups", [2, 3, 4, 6])
def test_shuffled_channels(groups: int):
    w = Writing(12, 5, 4)
    w("Reshape", whole(0, groups, 12 // groups, 5, 4))
    w("Transpose", perm=[0, 2, 1, 3, 4])
    w("Reshape", whole(0, 12, 5, 4))
    w("Conv", (12, 1, 3, 3), group=12)
    found = same(w)
    assert kinds(found) == "ChannelShuffle DepthwiseConv2D"
    assert only(found, "ChannelShuffle").groups == groups


def test_halves_of_the_channels():
    w = Writing(4, 5, 5)
    w.nodes.append(helper.make_node("Split", ["x"], ["a", "b"], "halves", axis=1))
    right = w("Relu", "b")
    w("Concat", "a", right, axis=1)
    left = w("Slice", w.last, whole(0), whole(3), whole(1))
    w("Conv", left, (2, 3, 1, 1))
    assert kinds(same(w)) == "SelectChannels SelectChannels ReLU Concat SelectChannels Conv2D"


@pytest.mark.parametrize(
    ("mode", "centres", "rounding"),
    [
        ("nearest", "asymmetric", "floor"),
        ("nearest", "half_pixel", "round_prefer_floor"),
        ("linear", "half_pixel", "floor"),
    ],
)
@pytest.mark.parametrize("factors", [(2, 2), (3, 1)])
def test_larger_maps(mode: str, centres: str, rounding: str, factors: tuple):
    w = Writing(3, 4, 5)
    scales = np.array([1, 1, *factors], np.float32)
    how = {"coordinate_transformation_mode": centres, "mode": mode, "nearest_mode": rounding}
    w("Resize", "x", "", scales, **how)
    assert kinds(same(w)) == "Upsample2D"


# ---- channels last ---------------------------------------------------------------------------------------------------


def test_a_model_of_channels_last():
    """As Keras models are exported: transposed before the first convolution, and back before the list."""
    w = Writing(8, 8, 3)
    w("Transpose", perm=[0, 3, 1, 2])
    w("Conv", (4, 3, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    w("Transpose", perm=[0, 2, 3, 1])
    w("Add", (4,))
    w("Relu")
    w("Reshape", whole(-1, 64))
    w("MatMul", (64, 6))
    w("Add", (6,))
    w("Softmax", axis=-1)
    found = same(w)
    assert kinds(found) == "Conv2D ReLU Flatten Dense Softmax"
    assert found.graph[1].layer.values()["channels"] == 3


def test_branches_of_channels_last():
    w = Writing(8, 8, 3)
    y = w("Transpose", perm=[0, 3, 1, 2])
    a = w("Transpose", w("Conv", y, (4, 3, 1, 1)), perm=[0, 2, 3, 1])
    b = w("Transpose", w("Conv", y, (5, 3, 1, 1)), perm=[0, 2, 3, 1])
    w("Concat", a, b, axis=3)
    w("ReduceMean", axes=[1, 2], keepdims=0)
    w("Gemm", (9, 4))
    assert kinds(same(w)) == "Conv2D Conv2D Concat GlobalAveragePool2D Dense"


# ---- names -----------------------------------------------------------------------------------------------------------


def test_names_are_kept_made_unique_and_printable():
    w = Writing(3, 5, 5)
    w("Relu")
    w("Tanh")
    w("Elu")
    w("Sigmoid")
    for node, name in zip(w.nodes, ("same", "same", "line\nbreak", "x" * 500), strict=True):
        node.name = name
    names = [node.name for node in imported(w.model().SerializeToString(), "net.onnx").graph.nodes.values()]
    assert names[:4] == ["x", "same", "same_2", "line_break"]
    assert len(names[4]) <= 80


def test_pytorchs_paths_become_its_modules_names():
    w = Writing(3, 5, 5)
    w("Conv", (3, 3, 1, 1))
    w("Relu")
    w("Add", w.last, "x")
    for node, name in zip(
        w.nodes, ("/layer1/layer1.0/conv/Conv", "/layer1/layer1.0/relu_1/Relu", "/layer1/layer1.0/Add"), strict=True
    ):
        node.name = name
    names = [node.name for node in same(w).graph.nodes.values()]
    assert names == ["x", "layer1.0.conv", "layer1.0.relu_1", "layer1.0.add"]
