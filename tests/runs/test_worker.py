"""Training in another process: it obeys, its death is told, it dies with its parent, and the next one works."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from netbuilder.engine import (
    Adam,
    Changed,
    Control,
    Died,
    Event,
    Failed,
    Finished,
    Job,
    JobError,
    Paused,
    Progress,
    Resumed,
    Started,
    Stopped,
    train,
)
from netbuilder.runs import Run, Worker, child
from netbuilder.runs.worker import _last_words
from tests.engine.designs import with_everything_random
from tests.engine.test_training import figures, same

JOB = Job(with_everything_random(), "digits", epochs=3, optimizer=Adam(3e-3), seed=5)
ENDLESS = replace(JOB, epochs=100_000)
LONG = 20.0


@pytest.fixture
def started() -> Iterator[Callable[..., Worker]]:
    workers: list[Worker] = []

    def start(job: Job, folder: Path | None = None) -> Worker:
        workers.append(Worker.start(job, folder))
        return workers[-1]

    yield start
    for worker in workers:
        worker.close()


def until(worker: Worker, kind: type[Event]) -> list[Event]:  # pyright: ignore
    """Events up to the first of a kind; fails where another last event comes instead, or none for long."""
    found: list[Event] = []
    end = time.monotonic() + LONG
    while not any(isinstance(event, kind) for event in found):
        assert time.monotonic() < end, f"no {kind.__name__} among {[type(event).__name__ for event in found]}"
        assert not worker.ended, f"no {kind.__name__}, but {found[-1]}"
        found += worker.poll()
        time.sleep(0.005)
    return found


def last(worker: Worker, kind: type[Event]) -> Event:  # pyright: ignore
    event = until(worker, kind)[-1]
    assert isinstance(event, kind)
    return event


def test_another_process_tells_the_same_story_as_this_one(tmp_path: Path, started: Callable[..., Worker]):
    here = list(train(JOB))
    worker = started(JOB, tmp_path / "run")
    there = until(worker, Finished)
    assert isinstance(there[0], Started)
    assert figures(there) == figures(here)
    assert same(dict(there[-1].weights), here[-1].weights)  # pyright: ignore[reportAttributeAccessIssue]
    assert worker.ended
    assert worker.poll() == []


def test_without_a_folder_the_weights_come_along(started: Callable[..., Worker]):
    finished = last(started(replace(JOB, epochs=1)), Finished)
    assert isinstance(finished, Finished)
    assert finished.weights.keys() == {*finished.weights}
    assert "dense_1.weight" in finished.weights


def test_commands_reach_the_process(tmp_path: Path, started: Callable[..., Worker]):
    worker = started(ENDLESS, tmp_path / "run")
    until(worker, Progress)
    worker.pause()
    paused = until(worker, Paused)[-1]
    time.sleep(0.1)
    assert worker.poll() == []
    worker.change(lr=1e-4)
    changed = last(worker, Changed)
    assert isinstance(paused, Paused)
    assert isinstance(changed, Changed)
    assert (changed.step, changed.lr) == (paused.step, 1e-4)
    worker.resume()
    until(worker, Resumed)
    until(worker, Progress)
    worker.stop()
    assert isinstance(last(worker, Stopped), Stopped)
    assert Run.open(tmp_path / "run").status == "stopped"


def test_a_job_that_cannot_be_done_is_an_event(started: Callable[..., Worker], tmp_path: Path):
    failed = last(started(replace(JOB, data="nowhere"), tmp_path / "run"), Failed)
    assert isinstance(failed, Failed)
    assert "no built-in data set called “nowhere”" in failed.message
    assert failed.details == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_process_is_told_within_a_second_and_the_next_run_works(
    tmp_path: Path, started: Callable[..., Worker], number: signal.Signals
):
    worker = started(ENDLESS, tmp_path / "one")
    until(worker, Progress)
    assert worker.pid is not None
    os.kill(worker.pid, number)
    begun = time.monotonic()
    died = last(worker, Died)
    assert time.monotonic() - begun < 1
    assert isinstance(died, Died)
    assert died.exitcode == -number
    assert number.name in died.message
    assert Run.open(tmp_path / "one").status == "interrupted"
    assert isinstance(last(started(JOB, tmp_path / "two"), Finished), Finished)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path, started: Callable[..., Worker]):
    job = replace(JOB, epochs=40)
    whole = last(started(job, tmp_path / "whole"), Finished)
    worker = started(job, tmp_path / "run")
    until(worker, Progress)
    worker.pause()  # which writes a checkpoint
    until(worker, Paused)
    worker.resume()
    until(worker, Progress)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    until(worker, Died)
    checkpoint = Run.open(tmp_path / "run").checkpoint()
    assert checkpoint is not None
    assert 0 < checkpoint.step < 40 * 20
    again = Worker.take_up(tmp_path / "run")
    finished = last(again, Finished)
    again.close()
    assert isinstance(whole, Finished)
    assert isinstance(finished, Finished)
    assert same(dict(finished.weights), dict(whole.weights))
    assert Run.open(tmp_path / "run").metrics() == Run.open(tmp_path / "whole").metrics()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_the_process_never_hears_an_interrupt_not_even_while_it_starts(started: Callable[..., Worker]):
    worker = started(JOB)
    assert worker.pid is not None
    for _ in range(20):
        os.kill(worker.pid, signal.SIGINT)
        time.sleep(0.01)
    until(worker, Progress)
    os.kill(worker.pid, signal.SIGINT)
    assert isinstance(last(worker, Finished), Finished)


def test_closing_ends_a_training_at_once(tmp_path: Path):
    worker = Worker.start(ENDLESS, tmp_path / "run")
    until(worker, Progress)
    begun = time.monotonic()
    worker.close()
    assert time.monotonic() - begun < 2
    assert Run.open(tmp_path / "run").status == "interrupted"


PARENT = """
import time
from netbuilder.engine import Job
from netbuilder.runs import Worker
from tests.engine.designs import with_everything_random
worker = Worker.start(Job(with_everything_random(), "digits", epochs=100_000))
while not worker.poll():
    time.sleep(0.01)
print(worker.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc who lives")
def test_the_process_dies_with_its_parent():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert _lives(pid)
        parent.kill()
    end = time.monotonic() + 2
    while _lives(pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


IMPORTS = """
import sys
import netbuilder.runs.child
print([name for name in ("PySide6", "pyqtgraph", "onnx", "safetensors.torch") if name in sys.modules])
"""


def test_the_process_loads_neither_qt_nor_onnx():
    found = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


SCRIPT = """
import time
print("the main script runs")
from netbuilder.engine import Job
from netbuilder.runs import Worker
from tests.engine.designs import with_everything_random
worker = Worker.start(Job(with_everything_random(), "digits", epochs=1))
while not worker.ended:
    worker.poll()
    time.sleep(0.01)
"""


def test_the_process_does_not_run_its_parents_script_again(tmp_path: Path):
    script = tmp_path / "start.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    found = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.splitlines() == ["the main script runs"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
def test_the_process_is_refused_memory_that_is_not_there():
    code = (
        "import numpy as np; from netbuilder.runs import child\n"
        "child.free_bytes = lambda: 100_000_000\n"
        "child._limit_memory(); child.SPARE_BYTES\n"
        "np.ones(10_000_000)\n"
        "try: np.ones(200_000_000)\n"
        "except MemoryError: print('refused')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "refused"
    assert child.SPARE_BYTES < 200_000_000 * 8


@pytest.mark.parametrize(
    ("error", "sentence", "detailed"),
    [
        (JobError("There is no data."), "There is no data.", False),
        (MemoryError(), "more memory than is free", False),
        (ValueError("axes don't match"), "an error of netbuilder itself (ValueError: axes don't match)", True),
        (ZeroDivisionError("by zero"), "an error of netbuilder itself (ZeroDivisionError: by zero)", True),
    ],
)
def test_whatever_goes_wrong_is_an_event(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str, detailed: bool
):
    def broken(self: child.Task, control: Control) -> Iterator[Event]:
        yield Paused(1)
        raise error

    monkeypatch.setattr(child.Task, "events", broken)
    first, failed = child.told(child.Task(JOB, None), Control())
    assert first == Paused(1)
    assert isinstance(failed, Failed)
    assert sentence in failed.message
    assert ("Traceback" in failed.details) == detailed


def test_what_ended_a_process_is_said_in_words():
    assert "SIGKILL. Systems do that when memory runs out." in _last_words(-9)
    assert "exit code 3" in _last_words(3)
