"""From the state of a training to the events that open and close it."""

import platform

import numpy as np

from netbuilder.version import __version__

from .events import Diverged, Finished, Started, Stopped
from .memory import held_bytes
from .metrics import Tally
from .notices import MUCH, compared, usual
from .program import Weights
from .state import State
from .threads import blas


def started(state: State, memory_bytes: int, epoch_seconds: float) -> Started:
    """What begins, and what it is expected to take."""
    ready = state.ready
    job, data, program = ready.job, ready.dataset, ready.program
    return Started(
        epochs=state.epochs,
        steps_per_epoch=state.per_epoch,
        batch_size=job.batch_size,
        step=state.step,
        lr=state.rate,
        optimizer=type(job.optimizer).__name__,
        loss=ready.loss,
        parameters=program.report.totals.parameters,
        training=len(data.training),
        validation=len(data.validation),
        test=len(data.test),
        dataset=data.name,
        digest=data.digest,
        classes=data.classes,
        seed=job.seed,
        threads=program.threads,
        schedule=job.schedule.text(),
        augment=tuple(each.text() for each in job.augment),
        memory_bytes=memory_bytes,
        epoch_seconds=epoch_seconds,
        versions=_versions(),
    )


def stopped(state: State, seconds: float) -> Stopped:
    """What was learned until somebody asked to stop."""
    best = state.best
    weights = dict(best.weights) if best else state.copied()
    return Stopped(state.step, state.progress, best.epoch if best else None, seconds, weights)


def finished(state: State, test: Tally, seconds: float, epoch_seconds: float | None) -> Finished:
    """What was learned in all, and what it took."""
    best = state.best
    assert best is not None, "at least one epoch was validated"
    return Finished(
        epoch=state.epoch,
        step=state.step,
        best_epoch=best.epoch,
        validation_loss=best.loss,
        validation_accuracy=best.accuracy,
        test_loss=test.loss,
        test_accuracy=test.accuracy,
        seconds=seconds,
        early=state.epoch < state.epochs,
        epoch_seconds=epoch_seconds,
        memory_bytes=held_bytes(state.ready.program, state.ready.job.optimizer),
        weights=dict(best.weights),
    )


def diverged(state: State, layer: str, kept_step: int, weights: Weights) -> Diverged:
    """Where the numbers burst, how the rate compares with the usual one, and what is kept."""
    step, rate, optimizer = state.step + 1, state.rate, state.ready.job.optimizer
    wont = usual(optimizer)
    much = rate >= MUCH * wont
    better = wont if much else float(f"{rate / 10:.3g}")
    advice = compared(optimizer, rate) if much else f"A learning rate below {rate:g} may help."
    message = (
        f"Loss became NaN or infinite at step {step:,}, first in “{layer}”. {advice} "
        f"Weights from step {kept_step:,} are kept."
    )
    fixes = (f"Set {better:g} and continue from step {kept_step:,}", "Test learning rates")
    return Diverged(step, layer, rate, kept_step, message, fixes, wont if much else None, weights)


def _versions() -> dict[str, str]:
    """What computes, since bits depend on it."""
    versions = {"netbuilder": __version__, "numpy": np.__version__, "python": platform.python_version()}
    return {**versions, "blas": blas()}
