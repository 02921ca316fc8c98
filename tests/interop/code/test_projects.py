"""An exported project has the engine's samples, batches and changes bit for bit, and never takes another's files."""

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from netbuilder.data import fitting
from netbuilder.engine import (
    AUGMENTATIONS,
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    Job,
    JobError,
    OneCycle,
    Place,
    Plateau,
    Schedule,
    StepDecay,
    prepare,
)
from netbuilder.engine.randomness import stream
from netbuilder.engine.train import first_weights
from netbuilder.interop.code import CodeError, export_project
from netbuilder.interop.code.augmentation_source import source
from netbuilder.interop.code.project import MANIFEST
from netbuilder.interop.code.rates import rate_source
from netbuilder.storage import FileError
from tests.interop.code.projects import CHANGES, JOBS, dropping, flat, large, regression, small, table
from tests.interop.code.style import ruff

NAMES = {"model.py", "train.py", "data.py", "data.safetensors", "initial.safetensors", "requirements.txt", "README.md"}


def script(path: Path) -> dict[str, Any]:
    """What a script of NumPy alone defines, run in this process."""
    names: dict[str, Any] = {"__file__": str(path), "__name__": path.stem}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), names)  # noqa: S102 - what is under test
    return names


def batches_agree(job: Job, folder: Path) -> None:
    """Every batch of two epochs, and the test part, are the engine's."""
    ready = prepare(job)
    data = script(export_project(job, folder) / "data.py")
    parts = data["load_parts"](folder / "data.safetensors")
    count = len(ready.dataset.training)
    assert {name: len(part) for name, part in parts.items()} == {n: len(p) for n, p in ready.dataset.parts.items()}
    for epoch in (0, 3):
        order = stream(job.seed, "shuffle", epoch).permutation(count)
        for start, rows in zip(range(0, count, 50), data["epoch_batches"](epoch, count, 50), strict=True):
            assert (rows == order[start : start + 50]).all()
        rows = order[:50]
        more = (epoch,) if job.augment else ()
        found = parts["training"].batch(rows, *more)
        assert found.dtype == np.float32
        assert (found == ready.samples.batch(rows, epoch)).all()
        assert (parts["training"].targets[rows] == ready.dataset.training.targets[rows]).all()
    assert (parts["test"].batch(np.arange(40)) == ready.dataset.test.batch(slice(0, 40))).all()


@pytest.mark.parametrize("index", range(len(CHANGES)))
def test_each_change_of_samples_is_the_engines_bit_for_bit(index: int, tmp_path: Path):
    batches_agree(Job(small(), "digits", augment=(CHANGES[index],), seed=3), tmp_path / "project")


@pytest.mark.parametrize(
    "make",
    [
        lambda _: Job(small(), "digits", seed=7),
        lambda _: Job(small(), "digits", augment=CHANGES),
        lambda _: Job(small(), "digits", augment=(CHANGES[0], CHANGES[3], CHANGES[0])),
        lambda _: Job(flat(), "digits", augment=(CHANGES[1],)),
        lambda _: Job(large(), "digits", resize=True),
        lambda folder: regression(table(folder)),
    ],
    ids=["plain", "all changes", "one change twice", "flattened", "resized", "table"],
)
def test_batches_are_the_engines_bit_for_bit(make: Callable[[Path], Job], tmp_path: Path):
    batches_agree(make(tmp_path), tmp_path / "project")


def test_images_too_large_to_be_kept_are_resized_batch_by_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fitting, "_EAGER_BYTES", 0)
    job = Job(large(), "digits", resize=True, augment=(CHANGES[0],))
    assert prepare(job).dataset.training.pixels == (20, 18)
    batches_agree(job, tmp_path / "project")
    assert "Pillow" in (tmp_path / "project" / "requirements.txt").read_text("utf-8")


def test_another_seed_is_noticed(tmp_path: Path):
    job = Job(small(), "digits", seed=3, augment=(CHANGES[0],))
    folder = export_project(job, tmp_path / "project")
    data = folder / "data.py"
    data.write_text(data.read_text("utf-8").replace("SEED = 3", "SEED = 4"), "utf-8")
    names = script(data)
    found = names["load_parts"](folder / "data.safetensors")["training"].batch(np.arange(50), 0)
    assert (found != prepare(job).samples.batch(np.arange(50), 0)).any()


def test_every_augmentation_can_be_written():
    assert set(AUGMENTATIONS.values()) == {type(each) for each in CHANGES}
    assert all(source.dispatch(cls) is not source.dispatch(object) for cls in AUGMENTATIONS.values())


# ---- rates -----------------------------------------------------------------------------------------------------------

RULES: tuple[Schedule, ...] = (
    Constant(),
    Constant(warmup=2),
    StepDecay(2, 0.3),
    StepDecay(2, 0.3, warmup=1.5),
    Exponential(0.7, warmup=1),
    Exponential(0.7),
    Cosine(),
    Cosine(0.1),
    Cosine(0.1, warmup=2),
    OneCycle(),
    OneCycle(0.001),
    OneCycle(0.4, 10, 100, warmup=1),
    Plateau(),
    Plateau(0.5, 1, 0.05, 2, 0.1, warmup=1),
    Plateau(0.5, 0, 0.01, 0, 0.2),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text())
def test_rates_are_the_schedules(rule: Schedule):
    per_epoch, epochs = 7, 9
    updates = per_epoch * epochs
    losses = tuple(np.random.default_rng(1).uniform(0.8, 1.2, epochs).tolist())
    names: dict[str, Any] = {"LEARNING_RATE": 0.3, "STEPS_PER_EPOCH": per_epoch, "STEPS": updates}
    names["WARM_UP"] = round(rule.warmup * per_epoch)
    exec("import math\n" + rate_source(rule), names)  # noqa: S102 - what is under test
    for step in range(updates):
        seen = losses[: step // per_epoch]
        more = (list(seen),) if isinstance(rule, Plateau) else ()
        expected = 0.3 * rule.factor(Place(step, per_epoch, updates, seen))
        assert names["rate"](step, *more) == pytest.approx(expected, rel=1e-12)


def test_every_schedule_can_be_written():
    assert {type(rule) for rule in RULES} == set(SCHEDULES.values())


# ---- the folder ------------------------------------------------------------------------------------------------------


def test_all_that_training_needs_is_there(tmp_path: Path):
    folder = export_project(JOBS["nesterov"], tmp_path / "project", title="My net")
    assert {path.name for path in folder.iterdir()} == NAMES | {"DATA-LICENSE.md", MANIFEST}
    assert "CC BY 4.0" in (folder / "DATA-LICENSE.md").read_text("utf-8")
    assert "# My net" in (folder / "README.md").read_text("utf-8")
    ready = prepare(JOBS["nesterov"])
    start = load_file(folder / "initial.safetensors")
    assert all((start[key] == weight).all() for key, weight in first_weights(ready).items())


def test_titles_are_plain_text_everywhere(tmp_path: Path):
    folder = export_project(JOBS["adam"], tmp_path / "project", title='<b>*x*</b> """\n[a](b)')
    assert "\\<b\\>\\*x\\*" in (folder / "README.md").read_text("utf-8")
    assert "<b>" not in "".join(path.read_text("utf-8") for path in folder.glob("*.py"))


def test_trained_weights_lie_beside_the_first(tmp_path: Path):
    job = JOBS["adam"]
    weights = {key: 2 * array for key, array in first_weights(prepare(job)).items()}
    folder = export_project(job, tmp_path / "project", weights=weights)
    found = load_file(folder / "weights.safetensors")
    assert all((found[key] == weight).all() for key, weight in weights.items())
    assert 'load_file("weights.safetensors")' in (folder / "model.py").read_text("utf-8")


@pytest.mark.parametrize("name", JOBS)
def test_every_recipe_is_written_as_ruff_and_black_would(name: str, tmp_path: Path):
    folder = export_project(JOBS[name], tmp_path / "project")
    assert ruff("check", folder) == ""
    assert ruff("format", "--check", folder) == ""


def test_dropout_and_tables_are_too(tmp_path: Path):
    for name, job in {"dropout": Job(dropping(), "digits"), "table": regression(table(tmp_path))}.items():
        folder = export_project(job, tmp_path / name)
        assert ruff("check", folder) == ""
        assert ruff("format", "--check", folder) == ""


def test_class_names_are_text(tmp_path: Path):
    evil = ("__import__('os')", '"', "\\", "a'b", '"""', "é", "{x}")
    draw = np.random.default_rng(0)
    path = tmp_path / "evil.npz"
    np.savez(path, images=draw.integers(0, 255, (70, 8, 8)), labels=np.arange(70) % 7, classes=np.array(evil))
    graph = small().set("dense_1", units=7)
    folder = export_project(Job(graph, path), tmp_path / "project")
    assert script(folder / "data.py")["CLASSES"] == evil
    assert ruff("check", folder) == ""
    assert ruff("format", "--check", folder) == ""
    assert str(tmp_path) not in "".join(path.read_text("utf-8") for path in folder.glob("*.[mp][dy]"))


def test_exporting_again_replaces_what_an_export_wrote_and_nothing_that_was_changed_since(tmp_path: Path):
    folder = export_project(JOBS["adam"], tmp_path / "project")
    (folder / "notes.txt").write_text("mine", "utf-8")
    assert export_project(replace(JOBS["adam"], epochs=9), folder) == folder
    assert "EPOCHS = 9" in (folder / "train.py").read_text("utf-8")
    (folder / "train.py").write_text("mine", "utf-8")
    with pytest.raises(CodeError, match=r"“train.py” in “project” is there already"):
        export_project(JOBS["adam"], folder)
    assert (folder / "train.py").read_text("utf-8") == "mine"
    assert "EPOCHS = 2" in (export_project(JOBS["adam"], folder, replace=True) / "train.py").read_text("utf-8")
    assert (folder / "notes.txt").read_text("utf-8") == "mine"


def test_a_foreign_folder_with_files_of_the_same_names_is_left_alone(tmp_path: Path):
    (tmp_path / "model.py").write_text("mine", "utf-8")
    (tmp_path / MANIFEST).write_text(json.dumps({"files": [1]}), "utf-8")
    with pytest.raises(CodeError, match=r"model\.py"):
        export_project(JOBS["adam"], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.py", MANIFEST}


def test_a_job_that_cannot_be_done_leaves_nothing(tmp_path: Path):
    with pytest.raises(JobError):
        export_project(Job(small(), "shapes"), tmp_path / "project")
    assert not (tmp_path / "project").exists()


def test_a_place_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "project").write_text("mine", "utf-8")
    with pytest.raises(FileError, match="cannot be made"):
        export_project(JOBS["adam"], tmp_path / "project")


@pytest.mark.parametrize("name", JOBS)
def test_scripts_import_nothing_unexpected(name: str, tmp_path: Path):
    folder = export_project(JOBS[name], tmp_path / "project")
    known = {
        "argparse",
        "collections",
        "contextlib",
        "dataclasses",
        "data",
        "functools",
        "gc",
        "hashlib",
        "math",
        "model",
    }
    known |= {"numpy", "os", "pathlib", "safetensors", "time", "torch"}
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= known, path
