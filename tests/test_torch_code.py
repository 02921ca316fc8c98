"""Exported code computes, and exported projects train, what the engine does; skipped without PyTorch."""

import builtins
import os
import re
import runpy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.engine import EpochEnd, Job, compile
from netbuilder.graph import Graph
from netbuilder.interop.code import export_code, export_project, source_code
from netbuilder.interop.code.names import MODULE_ATTRIBUTES
from netbuilder.layers import PALETTE, BatchNorm, Dense, Input, Layer, Softmax, VectorShape
from tests.architectures import SMALL
from tests.designs import valid_design
from tests.interop.code.projects import JOBS, dropping, engine_losses, regression, table
from tests.layers.rows import cases

torch = pytest.importorskip("torch")
safetensors = pytest.importorskip("safetensors.torch")
torch.set_num_threads(1)

STEPS = 20
FLOAT32 = 2e-5


def net(source: str) -> Any:
    """The module that a source defines, in evaluation mode."""
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(builtins.compile(source, "model.py", "exec"), names)  # noqa: S102 - what is under test
        return names["Net"]().eval()


def apart(graph: Graph, seed: int, *, spoil: float = 1.0) -> float:
    """How far the module's outputs lie from the engine's, relative to the largest; `spoil` falsifies a weight."""
    program, draw = compile(graph), np.random.default_rng(seed)
    start = program.init(seed).items()
    weights = {key: w if w.ndim > 1 else w + draw.uniform(0, 0.3, w.shape).astype(np.float32) for key, w in start}
    code = source_code(graph)
    module = net(code.source)
    module.load_state_dict({code.plan.keys[key]: torch.from_numpy(spoil * w) for key, w in weights.items()})
    x = draw.standard_normal((3, *program.input_shape.array), np.float32)
    found = module(torch.from_numpy(x))
    theirs = [each.detach().numpy() for each in (found if isinstance(found, tuple) else (found,))]
    ours = list(program.predict_outputs(weights, x).values())
    assert [each.shape for each in ours] == [each.shape for each in theirs]
    return max(float(np.abs(a - b).max() / max(np.abs(a).max(), 1e-3)) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_modules_compute_what_random_designs_do(first: int):
    for seed in range(first, first + 20):
        assert apart(valid_design(seed), seed) <= FLOAT32, seed


@pytest.mark.parametrize("name", SMALL)
def test_modules_compute_what_known_architectures_do(name: str):
    assert apart(SMALL[name](), 1) <= FLOAT32


ALONE = [cls for cls in PALETTE if cls is not Input and cls.most_inputs == 1]


@pytest.mark.parametrize("cls", ALONE)
def test_a_layer_alone_is_the_engines_whatever_its_settings(cls: type[Layer]):
    for index, case in enumerate(cases(cls, 60)):
        (shape,) = case.shapes
        entry = Input(features=shape.features) if isinstance(shape, VectorShape) else Input(**shape.to_dict())
        assert apart(Graph.chain(entry, case.layer), index) <= FLOAT32, case


def test_outputs_may_be_had_as_scores():
    graph = Graph.chain(Input(features=4), Dense(3), Softmax())
    module = net(source_code(graph).source)
    scores = module(torch.ones(1, 4), softmax=False)
    assert torch.equal(module(torch.ones(1, 4)), scores.softmax(1))


def test_a_weight_a_thousandth_off_is_noticed():
    assert all(apart(valid_design(seed), seed, spoil=1.001) > FLOAT32 for seed in (0, 2, 3))


def test_no_layer_can_replace_what_a_module_needs():
    own = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert own <= MODULE_ATTRIBUTES


def test_weights_saved_beside_the_code_load_into_it(tmp_path: Path):
    graph = nb.load("resources/examples/resnet-20.netb")
    weights = compile(graph).init(4)
    code, beside = export_code(graph, tmp_path / "net.py", weights=weights)
    module = net(code.read_text("utf-8"))
    assert module.load_state_dict(safetensors.load_file(beside)) is not None
    assert (module.fc.weight.detach().numpy() == weights["fc.weight"]).all()


# ---- projects --------------------------------------------------------------------------------------------------------


def trained(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a project's train.py prints, run in this process."""
    monkeypatch.setattr(sys, "argv", ["train.py", *words])
    monkeypatch.syspath_prepend(str(folder))
    for name in ("data", "model"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    capsys.readouterr()
    runpy.run_path(str(folder / "train.py"), run_name="__main__")
    for name in ("data", "model"):
        monkeypatch.delitem(sys.modules, name)
    return capsys.readouterr().out


def losses(printed: str) -> list[float]:
    return [float(loss) for loss in re.findall(r"step \d+ loss (\S+)", printed)]


def first_losses_agree(job: Job, folder: Path, run: Any) -> None:
    export_project(job, folder)
    theirs = losses(run(folder, "--steps", str(STEPS), "--log-every", "1"))
    ours = engine_losses(job, STEPS)
    assert len(theirs) == len(ours) >= min(STEPS, 12)
    assert theirs == pytest.approx(ours, rel=1e-8 if job.dtype == "float64" else 2e-4, abs=1e-7)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda folder, *words: trained(folder, monkeypatch, capsys, *words)


@pytest.mark.parametrize("name", JOBS)
def test_a_project_loses_what_the_engine_loses(name: str, tmp_path: Path, run: Any):
    first_losses_agree(JOBS[name], tmp_path / "project", run)


def test_a_table_of_values_is_learned_alike(tmp_path: Path, run: Any):
    first_losses_agree(regression(table(tmp_path)), tmp_path / "project", run)


def test_the_loss_of_an_epoch_is_the_engines_though_its_last_batch_is_smaller(tmp_path: Path, run: Any):
    job = JOBS["sgd"]
    ours = [event.training_loss for event in nb.train(job) if isinstance(event, EpochEnd)]
    folder = export_project(job, tmp_path / "project")
    script = folder / "train.py"
    text = script.read_text("utf-8")
    assert epoch_losses(run(folder)) == pytest.approx(ours, rel=1e-4)
    script.write_text(text.replace("loss * len(rows)", "loss").replace("seen += len(rows)", "seen += 1"), "utf-8")
    assert epoch_losses(run(folder)) != pytest.approx(ours, rel=1e-4), "negative control: the mean of the batches"


def epoch_losses(printed: str) -> list[float]:
    return [float(loss) for loss in re.findall(r"training loss (\S+)", printed)]


def test_a_learning_rate_a_hundredth_off_is_noticed(tmp_path: Path, run: Any):
    folder = export_project(JOBS["sgd"], tmp_path / "project")
    script = folder / "train.py"
    script.write_text(script.read_text("utf-8").replace("LEARNING_RATE = 0.05", "LEARNING_RATE = 0.0505"), "utf-8")
    theirs = losses(run(folder, "--steps", str(STEPS), "--log-every", "1"))
    assert theirs != pytest.approx(engine_losses(JOBS["sgd"], STEPS), rel=2e-4)


def test_a_whole_training_can_be_taken_up_again_and_leaves_weights_for_the_engine(tmp_path: Path, run: Any):
    job = JOBS["normalised"]
    folder = export_project(job, tmp_path / "project")
    whole = run(folder, "--output", str(tmp_path / "whole"))
    assert "test loss" in whole
    first_epoch_alone(run, folder, tmp_path / "parts")
    again = run(folder, "--output", str(tmp_path / "parts"), "--resume")
    assert again.splitlines()[-1] == whole.splitlines()[-1]
    found = safetensors.load_file(tmp_path / "whole" / "best.safetensors")
    program = compile(job.graph)
    program.check({key: value.numpy() for key, value in found.items()})


def first_epoch_alone(run: Any, folder: Path, output: Path) -> None:
    """The same training, cut off after its first epoch."""
    script = folder / "train.py"
    text = script.read_text("utf-8")
    script.write_text(text.replace("while progress.epoch < EPOCHS", "while progress.epoch < 1"), "utf-8")
    try:
        run(folder, "--output", str(output))
    finally:
        script.write_text(text, "utf-8")


@pytest.mark.parametrize("name", ["accumulated", "double"])
def test_two_processes_share_every_batch_and_lose_the_same(name: str, tmp_path: Path):
    folder = export_project(JOBS[name], tmp_path / "project")
    words = ["train.py", "--steps", "12", "--log-every", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    precision = 1e-8 if JOBS[name].dtype == "float64" else 2e-4
    assert losses(done.stdout) == pytest.approx(engine_losses(JOBS[name], 12), rel=precision)


def test_dropout_trains_too(tmp_path: Path, run: Any):
    folder = export_project(Job(dropping(), "digits", epochs=2), tmp_path / "project")
    printed = run(folder, "--output", str(tmp_path / "out"))
    accuracy = float(re.findall(r"test loss \S+ accuracy (\S+)", printed)[0])
    assert accuracy > 0.3


def test_batches_of_one_sample_are_passed_over_where_batch_norm_cannot_learn_from_them(tmp_path: Path, run: Any):
    job = Job(JOBS["normalised"].graph, "digits", epochs=1, batch_size=314)  # 4 · 314 + 1
    assert any(isinstance(node.layer, BatchNorm) for node in job.graph.nodes.values())
    printed = run(export_project(job, tmp_path / "project"), "--log-every", "1", "--output", str(tmp_path / "out"))
    assert len(losses(printed)) == 4
    assert "test loss" in printed
