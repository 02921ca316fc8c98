"""Models whose channels come last, as tf2onnx and Keras write them: transposed here and there, flattened their way."""

import pytest

from tests.interop.test_import_idioms import Writing, kinds, number, only, same, whole

FIRST, LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def test_a_classifier_by_tf2onnx():
    """One transposition in, none out: batch norms as scales and shifts, dense layers as MatMul and Add."""
    w = Writing(16, 16, 3)
    w("Transpose", perm=FIRST)
    w("Conv", (8, 3, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    w("Mul", (1, 8, 1, 1))
    w("Add", (1, 8, 1, 1))
    w("Clip", number(0), number(6))
    w("Conv", (8, 1, 3, 3), group=8, pads=[1, 1, 1, 1])
    depthwise = w.last
    w("Add", w("Unsqueeze", w.named((8,)), whole(1, 2)), depthwise)
    w("Relu")
    w("MaxPool", w.last, kernel_shape=[2, 2], strides=[2, 2])
    w("Reshape", w("Transpose", perm=LAST), whole(-1, 4 * 4 * 8))
    w("Relu", w("Add", w("MatMul", (128, 12)), (12,)))
    w("Softmax", w("Add", w("MatMul", (12, 5)), (5,)), axis=-1)
    found = same(w)
    assert kinds(found) == "Conv2D BatchNorm ReLU6 DepthwiseConv2D ReLU MaxPool2D Flatten Dense ReLU Dense Softmax"
    assert found.view.sizes == (16, 16, 3)


@pytest.mark.parametrize("pads", [(0, 1, 1, 0, 0, 1, 1, 0), (0, 0, 0, 0, 0, 1, 1, 0)])
def test_padding_before_the_transposition_is_the_windows(pads: tuple):
    w = Writing(9, 9, 3)
    w("Transpose", w("Pad", whole(*pads)), perm=FIRST)
    w("Conv", (4, 3, 3, 3), strides=[2, 2])
    found = same(w)
    assert kinds(found) == "Conv2D"
    assert only(found, "Conv2D").padding == (pads[1], pads[5], pads[2], pads[6])


def test_padding_between_transpositions_stays_before_a_largest_one():
    w = Writing(9, 9, 3)
    w("Conv", w("Transpose", "x", perm=FIRST), (4, 3, 1, 1))
    w("Pad", w("Transpose", perm=LAST), whole(0, 1, 2, 0, 0, 0, 1, 0))
    w("MaxPool", w("Transpose", perm=FIRST), kernel_shape=[3, 3])
    assert kinds(same(w)) == "Conv2D ZeroPad2D MaxPool2D"


def test_inputs_prepared_in_the_model():
    w = Writing(8, 8, 3)
    w("Mul", "x", number(1 / 127.5))
    w("Div", w("Sub", (1, 1, 1, 3)), (1, 1, 1, 3))
    w("Transpose", w("Pad", whole(0, 0, 0, 0, 0, 1, 1, 0)), perm=FIRST)
    w("Conv", (4, 3, 3, 3), strides=[2, 2])
    assert kinds(same(w)) == "Rescaling BatchNorm Conv2D"


@pytest.mark.parametrize("kept", [0, 1])
def test_squeeze_and_excitation_of_channels_last(kept: int):
    w = Writing(8, 8, 6)
    y = w("Transpose", w("Conv", w("Transpose", perm=FIRST), (6, 6, 3, 3)), perm=LAST)
    mean = w("ReduceMean", y, axes=[1, 2], keepdims=kept)
    if kept:
        mean = w("Reshape", mean, whole(-1, 6))
    w("Relu", w("MatMul", mean, (6, 2)))
    gate = w("Reshape", w("Sigmoid", w("Add", w("MatMul", (2, 6)), (6,))), whole(-1, 1, 1, 6))
    w("Mul", y, gate)
    w("ReduceMean", axes=[1, 2], keepdims=0)
    w("MatMul", (6, 3))
    expected = "Conv2D GlobalAveragePool2D Dense ReLU Dense Sigmoid Multiply GlobalAveragePool2D Dense"
    assert kinds(same(w)) == expected


def test_a_gate_by_convolutions_of_channels_last():
    w = Writing(8, 8, 6)
    y = w("Relu", w("Transpose", w("Conv", w("Transpose", perm=FIRST), (6, 6, 3, 3)), perm=LAST))
    mean = w("Transpose", w("ReduceMean", y, axes=[1, 2], keepdims=1), perm=FIRST)
    w("Conv", mean, (2, 6, 1, 1), (2,))
    w("Conv", w("Relu"), (6, 2, 1, 1), (6,))
    w("Mul", y, w("HardSigmoid", w("Transpose", perm=LAST)))
    w("ReduceMax", axes=[1, 2])
    expected = "Conv2D ReLU GlobalAveragePool2D Dense ReLU Dense HardSigmoid Multiply GlobalMaxPool2D"
    assert kinds(same(w)) == expected


def test_flattening_behind_branches_of_channels_last():
    w = Writing(6, 6, 4)
    first = w("Transpose", perm=FIRST)
    a, b = (w("Transpose", w("Conv", first, (n, 4, 3, 3)), perm=LAST) for n in (3, 5))
    w("Concat", a, b, axis=-1)
    w("PRelu", (1, 1, 8))
    w("Reshape", whole(-1, 128))
    w("Add", w("MatMul", (128, 7)), (7,))
    found = same(w)
    assert kinds(found) == "Conv2D Conv2D Concat PReLU Flatten Dense"
    assert found.weights["prelu_6.weight"].shape == (8,)
