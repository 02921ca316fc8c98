"""From a design's input shape to the data sets that suit it, and from a filled-in form to what a run needs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbuilder.data.catalogue import DatasetInfo, catalogue
from netbuilder.graph import Graph
from netbuilder.layers import ImageShape, Input, Shape, VectorShape

if TYPE_CHECKING:  # the engine is loaded when the first run starts, not when the window does
    from netbuilder.engine import Augmentation, Job, Schedule


@dataclass(frozen=True)
class Offer:
    """A data set for a design: a built-in one by name, or a file by path. `note` says what has to be done to it."""

    source: str
    title: str
    samples: int | None = None
    shape: Shape | None = None
    note: str = ""
    resized: bool = False


@dataclass(frozen=True)
class Method:
    """An optimizer as the form offers it, with the learning rate to start from, and how many numbers it keeps for
    each weight."""

    name: str
    title: str
    rate: float
    help: str
    slots: int = 0
    kind: str = "SGD"
    """The engine's name for it."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


METHODS = (
    Method("sgd", "SGD", 0.05, "A step against the gradient, nothing else"),
    Method("momentum", "Momentum 0.9", 0.01, "Steps that keep nine tenths of their speed", 1, "SGD", {"momentum": 0.9}),
    Method(
        "nesterov",
        "Nesterov 0.9",
        0.01,
        "Momentum that looks one step ahead",
        1,
        "SGD",
        {"momentum": 0.9, "nesterov": True},
    ),
    Method("rmsprop", "RMSProp", 0.001, "Every weight its own pace, by its recent gradients", 1, "RMSProp"),
    Method("adam", "Adam", 0.001, "RMSProp with momentum, both unbiased at the start", 2, "Adam"),
    Method("adamw", "AdamW", 0.001, "Adam with weight decay kept apart from the gradient", 2, "AdamW"),
)


FORM_ITSELF = ("epochs", "batch_size", "resize")
"""What the form's own rows say of a Job."""


@dataclass(frozen=True)
class Options:
    """What may be asked for beyond the form; empty is as the engine does by itself.

    `optimizer` are settings of the optimizer, `job` of the training, both by the engine's names.
    """

    schedule: "Schedule | None" = None
    augment: "tuple[Augmentation, ...]" = ()
    optimizer: Mapping[str, Any] = field(default_factory=dict[str, Any])
    job: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def text(self) -> str:
        """What is not as usual, in a line: 'cosine · shift 2, flip · weight decay 0.0005'."""
        schedule = [self.schedule.text().replace(":", " ")] if self.schedule else []
        changes = [each.text().replace(":", " ") for each in self.augment]
        numbers = [told(name, value) for name, value in {**self.optimizer, **self.job}.items()]
        return " · ".join([*schedule, *([", ".join(changes)] if changes else []), *numbers])


def told(name: str, value: Any) -> str:
    """A setting that is not as usual, in a few words: 'weight decay 0.0005', 'balanced classes', 'float64'."""
    if name == "class_weights":
        return "balanced classes" if value == "balanced" else "class weights by hand"
    if name in ("dtype", "loss", "init"):
        words = {"mse": "mean squared error", "glorot": "Glorot start"}
        return words.get(value, str(value).replace("_", "-"))
    if isinstance(value, tuple):
        return f"{name} {', '.join(f'{each:g}' for each in value)}"
    words = {"accumulate": "batches an update"}
    return f"{value} {words[name]}" if name in words else f"{name.replace('_', ' ')} {value}"


@dataclass(frozen=True)
class Choices:
    """What the form says: data, method, learning rate, images a batch, epochs, and what else was asked for."""

    offer: Offer
    method: str
    rate: float
    batch: int
    epochs: int
    options: Options = Options()

    def job(self, graph: Graph) -> "Job":
        """The training of a design that this asks for. Raises JobError and OptimizerError, both sentences."""
        from netbuilder import engine

        method = next(each for each in METHODS if each.name == self.method)
        settings = {**method.settings, **self.options.optimizer}
        return engine.Job(
            graph,
            self.offer.source,
            epochs=self.epochs,
            batch_size=self.batch,
            optimizer=engine.OPTIMIZERS[method.kind](lr=self.rate, **settings),
            resize=self.offer.resized,
            schedule=self.options.schedule or engine.Constant(),
            augment=self.options.augment,
            **self.options.job,
        )


def choices_of(job: "Job") -> Choices:
    """What the form has to say for this training."""
    from netbuilder.engine import Constant

    optimizer = job.optimizer
    kind, nesterov = type(optimizer).__name__, getattr(optimizer, "nesterov", False)
    alike = [each for each in METHODS if each.kind == kind and each.settings.get("nesterov", False) == nesterov]
    moving = bool(getattr(optimizer, "momentum", 0))
    method = next((each for each in alike if ("momentum" in each.settings) == moving), alike[0])
    usual = type(optimizer)(**method.settings)
    own = {each.name: getattr(optimizer, each.name) for each in optimizer.settings() if each.name != "lr"}
    asked = {each.name: getattr(job, each.name) for each in job.settings() if each.name not in FORM_ITSELF}
    defaults = {each.name: each.default for each in job.settings()}
    options = Options(
        None if job.schedule == Constant() else job.schedule,
        job.augment,
        {name: value for name, value in own.items() if value != getattr(usual, name)},
        {name: value for name, value in asked.items() if value != defaults[name]},
    )
    info = next((each for each in catalogue() if each.name == job.data), None)
    offer = Offer(info.name, info.title, info.training, info.shape) if info else from_file(Path(job.data))
    return Choices(offer, method.name, optimizer.lr, job.batch_size, job.epochs, options)


def input_shape(graph: Graph) -> Shape | None:
    """What the design reads; None while it has no input."""
    for node in graph.nodes.values():
        if isinstance(node.layer, Input):
            return node.layer.infer().shape
    return None


def offers(shape: Shape | None) -> tuple[Offer, ...]:
    """The built-in data sets for an input shape: those that fit first, then the nearest that can be resized.

    Sets that cannot be brought to the shape are not offered; without a shape all are, as they come.
    """
    ranked = [(_distance(info, shape), place, info) for place, info in enumerate(catalogue())]
    suitable = sorted((each for each in ranked if each[0] < math.inf), key=lambda each: each[:2])
    return tuple(
        Offer(info.name, info.title, info.training, info.shape, _note(info, shape) if distance else "", distance > 0)
        for distance, _, info in suitable
    )


def from_file(path: Path) -> Offer:
    """A .npz file of the user's, whose images are resized where they must be."""
    return Offer(str(path), path.name, resized=True)


def _distance(info: DatasetInfo, shape: Shape | None) -> float:
    """0 where the data fits, ∞ where it cannot; between them, how much the images would have to change.

    A doubling of the area counts 1, and so does another number of channels.
    """
    if shape is None or info.shape == shape:
        return 0.0
    image = info.shape
    if isinstance(shape, VectorShape) or not isinstance(image, ImageShape):
        return 0.0 if image.size == shape.size else math.inf
    if image.channels != shape.channels and {image.channels, shape.channels} != {1, 3}:
        return math.inf  # grey becomes colour and colour grey; sixteen channels are no picture
    area = abs(math.log2(shape.height * shape.width / (image.height * image.width)))
    return 0.01 + area + (image.channels != shape.channels)


def _note(info: DatasetInfo, shape: Shape | None) -> str:
    return f"{info.shape.text()} resized to {shape.text()}" if shape else ""
