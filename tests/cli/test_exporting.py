"""Exports say where their weights came from, prove themselves, and fail loudly when they cannot."""

import json
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

import netbuilder as nb
from netbuilder.interop import verified
from netbuilder.interop.certificate_file import beside
from netbuilder.interop.order import Order
from netbuilder.runs import Run


def metadata(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_a_run_is_exported_with_its_story_and_verified_on_the_whole_test_part(
    netbuilder, trained: Path, tmp_path: Path
):
    code, out, err = netbuilder("export", trained, "-o", tmp_path / "net", "--verify")
    assert (code, err) == (0, "")
    assert f"Written to {tmp_path / 'net.onnx'}" in out
    assert "360 samples" in out
    assert "all 360 labels agree" in out
    found = metadata(tmp_path / "net.onnx")
    assert json.loads(found["class_names"]) == [str(n) for n in range(10)]
    assert json.loads(found["image"]) == {"channels": 1, "height": 8, "width": 8}
    assert float(found["accuracy"]) == Run.open(trained).result["test_accuracy"]
    assert (found["seed"], found["dataset"], found["trained"]) == ("0", "Digits", "true")
    assert json.loads(found["preprocessing"])["scale"] == pytest.approx(1 / 255)


def test_a_run_is_exported_with_its_best_weights(netbuilder, trained: Path, tmp_path: Path):
    netbuilder("export", trained, "-o", tmp_path / "net.onnx")
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(tmp_path / "net.onnx").graph.initializer}
    for name, array in Run.open(trained).weights().items():
        assert (stored[name] == array).all()


def test_a_design_alone_has_initial_weights_and_says_so(netbuilder, trained: Path, tmp_path: Path):
    code, out, err = netbuilder("export", trained / "design.netb", "-o", tmp_path / "net.onnx", "--seed", 4, "--verify")
    assert code == 0
    assert "initial ones (seed 4), not trained" in err
    assert "random samples" in err
    assert "64 samples" in out
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(tmp_path / "net.onnx").graph.initializer}
    for name, array in nb.compile(nb.load(trained / "design.netb")).init(4).items():
        assert (stored[name] == array).all()
    assert metadata(tmp_path / "net.onnx")["trained"] == "false"


def test_a_file_that_computes_something_else_is_not_passed_over(
    netbuilder, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Negative control: weights that change on their way into the file."""
    right = verified.serialized

    def corrupted(order: Order) -> bytes:
        return right(replace(order, weights={key: 1.01 * array for key, array in order.weights.items()}))

    monkeypatch.setattr(verified, "serialized", corrupted)
    (tmp_path / "net.onnx").write_bytes(b"precious")
    code, out, err = netbuilder("export", trained, "-o", tmp_path / "net.onnx", "--verify")
    assert (code, out) == (1, "")
    assert "would not compute what the design does, so it was not written" in err
    assert "1e-05 allowed" in err
    assert (tmp_path / "net.onnx").read_bytes() == b"precious"
    assert not beside(tmp_path / "net.onnx").exists()


def test_an_invalid_design_is_not_exported(netbuilder, tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Dense(units=10))
    path = nb.save(graph, tmp_path / "net.netb")
    code, _, err = netbuilder("export", path, "-o", tmp_path / "net.onnx")
    assert code == 1
    assert "needs a flat list" in err
    assert not (tmp_path / "net.onnx").exists()


def test_a_place_that_cannot_be_written_is_named(netbuilder, trained: Path, tmp_path: Path):
    code, _, err = netbuilder("export", trained, "-o", tmp_path / "none" / "net.onnx")
    assert code == 1
    assert err == f"“net.onnx” cannot be written: there is no folder “{(tmp_path / 'none').resolve()}”.\n"


def test_a_run_without_weights_is_refused(netbuilder, trained: Path, tmp_path: Path):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("design.netb", "run.json"):
        (folder / name).write_bytes((trained / name).read_bytes())
    outcome = netbuilder("export", folder, "-o", tmp_path / "net.onnx")
    assert outcome.code == 1
    assert "holds no weights" in outcome.err
