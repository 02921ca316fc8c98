"""Seconds an epoch and memory as predicted before a training, and as measured, on ten designs.

    python -m tests.benchmarks.cost [--processor] [JSON]

Each is trained for as many samples as take some seconds; measured seconds are scaled to the whole epoch. On a machine
that others use, `--processor` counts the processor's seconds instead of the wall clock's, in both; in one lane, since
the others are processes of their own.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

from netbuilder.engine import SGD, Augmentation, Flip, Job, Rotate, Shift, cost, prepare
from netbuilder.engine.cost import epoch_seconds
from netbuilder.engine.job import Prepared
from netbuilder.engine.learning import learn
from netbuilder.engine.memory import held_bytes, training_bytes
from netbuilder.engine.metrics import evaluating
from netbuilder.engine.randomness import stream
from netbuilder.engine.state import State
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePool2D,
    Input,
    MaxPool2D,
    ReLU,
)

SECONDS = 4.0
CHANGES: tuple[Augmentation, ...] = (Shift(2), Flip(), Rotate(10))


def mobile() -> Graph:
    """Depthwise and pointwise convolutions in turn."""
    layers = [Input(height=32, width=32, channels=3), Conv2D(16, 3, padding="same"), ReLU()]
    for filters in (32, 64, 64):
        layers += [DepthwiseConv2D(3, padding="same"), BatchNorm(), ReLU(), Conv2D(filters, 1), BatchNorm(), ReLU()]
        layers += [MaxPool2D(2)]
    return Graph.chain(*layers, GlobalAveragePool2D(), Dense(10))


def wide() -> Graph:
    """Dense layers whose weights are too many to be rehearsed."""
    return Graph.chain(
        Input(height=28, width=28, channels=1), Flatten(), Dense(3000), ReLU(), Dense(1500), ReLU(), Dense(10)
    )


DESIGNS: dict[str, Callable[[], Job]] = {
    "digits-cnn, 32": lambda: Job(example("digits-cnn"), "digits", batch_size=32),
    "digits-cnn, 256": lambda: Job(example("digits-cnn"), "digits", batch_size=256, optimizer=SGD(momentum=0.9)),
    "mlp": lambda: Job(example("mlp"), "fashion-mnist"),
    "lenet-5": lambda: Job(example("lenet-5"), "fashion-mnist", resize=True),
    "lenet-5, changed": lambda: Job(example("lenet-5"), "fashion-mnist", augment=CHANGES, resize=True),
    "fashion-cnn": lambda: Job(example("fashion-cnn"), "fashion-mnist"),
    "beginners-chain": lambda: Job(example("beginners-chain"), "shapes", resize=True),
    "resnet-20": lambda: Job(example("resnet-20"), "shapes", batch_size=32),
    "mobile": lambda: Job(mobile(), "shapes"),
    "wide": lambda: Job(wide(), "fashion-mnist"),
}


clock = perf_counter


def measured(ready: Prepared) -> tuple[float, int]:
    """Seconds of an epoch, from as much of one as takes some seconds, and bytes held after it."""
    state, data = State(ready, ready.program.init()), ready.dataset
    order = stream(0, "shuffle", 0).permutation(len(data.training))
    learn(state, order[: state.samples])
    begun, done = clock(), 0
    while done < state.per_epoch and clock() - begun < SECONDS:
        learn(state, order[done * state.samples : (done + 1) * state.samples])
        done += 1
    learning = (clock() - begun) * state.per_epoch / done
    part = data.validation
    some = replace(part, inputs=part.inputs[:300], targets=part.targets[:300])
    begun = clock()
    for _ in evaluating(ready.program, state.bound, some, ready.loss, state.new_tally()):
        pass
    looking = (clock() - begun) * len(part) / len(some)
    return learning + looking, held_bytes(ready.program, ready.job.optimizer)


def main(out: Path | None = None) -> None:
    print(
        f"{'design':18} {'calibrated':>10} {'predicted':>10} {'measured':>10} {'off':>6}   "
        f"{'predicted':>10} {'held':>10} {'off':>6}"
    )
    rows = []
    for title, make in DESIGNS.items():
        ready = prepare(replace(make(), threads=1) if clock is process_time else make())
        ready.program.start_lanes(ready.job.batch_size)
        begun = clock()
        told = epoch_seconds(ready, ready.program.init())
        took = clock() - begun
        memory = training_bytes(ready.program, ready.job.optimizer, ready.job.batch_size)
        seconds, held = measured(ready)
        row = {"design": title, "calibration": took, "predicted": told, "measured": seconds}
        rows.append({**row, "predicted_bytes": memory, "held_bytes": held})
        print(
            f"{title:18} {took:8.2f} s {told:8.3f} s {seconds:8.3f} s {100 * (told / seconds - 1):+5.0f}%   "
            f"{memory / 1e6:7.1f} MB {held / 1e6:7.1f} MB {100 * (memory / held - 1):+5.0f}%"
        )
    errors = sorted(abs(row["predicted"] / row["measured"] - 1) for row in rows)
    print(f"\nseconds: median error {100 * errors[len(errors) // 2]:.0f} %, largest {100 * errors[-1]:.0f} %")
    if out is not None:
        out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    words = sys.argv[1:]
    if "--processor" in words:
        words.remove("--processor")
        clock = cost.perf_counter = process_time
    main(Path(words[0]) if words else None)
