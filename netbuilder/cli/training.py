"""A design and data -> a run folder: trained with a progress bar, or as JSON events, and stopped cleanly by Ctrl+C."""

import signal
from argparse import Namespace
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from netbuilder.cli.command import DONE, REFUSED, Refusal, WrongUsage
from netbuilder.cli.interrupts import INTERRUPTED, handled
from netbuilder.cli.progress import Display
from netbuilder.cli.terminal import count, document, duration, note, note_at_once, quoted, say, size
from netbuilder.cli.wishes import check_unchanged, job_of
from netbuilder.engine import Control, Event, Finished, JobError, Started, Stopped, events
from netbuilder.runs import Run, new_folder, record, resume, runs_of


def train(options: Namespace) -> int:
    """Train, keep a run folder, and print what the test part gives."""
    control = Control()
    with stopped_by_interrupt(control) as asked:
        stream, folder = _begun(options, control)
        first, last = _as_json(stream, folder) if options.json else _shown(stream)
        code = _ending(first, last, folder, quiet=options.json)
    # One that had come to its end all the same is told of; but a script shall not go on after it.
    return INTERRUPTED if asked() and code == DONE else code


def _begun(options: Namespace, control: Control) -> tuple[Iterator[Event], Path]:
    """The events of a new training or of one that goes on, and its folder."""
    if options.resume:
        if options.run:
            raise WrongUsage("--resume goes on in its own folder; --run starts another one. Give one of them.")
        check_unchanged(options, Run.open(options.resume))
        return resume(options.resume, control, epochs=options.epochs, lr=options.lr), options.resume
    if options.file is None or options.data is None:
        raise WrongUsage("train needs a FILE and --data, or --resume with a run folder.")
    job = job_of(options)
    folder = options.run or new_folder(runs_of(options.file))
    try:
        stream = record(job, folder, control)
    except JobError as problem:
        hint = " Here, --resize does that." if "have the images" in str(problem) else ""
        raise Refusal(f"{problem}{hint}") from problem
    if options.file.suffix.lower() == ".onnx":
        note(f"The weights in “{options.file.name}” are not used: training starts from new ones (seed {job.seed}).")
    return stream, folder


def _shown(stream: Iterator[Event]) -> tuple[Event | None, Event | None]:
    """Show every event. Gives the first and the last."""
    first = last = None
    with Display() as display:
        for last in stream:
            first = first or last
            display.show(last)
    return first, last


def _as_json(stream: Iterator[Event], folder: Path) -> tuple[Event | None, Event | None]:
    """The same as lines of JSON."""
    first = last = None
    for last in stream:
        first = first or last
        line = last.to_dict()
        document({**line, "run": str(folder)} if isinstance(last, Started) else line, indent=None)
    return first, last


def _against(first: Event | None, last: Finished) -> str:
    """What was measured beside what was predicted: ', 4.0 s an epoch (predicted 3.9) and 26.1 MB (27.0)'."""
    if not isinstance(first, Started) or last.epoch_seconds is None:
        return ""
    return (
        f", {duration(last.epoch_seconds)} an epoch (predicted {duration(first.epoch_seconds)}) "
        f"and {size(last.memory_bytes)} (predicted {size(first.memory_bytes)})"
    )


def _ending(first: Event | None, last: Event | None, folder: Path, *, quiet: bool) -> int:
    """Say how it ended, and give the exit code."""
    if isinstance(last, Finished):
        if not quiet:
            share = "" if last.test_accuracy is None else f"accuracy {100 * last.test_accuracy:.2f} %, "
            early = f"No epoch after {last.best_epoch} validated better. " if last.early else ""
            say(f"\n{early}Test {share}loss {last.test_loss:.4f}, with the weights of epoch {last.best_epoch}.")
            say(f"Took {last.seconds:.1f} s{_against(first, last)}. Kept in {folder}")
        return DONE
    if isinstance(last, Stopped):
        note(f"Stopped after {count(last.step, 'step')}; the weights are kept in {folder}")
        note(f"`netbuilder train --resume {quoted(folder)}` goes on from there.")
        return INTERRUPTED
    note(last.message if isinstance(last, (events.Diverged, events.Failed)) else "The training ended early.")
    if isinstance(last, events.Diverged):
        smaller = last.usual or last.lr / 10
        note(f"`netbuilder train --resume {quoted(folder)} --lr {smaller:.3g}` goes on from there.")
    return REFUSED


@contextmanager
def stopped_by_interrupt(control: Control) -> Generator[Callable[[], bool]]:
    """Within this, the first Ctrl+C asks for a clean stop after the batch, a second one ends at once; gives whether
    somebody asked.

    It may come while a line is being written, so that it neither writes through a buffer nor raises.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        del frame
        asked.append(number)
        control.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        note_at_once("\nStopping after this batch …")

    with handled(ask):
        yield lambda: bool(asked)
