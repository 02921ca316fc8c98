"""Code is exported by the name it is to have: .py for a module, a slash at the end for a project."""

import ast
from pathlib import Path
from shutil import copytree

import pytest
from safetensors.numpy import load_file

import netbuilder as nb
from netbuilder.runs import Run


def test_a_run_becomes_a_module_with_its_best_weights(netbuilder, trained: Path, tmp_path: Path):
    code, out, err = netbuilder("export", trained, "-o", tmp_path / "net.py")
    assert (code, err) == (0, "")
    assert out == f"Written to {tmp_path / 'net.py'}\nWritten to {tmp_path / 'net.safetensors'}\n"
    ast.parse((tmp_path / "net.py").read_text("utf-8"))
    stored = load_file(tmp_path / "net.safetensors")
    assert all((stored[key] == array).all() for key, array in Run.open(trained).weights().items())


def test_a_design_alone_becomes_code_without_weights_and_says_so(netbuilder, trained: Path, tmp_path: Path):
    code, out, err = netbuilder("export", trained / "design.netb", "-o", tmp_path / "net.py", "--framework", "keras")
    assert code == 0
    assert "no weights are written" in err
    assert out == f"Written to {tmp_path / 'net.py'}\n"
    assert "import keras" in (tmp_path / "net.py").read_text("utf-8")


def test_an_onnx_model_becomes_code_with_its_weights(netbuilder, trained: Path, tmp_path: Path):
    netbuilder("export", trained, "-o", tmp_path / "net.onnx")
    code, _, err = netbuilder("export", tmp_path / "net.onnx", "-o", tmp_path / "net.py")
    assert (code, err) == (0, "")
    assert len(load_file(tmp_path / "net.safetensors")) == len(Run.open(trained).weights())


def test_a_run_becomes_a_project_that_repeats_it(netbuilder, trained: Path, tmp_path: Path):
    code, out, err = netbuilder("export", trained, "-o", f"{tmp_path / 'project'}/")
    assert (code, err) == (0, "")
    assert f"Written to {tmp_path / 'project'}\n" in out
    script = (tmp_path / "project" / "train.py").read_text("utf-8")
    assert f"EPOCHS = {Run.open(trained).job.epochs}" in script
    stored = load_file(tmp_path / "project" / "weights.safetensors")
    assert all((stored[key] == array).all() for key, array in Run.open(trained).weights().items())


def test_a_folder_of_two_words_can_be_pasted(netbuilder, trained: Path, tmp_path: Path):
    assert (
        f'`python "{tmp_path}/a project/train.py"`' in netbuilder("export", trained, "-o", f"{tmp_path}/a project/").out
    )


@pytest.mark.parametrize("more", [(), ("--force",)])
def test_a_project_is_never_mixed_with_a_run(netbuilder, trained: Path, tmp_path: Path, more: tuple[str, ...]):
    run = copytree(trained, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    for source in (run, run / "design.netb"):
        code, _, err = netbuilder("export", source, "-o", run, *more)
        assert code == 1
        assert "“run” is a run folder" in err
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_folder_that_is_there_is_meant_as_one(netbuilder, trained: Path, tmp_path: Path):
    assert netbuilder("export", trained, "-o", tmp_path).code == 0
    assert (tmp_path / "train.py").exists()


def test_a_design_becomes_a_project_on_data_that_suit_it(netbuilder, trained: Path, tmp_path: Path):
    code, _, err = netbuilder("export", trained / "design.netb", "-o", f"{tmp_path}/project/", "--seed", 4)
    assert code == 0
    assert "trains it on digits" in err
    stored = load_file(tmp_path / "project" / "initial.safetensors")
    program = nb.compile(nb.load(trained / "design.netb"))
    assert all((stored[key] == array).all() for key, array in program.init(4).items())
    words = ("export", trained / "design.netb", "-o", f"{tmp_path}/other/", "--data", "fashion-mnist")
    code, _, err = netbuilder(*words)
    assert code == 1
    assert "have the images resized" in err
    assert netbuilder(*words, "--resize").code == 0
    assert "Fashion-MNIST" in (tmp_path / "other" / "README.md").read_text("utf-8")


def test_a_design_that_no_built_in_data_suit_is_told_to_name_some(netbuilder, tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(features=7), nb.Dense(3))
    path = nb.save(graph, tmp_path / "net.netb")
    code, _, err = netbuilder("export", path, "-o", f"{tmp_path}/project/")
    assert code == 1
    assert "name yours with --data" in err
    assert not (tmp_path / "project").exists()


def test_files_of_others_are_only_replaced_on_request(netbuilder, trained: Path, tmp_path: Path):
    (tmp_path / "net.py").write_text("mine", "utf-8")
    code, _, err = netbuilder("export", trained, "-o", tmp_path / "net.py")
    assert code == 1
    assert "not written by netbuilder" in err
    assert err.endswith("--force replaces what is there.\n")
    assert (tmp_path / "net.py").read_text("utf-8") == "mine"
    assert netbuilder("export", trained, "-o", tmp_path / "net.py", "--force").code == 0


@pytest.mark.parametrize(
    ("output", "words", "told"),
    [
        ("net.py", ("--verify",), "--verify is for models (.onnx), but"),
        ("net.py", ("--json",), "--json is for models (.onnx), but"),
        ("net.py", ("--dark",), "--dark is for figures"),
        ("net.py", ("--data", "digits"), "--data is for models (.onnx) and projects"),
        ("net.onnx", ("--framework", "keras"), "--framework is for code"),
        ("net.onnx", ("--resize",), "--resize is for the images of --data, and none are named"),
        ("net.onnx", ("--seed", "3"), "a run has weights and a seed of its own"),
        ("net.svg", ("--force",), "--force is for code"),
        ("project/", ("--framework", "keras"), "written for PyTorch"),
        ("project/", ("--seed", "3"), "a run has been trained"),
    ],
)
def test_words_that_do_not_go_together_are_wrong_usage(
    netbuilder, trained: Path, tmp_path: Path, output: str, words: tuple[str, ...], told: str
):
    code, _, err = netbuilder("export", trained, "-o", f"{tmp_path}/{output}", *words)
    assert code == 2
    assert told in err
    assert not list(tmp_path.iterdir())
