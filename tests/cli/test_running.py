"""Trained networks put to use: evaluate, predict and run give the engine's numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import netbuilder as nb
from netbuilder.data import load
from netbuilder.runs import Run, load_weights


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Three test digits as PNG files."""
    paths = [tmp_path / f"digit {index}.png" for index in range(3)]
    for path, image in zip(paths, load("digits").test.inputs, strict=False):
        Image.fromarray(np.asarray(image[0])).save(path)
    return paths


@pytest.fixture
def model(netbuilder, trained: Path, tmp_path: Path) -> Path:
    path = tmp_path / "digits.onnx"
    assert netbuilder("export", trained, "-o", path).code == 0
    return path


def test_evaluate_gives_the_accuracy_the_training_ended_with(netbuilder, trained: Path):
    accuracy = Run.open(trained).result["test_accuracy"]
    found = json.loads(netbuilder("evaluate", trained, "--json").out)
    assert (found["accuracy"], found["samples"]) == (accuracy, 360)
    assert np.trace(found["confusion"]) == round(360 * accuracy)
    out = netbuilder("evaluate", trained).out
    assert f"accuracy {100 * accuracy:.2f} %" in out
    assert "Mostly mistaken for" in out


def test_other_data_are_made_ready_as_the_run_was_trained(netbuilder, trained: Path, tmp_path: Path):
    """The test digits alone, as a file: their own mean and deviation would give other numbers."""
    test = load("digits").test
    keep = test.targets < 5
    parts = {"images": test.inputs[keep], "labels": test.targets[keep]}
    np.savez(
        tmp_path / "low.npz",
        **{f"{part}_{name}": array for part in ("train", "test") for name, array in parts.items()},
        classes=np.array([str(n) for n in range(10)]),
    )
    run = Run.open(trained)
    x, y = load("digits").test.batch(np.flatnonzero(keep)), test.targets[keep]
    right = (nb.compile(run.graph).predict(run.weights(), x).argmax(1) == y).mean()
    outcome = netbuilder("evaluate", trained, "--data", tmp_path / "low.npz", "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["accuracy"] == pytest.approx(right)


def test_a_run_and_its_exported_file_say_the_same_of_pictures(netbuilder, trained: Path, model: Path, pictures):
    answers = [json.loads(netbuilder("predict", source, *pictures, "--json").out) for source in (trained, model)]
    run = Run.open(trained)
    scores = nb.compile(run.graph).predict(run.weights(), load("digits").test.batch(slice(3)))
    for index, (ours, theirs) in enumerate(zip(*(a["predictions"] for a in answers), strict=True)):
        assert ours["image"] == str(pictures[index])
        assert ours["classes"][0]["name"] == str(scores[index].argmax())
        assert [c["name"] for c in ours["classes"]] == [c["name"] for c in theirs["classes"]]
        for a, b in zip(ours["classes"], theirs["classes"], strict=True):
            assert a["probability"] == pytest.approx(b["probability"], abs=1e-5)


def test_predict_prints_the_likeliest_classes(netbuilder, trained: Path, pictures):
    code, out, _ = netbuilder("predict", trained, pictures[0], "--top", 2)
    assert code == 0
    assert out.startswith(f"{pictures[0]}: ")
    assert out.count("%") == 2


def test_a_softmax_in_the_file_is_not_applied_twice(netbuilder, trained: Path, model: Path, tmp_path: Path, pictures):
    netbuilder("export", trained, "-o", tmp_path / "p.onnx", "--softmax")
    answers = [json.loads(netbuilder("predict", m, pictures[0], "--json").out) for m in (model, tmp_path / "p.onnx")]
    a, b = (answer["predictions"][0]["classes"][0] for answer in answers)
    assert a["probability"] == pytest.approx(b["probability"], abs=1e-6)


def test_one_bad_picture_is_named_and_the_others_are_read(netbuilder, model: Path, tmp_path: Path, pictures):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    code, out, err = netbuilder("predict", model, pictures[0], tmp_path / "bad.png", pictures[1])
    assert (code, len(out.splitlines())) == (1, 2)
    assert "“bad.png”" in err


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_scores_that_are_no_numbers_name_no_class(netbuilder, tmp_path: Path, pictures, more: tuple[str, ...]):
    graph = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Flatten(), nb.Dense(2))
    weights = {key: np.full_like(array, np.nan) for key, array in nb.compile(graph).init(0).items()}
    path = nb.export_onnx(graph, weights, tmp_path / "broken.onnx")
    code, out, err = netbuilder("predict", path, pictures[0], *more)
    assert code == 1
    assert "nan" not in out
    assert "For “digit 0.png” the network gives numbers that are not finite" in err


def test_a_folder_that_is_no_run_is_refused(netbuilder, tmp_path: Path, pictures):
    for words in (["predict", tmp_path, pictures[0]], ["evaluate", tmp_path], ["export", tmp_path, "-o", "x"]):
        outcome = netbuilder(*words)
        assert outcome.code == 1
        assert "is not a run" in outcome.err


def test_a_flat_network_still_reads_pictures(netbuilder, tmp_path: Path, pictures):
    graph = nb.Graph.chain(nb.Input(features=64), nb.Dense(units=10))
    path = nb.save(graph, tmp_path / "flat.netb")
    assert netbuilder("train", path, "--data", "digits", "--epochs", 1, "--run", tmp_path / "flat").code == 0
    assert netbuilder("export", tmp_path / "flat", "-o", tmp_path / "flat.onnx").code == 0
    answers = [
        netbuilder("predict", tmp_path / name, pictures[0], "--top", 1).out.split("(")[0]
        for name in ("flat", "flat.onnx")
    ]
    assert answers[0] == answers[1]


# ---- run -------------------------------------------------------------------------------------------------------------


def test_run_computes_what_the_program_computes(netbuilder, trained: Path, tmp_path: Path):
    x = load("digits").test.batch(slice(5))
    np.save(tmp_path / "x.npy", x)
    weights = trained / "weights.safetensors"
    words = ["--weights", weights, "--input", tmp_path / "x.npy", "--output", tmp_path / "y"]
    code, out, _ = netbuilder("run", trained / "design.netb", *words)
    assert code == 0
    assert str(tmp_path / "y.npy") in out
    program = nb.compile(nb.load(trained / "design.netb"))
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), program.predict(load_weights(weights)[0], x))


def test_run_reads_columns_first_and_other_number_types(netbuilder, trained: Path, tmp_path: Path):
    x = load("digits").test.batch(slice(3)).astype(np.float64)
    weights = trained / "weights.safetensors"
    for name, array in (("c", x), ("f", np.asfortranarray(x)), ("big", x.astype(">f8"))):
        np.save(tmp_path / f"{name}.npy", array)
        words = ["--weights", weights, "--input", tmp_path / f"{name}.npy", "--output", tmp_path / f"{name}-y.npy"]
        assert netbuilder("run", trained / "design.netb", *words).code == 0
    outputs = [np.load(tmp_path / f"{name}-y.npy") for name in ("c", "f", "big")]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(outputs[0], outputs[2])


HEADER = b"\x93NUMPY\x01\x00v\x00"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an array",
        HEADER + b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000)}".ljust(118),
        HEADER + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}".ljust(118) + b"\x80\x04.",
        HEADER + b"{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os')}".ljust(118),
        HEADER[:8],
    ],
    ids=["empty", "text", "terabytes", "objects", "code", "cut"],
)
def test_a_damaged_array_is_refused_in_a_sentence(netbuilder, trained: Path, tmp_path: Path, content: bytes):
    (tmp_path / "x.npy").write_bytes(content)
    words = [
        "--weights",
        trained / "weights.safetensors",
        "--input",
        tmp_path / "x.npy",
        "--output",
        tmp_path / "y.npy",
    ]
    code, _, err = netbuilder("run", trained / "design.netb", *words)
    assert code == 1
    assert "x.npy" in err
    assert "unexpected fault" not in err
    assert not (tmp_path / "y.npy").exists()


def test_weights_or_inputs_of_another_shape_are_refused_with_the_numbers(netbuilder, trained: Path, tmp_path: Path):
    np.save(tmp_path / "x.npy", np.zeros((2, 1, 9, 9), np.float32))
    words = ["--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy"]
    outcome = netbuilder("run", trained / "design.netb", "--weights", trained / "weights.safetensors", *words)
    assert outcome.code == 1
    assert "(2, 1, 9, 9)" in outcome.err
    (tmp_path / "w.safetensors").write_bytes(b"\xff" * 100)
    outcome = netbuilder("run", trained / "design.netb", "--weights", tmp_path / "w.safetensors", *words)
    assert outcome.code == 1
    assert "w.safetensors" in outcome.err
