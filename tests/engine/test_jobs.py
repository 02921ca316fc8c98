"""A job that cannot be done is refused in a sentence with the numbers, before anything starts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import SGD, AdamW, Job, JobError, compile, memory, train
from netbuilder.engine.memory import held_bytes, training_bytes
from netbuilder.graph import Graph
from netbuilder.layers import Conv2D, Dense, Flatten, Input, MaxPool2D, ReLU
from tests.engine.designs import lenet_like, with_everything_random


def refusal(graph: Graph, data: Any = "digits", **rest: Any) -> str:
    with pytest.raises(JobError) as refused:
        train(Job(graph, data, **rest))
    return str(refused.value)


def test_data_of_another_size_is_refused_with_both_sizes():
    graph = Graph.chain(Input(height=28, width=28, channels=1), Flatten(), Dense(units=10))
    assert "expects 28×28×1, but “Digits” is 8×8×1" in refusal(graph)


def test_another_number_of_classes_is_refused_with_both_numbers():
    graph = Graph.chain(Input(features=64), Dense(units=7))
    assert refusal(graph) == "The data has 10 classes, but “dense_1” has 7 outputs."


def test_an_invalid_design_is_refused_with_its_problems():
    graph = Graph.chain(Input(height=8, width=8, channels=1), Dense(units=10))
    assert "needs a flat list of numbers" in refusal(graph)


def test_an_unknown_data_set_is_refused():
    assert "There is no built-in data set called “digitz”" in refusal(lenet_like(), "digitz")


def test_a_design_without_weights_is_refused():
    graph = Graph.chain(Input(height=2, width=5, channels=1), Flatten())
    assert "nothing to train" in refusal(graph, resize=True)


def test_a_map_at_the_end_is_refused():
    graph = Graph.chain(Input(height=8, width=8, channels=1), Conv2D(filters=5, kernel_size=(8, 7)))
    assert "“conv2d_1” gives a 1×2×5 block" in refusal(graph)


def test_values_cannot_be_learned_as_classes(tmp_path: Path):
    np.savez(tmp_path / "v.npz", x=np.zeros((50, 2), np.float32), y=np.arange(50, dtype=np.float32))
    graph = Graph.chain(Input(features=2), Dense(units=1))
    assert "choose mse" in refusal(graph, tmp_path / "v.npz", loss="cross_entropy")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "The epochs must be from 1 to 1,000,000, not 0."),
        ({"batch_size": 1.5}, "The batch size must be a whole number, not 1.5."),
        ({"seed": -1}, "The seed must be from 0 to 9,223,372,036,854,775,807, not -1."),
        ({"threads": 0}, "The threads must be from 1 to 1,024, not 0."),
        (
            {"loss": "hinge"},
            "The loss must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not 'hinge'.",
        ),
        ({"dtype": "int8"}, "The number type must be one of float32, float64, not 'int8'."),
        ({"init": "ones"}, "The initialisation must be one of he, glorot, not 'ones'."),
    ],
)
def test_settings_beyond_their_limits_are_refused(settings: dict[str, Any], sentence: str):
    with pytest.raises(JobError) as refused:
        Job(lenet_like(), "digits", **settings)
    assert str(refused.value) == sentence


def test_a_job_survives_json(tmp_path: Path):
    job = Job(lenet_like(), str(tmp_path / "d.npz"), optimizer=AdamW(3e-4, betas=(0.8, 0.9)), seed=3, threads=1)
    assert Job.from_dict(job.graph, json.loads(json.dumps(job.to_dict()))) == job
    with pytest.raises(JobError):
        Job.from_dict(job.graph, {"data": "digits"})


# ---- memory ----------------------------------------------------------------------------------------------------------


def test_a_training_that_cannot_fit_is_refused_before_anything_is_allocated():
    graph = Graph.chain(
        Input(height=8, width=8, channels=1), Flatten(), Dense(units=1_000_000), ReLU(), Dense(units=1_000_000),
        Dense(units=10),
    )  # fmt: skip
    sentence = refusal(graph)
    assert "needs about" in sentence
    assert "GB of memory" in sentence
    assert "are free" in sentence


def test_a_batch_that_cannot_fit_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 20_000_000)
    assert "Training in batches of 1,257 needs about" in refusal(lenet_like(), batch_size=1257)
    train(Job(lenet_like(), "digits", batch_size=32))


@pytest.mark.parametrize("graph", [lenet_like(), with_everything_random()])
def test_what_is_counted_beforehand_is_what_is_held_afterwards(graph: Graph):
    optimizer, size = SGD(momentum=0.9), 300
    program = compile(graph)
    told = training_bytes(program, optimizer, size)
    assert program.buffer_bytes == 0, "counting takes no memory"
    program.step(program.bind(program.init()), np.zeros((size, 1, 8, 8), np.float32), np.zeros(size, np.int64), "mse")
    assert told == pytest.approx(held_bytes(program, optimizer), rel=0.2)


def test_memory_of_a_large_network_is_counted_at_once():
    graph = Graph.chain(
        Input(height=224, width=224, channels=3), Conv2D(filters=64, kernel_size=3), MaxPool2D(pool_size=4), Flatten(),
        Dense(units=100_000), Dense(units=10),
    )  # fmt: skip
    assert training_bytes(compile(graph), SGD(), 64) > 4e11
