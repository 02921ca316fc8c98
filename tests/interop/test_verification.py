"""A written file is trusted only after it gave the engine's numbers; a wrong one is caught."""

from pathlib import Path

import numpy as np
import onnx
import pytest

import netbuilder as nb
from netbuilder.interop.onnx_file import OnnxFileError
from netbuilder.interop.verification import Verification, verify


@pytest.fixture
def exported(tmp_path: Path):
    graph = nb.Graph.chain(
        nb.Input(height=6, width=6, channels=2),
        nb.Conv2D(filters=3),
        nb.BatchNorm(),
        nb.ReLU(),
        nb.Flatten(),
        nb.Dense(units=4),
    )
    program = nb.compile(graph)
    weights = program.init(seed=1)
    path = nb.export_onnx(graph, weights, tmp_path / "net.onnx")
    samples = np.random.default_rng(0).standard_normal((20, 2, 6, 6)).astype(np.float32)
    return path, program, weights, samples


def test_a_faithful_file_passes_and_says_so(exported):
    path, program, weights, samples = exported
    labels = program.predict(weights, samples).argmax(1)
    found = verify(path, program, weights, samples, labels)
    assert found.passed
    assert (found.samples, found.agreeing, found.correct) == (20, 20, 20)
    assert 0 <= found.relative_difference <= 1e-5
    assert "all 20 labels agree" in found.sentence()
    assert found.sentence().startswith("onnxruntime ")


@pytest.mark.parametrize("tensor", ["conv2d_1.weight", "batchnorm_1.running_var", "dense_1.bias"])
def test_one_corrupted_weight_is_caught(exported, tensor: str):
    path, program, weights, samples = exported
    model = onnx.load(path)
    stored = next(t for t in model.graph.initializer if t.name == tensor)
    array = onnx.numpy_helper.to_array(stored).copy()
    array.flat[0] += 0.05
    stored.CopyFrom(onnx.numpy_helper.from_array(array, tensor))
    path.write_bytes(model.SerializeToString())
    found = verify(path, program, weights, samples)
    assert not found.passed
    assert found.relative_difference > 1e-5


def test_labels_that_disagree_are_counted(exported):
    path, program, weights, samples = exported
    others = {**weights, "dense_1.weight": -weights["dense_1.weight"]}
    found = verify(path, program, others, samples)
    assert found.agreeing < 20
    assert f"only {found.agreeing} labels agree" in found.sentence()


def test_outputs_that_are_not_finite_never_pass(exported):
    path, program, weights, samples = exported
    samples[3, 0, 0, 0] = np.nan
    found = verify(path, program, weights, samples)
    assert not found.passed
    assert "not finite" in found.sentence()


def test_the_limit_itself_passes_and_just_above_does_not():
    assert Verification("x", "1", 9, 1e-5, 1e-5, 9).passed
    assert not Verification("x", "1", 9, 1.01e-5, 1.01e-5, 9).passed
    assert not Verification("x", "1", 9, 0, 0, 8).passed


def test_a_file_that_is_none_is_a_sentence(tmp_path: Path, exported):
    _, program, weights, samples = exported
    with pytest.raises(OnnxFileError, match="no file"):
        verify(tmp_path / "none.onnx", program, weights, samples)


def test_without_onnxruntime_the_reference_evaluator_judges(exported, monkeypatch: pytest.MonkeyPatch):
    path, program, weights, samples = exported
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    found = verify(path, program, weights, samples)
    assert found.backend == "onnx.reference"
    assert found.passed
