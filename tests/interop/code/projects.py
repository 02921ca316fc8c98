"""Jobs of every kind a project can be made of, and what the engine loses in their first updates."""

from pathlib import Path

import numpy as np

from netbuilder.engine import (
    SGD,
    Adam,
    AdamW,
    Brightness,
    Contrast,
    Cosine,
    CutOut,
    Exponential,
    Flip,
    Job,
    Noise,
    OneCycle,
    Plateau,
    Progress,
    RMSProp,
    Rotate,
    Shift,
    StepDecay,
    train,
)
from netbuilder.graph import Graph
from netbuilder.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    Output,
    ReLU,
    Softmax,
)

IMAGE = Input(height=8, width=8, channels=1)


def chain(*layers: Layer, entry: Input = IMAGE) -> Graph:
    return Graph.chain(entry, *layers)


def small() -> Graph:
    return chain(Conv2D(6, 3, padding="same"), ReLU(), MaxPool2D(2), Flatten(), Dense(10))


def normalised() -> Graph:
    return chain(Conv2D(6, 3, bias=False), BatchNorm(), ReLU(), GlobalAveragePool2D(), BatchNorm(), Dense(10))


def closed() -> Graph:
    return chain(Flatten(), Dense(16), ReLU(), Dense(10), Softmax())


def dropping() -> Graph:
    return chain(Conv2D(6, 3), ReLU(), Dropout(0.3, spatial=True), Flatten(), Dropout(0.5), Dense(10))


def large() -> Graph:
    return chain(Conv2D(4, 5, 2), ReLU(), Flatten(), Dense(10), entry=Input(height=20, width=18, channels=3))


def flat() -> Graph:
    return chain(Dense(16), ReLU(), Dense(10), entry=Input(features=64))


def branched(*, softmax: bool = False, loss: str = "as_chosen") -> Graph:
    """A classifier with a second one on its first map, which counts less."""
    graph = chain(Conv2D(6, 3, padding="same"), ReLU(), MaxPool2D(2), Flatten(), Dense(10))
    if softmax:
        graph, node = graph.add(Softmax(), "shares")
        graph = graph.connect("dense_1", node.id)
    end = next(node.id for node in graph.nodes.values() if node.name == "relu_1")
    for layer, name in (
        (GlobalAveragePool2D(), "pooled"),
        (Dense(10), "early"),
        *([(Softmax(), "loss")] if softmax else []),
        (Output(0.3, loss), "targets"),
    ):
        graph, node = graph.add(layer, name)
        graph = graph.connect(end, node.id)
        end = node.id
    return graph


CHANGES = (
    Shift(1),
    Flip(0.3),
    Flip(0.2, vertical=True),
    Rotate(15.0),
    CutOut(3, 0.5),
    Noise(),
    Contrast(),
    Brightness(),
)

JOBS: dict[str, Job] = {
    "adam": Job(small(), "digits", epochs=2),
    "sgd": Job(small(), "digits", epochs=2, optimizer=SGD(0.05), schedule=StepDecay(1, 0.3, warmup=0.5)),
    "nesterov": Job(
        small(),
        "digits",
        epochs=2,
        optimizer=SGD(0.05, momentum=0.9, nesterov=True, weight_decay=1e-3),
        schedule=Cosine(0.05, warmup=0.4),
    ),
    "rmsprop": Job(
        small(), "digits", epochs=2, optimizer=RMSProp(1e-3, momentum=0.5, weight_decay=1e-3), schedule=Exponential(0.5)
    ),
    "adam with decay": Job(
        small(), "digits", epochs=1, optimizer=Adam(3e-3, betas=(0.8, 0.99), epsilon=1e-5, weight_decay=1e-2)
    ),
    "adamw": Job(
        small(),
        "digits",
        epochs=1,
        optimizer=AdamW(3e-3, weight_decay=0.1),
        schedule=OneCycle(0.3, 10, 100, warmup=0.1),
    ),
    "plateau": Job(
        small(), "digits", epochs=6, batch_size=400, optimizer=Adam(0.05), schedule=Plateau(0.5, 0, 0.2, 1, 0.1)
    ),
    "smoothed and balanced": Job(
        small(), "digits", epochs=1, batch_size=50, label_smoothing=0.1, class_weights=tuple(0.5 + i for i in range(10))
    ),
    "squares of classes": Job(small(), "digits", epochs=1, loss="mse"),
    "bounded": Job(small(), "digits", epochs=1, optimizer=SGD(0.5), clip_norm=0.5, clip_value=0.05),
    "accumulated": Job(small(), "digits", epochs=2, batch_size=24, accumulate=3, class_weights="balanced"),
    "changed": Job(small(), "digits", epochs=2, augment=CHANGES, seed=5),
    "double": Job(normalised(), "digits", epochs=1, dtype="float64"),
    "normalised": Job(normalised(), "digits", epochs=2, batch_size=100, patience=3),
    "closed": Job(closed(), "digits", epochs=1),
    "closed, by squares": Job(closed(), "digits", epochs=1, loss="mse"),
    "mixed": Job(closed(), "digits", epochs=1, loss="cross_entropy + 0.5 mse"),
    "two outputs": Job(branched(), "digits", epochs=2),
    "two outputs of their own": Job(branched(softmax=True, loss="mse"), "digits", epochs=1, label_smoothing=0.1),
    "two outputs mixed": Job(
        branched(softmax=True),
        "digits",
        epochs=1,
        loss="0.5 cross_entropy + mse",
        class_weights="balanced",
        batch_size=30,
        accumulate=3,
    ),
    "flat": Job(flat(), "digits", epochs=1, init="glorot"),
    "resized": Job(large(), "digits", epochs=1, resize=True, augment=(Flip(),)),
}
"""All without dropout, whose random numbers are PyTorch's own."""


def table(folder: Path) -> Path:
    """A file of values to be predicted from twenty columns, which are too many for a script's constants."""
    draw = np.random.default_rng(0)
    x = draw.normal(3, 2, (301, 20)).astype(np.float32)
    y = np.stack([x[:, 0] - x[:, 1], np.sin(x[:, 2])], 1).astype(np.float32)
    path = folder / "values.npz"
    np.savez(path, inputs=x, targets=y)
    return path


def regression(path: Path) -> Job:
    return Job(chain(Dense(8), ReLU(), Dense(2), entry=Input(features=20)), path, epochs=3, batch_size=32)


def engine_losses(job: Job, steps: int) -> list[float]:
    """The losses of the first updates, by our own engine."""
    losses: list[float] = []
    for event in train(job):
        if isinstance(event, Progress):
            losses += event.losses
        if len(losses) >= steps:
            break
    return losses[:steps]
