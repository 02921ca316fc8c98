"""A layer's numbers are explained as they were computed, and what is unknown is said to be unknown."""

import json
from pathlib import Path

import pytest

import netbuilder as nb
from netbuilder.analysis import analyze
from netbuilder.cli import main
from netbuilder.cli.explaining import TOPICS, as_document, as_text
from netbuilder.cli.explanations import SHAPE, WEIGHTS, sentence
from netbuilder.examples import example
from netbuilder.layers import BY_NAME
from tests.designs import valid_design


@pytest.fixture
def lenet(tmp_path: Path) -> Path:
    path = tmp_path / "lenet.netb"
    nb.save(example("lenet-5"), path)
    return path


def test_the_weights_of_a_convolution_are_counted_with_its_numbers(
    lenet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(lenet), "conv2", "weights"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Conv2D “conv2”"
    assert "Weights: 2,416" in lines
    assert "  16 · (6 · 5 · 5 + 1) = 2416" in lines
    assert not any(line.startswith("Shape") for line in lines), "only what is asked for"


def test_a_layer_may_be_named_by_its_number(lenet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = analyze(example("lenet-5"))["conv2"].node.id
    assert main(["explain", str(lenet), str(number), "shape", "--order", "chw"]) == 0
    assert "Shape: 16×10×10" in capsys.readouterr().out


def test_a_model_is_explained_directly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = example("lenet-5")
    nb.export_onnx(graph, nb.compile(graph).init(), tmp_path / "net.onnx")
    assert main(["explain", str(tmp_path / "net.onnx"), "fc1", "weights", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["workings"] == {
        "parameters": {"formula": "units · (inputs + 1)", "substituted": "120 · (400 + 1)", "result": 48120}
    }
    assert found["sentences"]["parameters"].endswith("and one bias.")


@pytest.mark.parametrize("seed", range(40))
def test_every_number_of_every_layer_is_explained_by_its_own_arithmetic(seed: int) -> None:
    report = analyze(valid_design(seed))
    for layer in report.layers.values():
        text = as_text(report, layer, list(TOPICS), "hwc")
        found = as_document(report, layer, list(TOPICS))
        assert f"Weights: {layer.parameters:,}" in text
        for topic, key in TOPICS.items():
            if key not in found["workings"]:
                assert topic == "receptive-field", "only what is no picture sees no pixels"
                continue
            assert 3 <= len(sentence(topic, layer).split()) <= 40
            assert "{" not in sentence(topic, layer)
            axes = found["workings"][key]
            for working in [axes] if "formula" in axes else axes.values():
                assert working["substituted"] in text
                assert str(working["result"]) in text


def test_a_bias_is_mentioned_where_there_is_one() -> None:
    for biased in (True, False):
        report = analyze(nb.Graph.chain(nb.Input(features=4), nb.Dense(3, bias=biased)))
        assert ("bias" in sentence("weights", report["dense_1"])) is biased


def test_sentences_are_kept_for_layers_there_are() -> None:
    assert {*WEIGHTS, *SHAPE} <= set(BY_NAME)


def test_a_layer_behind_a_problem_is_unknown_and_the_problem_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Conv2D(4, 3), nb.Dense(10), nb.ReLU())
    nb.save(graph, tmp_path / "broken.netb")
    assert main(["explain", str(tmp_path / "broken.netb"), "relu_1"]) == 1
    assert "“dense_1” needs a flat list" in capsys.readouterr().err
    assert main(["explain", str(tmp_path / "broken.netb"), "dense_1"]) == 1
    printed = capsys.readouterr()
    assert "needs a flat list" in printed.out
    assert "unknown until its problem is solved" in printed.err


@pytest.mark.parametrize(("name", "hint"), [("conv3", "Did you mean “conv2”?"), ("9999", "lists them")])
def test_a_layer_that_is_not_there_is_a_sentence(
    lenet: Path, capsys: pytest.CaptureFixture[str], name: str, hint: str
) -> None:
    assert main(["explain", str(lenet), name]) == 1
    assert hint in capsys.readouterr().err
