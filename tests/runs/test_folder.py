"""A run folder holds all of a training in plain files, and says in a sentence what is wrong with a damaged one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder import files
from netbuilder.engine import (
    SGD,
    Adam,
    Control,
    Diverged,
    EpochEnd,
    Failed,
    Finished,
    Job,
    JobError,
    Progress,
    Stopped,
    compile,
    evaluate,
    prepare,
)
from netbuilder.runs import (
    Recorder,
    Run,
    list_runs,
    load_weights,
    new_folder,
    record,
    recording,
    resume,
    runs_of,
    save_weights,
)
from netbuilder.storage import FileError
from tests.engine.designs import lenet_like, with_everything_random
from tests.engine.test_training import figures, same

JOB = Job(with_everything_random(), "digits", epochs=3, optimizer=Adam(3e-3), seed=5)


def test_a_run_is_read_back_as_it_was(tmp_path: Path):
    events = list(record(JOB, tmp_path / "run"))
    finished = events[-1]
    assert isinstance(finished, Finished)
    run = Run.open(tmp_path / "run")
    assert run.graph == JOB.graph
    assert run.job == JOB
    assert run.status == "finished"
    assert run.started["digest"] == prepare(JOB).dataset.digest
    assert run.started["versions"].keys() == {"netbuilder", "numpy", "python", "blas"}
    assert run.result == json.loads(json.dumps(finished.to_dict()))
    assert same(run.weights(), finished.weights)


def test_the_stored_weights_give_the_stored_accuracy(tmp_path: Path):
    *_, finished = record(JOB, tmp_path / "run")
    run = Run.open(tmp_path / "run")
    tally = evaluate(compile(run.graph), run.weights(), prepare(run.job).dataset.test)
    assert isinstance(finished, Finished)
    assert (tally.accuracy, tally.loss) == (finished.test_accuracy, finished.test_loss)


def test_the_figures_have_a_row_for_every_batch_and_every_epoch(tmp_path: Path):
    events = list(record(JOB, tmp_path / "run"))
    rows = Run.open(tmp_path / "run").metrics()
    batches = [row for row in rows if row.validation_loss is None]
    epochs = [row for row in rows if row.validation_loss is not None]
    assert [row.step for row in batches] == list(range(1, 61))
    assert [row.loss for row in batches] == [x for e in events if isinstance(e, Progress) for x in e.losses]
    ends = [event for event in events if isinstance(event, EpochEnd)]
    assert [(row.epoch, row.validation_loss) for row in epochs] == [(e.epoch, e.validation_loss) for e in ends]
    assert {row.learning_rate for row in rows} == {3e-3}


def test_a_stopped_run_goes_on_to_the_same_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = list(record(JOB, tmp_path / "whole"))
    control = Control()
    events = record(JOB, tmp_path / "run", control)
    next(event for event in events if isinstance(event, Progress) and event.step >= 25)
    control.stop()
    assert [type(event) for event in events] == [Stopped]
    assert Run.open(tmp_path / "run").status == "stopped"
    again = list(resume(tmp_path / "run"))
    assert same(again[-1].weights, whole[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]
    assert figures(again) == figures(whole)[-len(figures(again)) :]
    one, other = (Run.open(tmp_path / name) for name in ("whole", "run"))
    assert one.metrics() == other.metrics()
    assert same(one.weights(), other.weights())
    assert same(one.last_weights(), other.last_weights())


@pytest.mark.parametrize("step", [3, 20, 21, 47])
def test_a_run_cut_off_without_warning_goes_on_to_the_same_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
):
    whole = list(record(JOB, tmp_path / "whole"))
    asked = iter(range(1000))
    monkeypatch.setattr(Recorder, "due", lambda self: next(asked) == step)
    events = record(JOB, tmp_path / "run")
    next(event for event in events if isinstance(event, Progress) and event.step > step)
    events.close()  # type: ignore[attr-defined]
    run = Run.open(tmp_path / "run")
    checkpoint = run.checkpoint()
    assert checkpoint is not None
    assert (run.status, checkpoint.step) == ("interrupted", step)
    assert same(run.last_weights(), checkpoint.weights)
    again = list(resume(tmp_path / "run"))
    assert same(again[-1].weights, whole[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]
    assert Run.open(tmp_path / "run").metrics() == Run.open(tmp_path / "whole").metrics()


def test_a_finished_run_can_be_given_more_epochs(tmp_path: Path):
    *_, whole = record(replace(JOB, epochs=4), tmp_path / "whole")
    list(record(JOB, tmp_path / "run"))
    *_, more = resume(tmp_path / "run", epochs=4)
    assert isinstance(more, Finished)
    assert more.epoch == 4
    assert same(Run.open(tmp_path / "run").last_weights(), Run.open(tmp_path / "whole").last_weights())
    assert isinstance(whole, Finished)
    assert more.test_loss == whole.test_loss


def test_a_diverged_run_keeps_good_weights_and_goes_on_with_a_smaller_rate(tmp_path: Path):
    *_, event = record(replace(JOB, optimizer=SGD(1e6)), tmp_path / "run")
    assert isinstance(event, Diverged)
    run = Run.open(tmp_path / "run")
    assert run.status == "diverged"
    assert same(run.weights(), event.weights)
    assert all(np.isfinite(array).all() for array in run.weights().values())
    *_, event = resume(tmp_path / "run", lr=0.01)
    assert isinstance(event, Finished)
    assert Run.open(tmp_path / "run").job.optimizer == SGD(0.01)


def test_a_refused_job_leaves_no_folder(tmp_path: Path):
    with pytest.raises(JobError):
        record(replace(JOB, data="nowhere"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_in_use_is_not_overwritten(tmp_path: Path):
    list(record(replace(JOB, epochs=1), tmp_path / "run"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    with pytest.raises(FileError, match="exists already"):
        record(JOB, tmp_path / "run")
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_a_run_under_way_cannot_be_taken_up_a_second_time(tmp_path: Path):
    events = record(JOB, tmp_path / "run")
    next(events)
    assert Run.open(tmp_path / "run").status == "running"
    with pytest.raises(FileError, match="still being trained"):
        resume(tmp_path / "run")
    events.close()  # type: ignore[attr-defined]
    assert Run.open(tmp_path / "run").status == "interrupted"
    assert isinstance(list(resume(tmp_path / "run"))[-1], Finished)


def test_a_disk_that_fills_up_ends_the_training_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any) -> None:
        raise FileError("“checkpoint.safetensors” cannot be written: no space left on device.")

    monkeypatch.setattr(recording, "save_checkpoint", full)
    *_, event = record(JOB, tmp_path / "run")
    assert isinstance(event, Failed)
    assert "no space left on device" in event.message


def test_runs_are_kept_beside_their_design_and_listed_by_age(tmp_path: Path):
    design = files.save(JOB.graph, tmp_path / "net.netb")
    runs = runs_of(design)
    assert runs == tmp_path / "net.runs"
    assert list_runs(runs) == []
    for _ in range(3):
        list(record(replace(JOB, epochs=1), new_folder(runs)))
    (runs / "notes").mkdir()
    (runs / "zz broken").mkdir()
    (runs / "zz broken" / "run.json").write_text("{")
    found = list_runs(runs)
    assert len(found) == 3
    assert [run.folder.name for run in found] == sorted(run.folder.name for run in found)


def read_all(folder: Path) -> None:
    run = Run.open(folder)
    for read in (run.weights, run.metrics, run.checkpoint):
        read()


def damaged(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return damage


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (damaged("run.json", lambda data: data[:50]), "“run.json” in “run” is damaged"),
        (damaged("run.json", lambda data: b"[1, 2]"), "“run.json” in “run” is damaged"),
        (damaged("run.json", lambda data: b'{"job": 3}'), "“run.json” in “run” is damaged"),
        (damaged("run.json", lambda data: b"[" * 100_000), "“run.json” in “run” is damaged"),
        (damaged("run.json", lambda data: data.replace(b'"Adam"', b'"Eve"')), "There is no optimizer 'Eve'"),
        (damaged("run.json", lambda data: data + b" " * 2_000_000), "“run.json” is larger"),
        (damaged("design.netb", lambda data: data[:30]), "design.netb"),
        (damaged("weights.safetensors", lambda data: data[:100]), "“weights.safetensors” is damaged"),
        (damaged("weights.safetensors", lambda data: b"\xff" * 64), "“weights.safetensors” is damaged"),
        (damaged("metrics.csv", lambda data: b"a,b\n1,2\n"), "“metrics.csv” does not hold the figures"),
        (damaged("metrics.csv", lambda data: data + b"1,x,2,,,,\n"), "“metrics.csv” is damaged"),
        (damaged("metrics.csv", lambda data: b"\xff\xfe\x00"), "“metrics.csv” cannot be read"),
        (damaged("checkpoint.safetensors", lambda data: data[:-9]), "“checkpoint.safetensors” is damaged"),
        (
            lambda folder: save_weights({"a": np.ones(1)}, folder / "checkpoint.safetensors"),
            "is not a checkpoint of netbuilder",
        ),
        (lambda folder: (folder / "run.json").unlink(), "“run” is not a run"),
    ],
)
def test_a_damaged_run_is_refused_in_a_sentence(tmp_path: Path, damage: Callable[[Path], None], sentence: str):
    list(record(replace(JOB, epochs=1), tmp_path / "run"))
    damage(tmp_path / "run")
    with pytest.raises(FileError) as refusal:
        read_all(tmp_path / "run")
    assert sentence in str(refusal.value)


def test_a_row_that_was_cut_short_is_left_out(tmp_path: Path):
    list(record(replace(JOB, epochs=1), tmp_path / "run"))
    path = tmp_path / "run" / "metrics.csv"
    rows = Run.open(tmp_path / "run").metrics()
    path.write_bytes(path.read_bytes()[:-4])
    assert Run.open(tmp_path / "run").metrics() == rows[:-1]


def test_arrays_survive_whatever_their_layout(tmp_path: Path):
    whole = np.arange(24, dtype=np.float32).reshape(4, 6)
    weights = {"turned": whole.T, "thinned": whole[::2, 1::2], "plain": whole, "double": whole.astype(float)}
    save_weights(weights, tmp_path / "w.safetensors", {"by": "test"})
    found, metadata = load_weights(tmp_path / "w.safetensors")
    assert same(found, weights)
    assert found["double"].dtype == np.float64
    assert metadata == {"by": "test"}


def test_a_run_without_weights_says_so(tmp_path: Path):
    events = record(replace(JOB, graph=lenet_like()), tmp_path / "run")
    next(events)
    events.close()  # type: ignore[attr-defined]
    with pytest.raises(FileError, match="holds no weights"):
        Run.open(tmp_path / "run").weights()
