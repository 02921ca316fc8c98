"""How to train is said in words: they reach the job, wrong ones are refused in a sentence, and all are in the help."""

import json
from pathlib import Path

import pytest

import netbuilder as nb
from netbuilder.cli import training_words
from netbuilder.cli.arguments import build_parser
from netbuilder.cli.wishes import PLAIN, job_of
from netbuilder.engine import AUGMENTATIONS, OPTIMIZERS, SCHEDULES, Cosine, Flip, Job, Shift, prepare
from netbuilder.examples import EXAMPLES, Example
from netbuilder.runs import Run


@pytest.fixture
def design(netbuilder, tmp_path: Path) -> Path:
    path = tmp_path / "net.netb"
    netbuilder("new", "digits-cnn", "-o", path)
    return path


def test_the_words_are_the_engines():
    assert set(training_words.SCHEDULES) == {cls.word() for cls in SCHEDULES.values()}
    assert set(training_words.AUGMENTATIONS) == {cls.word() for cls in AUGMENTATIONS.values()}
    assert set(training_words.OPTIMIZERS) == {name.lower() for name in OPTIMIZERS}
    assert set(PLAIN) <= {each.name for each in Job.settings()}


def test_every_wish_reaches_the_job(netbuilder, design: Path, tmp_path: Path):
    words = [
        *("--optimizer", "sgd", "--lr", 0.02, "--momentum", 0.9, "--weight-decay", 1e-4),
        *("--schedule", "cosine:floor=0.1", "--warmup", 0.5),
        *("--augment", "shift:1", "flip:probability=0.25", "--label-smoothing", 0.1, "--patience", 3),
        *("--class-weights", "balanced", "--accumulate", 2, "--clip-norm", 1, "--clip-value", 0.5, "--batch-size", 32),
    ]  # fmt: skip
    assert netbuilder("train", design, "--data", "digits", "--epochs", 1, "--run", tmp_path / "r", *words).code == 0
    job = Run.open(tmp_path / "r").job
    assert job == nb.Job(
        job.graph, "digits", epochs=1, batch_size=32, optimizer=nb.SGD(0.02, momentum=0.9, weight_decay=1e-4),
        schedule=Cosine(floor=0.1, warmup=0.5), augment=(Shift(1), Flip(0.25)), label_smoothing=0.1,
        class_weights="balanced", accumulate=2, clip_norm=1, clip_value=0.5, patience=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--schedule", "cosinus"], "cosinus: name is not one of constant"),
        (["--schedule", "cosine:floor=2"], "Cosine: floor must be at least 0 and at most 1, not 2"),
        (["--augment", "flip", "flap"], "flap: name is not one of shift, flip"),
        (["--optimizer", "adam", "--momentum", "0.9"], "Adam has no momentum"),
        (["--label-smoothing", "1"], "The label smoothing must be at least 0 and below 1, not 1"),
        (["--loss", "mse", "--label-smoothing", "0.1"], "label smoothing would change cross-entropy"),
        (["--loss", "mse", "--class-weights", "balanced"], "class weights would change cross-entropy"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_in_a_sentence(netbuilder, design: Path, words: list[str], sentence: str):
    code, out, err = netbuilder("train", design, "--data", "digits", *words)
    assert (code, out) == (1, "")
    assert sentence in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--schedule", "cosine"], "began with schedule constant, not cosine"),
        (["--augment", "flip"], "began with augment none, not flip"),
        (["--weight-decay", "0.1"], "began with weight decay 0.0, not 0.1"),
        (["--patience", "2"], "began with patience 0, not 2"),
    ],
)
def test_a_resumed_run_keeps_its_course(netbuilder, trained: Path, words: list[str], sentence: str):
    code, _, err = netbuilder("train", "--resume", trained, *words)
    assert code == 1
    assert sentence in err


def test_what_it_will_take_is_said_before_and_after(netbuilder, design: Path, tmp_path: Path):
    words = ["--data", "digits", "--epochs", 2]
    told = netbuilder("train", design, *words, "--run", tmp_path / "a")
    assert "About 0." in told.err
    assert "s an epoch (predicted 0." in told.out
    lines = netbuilder("train", design, *words, "--run", tmp_path / "b", "--json").out.splitlines()
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    assert 0 < first["epoch_seconds"] < 5
    assert first["memory_bytes"] == pytest.approx(last["memory_bytes"], rel=0.25)


def test_a_training_that_only_guesses_says_why(netbuilder, design: Path, tmp_path: Path):
    words = ["--data", "digits", "--epochs", 4, "--optimizer", "sgd", "--lr", 1e-9, "--run", tmp_path / "r"]
    err = netbuilder("train", design, *words).err
    assert "guessing among 10 classes costs ln 10 = 2.303" in err
    assert "Set 0.1" in err


def test_a_burst_says_how_to_go_on_and_that_works(netbuilder, design: Path, tmp_path: Path):
    words = ["--data", "digits", "--epochs", 2, "--optimizer", "sgd", "--lr", 1e7, "--run", tmp_path / "r"]
    code, _, err = netbuilder("train", design, *words)
    assert code == 1
    assert "Rate 1e+07 with SGD is 100,000,000× the usual 0.1." in err
    command = err.split("`netbuilder ")[1].split("`")[0].split()
    assert command == ["train", "--resume", str(tmp_path / "r"), "--lr", "0.1"]
    assert netbuilder(*command).code == 0


@pytest.mark.parametrize("known", [known for known in EXAMPLES if known.recipe], ids=lambda known: known.name)
def test_a_recipe_is_one_that_can_be_followed(netbuilder, tmp_path: Path, known: Example):
    path = tmp_path / "net.netb"
    told = netbuilder("new", known.name, "-o", path).err
    words = told.split("netbuilder ")[1].split()
    assert words[:2] == ["train", str(path)]
    job = job_of(build_parser().parse_args(words))
    assert prepare(job).dataset.name == known.data
    assert job.augment
    assert job.epochs > 5


# ---- rates -----------------------------------------------------------------------------------------------------------


def test_rates_are_tried_and_one_is_suggested(netbuilder, design: Path):
    code, out, err = netbuilder("rates", design, "--data", "digits")
    assert (code, err) == (0, "")
    assert "is a good one to train with." in out
    assert out.count("█") > 50


def test_rates_as_json(netbuilder, design: Path):
    found = json.loads(netbuilder("rates", design, "--data", "digits", "--optimizer", "sgd", "--json").out)
    assert len(found["rates"]) == len(found["losses"]) > 60
    assert 0.01 < found["suggestion"] < 2
