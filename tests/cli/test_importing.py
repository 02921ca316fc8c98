"""A model from elsewhere becomes a design file with its weights beside it, and is compared with the original."""

from pathlib import Path

import numpy as np
import onnx
import pytest

import netbuilder as nb
from netbuilder.cli import importing
from netbuilder.runs import load_weights


@pytest.fixture
def model(tmp_path: Path) -> Path:
    graph = nb.Graph.chain(
        nb.Input(height=9, width=8, channels=2),
        nb.Conv2D(filters=4, padding="same"),
        nb.SiLU(),
        nb.GlobalAveragePool2D(),
        nb.Dense(units=3),
        nb.Softmax(),
        names=["picture", "stem", "curve", "mean", "scores", "shares"],
    )
    return nb.export_onnx(graph, nb.compile(graph).init(3), tmp_path / "net.onnx")


def test_design_and_weights_are_written_and_compared(netbuilder, model: Path, tmp_path: Path):
    code, out, err = netbuilder("import", model, "-o", tmp_path / "made")
    assert (code, err) == (0, "")
    assert "6 layers, 91 weights" in out
    assert "random samples" in out
    graph = nb.load(tmp_path / "made.netb")
    assert [node.name for node in graph.nodes.values()] == ["picture", "stem", "curve", "mean", "scores", "shares"]
    weights, _ = load_weights(tmp_path / "made.safetensors")
    original = nb.compile(graph).init(3)
    assert all((weights[name] == array).all() for name, array in original.items())


def test_nothing_is_replaced_unasked(netbuilder, model: Path, tmp_path: Path):
    (tmp_path / "made.safetensors").write_bytes(b"precious")
    outcome = netbuilder("import", model, "-o", tmp_path / "made.netb")
    assert outcome.code == 1
    assert "already there" in outcome.err
    assert (tmp_path / "made.safetensors").read_bytes() == b"precious"
    assert netbuilder("import", model, "-o", tmp_path / "made.netb", "--force").code == 0


def test_a_model_is_summed_up_and_exported_directly(netbuilder, model: Path, tmp_path: Path):
    outcome = netbuilder("summary", model)
    assert outcome.code == 0
    assert "GlobalAveragePool2D" in outcome.out
    assert netbuilder("export", model, "-o", tmp_path / "again.onnx", "--verify").code == 0
    x = np.random.default_rng(0).standard_normal((2, 2, 9, 8)).astype(np.float32)
    (g, w), (h, v) = nb.import_onnx(model), nb.import_onnx(tmp_path / "again.onnx")
    assert (nb.compile(g).predict(w, x) == nb.compile(h).predict(v, x)).all()


def test_a_design_that_computes_something_else_is_not_passed_over(
    netbuilder, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Negative control: weights that change between reading and comparing."""
    right = importing.compare
    monkeypatch.setattr(importing, "compare", lambda d, f, w: right(d, f, {k: 1.01 * a for k, a in w.items()}))
    code, _, err = netbuilder("import", model, "-o", tmp_path / "made")
    assert code == 1
    assert "do not rely on it" in err


def test_an_original_that_cannot_be_run_is_imported_and_not_compared(netbuilder, model: Path, tmp_path: Path):
    changed = onnx.load(model)
    changed.opset_import[0].version = 1  # whose operators onnxruntime has no more
    model.write_bytes(changed.SerializeToString())
    code, out, err = netbuilder("import", model, "-o", tmp_path / "made")
    assert code == 0
    assert f"Written to {tmp_path / 'made.netb'}" in out
    assert err.startswith("Not compared with the original: “net.onnx” cannot be run here")


def test_numbers_that_are_not_finite_are_judged_neither_way(netbuilder, tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(height=9, width=8, channels=2), nb.Flatten(), nb.Dense(2))
    weights = {key: np.full_like(array, np.inf) for key, array in nb.compile(graph).init(0).items()}
    path = nb.export_onnx(graph, weights, tmp_path / "infinite.onnx")
    code, out, err = netbuilder("import", path, "-o", tmp_path / "made")
    assert code == 1
    assert "nothing can be said" in out
    assert "is not known: do not rely on it" in err


@pytest.mark.parametrize("name", ["out.onnx", "out.py"])
def test_weights_that_import_left_are_not_taken_silently_for_initial_ones(netbuilder, model, tmp_path, name: str):
    netbuilder("import", model, "-o", tmp_path / "made.netb")
    told = "Those in “made.safetensors” beside it are not read"
    assert told in netbuilder("export", tmp_path / "made.netb", "-o", tmp_path / name).err
    (tmp_path / "made.safetensors").unlink()
    assert told not in netbuilder("export", tmp_path / "made.netb", "-o", tmp_path / name).err
