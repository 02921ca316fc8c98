"""Every output of a design is one of the model's, the main one first; a foreign model's become Output blocks."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

import netbuilder as nb
from netbuilder.analysis import analyze
from netbuilder.interop import verification
from netbuilder.interop.importing import Imported, compare, imported
from netbuilder.interop.onnx_export import to_model
from netbuilder.interop.onnx_file import OnnxFile, OnnxFileError
from netbuilder.interop.verification import verify
from tests.engine.designs import with_several_outputs
from tests.interop.trips import differing, random_weights


def names(model: ModelProto) -> list[str]:
    return [output.name for output in model.graph.output]


def operators(model: ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def written(graph: nb.Graph, **extras: Any) -> ModelProto:
    return to_model(graph, random_weights(graph, 1), **extras)


def samples(count: int = 9) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, 1, 8, 8)).astype(np.float32)


# ---- export ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("marked", "main"), [(False, "dense_1"), (True, "scores")])
def test_outputs_are_named_after_their_blocks_without_a_node_of_their_own(marked: bool, main: str):
    model = written(with_several_outputs(marked=marked))
    assert names(model) == [main, "aux"]
    assert "Identity" not in operators(model)
    assert [node.name for node in model.graph.node if node.output[0] in names(model)] == ["dense_1", "guess"]


def test_a_tensor_that_two_outputs_give_needs_an_identity():
    graph, _ = with_several_outputs().add(nb.Output(), "again")
    graph, _ = graph.connect("guess", "again").add(nb.Output(), "raw")
    model = written(graph.connect("input_1", "raw"))
    assert names(model) == ["dense_1", "aux", "again", "raw"]
    assert operators(model).count("Identity") == 2
    tensors = {name for node in model.graph.node for name in node.output}
    assert set(names(model)) <= tensors


def test_an_output_that_others_read_keeps_its_readers():
    graph, _ = with_several_outputs(marked=True).add(nb.Output(), "map")
    model = written(graph.connect("relu_1", "map"))
    readers = [node.name for node in model.graph.node if "map" in node.input]
    assert sorted(readers) == ["conv2d_2", "pool/GlobalAveragePool"]
    onnx.checker.check_model(model, full_check=True)


def test_probabilities_are_of_every_output_that_gives_scores():
    graph = with_several_outputs(marked=True)
    edge = next(edge for edge in graph.edges if edge.target == graph["aux"].id)
    graph, _ = graph.insert(edge, nb.Softmax(), "soft")[0].add(nb.Output(), "map")
    model = written(graph.connect("relu_1", "map"), softmax=True)
    assert names(model) == ["scores", "aux", "map"]
    softened = [node.output[0] for node in model.graph.node if node.op_type == "Softmax"]
    assert sorted(softened) == ["aux", "scores"], "a map is no score"


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("reference", [False, True], ids=["onnxruntime", "reference"])
def test_every_output_is_verified(tmp_path: Path, softmax: bool, reference: bool):
    graph = with_several_outputs()
    program, weights = nb.compile(graph), random_weights(graph, 2)
    path = nb.export_onnx(graph, weights, tmp_path / "net.onnx", softmax=softmax)
    assert verify(path, program, weights, samples(), softmax=softmax, reference=reference).passed
    wrong = {**weights, "guess.bias": weights["guess.bias"] + np.arange(10, dtype=np.float32)}
    found = verify(path, program, wrong, samples(), softmax=softmax, reference=reference)
    assert not found.passed
    assert found.agreeing == 9, "labels are the main output's, which is right"


def test_a_verification_of_the_main_output_alone_would_pass_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Negative control of the one above."""
    graph = with_several_outputs()
    program, weights = nb.compile(graph), random_weights(graph, 2)
    path = nb.export_onnx(graph, weights, tmp_path / "net.onnx")
    monkeypatch.setattr(verification, "max", lambda pairs, key: next(iter(pairs)), raising=False)
    assert verify(path, program, {**weights, "guess.bias": weights["guess.bias"] + 1}, samples()).passed


def test_a_model_of_fewer_outputs_is_not_compared(tmp_path: Path):
    graph = with_several_outputs()
    single = graph.remove(["aux", "guess", "norm", "pool"], heal=False)
    path = nb.export_onnx(single, random_weights(single, 2), tmp_path / "net.onnx")
    with pytest.raises(OnnxFileError, match="has 1 outputs, but the network has 2"):
        verify(path, nb.compile(graph), random_weights(graph, 2), samples())


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_other_precisions_keep_every_output(tmp_path: Path, precision: Any):
    graph = with_several_outputs()
    weights, options = random_weights(graph, 2), nb.ExportOptions(precision=precision)
    path = nb.export_onnx(graph, weights, tmp_path / "net.onnx", options=options, calibration=samples(64))
    file, ours = OnnxFile.read(path), nb.compile(graph).predict_outputs(weights, samples())
    for name, expected in ours.items():
        theirs = file.run(samples(), backend=file.backend(output=name))
        assert np.abs(theirs - expected).max() <= 0.15 * np.abs(expected).max(), name


def test_a_file_tells_whether_its_main_output_gives_probabilities(tmp_path: Path):
    graph, weights = with_several_outputs(), random_weights(with_several_outputs(), 2)
    for softmax in (False, True):
        path = nb.export_onnx(graph, weights, tmp_path / f"{softmax}.onnx", softmax=softmax)
        file = OnnxFile.read(path)
        assert file.softmax is softmax
        assert len(file.outputs) == 2
        scores = file.run(samples())
        assert np.allclose(scores.sum(1), 1, atol=1e-5) is softmax


# ---- import ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", [False, True])
def test_our_own_models_come_back_with_the_same_outputs(marked: bool):
    graph = with_several_outputs(marked=marked, weight=1)
    weights = random_weights(graph, 3)
    found = imported(to_model(graph, weights).SerializeToString(), "net.onnx")
    assert differing(graph, found.graph) == []
    assert list(found.outputs) == [program_output.name for program_output in nb.compile(graph).heads]
    theirs = nb.compile(found.graph).predict_outputs(found.weighed(), samples())
    for name, ours in nb.compile(graph).predict_outputs(weights, samples()).items():
        np.testing.assert_allclose(theirs[name], ours, atol=1e-5)


def foreign(*, softmax: bool = False, shared: bool = False) -> ModelProto:
    """Two dense layers of different depth on one input, and perhaps what lies between them, as another program names
    its tensors: the shallow output first."""
    draw = np.random.default_rng(0)
    sizes = {"w0": (6, 4), "w1": (4, 3), "w2": (4, 3)}
    stored = [numpy_helper.from_array(draw.standard_normal(size).astype(np.float32), n) for n, size in sizes.items()]
    nodes = [
        helper.make_node("Gemm", ["x", "w0"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "w1"], ["shallow"]),
        helper.make_node("Tanh", ["hidden"], ["bent"]),
        helper.make_node("Gemm", ["bent", "w2"], ["raw"]),
        helper.make_node("Softmax" if softmax else "Identity", ["raw"], ["deep"]),
    ]
    ends = ["shallow", "deep", *(["bent"] if shared else [])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", None]) for name in ends]
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 6])]
    graph = helper.make_graph(nodes, "foreign", given, outputs, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def opened(model: ModelProto) -> Imported:
    return imported(model.SerializeToString(), "foreign.onnx")


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_a_foreign_models_outputs_become_output_blocks(softmax: bool, shared: bool):
    model = foreign(softmax=softmax, shared=shared)
    found = opened(model)
    report = analyze(found.graph)
    assert report.valid
    given = [report.layers[key].node for key in report.outputs]
    assert [node.name for node in given] == ["deep", "shallow", *(["bent"] if shared else [])]
    assert all(isinstance(node.layer, nb.Output) for node in given)
    assert dict(found.outputs) == {"deep": "deep", "shallow": "shallow", **({"bent": "bent"} if shared else {})}
    compared = compare(model.SerializeToString(), found, found.weighed())
    assert compared is not None
    assert compared.passed


@pytest.mark.parametrize("weight", ["w1", "w2"])
def test_a_comparison_sees_every_output(weight: str):
    model = foreign(softmax=True)
    found, weights = opened(model), opened(model).weighed()
    key = next(key for key, array in weights.items() if np.array_equal(array.T, stored(model, weight)))
    compared = compare(model.SerializeToString(), found, {**weights, key: weights[key] * 1.01})
    assert compared is not None
    assert not compared.passed


def stored(model: ModelProto, name: str) -> np.ndarray:
    return numpy_helper.to_array(next(each for each in model.graph.initializer if each.name == name))


def test_an_output_that_no_input_leads_to_is_refused():
    model = foreign()
    model.graph.output.append(helper.make_tensor_value_info("w0", TensorProto.FLOAT, [6, 4]))
    with pytest.raises(OnnxFileError, match="“w0” is an output, and does not depend on the input"):
        opened(model)


def test_a_branch_that_no_block_stands_for_is_named():
    model = foreign()
    model.graph.node.append(helper.make_node("ArgMax", ["deep"], ["label"], axis=1))
    model.graph.output.append(helper.make_tensor_value_info("label", TensorProto.INT64, ["N", 1]))
    with pytest.raises(OnnxFileError, match="ArgMax"):
        opened(model)
