"""A design and data -> a run folder: trained with a progress bar, or as JSON events, and stopped cleanly by Ctrl+C."""

import signal
import threading
from argparse import Namespace
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from netbuilder.cli.command import DONE, INTERRUPTED, REFUSED, Refusal, WrongUsage
from netbuilder.cli.progress import Display
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import count, document, note, say
from netbuilder.cli.trained import located
from netbuilder.engine import OPTIMIZERS, Control, Event, Finished, Job, JobError, Started, Stopped, events
from netbuilder.runs import Run, new_folder, record, resume, runs_of

FIXED = ("batch_size", "loss", "seed", "threads")
"""What a resumed run keeps from its start, besides design, data and optimizer."""


def train(options: Namespace) -> int:
    """Train, keep a run folder, and print what the test part gives."""
    control = Control()
    if options.resume:
        folder: Path = options.resume
        _check_unchanged(options, Run.open(folder))
        stream = resume(folder, control, epochs=options.epochs, lr=options.lr)
    else:
        if options.file is None or options.data is None:
            raise WrongUsage("train needs a FILE and --data, or --resume with a run folder.")
        job = _job(options)
        folder = options.run or new_folder(runs_of(options.file))
        try:
            stream = record(job, folder, control)
        except JobError as problem:
            hint = " Here, --resize does that." if "have the images" in str(problem) else ""
            raise Refusal(f"{problem}{hint}") from problem
    with stopped_by_interrupt(control):
        last = _as_json(stream, folder) if options.json else _shown(stream)
    return _ending(last, folder, quiet=options.json)


def _job(options: Namespace) -> Job:
    """What is asked for; what is not keeps the engine's defaults."""
    rule = OPTIMIZERS[{name.lower(): name for name in OPTIMIZERS}[options.optimizer or "adam"]]
    given = {name: getattr(options, name) for name in ("epochs", *FIXED) if getattr(options, name) is not None}
    optimizer = rule(lr=options.lr) if options.lr else rule()
    return Job(opened(options.file), located(options.data), optimizer=optimizer, resize=options.resize, **given)


def _check_unchanged(options: Namespace, run: Run) -> None:
    """Raise Refusal where something else is asked of a run than it was started with."""
    if options.run:
        raise WrongUsage("--resume goes on in its own folder; --run starts another one. Give one of them.")
    asked: dict[str, Any] = {name: getattr(options, name) for name in FIXED}
    asked |= {"optimizer": options.optimizer, "data": options.data and located(options.data)}
    began: dict[str, Any] = {name: getattr(run.job, name) for name in FIXED}
    began |= {"optimizer": type(run.job.optimizer).__name__.lower(), "data": str(run.job.data)}
    for name, value in asked.items():
        if value is not None and value != began[name]:
            raise Refusal(
                f"This run began with {name.replace('_', ' ')} {began[name]}, not {value}; "
                "only --epochs and --lr can change when it is resumed."
            )
    if options.file and opened(options.file) != run.graph:
        raise Refusal(f"“{options.file.name}” has changed since this run began; train it anew, or resume without it.")


def _shown(stream: Iterator[Event]) -> Event | None:
    last = None
    with Display() as display:
        for last in stream:
            display.show(last)
    return last


def _as_json(stream: Iterator[Event], folder: Path) -> Event | None:
    last = None
    for last in stream:
        line = last.to_dict()
        document({**line, "run": str(folder)} if isinstance(last, Started) else line, indent=None)
    return last


def _ending(last: Event | None, folder: Path, *, quiet: bool) -> int:
    """Say how it ended, and give the exit code."""
    if isinstance(last, Finished):
        if not quiet:
            share = "" if last.test_accuracy is None else f"accuracy {100 * last.test_accuracy:.2f} %, "
            say(f"\nTest {share}loss {last.test_loss:.4f}, with the weights of epoch {last.best_epoch}.")
            say(f"Took {last.seconds:.1f} s. Kept in {folder}")
        return DONE
    if isinstance(last, Stopped):
        note(f"Stopped after {count(last.step, 'step')}; the weights are kept in {folder}")
        note(f"`netbuilder train --resume {_quoted(folder)}` goes on from there.")
        return INTERRUPTED
    message = last.message if isinstance(last, (events.Diverged, events.Failed)) else "The training ended early."
    note(message)
    return REFUSED


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text


@contextmanager
def stopped_by_interrupt(control: Control) -> Generator[None]:
    """Within this, the first Ctrl+C asks for a clean stop after the batch, a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():  # only there can signals be handled
        yield
        return

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        signal.signal(signal.SIGINT, before)
        note("\nStopping after this batch …")
        control.stop()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
