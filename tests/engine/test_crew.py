"""A batch divided between processes: the same bits as between threads, and whatever ends a process is told in a
sentence, at once, and leaves nothing behind."""

import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import LaneLost, compile, passes
from netbuilder.engine.crew import PROCESS_BYTES
from netbuilder.engine.program import Program
from tests.engine.designs import with_everything_random
from tests.engine.lanes_in_threads import divide
from tests.engine.traps import DEADLY, INTERRUPTING, LENGTHY, TOO_LARGE, with_trap

ROOT = str(Path(__file__).parents[2])
LINUX = pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc who lives")


@pytest.fixture(autouse=True)
def always_divided(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passes, "WORTH_LANES", 0)
    yield
    gc.collect()  # a failed test's traceback may hold a program, whose processes end with it


def batch(program: Program, count: int) -> tuple[Any, Any]:
    draw = np.random.default_rng(1)
    return draw.normal(size=(count, *program.input_shape.array)), draw.integers(0, program.output_shape.size, count)


def figures(program: Program, count: int, seed: int = 3) -> tuple[float, dict[str, Any]]:
    return program.loss_and_gradients(program.init(), *batch(program, count), training=True, seed=seed)


def children() -> set[int]:
    return {each.pid for each in multiprocessing.active_children() if each.pid and "lane" in each.name}


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def survivors(pids: set[int], seconds: float = 3.0) -> set[int]:
    """Those of them that live on."""
    end = time.monotonic() + seconds
    while (left := {pid for pid in pids if lives(pid)}) and time.monotonic() < end:
        time.sleep(0.01)
    return left


# ---- the numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_processes_give_the_same_bits_as_threads_and_the_numbers_of_one(
    threads: int, dtype: str, monkeypatch: pytest.MonkeyPatch
):
    """Batch statistics, dropout, branches, and batches that do not divide evenly."""
    graph = with_everything_random()
    divided, whole = compile(graph, dtype, threads), compile(graph, dtype, 1)
    with monkeypatch.context() as patched:
        divide(patched)
        threaded = compile(graph, dtype, threads)
        expected = [figures(threaded, count) for count in (10, 7, 2)]
    for count, (loss, gradients) in zip((10, 7, 2), expected, strict=True):
        found = figures(divided, count)
        assert found[0] == loss
        assert all(np.array_equal(found[1][key], gradients[key]) for key in gradients)
        single = figures(whole, count)
        tolerance = 1e-9 if dtype == "float64" else 1e-3
        for key, gradient in single[1].items():
            np.testing.assert_allclose(found[1][key], gradient, rtol=tolerance, atol=tolerance, err_msg=key)


def test_new_weights_are_used_at_once():
    program, whole = (compile(with_everything_random(), "float64", threads) for threads in (2, 1))
    x, labels = batch(program, 6)
    for seed in (1, 2):
        weights = program.init(seed)
        found, expected = (each.loss_and_gradients(weights, x, labels)[0] for each in (program, whole))
        assert found == pytest.approx(expected, rel=1e-12)


def test_predictions_activations_and_scores_are_divided_too():
    divided, whole = (compile(with_everything_random(), "float64", threads) for threads in (2, 1))
    weights, (x, _) = whole.init(), batch(whole, 9)
    np.testing.assert_allclose(divided.predict(weights, x), whole.predict(weights, x), rtol=1e-12)
    expected, found = whole.activations(weights, x), divided.activations(weights, x)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12)
    assert len(children()) == 1


def test_batches_of_changing_sizes_leave_some_lanes_behind_and_nobody_waits():
    program, draw, seen = compile(with_everything_random(), "float64", 4), np.random.default_rng(0), dict[Any, float]()
    for _ in range(80):
        count, training = int(draw.integers(1, 9)), bool(draw.integers(2))
        loss = program.loss_and_gradients(program.init(), *batch(program, count), training=training)[0]
        assert seen.setdefault((count, training), loss) == loss


def test_what_is_not_a_number_stays_so():
    program = compile(with_everything_random(), "float64", 2)
    weights, (x, labels) = program.init(), batch(program, 6)
    x[-1] = np.inf
    assert np.isnan(program.loss_and_gradients(weights, x, labels, training=True)[0])
    assert np.isfinite(figures(program, 6)[0])


# ---- what goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_killed_process_is_told_at_once_and_the_next_pass_succeeds():
    program = compile(with_trap(), "float64", 3)
    expected = figures(program, 9)[0]
    x, labels = batch(program, 9)
    x[-1] = DEADLY
    begun = time.monotonic()
    with pytest.raises(LaneLost, match=r"ended unexpectedly, by the signal SIGKILL\. Systems do that when memory runs"):
        program.loss_and_gradients(program.init(), x, labels, training=True)
    assert time.monotonic() - begun < 1
    assert figures(program, 9)[0] == expected


def test_a_process_that_only_takes_its_time_is_waited_for():
    """Negative control for the one above."""
    program = compile(with_trap(), "float64", 2)
    x, labels = batch(program, 6)
    x[-1] = LENGTHY
    assert np.isfinite(program.loss_and_gradients(program.init(), x, labels, training=True)[0])


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_process_killed_between_two_passes_is_noticed():
    program = compile(with_trap(), "float64", 2)
    expected = figures(program, 6)[0]
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(LaneLost, match="ended unexpectedly"):
        figures(program, 6)
    assert figures(program, 6)[0] == expected


@pytest.mark.parametrize("place", [0, -1])
def test_an_error_in_any_lane_is_raised_here(place: int):
    program = compile(with_trap(), "float64", 3)
    expected = figures(program, 9)[0]
    x, labels = batch(program, 9)
    x[place] = TOO_LARGE
    with pytest.raises(MemoryError, match="no room for a number so large") as raised:
        program.loss_and_gradients(program.init(), x, labels, training=True)
    notes = getattr(raised.value, "__notes__", [])
    assert not notes if place == 0 else "in curve" in notes[0], "the note tells where in the other process"
    assert figures(program, 9)[0] == expected


def test_an_interrupted_pass_leaves_nothing_half_done():
    program = compile(with_trap(), "float64", 2)
    expected = figures(program, 6)[0]
    x, labels = batch(program, 6)
    x[0] = INTERRUPTING
    with pytest.raises(KeyboardInterrupt):
        program.loss_and_gradients(program.init(), x, labels, training=True)
    assert not children()
    assert figures(program, 6)[0] == expected


def test_processes_that_cannot_be_started_are_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: Any) -> None:
        raise OSError("too many processes")

    monkeypatch.setattr("netbuilder.engine.crew.start", refuse)
    with pytest.raises(
        LaneLost, match=r"could not be started \(too many processes\)\. Computing in one thread needs none"
    ):
        figures(compile(with_trap(), "float64", 2), 6)


# ---- nothing is left -----------------------------------------------------------------------------------------------


def test_processes_end_with_the_program_and_do_not_go_into_a_pickle():
    program = compile(with_everything_random(), "float64", 3)
    expected = figures(program, 6)[0]
    assert len(children()) == 2
    copy = pickle.loads(pickle.dumps(program))  # noqa: S301
    assert len(children()) == 2
    assert figures(copy, 6)[0] == expected
    assert len(children()) == 4
    del program, copy
    assert not children()


SCRIPT = """
import multiprocessing, numpy, os, sys
from netbuilder.engine import compile, passes
from tests.engine.designs import with_everything_random
passes.WORTH_LANES = 0
program = compile(with_everything_random(), "float64", 3)
weights, labels = program.init(), numpy.arange(6) % 3
x = numpy.ones((6, *program.input_shape.array))
expected = program.loss_and_gradients(weights, x, labels)[0]
ordinary = [sys.executable, "-c", "import time; time.sleep(8)"]
stays = os.spawnv(os.P_NOWAIT, sys.executable, ordinary) if "stays" in sys.argv else 0
print(stays, *(each.pid for each in multiprocessing.active_children()), flush=True)
while "busy" in sys.argv:
    program.loss_and_gradients(weights, x, labels)
if "forked" in sys.argv:
    if not (copy := os.fork()):
        os._exit(program.loss_and_gradients(weights, x, labels)[0] != expected)
    assert os.waitpid(copy, 0)[1] == 0
    assert program.loss_and_gradients(weights, x, labels)[0] == expected
if "waits" in sys.argv:
    sys.stdin.read()
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": ROOT, "PYTHONWARNINGS": "error"}


@LINUX
@pytest.mark.parametrize("state", ["busy", "waits"])
def test_a_killed_parent_leaves_no_process_and_no_memory(state: str, tmp_path: Path):
    words, environment = [sys.executable, "-c", SCRIPT, state, "stays"], {**ENVIRONMENT, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        stays, *lanes = map(int, parent.stdout.readline().split())
        assert len(lanes) == 2
        assert all(map(lives, lanes))
        time.sleep(0.05)
        parent.kill()
    try:
        assert not survivors(set(lanes))
        assert survivors({stays}, 0.1), "negative control: an ordinary child lives on"
        assert not [*tmp_path.iterdir(), *Path("/dev/shm").glob("*netbuilder*")]
    finally:
        os.kill(stays, signal.SIGKILL)


@pytest.mark.parametrize("words", [["-c", SCRIPT], ["-"], ["-c", SCRIPT, "forked"]], ids=["-c", "stdin", "fork"])
def test_a_script_needs_no_guard_and_ends_in_silence(words: list[str]):
    if "forked" in words and not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    found = subprocess.run(
        [sys.executable, *words], input=SCRIPT, capture_output=True, text=True, timeout=60, env=ENVIRONMENT
    )
    assert found.returncode == 0, found.stderr
    assert not found.stderr
    lanes = set(map(int, found.stdout.split()[1:]))
    assert len(lanes) == 2
    assert not survivors(lanes)


@LINUX
def test_ctrl_c_is_the_parents_alone():
    words = [sys.executable, "-c", SCRIPT, "busy"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        lanes = set(map(int, parent.stdout.readline().split()[1:]))
        os.killpg(parent.pid, signal.SIGINT)
        errors = parent.stderr.read()
    assert errors.count("KeyboardInterrupt") == errors.count("Traceback") == 1, errors
    assert not survivors(lanes)


@LINUX
def test_a_program_at_rest_takes_no_processor_time():
    program = compile(with_everything_random(), "float64", 2)
    figures(program, 6)
    (pid,) = children()

    def ticks() -> int:
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))

    time.sleep(0.1)
    before = ticks()
    time.sleep(0.5)
    assert ticks() - before <= 1
    figures(program, 6)


def test_the_buffers_and_processes_of_all_lanes_are_counted():
    program, whole = (compile(with_everything_random(), "float64", threads) for threads in (3, 1))
    figures(whole, 300)
    figures(program, 300)
    buffers = program.buffer_bytes - program.bytes_beside(300)
    assert whole.bytes_beside(300) == 0
    assert whole.buffer_bytes == pytest.approx(buffers, rel=0.2)


@LINUX
def test_a_process_takes_about_the_memory_that_is_counted():
    program = compile(with_everything_random(), "float64", 2)
    figures(program, 6)
    (pid,) = children()
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = sum(1024 * int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))
    assert PROCESS_BYTES / 2 < own < PROCESS_BYTES * 1.5
