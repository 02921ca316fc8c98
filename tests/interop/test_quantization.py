"""int8 files compute in whole numbers what the network computes in real ones, and any interpreter agrees on what."""

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, numpy_helper

import netbuilder as nb
from netbuilder.data import load
from netbuilder.interop.emitter import Emitter
from netbuilder.interop.onnx_export import to_model
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import ExportError, ExportOptions
from netbuilder.interop.quantization import writing
from netbuilder.interop.quantization.folding import fold
from netbuilder.interop.verification import Verification, compared, scores
from netbuilder.layers import Layer
from tests.designs import valid_design
from tests.interop.test_onnx_export import lenet, random_design, weights_of

INT8 = ExportOptions(precision="int8")


def samples_for(graph: nb.Graph, count: int = 48, seed: int = 0) -> np.ndarray:
    shape = nb.compile(graph).input_shape.array
    return np.random.default_rng(seed).standard_normal((count, *shape)).astype(np.float32)


def quantized(graph: nb.Graph, weights: dict[str, np.ndarray], options: ExportOptions = INT8) -> ModelProto:
    return to_model(graph, weights, options=options, calibration=samples_for(graph))


def judged(graph: nb.Graph, weights: dict[str, np.ndarray], model: ModelProto, *, reference: bool) -> Verification:
    """An interpreter's verdict on samples that the model was not fitted to."""
    file, samples = OnnxFile.of(model.SerializeToString(), "net.onnx"), samples_for(graph, 32, 1)
    ours = scores(nb.compile(graph), weights, samples)
    return compared(file, file.backend(reference=reference), samples, ours, precision="int8")


def classifier() -> nb.Graph:
    return nb.Graph.chain(
        nb.Input(height=10, width=10, channels=3),
        nb.Conv2D(filters=16, kernel_size=3, padding="same", bias=False),
        nb.BatchNorm(),
        nb.ReLU(),
        nb.Conv2D(filters=24, kernel_size=3),
        nb.ReLU(),
        nb.MaxPool2D(2),
        nb.Flatten(),
        nb.Dense(units=40),
        nb.ReLU(),
        nb.Dense(units=5),
    )


# ---- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opset", [13, 17, 21])
@pytest.mark.parametrize("seed", range(8))
def test_designs_of_every_kind_run_in_both_interpreters_alike(seed: int, opset: int):
    graph = random_design(seed + 8 * (opset % 3))
    weights = weights_of(graph, seed)
    model = quantized(graph, weights, ExportOptions(precision="int8", opset=opset))
    by_onnxruntime, by_reference = (judged(graph, weights, model, reference=each) for each in (False, True))
    assert by_onnxruntime.passed
    assert by_onnxruntime.relative_difference < 0.5
    assert abs(by_onnxruntime.relative_difference - by_reference.relative_difference) < 0.02
    assert abs(by_onnxruntime.agreeing - by_reference.agreeing) <= 1


@pytest.mark.parametrize("seed", range(40, 52))
def test_networks_as_people_draw_them_keep_most_labels(seed: int):
    graph = valid_design(seed)
    weights = nb.compile(graph).init(seed)
    model = quantized(graph, weights)
    assert judged(graph, weights, model, reference=False).passed


def test_a_classifier_keeps_nearly_all_its_scores():
    graph, weights = classifier(), weights_of(classifier())
    for reference in (False, True):
        found = judged(graph, weights, quantized(graph, weights), reference=reference)
        assert found.relative_difference < 0.05
        assert found.agreeing >= 31


def test_weights_lie_within_half_a_step_of_what_they_were():
    graph, weights = lenet(), weights_of(lenet())
    stored = {t.name: numpy_helper.to_array(t) for t in quantized(graph, weights).graph.initializer}
    kept, step = stored["dense_1.weight"], stored["dense_1.weight/scale"]
    assert (kept.dtype, step.shape) == (np.int8, (3,))
    assert np.abs(kept).max(1).min() == 127, "every filter uses all of its range"
    assert (np.abs(kept * step[:, None] - weights["dense_1.weight"]) <= 0.501 * step[:, None]).all()
    bias, small = stored["dense_1.bias"], stored["dense_1.bias/scale"]
    assert bias.dtype == np.int32
    assert (np.abs(bias * small.astype(np.float64) - weights["dense_1.bias"]) <= 0.501 * small).all()


def test_a_wrong_scale_is_noticed(monkeypatch: pytest.MonkeyPatch):
    """Negative control: activations kept in steps half as large as they must be are cut off."""
    right = writing._scale
    monkeypatch.setattr(writing, "_scale", lambda low, high: right(low / 3, high / 3))
    graph, weights = classifier(), weights_of(classifier())
    assert judged(graph, weights, quantized(graph, weights), reference=False).relative_difference > 0.1


def test_without_onnxruntime_the_evaluator_fits_the_same_file(monkeypatch: pytest.MonkeyPatch):
    graph, weights = lenet(), weights_of(lenet())
    with_it = quantized(graph, weights)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    without = quantized(graph, weights)
    for one, other in zip(with_it.graph.initializer, without.graph.initializer, strict=True):
        assert one.name == other.name
        np.testing.assert_allclose(numpy_helper.to_array(one), numpy_helper.to_array(other), rtol=1e-4, atol=1)


@pytest.mark.parametrize("factor", [0.0, 1e-30, 1e-12])
def test_filters_and_maps_that_are_all_but_zero_do_no_harm(factor: float):
    graph, weights = classifier(), weights_of(classifier())
    weights["conv2d_2.weight"] = weights["conv2d_2.weight"] * np.float32(factor)
    weights["dense_1.weight"][3:9] = 0
    found = judged(graph, weights, quantized(graph, weights), reference=False)
    assert found.passed
    assert found.relative_difference < 0.05


# ---- what is kept in eight bits --------------------------------------------------------------------------------------


def test_pictures_are_convolved_and_scores_are_given_in_float32():
    model = quantized(classifier(), weights_of(classifier()))
    made = {output: node for node in model.graph.node for output in node.output}
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert kinds["conv2d_1.weight"] == TensorProto.FLOAT
    assert all(kinds[f"{name}.weight"] == TensorProto.INT8 for name in ("conv2d_2", "dense_1", "dense_2"))
    assert made["dense_2"].op_type == "Gemm"
    assert model.graph.output[0].name == "dense_2"
    assert not [node for node in model.graph.node if "dense_2" in node.input]


def test_a_relu_is_left_to_the_range_and_pooling_keeps_the_scale():
    """No pair stands between a convolution and its ReLU, and both sides of a pooling share their numbers."""
    model = quantized(classifier(), weights_of(classifier()))
    readers = {name: node.op_type for node in model.graph.node for name in node.input}
    assert readers["conv2d_2"] == "Relu"
    assert readers["relu_2"] == "QuantizeLinear"
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    assert stored["relu_2/scale"] == stored["maxpool2d_1/scale"] == stored["flatten_1/scale"]
    assert stored["relu_2/zero_point"] == 0


def test_the_file_is_about_a_quarter():
    graph = nb.Graph.chain(
        nb.Input(height=8, width=8, channels=8), nb.Conv2D(filters=64), nb.Flatten(), nb.Dense(units=64)
    )
    weights = weights_of(graph)
    whole, small = (
        len(
            to_model(
                graph, weights, options=ExportOptions(precision=each), calibration=samples_for(graph)
            ).SerializeToString()
        )
        for each in ("float32", "int8")
    )
    assert 0.25 < small / whole < 0.28


@pytest.mark.parametrize(
    "layer", [nb.Conv2D(filters=6, bias=False), nb.Conv2D(filters=6, groups=3), nb.ConvTranspose2D(filters=6)]
)
def test_a_batch_norm_goes_into_the_weights_before_it(layer: Layer):
    graph = nb.Graph.chain(nb.Input(height=6, width=6, channels=6), layer, nb.BatchNorm(), nb.ReLU())
    weights, samples = weights_of(graph), samples_for(graph)
    before = to_model(graph, weights)
    emitter = Emitter()
    emitter.model.CopyFrom(before)
    emitter.nodes, emitter.initializers = emitter.model.graph.node, emitter.model.graph.initializer
    fold(emitter)
    assert "BatchNormalization" not in {node.op_type for node in emitter.model.graph.node}
    one, other = (OnnxFile.of(each.SerializeToString(), "net").run(samples) for each in (before, emitter.model))
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_a_batch_norm_with_other_readers_before_it_stays():
    graph = nb.Graph.chain(nb.Input(height=6, width=6, channels=6), nb.Conv2D(filters=6), nb.BatchNorm())
    graph, node = graph.add(nb.Add(), name="sum")
    graph = graph.connect("conv2d_1", "sum", 0).connect("batchnorm_1", "sum", 1)
    model = quantized(graph, weights_of(graph))
    assert "BatchNormalization" in {node.op_type for node in model.graph.node}
    assert judged(graph, weights_of(graph), model, reference=True).relative_difference < 0.3
    assert node.name == "sum"


def test_several_outputs_are_all_exact_in_their_last_step():
    graph = nb.Graph.chain(nb.Input(features=6), nb.Dense(units=12), nb.ReLU(), nb.Dense(units=3), names=list("xabc"))
    graph, _ = graph.add(nb.Dense(units=2), name="d")
    graph = graph.connect("b", "d")
    for end in ("c", "d"):
        graph, _ = graph.add(nb.Output(), name=f"{end}'s")
        graph = graph.connect(end, f"{end}'s")
    weights = weights_of(graph)
    model = quantized(graph, weights)
    assert len(model.graph.output) == 2
    for reference in (False, True):
        assert judged(graph, weights, model, reference=reference).relative_difference < 0.05


def test_an_output_on_the_way_is_exact_too():
    graph = nb.Graph.chain(nb.Input(features=6), nb.Dense(units=12), nb.ReLU(), nb.Dense(units=3), names=list("xabc"))
    for end in ("b", "c"):
        graph, _ = graph.add(nb.Output(), name=f"{end}'s")
        graph = graph.connect(end, f"{end}'s")
    weights = weights_of(graph)
    model = quantized(graph, weights)
    made = {output: node.op_type for node in model.graph.node for output in node.output}
    assert {made[output.name] for output in model.graph.output} == {"Gemm", "Relu"}
    assert judged(graph, weights, model, reference=True).relative_difference < 0.05


# ---- what it is fitted to --------------------------------------------------------------------------------------------


def test_it_is_fitted_to_the_training_part_alone_and_always_to_the_same():
    stored = load("digits")
    data = nb.ExportData(stored, stored)
    found = data.calibration(100)
    training = {row.tobytes() for row in stored.training.batch(slice(None))}
    assert len({row.tobytes() for row in found}) > 95, "no sample is drawn twice, though some may be alike"
    assert {row.tobytes() for row in found} <= training
    np.testing.assert_array_equal(found, data.calibration(100))
    assert not np.array_equal(found, data.calibration(100, seed=1))
    assert len(data.calibration(10**6)) == len(stored.training)


def test_without_samples_it_is_refused(tmp_path: Path):
    with pytest.raises(ExportError, match="fitted to samples of the training data, and none are known"):
        nb.export_onnx(lenet(), weights_of(lenet()), tmp_path / "net.onnx", options=INT8)
    with pytest.raises(ExportError, match="there is not one"):
        to_model(lenet(), weights_of(lenet()), options=INT8, calibration=samples_for(lenet())[:0])
    assert not list(tmp_path.iterdir())


def test_samples_that_lead_to_no_finite_number_are_refused():
    weights = weights_of(lenet())
    weights["conv2d_1.weight"][:] = 3e38
    with pytest.raises(ExportError, match=r"“.+” gives numbers that are not finite"):
        quantized(lenet(), weights)
