"""From a design's input shape to the data sets that suit it, and from a filled-in form to what a run needs."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netbuilder.data.catalogue import DatasetInfo, catalogue
from netbuilder.graph import Graph
from netbuilder.layers import ImageShape, Input, Shape, VectorShape

if TYPE_CHECKING:  # the engine is loaded when the first run starts, not when the window does
    from netbuilder.engine import Job


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
    """An optimizer as the form offers it, with the learning rate to start from."""

    name: str
    title: str
    rate: float
    help: str


METHODS = (
    Method("sgd", "SGD", 0.05, "A step against the gradient, nothing else"),
    Method("momentum", "Momentum 0.9", 0.01, "Steps that keep nine tenths of their speed"),
    Method("nesterov", "Nesterov 0.9", 0.01, "Momentum that looks one step ahead"),
    Method("rmsprop", "RMSProp", 0.001, "Every weight its own pace, by its recent gradients"),
    Method("adam", "Adam", 0.001, "RMSProp with momentum, both unbiased at the start"),
    Method("adamw", "AdamW", 0.001, "Adam with weight decay kept apart from the gradient"),
)


@dataclass(frozen=True)
class Choices:
    """What the form says: data, method, learning rate, images a batch, epochs."""

    offer: Offer
    method: str
    rate: float
    batch: int
    epochs: int

    def job(self, graph: Graph) -> "Job":
        """The training of a design that this asks for. Raises JobError and OptimizerError, both sentences."""
        from netbuilder import engine

        made = {
            "sgd": lambda: engine.SGD(lr=self.rate),
            "momentum": lambda: engine.SGD(lr=self.rate, momentum=0.9),
            "nesterov": lambda: engine.SGD(lr=self.rate, momentum=0.9, nesterov=True),
            "rmsprop": lambda: engine.RMSProp(lr=self.rate),
            "adam": lambda: engine.Adam(lr=self.rate),
            "adamw": lambda: engine.AdamW(lr=self.rate),
        }
        return engine.Job(
            graph,
            self.offer.source,
            epochs=self.epochs,
            batch_size=self.batch,
            optimizer=made[self.method](),
            resize=self.offer.resized,
        )


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
    if image.channels not in (1, shape.channels) and (image.channels, shape.channels) != (3, 1):
        return math.inf  # only grey to colour and colour to grey, as `data.fit` has it
    area = abs(math.log2(shape.height * shape.width / (image.height * image.width)))
    return 0.01 + area + (image.channels != shape.channels)


def _note(info: DatasetInfo, shape: Shape | None) -> str:
    return f"{info.shape.text()} resized to {shape.text()}" if shape else ""
