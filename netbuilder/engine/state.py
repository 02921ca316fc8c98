"""What a training has reached: weights, optimizer and counts, brought forward batch by batch and epoch by epoch."""

from math import isfinite

import numpy as np

from netbuilder.kernels.scratch import Array

from .checkpoint import Best, Checkpoint
from .job import JobError, Prepared
from .metrics import Tally
from .optimizers import OptimizerError
from .program import Outcome, Weights
from .updates import Updates


class State:
    """The state between two batches: `step` updates are done, `epoch` epochs complete and validated.

    `weights` holds all weights by full name and `bound` the same arrays as the program takes them; both change in
    place. `tally` counts the epoch under way.
    """

    def __init__(self, ready: Prepared, weights: Weights):
        self.ready, program = ready, ready.program
        learned = {key: weights[key] for key, weight in program.weights.items() if weight.trainable}
        self.updates = Updates(ready.job.optimizer, learned)
        self.weights = {key: self.updates.weights.get(key, weights[key]) for key in program.weights}
        self.bound = program.bind(self.weights)
        self.step, self.epoch, self.epochs = 0, 0, ready.job.epochs
        self.batches = -(-len(ready.dataset.training) // ready.job.batch_size)
        self.tally = self.new_tally()
        self.best: Best | None = None

    @property
    def begun(self) -> bool:
        """Whether the epoch under way has had a batch."""
        return self.step > self.epoch * self.batches

    @property
    def progress(self) -> float:
        """Epochs so far, in fractions."""
        return self.step / self.batches

    def new_tally(self) -> Tally:
        """An empty tally for this data."""
        return Tally(self.ready.program.output_shape.size, bool(self.ready.dataset.classes))

    def learn(self, outcome: Outcome, targets: Array) -> float | None:
        """Take the step a batch's gradients point to. Gives the share of right answers, None without classes."""
        right = self.tally.add(outcome.loss, outcome.output, targets)
        self.updates.step(outcome.gradients)
        for key, value in outcome.remembered.items():
            np.copyto(self.weights[key], value)
        self.step += 1
        return None if right is None else right / len(targets)

    def close_epoch(self, validation: Tally) -> tuple[Tally, bool]:
        """Count an epoch as complete. Gives its training figures, and whether it validated best so far."""
        training, self.tally = self.tally, self.new_tally()
        self.epoch += 1
        better = self.best is None or _better(validation, self.best)
        if better:
            self.best = Best(self.epoch, self.step, validation.loss, validation.accuracy, self.copied())
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
            lr=self.updates.lr,
            seconds=seconds,
            loss_sum=self.tally.loss_sum,
            correct=self.tally.correct,
            samples=self.tally.samples,
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
        self.tally.loss_sum, self.tally.correct = checkpoint.loss_sum, checkpoint.correct
        self.tally.samples, self.best = checkpoint.samples, checkpoint.best


def _better(tally: Tally, best: Best) -> bool:
    """More right answers, or as many with a smaller loss; without classes the smaller loss."""
    if tally.accuracy is not None and best.accuracy is not None and tally.accuracy != best.accuracy:
        return tally.accuracy > best.accuracy
    return tally.loss < best.loss
