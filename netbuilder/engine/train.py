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

from .checkpoint import Best, Checkpoint
from .clock import Clock
from .control import Change, Command, Control, Pause, Resume, Stop
from .events import Changed, Diverged, EpochEnd, Event, Finished, Paused, Resumed, Started, Stopped
from .job import Job, JobError, Prepared, prepare
from .memory import free_bytes, least_bytes, training_bytes
from .metrics import Tally, evaluating
from .optimizers import OptimizerError, Updates
from .program import Misuse, Outcome
from .randomness import stream
from .threads import blas

KEPT_EVERY = 20
"""Updates between two copies of the weights to fall back on: seldom enough to cost little."""


class Keeper(Protocol):
    """Who keeps checkpoints; asked before every update, given one when it wants one and at the end."""

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
    return _Training(prepare(job), control or Control(), keeper, resume).events()


class _Stop(Exception):
    """Somebody asked to stop."""


class _NotFinite(Exception):
    """The loss or a weight is infinite or undefined; `find` names the first layer that is."""

    def __init__(self, find: Callable[[], str | None]):
        super().__init__()
        self.find = find


class _Training:
    """One training under way."""

    def __init__(self, ready: Prepared, control: Control, keeper: Keeper | None, resume: Checkpoint | None):
        self.ready, self.control, self.keeper = ready, control, keeper
        self.job, self.program, self.data = ready.job, ready.program, ready.dataset
        weights = self._first_weights(resume)
        learned = {key: weights[key] for key, weight in self.program.weights.items() if weight.trainable}
        self.updates = Updates(self.job.optimizer, learned)
        self.weights = {key: self.updates.weights.get(key, weights[key]) for key in self.program.weights}
        self.bound = self.program.bind(self.weights)
        self.step, self.epoch, self.epochs = 0, 0, self.job.epochs
        self.tally = self._new_tally()
        self.best: Best | None = None
        self.kept, self.kept_step = self._copy(), 0
        self.batches = -(-len(self.data.training) // self.job.batch_size)
        self.clock = Clock(0)
        if resume is not None:
            self._restore(resume)

    def _first_weights(self, resume: Checkpoint | None) -> dict[str, Array]:
        """Where training starts. Raises JobError where it would not fit into memory, or the checkpoint not the job."""
        program, optimizer, size = self.program, self.job.optimizer, self.job.batch_size
        self.memory = _fitting(least_bytes(program, optimizer, size), size)
        if resume is None:
            weights = program.init(self.job.seed, self.job.init)
        else:
            weights = {key: np.array(array, program.dtype) for key, array in resume.weights.items()}
        try:
            self.memory = _fitting(training_bytes(program, weights, optimizer, size, self.ready.loss), size)
        except Misuse as error:
            raise JobError(f"The checkpoint is of another design. {error}") from error
        return weights

    def _restore(self, checkpoint: Checkpoint) -> None:
        if checkpoint.digest != self.data.digest or checkpoint.seed != self.job.seed:
            what = "seed" if checkpoint.digest == self.data.digest else "data"
            raise JobError(f"This training cannot go on from that checkpoint: its {what} was another.")
        try:
            self.updates.restore(checkpoint.optimizer, checkpoint.step, checkpoint.lr)
        except OptimizerError as error:
            raise JobError(str(error)) from error
        self.step, self.epoch, self.epochs = checkpoint.step, checkpoint.epoch, checkpoint.epochs
        tally = self.tally
        tally.loss_sum, tally.correct, tally.samples = checkpoint.loss_sum, checkpoint.correct, checkpoint.samples
        self.best, self.kept_step = checkpoint.best, checkpoint.step
        self.clock = Clock(self.step, checkpoint.seconds)

    # ---- the course of events ----------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Everything from Started to the last event."""
        yield self._started()
        test: Tally | None = None
        try:
            while test is None or self.epoch < self.epochs:
                while self.epoch < self.epochs:
                    yield from self._batches()
                    yield from self._validate()
                test = yield from self._test()
            yield self._finished(test)
        except _Stop:
            yield from self._progress()
            self._keep()
            weights = dict(self.best.weights) if self.best else self._copy()
            best = self.best.epoch if self.best else None
            yield Stopped(self.step, self.step / self.batches, best, self.clock.elapsed, weights)
        except _NotFinite as trouble:
            yield from self._progress()
            yield self._diverged(trouble.find() or self.program.output)

    def _batches(self) -> Iterator[Event]:
        """The rest of the epoch under way: one update for every mini-batch."""
        part, size = self.data.training, self.job.batch_size
        order = stream(self.job.seed, "shuffle", self.epoch).permutation(len(part))
        for batch in range(self.step - self.epoch * self.batches, self.batches):
            yield from self._obey()
            rows = order[batch * size : (batch + 1) * size]
            x = np.ascontiguousarray(part.batch(rows), self.program.dtype)
            targets = part.targets[rows]
            noise = (self.job.seed, self.step)
            outcome = self.program.step(self.bound, x, targets, self.ready.loss, True, noise)
            if not isfinite(outcome.loss) or not self._keep_good():
                raise _NotFinite(partial(self.program.not_finite, self.bound, x, True, noise))
            self._update(outcome, targets)
            if self.clock.due:
                yield from self._progress()

    def _update(self, outcome: Outcome, targets: Array) -> None:
        right = self.tally.add(outcome.loss, outcome.output, targets)
        self.updates.step(outcome.gradients)
        for key, value in outcome.remembered.items():
            np.copyto(self.weights[key], value)
        self.step += 1
        self.clock.batch(len(targets), outcome.loss, None if right is None else right / len(targets))

    def _keep_good(self) -> bool:
        """Now and then, keep the weights that just gave a finite loss. False where they are not finite after all."""
        due = self.keeper is not None and self.keeper.due()
        if due or self.step - self.kept_step >= KEPT_EVERY:
            if not self._finite():
                return False
            for key, array in self.weights.items():
                np.copyto(self.kept[key], array)
            self.kept_step = self.step
        if due:
            self._keep()
        return True

    def _validate(self) -> Iterator[Event]:
        """The end of an epoch: measure on the validation part, and remember the weights if they did best."""
        yield from self._progress()
        tally = yield from self._evaluate(self.bound, self.data.validation)
        training, self.tally = self.tally, self._new_tally()
        self.epoch += 1
        best = self.best is None or _better(tally, self.best)
        if best:
            self.best = Best(self.epoch, self.step, tally.loss, tally.accuracy, self._copy())
        yield EpochEnd(
            self.epoch,
            self.step,
            training.loss,
            training.accuracy,
            tally.loss,
            tally.accuracy,
            best,
            self.clock.elapsed,
        )

    def _test(self) -> Generator[Event, None, Tally]:
        """Measure the best weights on the test part, which nothing was chosen by."""
        assert self.best is not None, "at least one epoch was validated"
        return (yield from self._evaluate(self.program.bind(self.best.weights), self.data.test))

    def _evaluate(self, bound: list[dict[str, Array]], part: Part) -> Generator[Event, None, Tally]:
        tally = self._new_tally()
        with self.clock.evaluation():
            for _ in evaluating(self.program, bound, part, self.ready.loss, tally):
                yield from self._obey()
        if not isfinite(tally.loss):
            x = np.ascontiguousarray(part.batch(slice(0, self.program.chunk)), self.program.dtype)
            raise _NotFinite(partial(self.program.not_finite, bound, x))
        return tally

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
        yield Paused(self.step)
        with self.clock.pause():
            while not isinstance(command := self.control.wait(), Resume):
                yield from self._do(command)
        yield Resumed(self.step)

    def _do(self, command: Command) -> Iterator[Event]:
        if isinstance(command, Stop):
            raise _Stop
        if isinstance(command, Change):
            yield from self._progress()
            self.updates.lr = command.lr or self.updates.lr
            begun = self.step > self.epoch * self.batches
            self.epochs = max(command.epochs or self.epochs, self.epoch + begun)
            yield Changed(self.step, self.updates.lr, self.epochs)

    # ---- values ------------------------------------------------------------------------------------------------------

    def _progress(self) -> Iterator[Event]:
        event = self.clock.progress(self.step, self.epochs * self.batches, self.step / self.batches)
        if event is not None:
            yield event

    def _started(self) -> Started:
        job, data = self.job, self.data
        return Started(
            epochs=self.epochs,
            steps_per_epoch=self.batches,
            batch_size=job.batch_size,
            step=self.step,
            lr=self.updates.lr,
            optimizer=type(job.optimizer).__name__,
            loss=self.ready.loss,
            parameters=self.program.report.totals.parameters,
            training=len(data.training),
            validation=len(data.validation),
            test=len(data.test),
            dataset=data.name,
            digest=data.digest,
            classes=data.classes,
            seed=job.seed,
            threads=self.program.threads,
            memory_bytes=self.memory,
            versions={
                "netbuilder": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
                "blas": blas(),
            },
        )

    def _finished(self, test: Tally) -> Finished:
        self._keep()
        best = self.best
        assert best is not None, "at least one epoch was validated"
        return Finished(
            self.epoch,
            self.step,
            best.epoch,
            best.loss,
            best.accuracy,
            test.loss,
            test.accuracy,
            self.clock.elapsed,
            dict(best.weights),
        )

    def _diverged(self, layer: str) -> Diverged:
        lr = self.updates.lr
        message = (
            f"The loss was not a finite number any more at step {self.step + 1:,}; “{layer}” was the first layer with "
            f"an infinite or undefined number. The weights of step {self.kept_step:,} are kept. "
            f"A learning rate below {lr:g} may help."
        )
        return Diverged(self.step + 1, layer, lr, self.kept_step, message, self.kept)

    def _new_tally(self) -> Tally:
        return Tally(self.program.output_shape.size, bool(self.data.classes))

    def _copy(self) -> dict[str, Array]:
        return {key: array.copy() for key, array in self.weights.items()}

    def _finite(self) -> bool:
        # A sum that overflows belongs to weights no loss survives, and needs no array of its own.
        with np.errstate(all="ignore"):
            return all(isfinite(array.sum()) for array in self.weights.values())

    def _keep(self) -> None:
        """Give a checkpoint of the state between two batches to whoever keeps them."""
        if self.keeper is None or not self._finite():
            return
        tally = self.tally
        self.keeper.keep(
            Checkpoint(
                seed=self.job.seed,
                digest=self.data.digest,
                step=self.step,
                epoch=self.epoch,
                epochs=self.epochs,
                lr=self.updates.lr,
                seconds=self.clock.elapsed,
                loss_sum=tally.loss_sum,
                correct=tally.correct,
                samples=tally.samples,
                weights=self._copy(),
                optimizer=self.updates.export(),
                best=self.best,
            )
        )


def _better(tally: Tally, best: Best) -> bool:
    """More right answers, or as many with a smaller loss; without classes the smaller loss."""
    if tally.accuracy is not None and best.accuracy is not None and tally.accuracy != best.accuracy:
        return tally.accuracy > best.accuracy
    return tally.loss < best.loss


def _fitting(needed: int, batch_size: int) -> int:
    """The memory needed. Raises JobError where this machine has less."""
    free = free_bytes()
    if free is not None and needed > free:
        raise JobError(
            f"Training in batches of {batch_size:,} needs about {_size(needed)} of memory, but {_size(free)} are free: "
            "choose a smaller batch or a smaller network."
        )
    return needed


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"
