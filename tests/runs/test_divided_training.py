"""A training whose batches are divided between processes: it resumes exactly, and nothing of it outlives it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netbuilder.engine import Adam, EpochEnd, Failed, Finished, Job, Paused, train
from netbuilder.graph import Graph
from netbuilder.layers import BatchNorm, Conv2D, Dense, Dropout, GlobalAveragePool2D, Input, ReLU
from netbuilder.runs import Run, Worker
from tests.engine.test_crew import LINUX, survivors

GRAPH = Graph.chain(
    Input(height=8, width=8, channels=1), Conv2D(32, 3, padding="same"), BatchNorm(), ReLU(),
    Conv2D(32, 3, padding="same"), ReLU(), GlobalAveragePool2D(), Dropout(0.2), Dense(10),
)  # fmt: skip
JOB = Job(GRAPH, "digits", 12, 100, Adam(3e-3), threads=2)
LONG = 40.0

pytestmark = LINUX


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[[Job], Worker]]:
    """A training in its second epoch or a little later, with a checkpoint."""
    workers: list[Worker] = []

    def begin(job: Job) -> Worker:
        worker = Worker.start(job, tmp_path / "run")
        workers.append(worker)
        last(worker, EpochEnd)
        worker.pause()
        last(worker, Paused)
        worker.resume()
        return worker

    yield begin
    for worker in workers:
        worker.close()


def last(worker: Worker, *kinds: type) -> object:
    """The first event of these kinds."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        for event in worker.poll():
            if isinstance(event, kinds):
                return event
        time.sleep(0.01)
    raise AssertionError(f"none of {kinds}")


def lanes(worker: Worker) -> set[int]:
    threads = Path(f"/proc/{worker.pid}/task").iterdir()
    found = {int(child) for thread in threads for child in (thread / "children").read_text().split()}
    return {pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def test_a_lane_that_is_killed_ends_the_training_and_the_run_goes_on_to_the_same_end(
    begun: Callable[[Job], Worker], tmp_path: Path
):
    (whole,) = (event for event in train(JOB) if isinstance(event, Finished))
    worker = begun(replace(JOB, epochs=10_000))
    (lane,) = lanes(worker)
    os.kill(lane, signal.SIGKILL)
    killed = time.monotonic()
    failed = last(worker, Failed)
    assert time.monotonic() - killed < 1.5
    assert isinstance(failed, Failed)
    checkpoint = Run.open(tmp_path / "run").checkpoint()
    assert checkpoint is not None
    assert 13 < checkpoint.step < 12 * 13
    assert "ended unexpectedly, by the signal SIGKILL" in failed.message
    again = Worker.take_up(tmp_path / "run", epochs=12)
    try:
        finished = last(again, Finished, Failed)
    finally:
        again.close()
    assert isinstance(finished, Finished), finished
    assert all(np.array_equal(finished.weights[key], array) for key, array in whole.weights.items())


@pytest.mark.parametrize("how", ["closed", "killed"])
def test_a_training_that_ends_takes_its_lanes_along(how: str, begun: Callable[[Job], Worker]):
    worker = begun(replace(JOB, epochs=10_000))
    others = lanes(worker)
    assert len(others) == 1
    if how == "closed":
        worker.close()
    else:
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
    assert not survivors(others)
