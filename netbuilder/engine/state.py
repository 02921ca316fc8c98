"""What a training has reached: weights, optimizer and counts, brought forward batch by batch and epoch by epoch."""

from math import isfinite

import numpy as np

from netbuilder.kernels.scratch import Array

from .checkpoint import Best, Checkpoint
from .job import JobError, Prepared
from .metrics import Tally
from .optimizers import OptimizerError
from .program import Outcome, Weights
from .schedules import Place
from .updates import Clip, Movement, Updates


class State:
    """The state between two updates: `step` of them are done, `epoch` epochs complete and validated.

    `weights` holds all weights by full name and `bound` the same arrays as the program takes them; both change in
    place. `tally` counts the epoch under way, `losses` are the validation losses of those before, and `lr` is what the
    schedule scales.
    """

    def __init__(self, ready: Prepared, weights: Weights):
        self.ready, program = ready, ready.program
        learned = {key: weights[key] for key, weight in program.weights.items() if weight.trainable}
        job = ready.job
        self.updates = Updates(job.optimizer, learned, Clip(job.clip_norm, job.clip_value))
        self.weights = {key: self.updates.weights.get(key, weights[key]) for key in program.weights}
        self.bound = program.bind(self.weights)
        self.step, self.epoch, self.epochs, self.lr = 0, 0, job.epochs, job.optimizer.lr
        self.samples = job.batch_size * job.accumulate
        """Samples that make one update."""
        self.per_epoch = -(-len(ready.dataset.training) // self.samples)
        self.losses: tuple[float, ...] = ()
        self.tally = self.new_tally()
        self.best: Best | None = None

    @property
    def begun(self) -> bool:
        """Whether the epoch under way has had an update."""
        return self.step > self.epoch * self.per_epoch

    @property
    def progress(self) -> float:
        """Epochs so far, in fractions."""
        return self.step / self.per_epoch

    @property
    def rate(self) -> float:
        """The learning rate of the next update."""
        return self.lr * self._factor

    def go_on_with(self, rate: float) -> None:
        """Make this the rate of the next update; the schedule scales all later ones alike."""
        self.lr = rate / (self._factor or 1.0)

    @property
    def _factor(self) -> float:
        place = Place(self.step, self.per_epoch, self.epochs * self.per_epoch, self.losses)
        return self.ready.job.schedule.factor(place)

    @property
    def complete(self) -> bool:
        """Whether all epochs are over, or training ends early."""
        return self.epoch >= self.epochs or self.early

    @property
    def early(self) -> bool:
        """Whether no epoch has validated better for as many as patience bears."""
        patience = self.ready.job.patience
        return bool(patience) and self.best is not None and self.epoch - self.best.epoch >= patience

    def new_tally(self) -> Tally:
        """An empty tally for this data."""
        return Tally(self.ready.program.output_shape.size, bool(self.ready.dataset.classes))

    def take(self, outcome: Outcome, targets: Array, share: float, *, more: bool) -> int | None:
        """Count a batch and take its share of the update's gradient; `more` where it is not the first. Gives the number
        of right answers, None without classes."""
        right = self.tally.add(outcome.loss, outcome.output, targets, outcome.shares)
        self.updates.gather(outcome.gradients, share, more=more)
        for key, value in outcome.remembered.items():
            np.copyto(self.weights[key], value)
        return right

    def update(self, *, watched: bool = False) -> dict[str, Movement] | None:
        """Take the step the gathered gradients point to, and where `watched` tell how far it went."""
        self.updates.lr = self.rate
        movement = self.updates.watch() if watched else self.updates.apply()
        self.step += 1
        return movement

    def close_epoch(self, validation: Tally) -> tuple[Tally, bool]:
        """Count an epoch as complete. Gives its training figures, and whether it validated best so far."""
        training, self.tally = self.tally, self.new_tally()
        self.epoch += 1
        self.losses = (*self.losses, validation.loss)
        better = self.best is None or _better(validation, self.best)
        if better:
            own = validation.own if validation.shares else None
            self.best = Best(self.epoch, self.step, validation.loss, validation.accuracy, self.copied(), own)
        return training, better

    def copied(self) -> dict[str, Array]:
        """The weights as they are now."""
        return {key: array.copy() for key, array in self.weights.items()}

    @property
    def finite(self) -> bool:
        """Whether every weight is a finite number."""
        # A sum that overflows belongs to weights no loss survives, and needs no array of its own.
        with np.errstate(all="ignore"):
            return all(isfinite(array.sum()) for array in self.weights.values())

    def checkpoint(self, seconds: float) -> Checkpoint:
        """All of this, lent until the next update."""
        return Checkpoint(
            seed=self.ready.job.seed,
            digest=self.ready.dataset.digest,
            batch_size=self.ready.job.batch_size,
            step=self.step,
            epoch=self.epoch,
            epochs=self.epochs,
            lr=self.lr,
            seconds=seconds,
            loss_sum=self.tally.loss_sum,
            correct=self.tally.correct,
            samples=self.tally.samples,
            shares=dict(self.tally.share_sums),
            losses=self.losses,
            weights=self.weights,
            optimizer=self.updates.export(),
            best=self.best,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from there, weights aside. Raises JobError where it is of another training."""
        job = self.ready.job
        for name, was, is_ in (
            ("seed", checkpoint.seed, job.seed),  # which also chooses the validation part, and so comes first
            ("data", checkpoint.digest, self.ready.dataset.digest),
            ("batch size", checkpoint.batch_size, job.batch_size),
        ):
            if was != is_:
                shown = "" if name == "data" else f": it was {was}, not {is_}"
                raise JobError(f"Training cannot go on from this checkpoint, whose {name} was another{shown}.")
        try:
            self.updates.restore(checkpoint.optimizer, checkpoint.step, checkpoint.lr)
        except OptimizerError as error:
            raise JobError(str(error)) from error
        self.step, self.epoch, self.epochs = checkpoint.step, checkpoint.epoch, checkpoint.epochs
        self.lr, self.losses = checkpoint.lr, checkpoint.losses
        self.tally.loss_sum, self.tally.correct = checkpoint.loss_sum, checkpoint.correct
        self.tally.samples, self.best = checkpoint.samples, checkpoint.best
        self.tally.share_sums = dict(checkpoint.shares)


def _better(tally: Tally, best: Best) -> bool:
    """More right answers, or as many with a smaller loss; without classes the smaller loss. Of several outputs the main
    one's loss decides."""
    if tally.accuracy is not None and best.accuracy is not None and tally.accuracy != best.accuracy:
        return tally.accuracy > best.accuracy
    return tally.own < (best.loss if best.own is None else best.own)
