"""From a job to a stream of events: updates, validation, and what a person asks for meanwhile."""

from collections.abc import Generator, Iterator
from functools import partial
from math import isfinite
from typing import Protocol

import numpy as np

from netbuilder.data import Part
from netbuilder.kernels.scratch import Array

from . import cost, messages, notices
from .checkpoint import Checkpoint
from .clock import Clock
from .control import Change, Command, Control, Pause, Resume, Stop
from .events import Changed, EpochEnd, Event, Paused, Resumed
from .health import Monitor
from .job import Job, JobError, Prepared, prepare
from .learning import NotFinite, learn
from .memory import check_memory, training_bytes
from .metrics import Tally, evaluating
from .program import Misuse
from .randomness import stream
from .state import State

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
    memory = training_bytes(ready.program, job.optimizer, job.batch_size)
    check_memory(memory, job.batch_size)
    ready.program.start_lanes(job.batch_size)
    weights = first_weights(ready, resume)
    state = State(ready, weights)
    if resume is not None:
        state.restore(resume)
    seconds = cost.epoch_seconds(ready, weights)
    clock = Clock(state.step, resume.seconds if resume else 0.0)
    opening = messages.started(state, memory, seconds)
    return _Training(state, control or Control(), keeper, clock).events(opening)


def first_weights(ready: Prepared, resume: Checkpoint | None = None) -> dict[str, Array]:
    """Where training starts. Raises JobError for a checkpoint of another design."""
    program = ready.program
    if resume is None:
        return program.init(ready.job.seed, "glorot" if ready.job.init == "glorot" else "he")
    try:
        program.check(resume.weights)
    except Misuse as error:
        raise JobError(f"The checkpoint is of another design. {error}") from error
    return {key: np.array(array, program.dtype) for key, array in resume.weights.items()}


class _Stop(Exception):
    """Somebody asked to stop."""


class _Training:
    """One training under way: the state, and who talks to it."""

    def __init__(self, state: State, control: Control, keeper: Keeper | None, clock: Clock):
        self.state, self.ready, self.control, self.keeper, self.clock = state, state.ready, control, keeper, clock
        self.monitor = Monitor(state)
        self.kept = state.checkpoint(clock.elapsed).copy()
        self.warned = False

    def events(self, opening: Event) -> Iterator[Event]:
        """Everything from Started to the last event."""
        state, clock = self.state, self.clock
        yield opening
        test: Tally | None = None
        try:
            if state.step == 0 and (notice := notices.of_data(self.ready)):
                yield notice
            while test is None or not state.complete:
                while not state.complete:
                    yield from self._updates()
                    yield from self._validate()
                test = yield from self._test()
            self._keep()
            yield messages.finished(state, test, clock.elapsed, clock.epoch_seconds)
        except _Stop:
            yield from self._progress()
            self._keep()
            yield messages.stopped(state, clock.elapsed)
        except NotFinite as trouble:
            yield from self._progress()
            if self.keeper is not None:
                self.keeper.keep(self.kept)
            layer = trouble.find() or self.ready.program.output
            yield messages.diverged(state, layer, self.kept.step, dict(self.kept.weights))

    def _updates(self) -> Iterator[Event]:
        """The rest of the epoch under way."""
        state = self.state
        order = stream(self.ready.job.seed, "shuffle", state.epoch).permutation(len(self.ready.dataset.training))
        if not state.begun:
            self.clock.begin_epochs()
        for update in range(state.step - state.epoch * state.per_epoch, state.per_epoch):
            yield from self._obey()
            rows = order[update * state.samples : (update + 1) * state.samples]
            rate, watched = state.rate, self.monitor.due
            learned = learn(state, rows, self._keep_good, watched=watched)
            self.clock.update(learned.samples, learned.loss, learned.accuracy, rate)
            if self.clock.due or watched:
                yield from self._progress()
            if watched:
                yield self.monitor.look(learned)

    def _validate(self) -> Iterator[Event]:
        """The end of an epoch: measure on the validation part, and remember the weights if they did best."""
        yield from self._progress()
        state = self.state
        tally = yield from self._evaluate(state.bound, self.ready.dataset.validation)
        training, best = state.close_epoch(tally)
        self.clock.epoch()
        end = EpochEnd(
            epoch=state.epoch,
            step=state.step,
            training_loss=training.loss,
            training_accuracy=training.accuracy,
            validation_loss=tally.loss,
            validation_accuracy=tally.accuracy,
            best=best,
            seconds=self.clock.elapsed,
            training_shares=training.shares,
            validation_shares=tally.shares,
        )
        yield end
        if not self.warned and (notice := notices.of_epoch(self.ready, end, state.lr)):
            self.warned = True
            yield notice

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
            raise NotFinite(partial(program.not_finite, bound, x))
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
            # An epoch that has begun is finished.
            state.epochs = max(command.epochs or state.epochs, state.epoch + state.begun)
            if command.lr:
                state.go_on_with(command.lr)
            yield Changed(state.step, state.rate, state.epochs)

    # ---- events ------------------------------------------------------------------------------------------------------

    def _progress(self) -> Iterator[Event]:
        state = self.state
        event = self.clock.progress(state.step, state.epochs * state.per_epoch, state.progress)
        if event is not None:
            yield event
