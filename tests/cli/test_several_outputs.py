"""A design of several outputs on the command line: which predicts is said, each one's share is told, any can be run."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.runs import Run, save_weights
from tests.engine.designs import with_several_outputs


@pytest.fixture
def design(tmp_path: Path) -> Path:
    return nb.save(with_several_outputs(), tmp_path / "net.netb")


@pytest.fixture
def run(netbuilder, design: Path, tmp_path: Path) -> Path:
    words = ["--data", "digits", "--epochs", 2, "--loss", "cross_entropy+0.5*mse", "--run", tmp_path / "run"]
    assert netbuilder("train", design, *words).code == 0
    return tmp_path / "run"


def test_a_summary_says_which_output_predicts(netbuilder, design: Path, tmp_path: Path):
    assert "2 outputs: “dense_1”, which predicts, and “aux” (counts 0.3)." in netbuilder("summary", design).out
    assert json.loads(netbuilder("summary", design, "--json").out)["outputs"] == ["dense_1", "aux"]
    plain = nb.save(nb.Graph.chain(nb.Input(), nb.Flatten(), nb.Dense(10)), tmp_path / "plain.netb")
    assert "outputs" not in netbuilder("summary", plain).out


def test_a_loose_end_is_named_with_what_would_make_it_an_output(netbuilder, tmp_path: Path):
    graph = with_several_outputs().remove("aux", heal=False)
    code, out, _ = netbuilder("summary", nb.save(graph, tmp_path / "net.netb"))
    assert code == 1
    assert "→ Put an Output behind “guess”" in out


def test_training_tells_each_outputs_share(netbuilder, design: Path, tmp_path: Path):
    words = ["--data", "digits", "--epochs", 1, "--run", tmp_path / "a"]
    (line, *_) = netbuilder("train", design, *words).out.splitlines()
    assert " (dense_1 " in line
    assert " + aux " in line
    words[-1] = tmp_path / "b"
    events = [json.loads(each) for each in netbuilder("train", design, *words, "--json").out.splitlines()]
    (end,) = (event for event in events if event["event"] == "epoch_end")
    assert sum(end["validation_shares"].values()) == pytest.approx(end["validation_loss"])


def test_evaluation_reads_the_main_output_and_tells_all_shares(netbuilder, run: Path):
    found, result = json.loads(netbuilder("evaluate", run, "--json").out), Run.open(run).result
    assert (found["accuracy"], found["loss"]) == (result["test_accuracy"], pytest.approx(result["test_loss"]))
    assert list(found["shares"]) == ["dense_1", "aux"]
    assert f"({' + '.join(f'{name} {share:.4f}' for name, share in found['shares'].items())})" in (
        netbuilder("evaluate", run).out
    )


def test_any_output_can_be_run(netbuilder, design: Path, tmp_path: Path):
    program = nb.compile(nb.load(design))
    weights, x = program.init(3), np.random.default_rng(0).standard_normal((4, 1, 8, 8)).astype(np.float32)
    save_weights(weights, tmp_path / "w.safetensors")
    np.save(tmp_path / "x.npy", x)
    words = ["run", design, "--weights", tmp_path / "w.safetensors", "--input", tmp_path / "x.npy"]
    for of, name in (((), "dense_1"), (("--of", "aux"), "aux"), (("--of", "dense_1"), "dense_1")):
        assert netbuilder(*words, "--output", tmp_path / "y.npy", *of).code == 0
        np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), program.predict_outputs(weights, x)[name])
    outcome = netbuilder(*words, "--output", tmp_path / "y.npy", "--of", "relu_1")
    assert outcome.code == 1
    assert outcome.err == "“relu_1” is no output of this design; it gives “dense_1” and “aux”.\n"


def test_an_exported_file_is_verified_in_all_its_outputs(netbuilder, run: Path, tmp_path: Path):
    outcome = netbuilder("export", run, "-o", tmp_path / "net.onnx", "--verify")
    assert outcome.code == 0, outcome.err
    assert "all 360 labels agree" in outcome.out
    outcome = netbuilder("import", tmp_path / "net.onnx", "-o", tmp_path / "back.netb")
    assert outcome.code == 0, outcome.err
    assert [type(node.layer) for node in nb.load(tmp_path / "back.netb").nodes.values()].count(nb.Output) == 1


# ---- mixed losses ----------------------------------------------------------------------------------------------------


def test_a_mixture_is_kept_in_one_spelling_and_found_again(netbuilder, run: Path):
    assert Run.open(run).job.loss == "cross_entropy + 0.5 mse"
    assert json.loads((run / "run.json").read_text())["started"]["loss"] == "cross_entropy + 0.5 mse"
    assert netbuilder("train", "--resume", run, "--epochs", 3, "--loss", "cross_entropy + 0.50 mse").code == 0
    outcome = netbuilder("train", "--resume", run, "--epochs", 4, "--loss", "mse")
    assert outcome.code == 1
    assert "This run began with loss cross_entropy + 0.5 mse, not mse" in outcome.err


def test_what_is_no_loss_is_refused(netbuilder, design: Path):
    code, out, err = netbuilder("train", design, "--data", "digits", "--loss", "cross_entropy + hinge")
    assert (code, out) == (1, "")
    assert err.startswith("The loss must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse")


def test_guessing_costs_what_all_outputs_count(netbuilder, design: Path, tmp_path: Path):
    words = ["--data", "digits", "--epochs", 4, "--optimizer", "sgd", "--lr", 1e-9, "--run", tmp_path / "r"]
    assert "guessing among 10 classes costs 1.3 · ln 10 = 2.993" in netbuilder("train", design, *words).err


# ---- metrics.csv -----------------------------------------------------------------------------------------------------


def test_shares_stand_in_columns_behind_the_old_ones(run: Path):
    with (run / "metrics.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:7] == (
        ["step", "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"]
    )
    assert header[7:] == ["loss:dense_1", "loss:aux", "validation_loss:dense_1", "validation_loss:aux"]
    ends = [row for row in rows if row[4]]
    assert len(ends) == 2
    for row in ends:
        assert float(row[7]) + float(row[8]) == pytest.approx(float(row[2]))
        assert float(row[9]) + float(row[10]) == pytest.approx(float(row[4]))
    assert all(row[7:] == [""] * 4 for row in rows if not row[4])


def test_shares_are_read_back_also_behind_a_resumed_run(netbuilder, run: Path):
    before = Run.open(run).metrics()
    assert netbuilder("train", "--resume", run, "--epochs", 3).code == 0
    rows = Run.open(run).metrics()
    assert rows[: len(before)] == before
    ends = [row for row in rows if row.validation_loss is not None]
    assert len(ends) == 3
    assert all(sum(row.validation_shares.values()) == pytest.approx(row.validation_loss) for row in ends)
    assert list(ends[-1].shares) == ["dense_1", "aux"]
