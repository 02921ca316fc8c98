"""Ctrl+C at any instant ends with 130 and a sentence, and a training's weights are kept."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import netbuilder as nb
from netbuilder.cli import command, main
from netbuilder.runs import Run

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(nb.__file__).parents[1])}
WITH_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")


def test_an_interrupt_exits_as_shells_expect(netbuilder, monkeypatch: pytest.MonkeyPatch):
    def interrupted(words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_carried_out", interrupted)
    assert netbuilder("templates").code == 130


@WITH_SIGNALS
def test_an_interrupted_training_keeps_its_weights(tmp_path: Path, netbuilder):
    design, run = tmp_path / "net.netb", tmp_path / "run"
    netbuilder("new", "digits-cnn", "-o", design)
    line = [sys.executable, "-m", "netbuilder", "train", design, "--data", "digits", "--epochs", "9999", "--run", run]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as child:
        assert child.stdout
        assert b"epoch" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert b"the weights are kept" in err
    assert b"Traceback" not in err
    assert netbuilder("evaluate", run).code == 0


class Interrupting(io.RawIOBase):
    """A stream in the middle of whose write somebody presses Ctrl+C: just that line was waited for."""

    def __init__(self) -> None:
        self.presses = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.presses == 0 and b"epoch" in bytes(data):  # pyright: ignore[reportArgumentType]
            self.presses += 1
            os.kill(os.getpid(), signal.SIGINT)
        return len(data)  # pyright: ignore[reportArgumentType]


@WITH_SIGNALS
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_an_interrupt_in_the_middle_of_a_write_stops_a_training_as_any_other(
    tmp_path: Path, netbuilder, monkeypatch: pytest.MonkeyPatch, stream: str
):
    design, run, raw = tmp_path / "net.netb", tmp_path / "run", Interrupting()
    netbuilder("new", "digits-cnn", "-o", design)
    with monkeypatch.context() as patch, io.TextIOWrapper(io.BufferedWriter(raw), "utf-8") as text:
        patch.setattr(sys, stream, text)
        code = main(["train", str(design), "--data", "digits", "--epochs", "9999", "--run", str(run)])
    assert (code, raw.presses) == (130, 1)
    assert Run.open(run).status == "stopped"
    assert netbuilder("evaluate", run).code == 0


@WITH_SIGNALS
@pytest.mark.parametrize("step", ["job_of", "record", "_ending"])
def test_an_interrupt_before_or_after_the_training_ends_with_130_too(
    tmp_path: Path, netbuilder, monkeypatch: pytest.MonkeyPatch, step: str
):
    """Before the first batch it stops the training there; once the results are known, they are told."""
    from netbuilder.cli import training

    original = getattr(training, step)

    def interrupted(*arguments: object, **named: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return original(*arguments, **named)

    monkeypatch.setattr(training, step, interrupted)
    design, run = tmp_path / "net.netb", tmp_path / "run"
    netbuilder("new", "digits-cnn", "-o", design)
    code, out, err = netbuilder("train", design, "--data", "digits", "--epochs", "1", "--run", run)
    assert code == 130
    assert "the weights are kept" in err or "Kept in" in out
    assert netbuilder("evaluate", run).code == 0


SLOW_START = """
import builtins, os, signal, sys
from netbuilder.cli import program
original, presses = builtins.__import__, []
def slow(name, *rest):
    if name.startswith("netbuilder.engine") and not presses:
        presses.append(name)
        signal.raise_signal(signal.SIGINT)
    return original(name, *rest)
builtins.__import__ = slow
sys.argv[1:] = ["train", "x.netb", "--data", "digits"]
program()
"""


@WITH_SIGNALS
def test_an_interrupt_while_modules_are_loaded_is_neither_lost_nor_told_at_length():
    done = subprocess.run([sys.executable, "-c", SLOW_START], capture_output=True, env=ENVIRONMENT, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"Stopped.\n")


@WITH_SIGNALS
def test_a_program_that_was_started_deaf_to_interrupts_stays_deaf():
    code = "import signal; from netbuilder.cli.interrupts import handled\nwith handled(print): signal.raise_signal(2)"
    line = [sys.executable, "-c", f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{code}"]
    assert subprocess.run(line, capture_output=True, env=ENVIRONMENT, check=True).stdout == b""
