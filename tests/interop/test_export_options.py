"""What a person chooses about a file is checked where it is chosen, and comes out in the file."""

import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

import netbuilder as nb
from netbuilder.interop.onnx_export import to_model
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import ExportError, ExportOptions
from netbuilder.interop.verification import compared, scores, verify
from tests.interop.test_onnx_export import lenet, weights_of

SAMPLES = np.random.default_rng(0).standard_normal((7, 1, 12, 10)).astype(np.float32)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"opset": 12}, "from 13 to 21, not 12"),
        ({"opset": 22}, "from 13 to 21, not 22"),
        ({"opset": True}, "from 13 to 21, not True"),
        ({"opset": "17"}, "from 13 to 21, not '17'"),
        ({"batch": 0}, "from 1 to 65,536 samples, not 0"),
        ({"batch": 2.0}, "not 2.0"),
        ({"batch": 65_537}, "not 65537"),
        ({"precision": "int4"}, "one of float32, float16, int8, not 'int4'"),
        ({"preprocessing": True}, "one of none, auto, uint8, float32, not True"),
        ({"softmax": "yes"}, "not 'yes'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_a_sentence(wish, sentence: str):
    with pytest.raises(ExportError, match=sentence):
        ExportOptions(**wish)


def test_options_are_values_that_travel_between_processes():
    options = ExportOptions(opset=21, softmax=True, preprocessing="auto", batch=8, precision="int8")
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301
    assert ExportOptions(**options.to_dict()) == options
    assert options.words() == "opset 21, int8, batches of 8, with softmax, raw input"
    assert ExportOptions().words() == "opset 17, float32, any batch"


def test_softmax_is_an_option_and_a_word_of_its_own():
    graph, weights = lenet(), weights_of(lenet())
    by_option = to_model(graph, weights, options=ExportOptions(softmax=True))
    assert by_option == to_model(graph, weights, softmax=True)
    assert by_option.graph.node[-1].op_type == "Softmax"


@pytest.mark.parametrize("batch", [1, 3, 7, 10])
def test_a_fixed_batch_takes_any_number_of_samples_by_filling_up(batch: int, tmp_path: Path):
    graph, weights = lenet(), weights_of(lenet())
    path = nb.export_onnx(graph, weights, tmp_path / "net", options=ExportOptions(batch=batch))
    model = onnx.load(path)
    for info in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        assert info.type.tensor_type.shape.dim[0].dim_value == batch
    for reference in (False, True):
        assert verify(path, nb.compile(graph), weights, SAMPLES, reference=reference).passed


# ---- half precision --------------------------------------------------------------------------------------------------


def test_half_precision_halves_the_weights_and_computes_in_single(tmp_path: Path):
    graph, weights = lenet(), weights_of(lenet())
    path = nb.export_onnx(graph, weights, tmp_path / "net", options=ExportOptions(precision="float16"))
    stored = {tensor.name: tensor for tensor in onnx.load(path).graph.initializer}
    for name, array in weights.items():
        assert stored[name].data_type == TensorProto.FLOAT16
        np.testing.assert_array_equal(onnx.numpy_helper.to_array(stored[name]), array.astype(np.float16))
    for reference in (False, True):
        found = verify(path, nb.compile(graph), weights, SAMPLES, precision="float16", reference=reference)
        assert found.passed, found.sentence()
        assert 1e-5 < found.relative_difference < 1e-2
        assert not verify(path, nb.compile(graph), weights, SAMPLES, reference=reference).passed, "it is not float32"
    rounded = {name: array.astype(np.float16).astype(np.float32) for name, array in weights.items()}
    assert verify(path, nb.compile(graph), rounded, SAMPLES).passed, "nothing but the weights is rounded"


@pytest.mark.parametrize("number", [65_600, -123_456])
def test_a_number_that_half_precision_does_not_reach_is_named(number: float):
    weights = weights_of(lenet())
    weights["dense_1.weight"][1, 2] = number
    with pytest.raises(ExportError, match=f"“dense_1.weight” holds {number:,.6g}, but float16 reaches only"):
        to_model(lenet(), weights, options=ExportOptions(precision="float16"))


def test_the_largest_number_of_half_precision_is_kept():
    weights = weights_of(lenet())
    weights["dense_1.bias"][0] = 65_504
    model = to_model(lenet(), weights, options=ExportOptions(precision="float16"))
    stored = next(tensor for tensor in model.graph.initializer if tensor.name == "dense_1.bias")
    assert onnx.numpy_helper.to_array(stored)[0] == 65_504


def test_half_precision_has_a_verdict_of_its_own():
    """Negative control: what differs by more than rounded weights do is refused."""
    model = to_model(lenet(), weights_of(lenet()), options=ExportOptions(precision="float16"))
    file = OnnxFile.of(model.SerializeToString(), "net")
    program, other = nb.compile(lenet()), weights_of(lenet())
    other["conv2d_1.weight"] = other["conv2d_1.weight"] * 1.05
    found = compared(file, file.backend(), SAMPLES, scores(program, other, SAMPLES), precision="float16")
    assert not found.passed
    assert "1e-02 allowed" in found.sentence()
