"""Training from the command line: a run folder, figures that agree with the engine's, JSON events, and resuming."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.runs import Run


@pytest.fixture
def design(netbuilder, tmp_path: Path) -> Path:
    path = tmp_path / "net.netb"
    netbuilder("new", "digits-cnn", "-o", path)
    return path


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained run, to be changed at will."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


def test_a_training_prints_a_line_an_epoch_and_the_test_accuracy(netbuilder, design: Path, tmp_path: Path):
    code, out, err = netbuilder("train", design, "--data", "digits", "--epochs", 2, "--run", tmp_path / "run")
    assert code == 0
    assert [line.split()[1] for line in out.splitlines() if line.startswith("epoch")] == ["1/2", "2/2"]
    assert "Test accuracy" in out
    assert str(tmp_path / "run") in out
    assert "epoch" in err, "the progress bar"
    accuracy = Run.open(tmp_path / "run").result["test_accuracy"]
    assert f"Test accuracy {100 * accuracy:.2f} %" in out


def test_without_a_folder_the_run_lies_beside_the_design(netbuilder, design: Path):
    assert netbuilder("train", design, "--data", "digits", "--epochs", 1).code == 0
    (folder,) = design.with_name("net.runs").iterdir()
    assert Run.open(folder).status == "finished"


def test_of_a_model_the_design_is_trained_and_its_weights_are_not(netbuilder, trained: Path, design, tmp_path: Path):
    netbuilder("export", trained, "-o", tmp_path / "old.onnx")
    words = ["--data", "digits", "--epochs", 1, "--seed", 3]
    code, out, err = netbuilder("train", tmp_path / "old.onnx", *words, "--run", tmp_path / "a")
    assert code == 0
    assert err.startswith("The weights in “old.onnx” are not used: training starts from new ones (seed 3).\n")
    plain = netbuilder("train", design, *words, "--run", tmp_path / "b")
    assert "not used" not in plain.err
    assert out.splitlines()[0] == plain.out.splitlines()[0]


def test_settings_given_reach_the_job_and_others_keep_the_engines_defaults(netbuilder, design: Path, tmp_path: Path):
    words = ["--optimizer", "sgd", "--lr", "0.05", "--batch-size", 100, "--seed", 7, "--loss", "mse", "--threads", 1]
    assert netbuilder("train", design, "--data", "digits", "--epochs", 1, "--run", tmp_path / "r", *words).code == 0
    job = Run.open(tmp_path / "r").job
    assert job == nb.Job(
        job.graph, "digits", epochs=1, optimizer=nb.SGD(lr=0.05), batch_size=100, seed=7, loss="mse", threads=1
    )


def test_the_help_names_the_engines_own_defaults(netbuilder):
    job, text = nb.Job(nb.Graph(), "digits"), " ".join(netbuilder("train", "--help").out.split())
    assert f"gone through (default: {job.epochs})" in text
    assert f"samples in one step (default: {job.batch_size})" in text
    assert f"default: {type(job.optimizer).__name__.lower()}" in text
    assert f"random choice (default: {job.seed})" in text


def test_json_is_one_event_a_line(netbuilder, design: Path, tmp_path: Path):
    words = ["--data", "digits", "--epochs", 2, "--run", tmp_path / "run", "--json"]
    code, out, err = netbuilder("train", design, *words)
    events = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert (events[0]["event"], events[0]["run"]) == ("started", str(tmp_path / "run"))
    assert [event["epoch"] for event in events if event["event"] == "epoch_end"] == [1, 2]
    assert events[-1]["event"] == "finished"
    assert 0 < events[-1]["test_accuracy"] <= 1


def test_the_same_command_gives_the_same_numbers(netbuilder, design: Path, tmp_path: Path):
    outs = [
        netbuilder("train", design, "--data", "digits", "--epochs", 1, "--run", tmp_path / name).out.split("Took")[0]
        for name in "ab"
    ]
    assert outs[0] == outs[1]


def test_a_resumed_run_ends_where_an_unbroken_one_does(netbuilder, design: Path, tmp_path: Path, run: Path):
    assert netbuilder("train", "--resume", run, "--epochs", 3).code == 0
    words = ["--data", "digits", "--epochs", 3, "--run", tmp_path / "whole"]
    assert netbuilder("train", design, *words).code == 0
    ours, theirs = Run.open(run).last_weights(), Run.open(tmp_path / "whole").last_weights()
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        np.testing.assert_array_equal(array, theirs[name])


def test_a_resumed_run_keeps_what_it_began_with(netbuilder, run: Path):
    outcome = netbuilder("train", "--resume", run, "--batch-size", 3)
    assert outcome.code == 1
    assert "began with batch size 64, not 3" in outcome.err
    assert netbuilder("train", "--resume", run, "--data", "shapes").code == 1
    assert netbuilder("train", "--resume", run, "--run", run / "x").code == 2


def test_a_design_that_changed_is_not_resumed(netbuilder, design: Path, run: Path):
    graph = nb.load(design)
    nb.save(graph.rename(next(iter(graph.nodes)), "other"), design)
    outcome = netbuilder("train", design, "--resume", run)
    assert outcome.code == 1
    assert "has changed since this run began" in outcome.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--data", "mnist"], "no built-in data set called “mnist”"),
        (["--data", "nothing.npz"], "nothing.npz"),
        (["--data", "shapes"], "--resize does that"),
        (["--data", "digits", "--optimizer", "sgd", "--lr", "1e30", "--epochs", "1"], "finite"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(netbuilder, design: Path, words: list[str], sentence: str):
    code, _, err = netbuilder("train", design, *words)
    assert code == 1
    assert sentence in err
    assert "unexpected fault" not in err


def test_an_invalid_design_names_its_problem_and_leaves_no_folder(netbuilder, tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Dense(units=10))
    path = nb.save(graph, tmp_path / "net.netb")
    code, _, err = netbuilder("train", path, "--data", "digits")
    assert code == 1
    assert "needs a flat list" in err
    assert not (tmp_path / "net.runs").exists()


def test_a_folder_that_is_there_already_is_never_overwritten(netbuilder, design: Path, run: Path):
    before = (run / "run.json").read_bytes()
    assert netbuilder("train", design, "--data", "digits", "--epochs", 1, "--run", run).code == 1
    assert (run / "run.json").read_bytes() == before


def test_own_data_from_a_file_is_found_again_from_elsewhere(
    netbuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    random = np.random.default_rng(0)
    np.savez(tmp_path / "own.npz", images=random.integers(0, 255, (60, 4, 4), np.uint8), labels=np.arange(60) % 3)
    graph = nb.Graph.chain(nb.Input(height=4, width=4, channels=1), nb.Flatten(), nb.Dense(units=3))
    path = nb.save(graph, tmp_path / "own.netb")
    monkeypatch.chdir(tmp_path)
    assert netbuilder("train", path, "--data", "own.npz", "--epochs", 1, "--run", tmp_path / "r").code == 0
    monkeypatch.chdir("/")
    assert netbuilder("evaluate", tmp_path / "r").code == 0
