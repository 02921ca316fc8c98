"""What networks for telephones, squeezed gates and ConvNeXt are written with: each spelling becomes what it means."""

import numpy as np
import pytest
from onnx import TensorProto, helper

import netbuilder as nb
from netbuilder.interop.importing import imported
from tests.interop.test_import_idioms import Writing, kinds, number, only, same, whole

SIXTH = number(1 / 6)


# ---- activations -----------------------------------------------------------------------------------------------------


def relu6_by_clip(w: Writing) -> None:
    w("Clip", "x", number(0), number(6))


def relu6_by_bounds(w: Writing) -> None:
    w("Min", w("Max", "x", number(0)), number(6))


def relu6_by_relu(w: Writing) -> None:
    w("Min", number(6), w("Relu", "x"))


def hard_sigmoid(w: Writing) -> None:
    w("HardSigmoid", "x", alpha=float(SIXTH), beta=0.5)


def hard_sigmoid_spelled(w: Writing) -> None:
    w("Div", w("Clip", w("Add", "x", number(3)), number(0), number(6)), number(6))


def hard_swish(w: Writing) -> None:
    w("HardSwish", "x")


def hard_swish_of_two(w: Writing) -> None:
    hard_sigmoid(w)
    w("Mul", "x", w.last)


def hard_swish_divided_first(w: Writing) -> None:
    hard_sigmoid_spelled(w)
    w("Mul", "x", w.last)


def hard_swish_divided_last(w: Writing) -> None:
    w("Mul", w("Mul", "x", w("Clip", w("Add", number(3), "x"), number(0), number(6))), SIXTH)


def hard_swish_through_casts(w: Writing) -> None:
    shifted = w("Cast", w("Add", "x", number(3)), to=TensorProto.FLOAT)
    w("Mul", w("Mul", w("Cast", w("Clip", shifted, number(0), number(6)), to=TensorProto.FLOAT), SIXTH), "x")


def mish(w: Writing) -> None:
    w("Mul", "x", w("Tanh", w("Softplus", "x")))


def mish_from_the_bottom(w: Writing) -> None:
    w("Mul", w("Tanh", w("Log", w("Add", w("Exp", "x"), number(1)))), "x")


def softplus_with_a_threshold(w: Writing) -> None:
    w("Where", w("Greater", "x", number(20)), "x", w("Softplus", "x"))


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        *((each, "ReLU6") for each in (relu6_by_clip, relu6_by_bounds, relu6_by_relu)),
        *((each, "HardSigmoid") for each in (hard_sigmoid, hard_sigmoid_spelled)),
        *((each, "HardSwish") for each in (hard_swish, hard_swish_of_two, hard_swish_divided_first)),
        *((each, "HardSwish") for each in (hard_swish_divided_last, hard_swish_through_casts)),
        *((each, "Mish") for each in (mish, mish_from_the_bottom)),
        (softplus_with_a_threshold, "Softplus"),
        (lambda w: w("Clip", "x", number(-2), number(3.5)), "HardTanh"),
        (lambda w: w("Max", "x", number(0)), "ReLU"),
        (lambda w: w("PRelu", (3, 1, 1)), "PReLU"),
        (lambda w: w("PRelu", (1, 3, 1, 1)), "PReLU"),
        (lambda w: w("PRelu", (1,)), "PReLU"),
        (lambda w: w("LogSoftmax", "x", axis=1), "LogSoftmax"),
    ],
)
def test_activations_are_named(write, kind: str):
    w = Writing(3, 5, 5)
    write(w)
    w("Conv", (2, 3, 1, 1))
    assert kinds(same(w)) == f"{kind} Conv2D"


def test_a_slope_is_what_was_meant():
    w = Writing(3, 5, 5)
    hard_sigmoid(w)
    assert only(same(w), "HardSigmoid") == nb.HardSigmoid()
    w("HardSigmoid", alpha=0.2)
    assert [n.layer for n in same(w).graph.nodes.values()][2] == nb.HardSigmoid(0.2)


def test_a_gate_of_another_is_no_hard_swish():
    """Negative control: x · relu6(y + 3) / 6."""
    w = Writing(3, 5, 5)
    y = w("Tanh", "x")
    w("Div", w("Clip", w("Add", y, number(3)), number(0), number(6)), number(6))
    w("Mul", "x", w.last)
    assert kinds(same(w)) == "Tanh HardSigmoid Multiply"


def test_a_swish_with_another_bound_is_not_named():
    """Negative control: x · min(max(x + 3, 0), 5) / 6."""
    w = Writing(3, 5, 5)
    w("Div", w("Mul", "x", w("Clip", w("Add", "x", number(3)), number(0), number(5))), number(6))
    assert "HardSwish" not in kinds(same(w))


# ---- gates -----------------------------------------------------------------------------------------------------------


def squeezed_by_convolutions(w: Writing) -> str:
    w("GlobalAveragePool", "x")
    w("Relu", w("Conv", (2, 6, 1, 1), (2,)))
    return w("Sigmoid", w("Conv", (6, 2, 1, 1), (6,)))


def squeezed_by_lists(w: Writing) -> str:
    w("Reshape", w("GlobalAveragePool", "x"), whole(-1, 6))
    w("Relu", w("MatMul", (6, 2)))
    w("Sigmoid", w("Gemm", (2, 6), (6,)))
    return w("Reshape", whole(-1, 6, 1, 1))


def squeezed_by_means(w: Writing) -> str:
    w("ReduceMean", "x", axes=[2, 3], keepdims=0)
    w("Relu", w("Gemm", (6, 2)))
    w("Sigmoid", w("Gemm", (2, 6)))
    return w("Unsqueeze", w("Unsqueeze", whole(-1)), whole(-1))


@pytest.mark.parametrize("squeezed", [squeezed_by_convolutions, squeezed_by_lists, squeezed_by_means])
@pytest.mark.parametrize("expanded", ["", "shape", "sizes"])
@pytest.mark.parametrize("turned", [False, True])
def test_squeeze_and_excitation(squeezed, expanded: str, turned: bool):
    w = Writing(6, 5, 4)
    gate = squeezed(w)
    if expanded:
        gate = w("Expand", gate, w("Shape", "x") if expanded == "shape" else whole(1, 6, 5, 4))
    w("Mul", *((gate, "x") if turned else ("x", gate)))
    w("Conv", (2, 6, 1, 1))
    found = same(w)
    assert kinds(found) == "GlobalAveragePool2D Dense ReLU Dense Sigmoid Multiply Conv2D"


def test_attention_along_the_channels():
    """ECA: a convolution that slides over the means of all channels."""
    w = Writing(6, 5, 4)
    line = w("Transpose", w("Squeeze", w("GlobalAveragePool"), whole(-1)), perm=[0, 2, 1])
    slid = w("Conv", line, (1, 1, 3), pads=[1, 1], kernel_shape=[3])
    gate = w("Sigmoid", w("Unsqueeze", w("Transpose", slid, perm=[0, 2, 1]), whole(3)))
    w("Mul", "x", w("Expand", gate, w("Shape", "x")))
    found = same(w)
    assert kinds(found) == "GlobalAveragePool2D Reshape Conv2D Reshape Sigmoid Multiply"
    assert only(found, "Conv2D").kernel_size == (1, 3)


def test_one_place_repeated_is_an_upsampling_where_nothing_else_does_it():
    w = Writing(6, 5, 4)
    w("Expand", w("GlobalAveragePool"), w("Shape", "x"))
    w("Concat", "x", w.last, axis=1)
    assert kinds(same(w)) == "GlobalAveragePool2D Reshape Upsample2D Concat"


def test_a_gate_for_every_place_is_refused():
    """Negative control: one number for each place, as for each channel, would not compute the same."""
    w = Writing(6, 5, 4)
    w("Mul", "x", w("Sigmoid", w("Conv", (1, 6, 1, 1))))
    with pytest.raises(nb.OnnxFileError, match="blocks do not stretch them"):
        imported(w.model().SerializeToString(), "net.onnx")


# ---- norms -----------------------------------------------------------------------------------------------------------


def normalised_last(w: Writing) -> None:
    w("LayerNormalization", w("Transpose", "x", perm=[0, 2, 3, 1]), w.named((6,)), w.named((6,)), axis=-1, epsilon=1e-6)
    w("Transpose", perm=[0, 3, 1, 2])


def normalised_in_steps(w: Writing) -> None:
    centred = w("Sub", "x", w("ReduceMean", "x", axes=[1]))
    square = w("ReduceMean", w("Pow", centred, number(2)), axes=[1])
    w("Div", centred, w("Sqrt", w("Add", square, number(1e-6))))
    w("Add", w("Mul", w.named((6, 1, 1)), w.last), (6, 1, 1))


def normalised_by_products(w: Writing) -> None:
    last = w("Transpose", "x", perm=[0, 2, 3, 1])
    centred = w("Sub", last, w("ReduceMean", last, axes=[-1]))
    square = w("ReduceMean", w("Mul", centred, centred), axes=[-1])
    w("Div", centred, w("Sqrt", w("Add", square, number(1e-6))))
    w("Add", w("Mul", (6,)), (6,))
    w("Transpose", perm=[0, 3, 1, 2])


@pytest.mark.parametrize("write", [normalised_last, normalised_in_steps, normalised_by_products])
def test_layer_norms_over_channels(write):
    w = Writing(6, 5, 4)
    write(w)
    w("Conv", (2, 6, 1, 1))
    found = same(w)
    assert kinds(found) == "LayerNorm Conv2D"
    assert only(found, "LayerNorm").epsilon == 1e-6


def test_linear_layers_at_every_place_are_convolutions():
    """ConvNeXt's block: channels last between two linear layers, scaled, beside a skip."""
    w = Writing(6, 5, 4)
    w("Conv", "x", (6, 1, 7, 7), (6,), group=6, pads=[3, 3, 3, 3])
    w("Transpose", perm=[0, 2, 3, 1])
    w("LayerNormalization", (6,), (6,), axis=-1)
    w("Relu", w("Add", w.named((12,)), w("MatMul", (6, 12))))
    w("Add", w("MatMul", (12, 6)), (6,))
    w("Transpose", w("Mul", w.named((6,)), w.last), perm=[0, 3, 1, 2])
    w("Add", "x", w.last)
    found = same(w)
    assert kinds(found) == "DepthwiseConv2D LayerNorm Conv2D ReLU Conv2D BatchNorm Add"


def test_a_norm_over_a_whole_map_is_refused():
    """Negative control."""
    w = Writing(6, 5, 4)
    w("LayerNormalization", (6, 5, 4), axis=1)
    with pytest.raises(nb.OnnxFileError, match="normalises over something else"):
        imported(w.model().SerializeToString(), "net.onnx")


def responded(w: Writing, *, padding: int = 2) -> None:
    volume = w("Reshape", w("Mul", "x", "x"), whole(0, 1, 6, 5, 4))
    pads = whole(0, 0, padding, 0, 0, 0, 0, 4 - padding, 0, 0)
    w("AveragePool", w("Pad", volume, pads), kernel_shape=[5, 1, 1], strides=[1, 1, 1], count_include_pad=1)
    w("Reshape", w("Squeeze", whole(1)), whole(0, 6, 5, 4))
    w("Div", "x", w("Pow", w("Add", w("Mul", number(1e-2)), number(2)), number(0.75)))


def test_response_norms_by_a_pooled_volume():
    w = Writing(6, 5, 4)
    responded(w)
    assert only(same(w), "LocalResponseNorm") == nb.LocalResponseNorm(5, 1e-2, 0.75, 2)


def test_a_response_norm_that_looks_one_way_is_refused():
    """Negative control: neighbours on one side only."""
    w = Writing(6, 5, 4)
    responded(w, padding=4)
    with pytest.raises(nb.OnnxFileError, match="something else than a response norm"):
        imported(w.model().SerializeToString(), "net.onnx")


# ---- branches that are none ------------------------------------------------------------------------------------------


def branched(w: Writing, *, otherwise: str = "Identity", size: int = 1, inner: int = 3) -> None:
    """What PyTorch's older exporter writes for `x.squeeze(3)` where it does not know the size."""
    x = w("GlobalAveragePool", "x")
    axes = helper.make_node("Constant", [], ["axes"], value=helper.make_tensor("", TensorProto.INT64, [1], [inner]))
    then = [axes, helper.make_node("Squeeze", [x, "axes"], ["squeezed"])]
    known = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("squeezed", "same")]
    branches = (
        helper.make_graph(then, "then", [], known[:1]),
        helper.make_graph([helper.make_node(otherwise, [x], ["same"])], "else", [], known[1:]),
    )
    asked = w("Equal", w("Gather", w("Shape", x), whole(3)), whole(size))
    w("If", asked, then_branch=branches[0], else_branch=branches[1])
    w("Flatten")
    w("Gemm", (6, 2))


def test_a_squeeze_that_may_not_be_is_one():
    w = Writing(6, 5, 4)
    branched(w)
    assert kinds(same(w)) == "GlobalAveragePool2D Dense"


@pytest.mark.parametrize("change", [{"otherwise": "Relu"}, {"size": 2}, {"inner": 2}])
def test_any_other_branch_is_refused(change: dict):
    """Negative control: nothing is run to find out which way it goes."""
    w = Writing(6, 5, 4)
    branched(w, **change)
    with pytest.raises(nb.OnnxFileError, match="contains branches or loops"):
        imported(w.model().SerializeToString(), "net.onnx")


# ---- channels picked -------------------------------------------------------------------------------------------------


def test_channels_prepared_one_by_one():
    """As Inception's inputs are brought from one convention to another."""
    w = Writing(3, 5, 4)
    parts = []
    for index in range(3):
        picked = w("Unsqueeze", w("Gather", "x", np.array(index, np.int64), axis=1), whole(1))
        parts.append(w("Add", w("Mul", picked, number(0.4 + index)), number(-0.1)))
    w("Concat", *parts, axis=1)
    assert kinds(same(w)) == "SelectChannels Rescaling SelectChannels Rescaling SelectChannels Rescaling Concat"


def test_every_second_place():
    w = Writing(3, 5, 6)
    w("Slice", "x", whole(0, 0), whole(2**31, 2**31), whole(2, 3), whole(2, 3))
    found = same(w)
    assert only(found, "MaxPool2D") == nb.MaxPool2D(1, (2, 3))


def test_means_of_several_and_what_is_negative():
    w = Writing(3, 5, 6)
    w("Mean", "x", w("Relu", "x"), w("Neg", "x"))
    assert kinds(same(w)) == "ReLU Rescaling Add Rescaling"
