"""Fifty trainings cut off at random updates and taken up again from their files, against ones never interrupted.

    python -m tests.benchmarks.resume [TRIALS] [JSON]

Each goes through a checkpoint file, as a run that was killed would. Then every part of a checkpoint is left out in
turn, which must be noticed: by a refusal, or by other bits.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.engine import (
    SGD,
    Adam,
    Checkpoint,
    EpochEnd,
    Finished,
    Flip,
    Job,
    JobError,
    Noise,
    Optimizer,
    Plateau,
    Shift,
    train,
)
from netbuilder.graph import Graph
from netbuilder.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Input, Output, ReLU
from netbuilder.runs.checkpoint_file import load_checkpoint, save_checkpoint

EPOCHS, BATCH = 3, 100
OPTIMIZERS: dict[str, Optimizer] = {"SGD": SGD(0.05), "momentum": SGD(0.02, momentum=0.9), "Adam": Adam(3e-3)}
MEASURED = ("seconds", "epoch_seconds", "memory_bytes")


@dataclass(frozen=True)
class Trial:
    """One training, and the update it is cut off after."""

    title: str
    job: Job
    step: int


def trials(count: int) -> Iterator[Trial]:
    """Every optimizer with BatchNorm, dropout, augmentation and an odd last batch, each there or not, in turn."""
    draw = np.random.default_rng(0)
    kinds = list(product(OPTIMIZERS, *[(False, True)] * 4))
    draw.shuffle(kinds)
    for seed in range(count):
        name, *switches = kinds[seed % len(kinds)]
        norm, drop, augment, odd = (str(switch) == "True" for switch in switches)
        layers = [Input(height=8, width=8, channels=1), Conv2D(4, 3, 2), *([BatchNorm()] if norm else []), ReLU()]
        graph = Graph.chain(*layers, Flatten(), *([Dropout(0.3)] if drop else []), Dense(10))
        job = Job(
            graph, "digits", EPOCHS, BATCH if odd else 419, OPTIMIZERS[str(name)], seed=seed,
            augment=(Shift(1), Flip(), Noise(0.1)) if augment else (), schedule=Plateau(0.7, 0, 0.5),
        )  # fmt: skip
        extras = {"BatchNorm": norm, "dropout": drop, "augmentation": augment, "odd batch": odd}
        words = [str(name), *(extra for extra, there in extras.items() if there)]
        updates = -(-1257 // job.batch_size) * EPOCHS
        yield Trial(", ".join(words), job, int(draw.integers(0, updates)))


class Cut:
    """Keeps the checkpoint after so many updates."""

    def __init__(self, step: int):
        self.left, self.kept = step, None

    def due(self) -> bool:
        self.left -= 1
        return self.left == -1

    def keep(self, checkpoint: Checkpoint) -> None:
        self.kept = self.kept or checkpoint.copy()


def ending(job: Job, keeper: Cut | None = None, resume: Checkpoint | None = None) -> tuple[dict[str, Any], list[Any]]:
    """The last weights' bytes, and all that was measured of epochs."""
    events = list(train(job, keeper=keeper, resume=resume))
    last = events[-1]
    assert isinstance(last, Finished)
    told = [event.to_dict() for event in events if isinstance(event, EpochEnd | Finished)]
    figures = [{name: value for name, value in each.items() if name not in MEASURED} for each in told]
    return {key: array.tobytes() for key, array in last.weights.items()}, figures


def same(job: Job, checkpoint: Checkpoint, whole: tuple[dict[str, Any], list[Any]]) -> bool:
    """Whether going on from there ends with the same bits and figures."""
    weights, figures = ending(job, resume=checkpoint)
    return weights == whole[0] and figures == whole[1][-len(figures) :]


def identical(trial: Trial) -> tuple[bool, Checkpoint, tuple[dict[str, Any], list[Any]]]:
    """Whether a training cut off there, read back from its file and taken up again, ends as if it had not been."""
    cut = Cut(trial.step)
    whole = ending(trial.job, cut)
    assert cut.kept is not None
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(cut.kept, Path(folder))
        read = load_checkpoint(Path(folder))
    assert read is not None
    return same(trial.job, read, whole), read, whole


def spoilt(checkpoint: Checkpoint) -> Iterator[tuple[str, Checkpoint]]:
    """The checkpoint without one part after another: numbers are 0, arrays are 0, what may be absent is."""
    for field in fields(Checkpoint):
        value = getattr(checkpoint, field.name)
        if field.name in ("weights", "optimizer"):
            for key, array in value.items():
                yield f"{field.name} {key}", replace(checkpoint, **{field.name: {**value, key: 0 * array}})
        elif field.name == "best":
            yield "best", replace(checkpoint, best=None)
        elif field.name == "digest":
            yield "digest", replace(checkpoint, digest="")
        elif field.name == "losses":
            yield "losses", replace(checkpoint, losses=())
        elif field.name == "shares":
            if value:
                yield "shares", replace(checkpoint, shares={})
        elif field.name not in ("seconds",):
            yield field.name, replace(checkpoint, **{field.name: type(value)(value == 0)})


def unnoticed(trial: Trial) -> list[str]:
    """Parts of a checkpoint that could be left out without anybody noticing."""
    exact, checkpoint, whole = identical(trial)
    assert exact
    found: list[str] = []
    for part, without in spoilt(checkpoint):
        try:
            if same(trial.job, without, whole):
                found.append(part)
        except (JobError, AssertionError, ZeroDivisionError):
            continue
    return found


def everything() -> Trial:
    """A training that uses all that a checkpoint holds."""
    graph = Graph.chain(
        Input(height=8, width=8, channels=1), Conv2D(4, 3, 2), BatchNorm(), ReLU(), Flatten(), Dropout(0.3), Dense(10)
    )
    job = Job(
        graph, "digits", 3, BATCH, Adam(0.05), seed=4, augment=(Shift(1),), schedule=Plateau(0.5, 0, threshold=0.9)
    )  # fmt: skip
    return Trial("everything", job, 2 * 13 + 5)


def several() -> Trial:
    """A training of two outputs, whose shares of the loss a checkpoint holds as well."""
    graph = Graph.chain(
        Input(height=8, width=8, channels=1), Conv2D(4, 3, 2), BatchNorm(), ReLU(), Flatten(), Dense(10)
    )
    for name, layer, source in (("guess", Dense(10), "flatten_1"), ("aux", Output(0.3), "guess")):
        graph, _ = graph.add(layer, name)
        graph = graph.connect(source, name)
    job = Job(graph, "digits", 3, BATCH, SGD(0.05), loss="cross_entropy + 0.5 mse", seed=5, schedule=Plateau(0.5, 0))
    return Trial("several outputs", job, 13 + 5)


def main(count: int = 50, out: Path | None = None) -> int:
    rows = [(trial, identical(trial)[0]) for trial in trials(count)]
    for trial, exact in rows:
        print(f"{'identical' if exact else 'DIFFERENT':10} cut after {trial.step:3}  {trial.title}")
    exact, missed = sum(each for _, each in rows), unnoticed(everything())
    print(f"\n{exact} of {count} identical; parts that could be left out unnoticed: {', '.join(missed) or 'none'}")
    if out is not None:
        found = [{"trial": trial.title, "step": trial.step, "identical": same_} for trial, same_ in rows]
        out.write_text(json.dumps({"trials": found, "unnoticed": missed}, indent=1))
    return 0 if exact == count and not missed else 1


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(int(words[0]) if words else 50, Path(words[1]) if len(words) > 1 else None))
