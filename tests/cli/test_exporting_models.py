"""How a model is written is said in words on the command line, and what was found when it was run is printed."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

import netbuilder as nb
from netbuilder.cli.arguments import build_parser
from netbuilder.cli.export_words import wishes
from netbuilder.data import Preprocessing, load
from netbuilder.interop import certificate_file
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import LARGEST_BATCH, OPSETS, PIXELS, PRECISIONS


def test_every_wish_comes_out_in_the_file_and_in_its_certificate(netbuilder, trained: Path, tmp_path: Path):
    path = tmp_path / "net.onnx"
    words = ("--opset", 20, "--softmax", "--preprocessing", "float32", "--batch", 12, "--precision", "float16")
    code, out, err = netbuilder("export", trained, "-o", path, *words, "--verify")
    assert (code, err) == (0, "")
    model, found = onnx.load(path), certificate_file.load(path)
    assert model.opset_import[0].version == 20
    assert model.graph.output[0].type.tensor_type.shape.dim[0].dim_value == 12
    assert found.options == nb.ExportOptions(20, True, "float32", 12, "float16")
    assert (found.samples, found.dataset) == (360, "Digits")
    assert out.splitlines() == [f"Written to {path}", *found.sentences(), f"Certified in {path}.certificate.json"]


def test_what_is_not_said_is_as_ever(netbuilder, trained: Path, tmp_path: Path):
    netbuilder("export", trained, "-o", tmp_path / "a.onnx")
    words = ("--opset", 17, "--no-softmax", "--batch", "symbolic", "--precision", "float32")
    netbuilder("export", trained, "-o", tmp_path / "b.onnx", *words)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_int8_is_fitted_to_the_runs_own_data_and_verified_unasked(netbuilder, trained: Path, tmp_path: Path):
    code, out, err = netbuilder("export", trained, "-o", tmp_path / "net", "--precision", "int8")
    assert (code, err) == (0, "")
    found = certificate_file.load(tmp_path / "net.onnx")
    assert found.baseline is not None
    assert found.size < 0.5 * found.baseline.size
    assert found.correct is not None
    for finding in found.findings:
        assert finding.correct is not None
        assert abs(finding.correct - found.correct) <= 0.02 * found.samples
    for part in ("Accuracy: ", "% in the file", "Size: ", "bytes as float32", "onnxruntime takes for 64 samples"):
        assert part in out


def test_json_is_one_document_with_the_certificate(netbuilder, trained: Path, tmp_path: Path):
    path = tmp_path / "net.onnx"
    found = json.loads(netbuilder("export", trained, "-o", path, "--json").out)
    assert found == {"format": 1, "file": str(path), "bytes": path.stat().st_size, "certificate": None}
    found = json.loads(netbuilder("export", trained, "-o", path, "--json", "--verify").out)
    assert found["certificate"] == certificate_file.load(path).to_dict()
    assert found["certificate"]["passed"] is True


def test_pictures_are_read_the_same_by_a_file_that_prepares_them_itself(netbuilder, trained: Path, tmp_path: Path):
    plain, inside = tmp_path / "plain.onnx", tmp_path / "inside.onnx"
    netbuilder("export", trained, "-o", plain)
    netbuilder("export", trained, "-o", inside, "--preprocessing")
    assert OnnxFile.read(inside).preprocessing == Preprocessing()
    picture = tmp_path / "digit.png"
    Image.fromarray(np.asarray(load("digits").test.inputs[5, 0])).save(picture)
    first, second = (netbuilder("predict", path, picture, "--top", 10) for path in (plain, inside))
    assert first == second
    assert "%" in first.out


def test_a_model_from_elsewhere_is_verified_and_fitted_on_the_data_that_is_named(
    netbuilder, trained: Path, tmp_path: Path
):
    """It keeps what it says of its classes and of how samples are made ready, and both hold for the data."""
    netbuilder("export", trained, "-o", tmp_path / "first.onnx", "--verify")
    first = certificate_file.load(tmp_path / "first.onnx")
    words = ("--precision", "int8", "--data", "digits", "--preprocessing")
    code, _, err = netbuilder("export", tmp_path / "first.onnx", "-o", tmp_path / "second.onnx", *words)
    assert (code, err) == (0, "")
    second = certificate_file.load(tmp_path / "second.onnx")
    assert (second.correct, second.digest) == (first.correct, first.digest)
    assert OnnxFile.read(tmp_path / "second.onnx").class_names == tuple("0123456789")


def test_a_run_may_be_verified_on_other_data(netbuilder, trained: Path, tmp_path: Path):
    words = ("--data", "fashion-mnist", "--resize", "--verify")
    assert netbuilder("export", trained, "-o", tmp_path / "net.onnx", *words).code == 0
    assert certificate_file.load(tmp_path / "net.onnx").dataset == "Fashion-MNIST"
    refused = netbuilder("export", trained, "-o", tmp_path / "net.onnx", *words[:2])
    assert refused.code == 1
    assert "28×28" in refused.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--precision", "int8"), "int8 is fitted to samples of the training data, and none are known"),
        (("--preprocessing",), "How raw samples are made ready is not known"),
    ],
)
def test_a_design_alone_lacks_what_some_wishes_need(
    netbuilder, trained: Path, tmp_path: Path, words: tuple[str, ...], sentence: str
):
    outcome = netbuilder("export", trained / "design.netb", "-o", tmp_path / "net.onnx", *words)
    assert outcome.code == 1
    assert sentence in outcome.err
    assert not list(tmp_path.iterdir())


def test_a_design_with_data_has_what_it_needs(netbuilder, trained: Path, tmp_path: Path):
    words = ("--precision", "int8", "--preprocessing", "--data", "digits")
    code, out, err = netbuilder("export", trained / "design.netb", "-o", tmp_path / "net.onnx", *words)
    assert code == 0
    assert "initial ones" in err
    assert "of the test part of “Digits”" in out


@pytest.mark.parametrize(
    "words",
    [
        ("--opset", "12"),
        ("--opset", "22"),
        ("--opset", "new"),
        ("--batch", "0"),
        ("--batch", "some"),
        ("--precision", "int4"),
        ("--preprocessing", "int8"),
    ],
)
def test_wishes_that_cannot_be_met_are_wrong_usage(netbuilder, trained: Path, tmp_path: Path, words: tuple[str, ...]):
    outcome = netbuilder("export", trained, "-o", tmp_path / "net.onnx", *words)
    assert outcome.code == 2
    assert words[0] in outcome.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [("--opset", "13"), ("--precision", "float16"), ("--preprocessing",), ("--batch", "1"), ("--json",)]
)
@pytest.mark.parametrize("name", ["figure.svg", "code.py"])
def test_wishes_for_models_mean_nothing_for_figures_and_code(
    netbuilder, trained: Path, tmp_path: Path, words: tuple[str, ...], name: str
):
    outcome = netbuilder("export", trained, "-o", tmp_path / name, *words)
    assert outcome.code == 2
    assert words[0] in outcome.err


def test_weights_that_half_precision_does_not_reach_are_named(netbuilder, tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(features=3), nb.Dense(units=2))
    weights = nb.compile(graph).init(0)
    weights["dense_1.weight"][0, 0] = 1e5
    nb.export_onnx(graph, weights, tmp_path / "wide.onnx")
    outcome = netbuilder("export", tmp_path / "wide.onnx", "-o", tmp_path / "half.onnx", "--precision", "float16")
    assert outcome.code == 1
    assert "“dense_1.weight” holds 100,000, but float16 reaches only to ±65,504" in outcome.err


def test_the_words_offer_exactly_what_the_options_take():
    """They are declared twice, so that `netbuilder --help` loads nothing."""
    parser = build_parser()
    for opset in OPSETS:
        assert parser.parse_args(["export", "x", "-o", "x.onnx", "--opset", str(opset)]).opset == opset
    for name, choices in (("precision", PRECISIONS), ("preprocessing", PIXELS[1:])):
        for choice in choices:
            words = parser.parse_args(["export", "x", "-o", "x.onnx", f"--{name}", choice])
            assert getattr(nb.ExportOptions(**wishes(words)), name) == choice
    assert wishes(parser.parse_args(["export", "x", "-o", "x.onnx"])) == {}
    assert wishes(parser.parse_args(["export", "x", "-o", "x.onnx", "--batch", "65536"])) == {"batch": LARGEST_BATCH}
