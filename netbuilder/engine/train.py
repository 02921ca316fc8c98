"""From a job to a stream of events: mini-batches, updates, validation, and what a person asks for meanwhile."""

import platform
from collections.abc import Callable, Generator, Iterator
from functools import partial
from math import isfinite
from typing import Protocol

import numpy as np

from netbuilder.data import Part
from netbuilder.kernels.scratch import Array
from netbuilder.version import __version__

from .checkpoint import Checkpoint
from .clock import Clock
from .control import Change, Command, Control, Pause, Resume, Stop
from .events import Changed, Diverged, EpochEnd, Event, Finished, Paused, Resumed, Started, Stopped
from .job import Job, JobError, Prepared, prepare
from .memory import check_memory, least_bytes, training_bytes
from .metrics import Tally, evaluating
from .program import Misuse
from .randomness import stream
from .state import State
from .threads import blas

KEPT_EVERY = 20
"""Updates between two copies of the state to fall back on: seldom enough to cost little."""


class Keeper(Protocol):
    """Who keeps checkpoints. It is asked before every update, and given one when it is due, at pauses and at the end;
    what a checkpoint holds is only lent for the call."""

    def due(self) -> bool: ...

    def keep(self, checkpoint: Checkpoint) -> None: ...


def train(
    job: Job, control: Control | None = None, keeper: Keeper | None = None, resume: Checkpoint | None = None
) -> Iterator[Event]:
    """Train, and tell what happens: Started, Progress at most 30 times a second, EpochEnd, and Finished at last, or
    Stopped or Diverged, which carry the weights.

    Same job, same machine, same threads: the same bits, also if it was cut off and goes on from a checkpoint.
    Raises JobError, a sentence, before anything starts.
    """
    ready = prepare(job)
    weights, memory = _first_weights(ready, resume)
    state = State(ready, weights)
    if resume is not None:
        state.restore(resume)
    clock = Clock(state.step, resume.seconds if resume else 0.0)
    return _Training(ready, state, control or Control(), keeper, clock, memory).events()


def _first_weights(ready: Prepared, resume: Checkpoint | None) -> tuple[dict[str, Array], int]:
    """Where training starts, and the memory it will take. Raises JobError where that is not there."""
    job, program = ready.job, ready.program
    check_memory(least_bytes(program, job.optimizer, job.batch_size), job.batch_size)
    if resume is None:
        weights = program.init(job.seed, job.init)
    else:
        weights = {key: np.array(array, program.dtype) for key, array in resume.weights.items()}
    try:
        memory = training_bytes(program, weights, job.optimizer, job.batch_size, ready.loss)
    except Misuse as error:
        raise JobError(f"The checkpoint is of another design. {error}") from error
    check_memory(memory, job.batch_size)
    return weights, memory


class _Stop(Exception):
    """Somebody asked to stop."""


class _NotFinite(Exception):
    """The loss or a weight is infinite or undefined; `find` names the first layer that is."""

    def __init__(self, find: Callable[[], str | None]):
        super().__init__()
        self.find = find


class _Training:
    """One training under way: the state, and who talks to it."""

    def __init__(
        self, ready: Prepared, state: State, control: Control, keeper: Keeper | None, clock: Clock, memory: int
    ):
        self.ready, self.state, self.control, self.keeper = ready, state, control, keeper
        self.clock, self.memory = clock, memory
        self.kept = state.checkpoint(clock.elapsed).copy()

    def events(self) -> Iterator[Event]:
        """Everything from Started to the last event."""
        state, clock = self.state, self.clock
        yield self._started()
        test: Tally | None = None
        try:
            while test is None or state.epoch < state.epochs:
                while state.epoch < state.epochs:
                    yield from self._batches()
                    yield from self._validate()
                test = yield from self._test()
            yield self._finished(test)
        except _Stop:
            yield from self._progress()
            self._keep()
            best = state.best
            weights = dict(best.weights) if best else state.copied()
            yield Stopped(state.step, state.progress, best.epoch if best else None, clock.elapsed, weights)
        except _NotFinite as trouble:
            yield from self._progress()
            if self.keeper is not None:
                self.keeper.keep(self.kept)
            yield self._diverged(trouble.find() or self.ready.program.output)

    def _batches(self) -> Iterator[Event]:
        """The rest of the epoch under way: one update for every mini-batch."""
        state, program, part = self.state, self.ready.program, self.ready.dataset.training
        size, seed = self.ready.job.batch_size, self.ready.job.seed
        order = stream(seed, "shuffle", state.epoch).permutation(len(part))
        for batch in range(state.step - state.epoch * state.batches, state.batches):
            yield from self._obey()
            rows = order[batch * size : (batch + 1) * size]
            x = np.ascontiguousarray(part.batch(rows), program.dtype)
            targets, noise = part.targets[rows], (seed, state.step)
            outcome = program.step(state.bound, x, targets, self.ready.loss, True, noise)
            if not isfinite(outcome.loss) or not self._keep_good():
                raise _NotFinite(partial(program.not_finite, state.bound, x, True, noise))
            accuracy = state.learn(outcome, targets)
            self.clock.batch(len(targets), outcome.loss, accuracy)
            if self.clock.due:
                yield from self._progress()

    def _validate(self) -> Iterator[Event]:
        """The end of an epoch: measure on the validation part, and remember the weights if they did best."""
        yield from self._progress()
        state = self.state
        tally = yield from self._evaluate(state.bound, self.ready.dataset.validation)
        training, best = state.close_epoch(tally)
        yield EpochEnd(
            epoch=state.epoch,
            step=state.step,
            training_loss=training.loss,
            training_accuracy=training.accuracy,
            validation_loss=tally.loss,
            validation_accuracy=tally.accuracy,
            best=best,
            seconds=self.clock.elapsed,
        )

    def _test(self) -> Generator[Event, None, Tally]:
        """Measure the best weights on the test part, which nothing was chosen by."""
        assert self.state.best is not None, "at least one epoch was validated"
        bound = self.ready.program.bind(self.state.best.weights)
        return (yield from self._evaluate(bound, self.ready.dataset.test))

    def _evaluate(self, bound: list[dict[str, Array]], part: Part) -> Generator[Event, None, Tally]:
        tally, program = self.state.new_tally(), self.ready.program
        with self.clock.evaluation():
            for _ in evaluating(program, bound, part, self.ready.loss, tally):
                yield from self._obey()
        if not isfinite(tally.loss):
            x = np.ascontiguousarray(part.batch(slice(0, program.chunk)), program.dtype)
            raise _NotFinite(partial(program.not_finite, bound, x))
        return tally

    # ---- checkpoints -------------------------------------------------------------------------------------------------

    def _keep_good(self) -> bool:
        """Now and then, keep the state that just gave a finite loss. False where its weights are not finite."""
        due = self.keeper is not None and self.keeper.due()
        if not due and self.state.step - self.kept.step < KEPT_EVERY:
            return True
        if not self.state.finite:
            return False
        self.kept = self.state.checkpoint(self.clock.elapsed).copy()
        if due and self.keeper is not None:
            self.keeper.keep(self.kept)
        return True

    def _keep(self) -> None:
        """Give the state between two batches to whoever keeps checkpoints."""
        if self.keeper is not None and self.state.finite:
            self.keeper.keep(self.state.checkpoint(self.clock.elapsed))

    # ---- what a person asks for --------------------------------------------------------------------------------------

    def _obey(self) -> Iterator[Event]:
        """Do what was asked since the last batch. Raises _Stop."""
        while (command := self.control.next()) is not None:
            yield from self._do(command)
            if isinstance(command, Pause):
                yield from self._pause()

    def _pause(self) -> Iterator[Event]:
        yield from self._progress()
        self._keep()
        yield Paused(self.state.step)
        with self.clock.pause():
            while not isinstance(command := self.control.wait(), Resume):
                yield from self._do(command)
        yield Resumed(self.state.step)

    def _do(self, command: Command) -> Iterator[Event]:
        if isinstance(command, Stop):
            raise _Stop
        if isinstance(command, Change):
            yield from self._progress()
            state = self.state
            state.updates.lr = command.lr or state.updates.lr
            # An epoch that has begun is finished.
            state.epochs = max(command.epochs or state.epochs, state.epoch + state.begun)
            yield Changed(state.step, state.updates.lr, state.epochs)

    # ---- events ------------------------------------------------------------------------------------------------------

    def _progress(self) -> Iterator[Event]:
        state = self.state
        event = self.clock.progress(state.step, state.epochs * state.batches, state.progress)
        if event is not None:
            yield event

    def _started(self) -> Started:
        job, data, state, program = self.ready.job, self.ready.dataset, self.state, self.ready.program
        return Started(
            epochs=state.epochs,
            steps_per_epoch=state.batches,
            batch_size=job.batch_size,
            step=state.step,
            lr=state.updates.lr,
            optimizer=type(job.optimizer).__name__,
            loss=self.ready.loss,
            parameters=program.report.totals.parameters,
            training=len(data.training),
            validation=len(data.validation),
            test=len(data.test),
            dataset=data.name,
            digest=data.digest,
            classes=data.classes,
            seed=job.seed,
            threads=program.threads,
            memory_bytes=self.memory,
            versions=_versions(),
        )

    def _finished(self, test: Tally) -> Finished:
        self._keep()
        best = self.state.best
        assert best is not None, "at least one epoch was validated"
        return Finished(
            epoch=self.state.epoch,
            step=self.state.step,
            best_epoch=best.epoch,
            validation_loss=best.loss,
            validation_accuracy=best.accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            seconds=self.clock.elapsed,
            weights=dict(best.weights),
        )

    def _diverged(self, layer: str) -> Diverged:
        step, lr, kept = self.state.step + 1, self.state.updates.lr, self.kept
        message = (
            f"The loss was not a finite number any more at step {step:,}; “{layer}” was the first layer with an "
            f"infinite or undefined number. The weights of step {kept.step:,} are kept. "
            f"A learning rate below {lr:g} may help."
        )
        return Diverged(step, layer, lr, kept.step, message, dict(kept.weights))


def _versions() -> dict[str, str]:
    """What computes, since bits depend on it."""
    versions = {"netbuilder": __version__, "numpy": np.__version__, "python": platform.python_version()}
    return {**versions, "blas": blas()}
