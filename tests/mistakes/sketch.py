"""What a mistake is, and a drawing on which one can be made."""

import random
from dataclasses import dataclass

from netbuilder.graph import Graph
from netbuilder.layers import (
    BatchNorm,
    Conv2D,
    ImageShape,
    Layer,
    ReLU,
)
from tests.designs import BLOCKS, Drawing


@dataclass(frozen=True)
class Mistake:
    """A design, the layer at fault (None: the whole design), and the sentence it deserves."""

    graph: Graph
    layer: str | None
    sentence: str


class Sketch(Drawing):
    """A drawing that also takes layers that do not fit."""

    def put(self, *layers: Layer) -> str:
        """Layers behind the end, fitting or not; the first one's name."""
        names: list[str] = []
        for layer in layers:
            self.graph, node = self.graph.add(layer, self.name(type(layer).__name__.lower()))
            self.graph = self.graph.connect(self.end, node.id)
            self.end = node.id
            names.append(node.name)
        return names[0]

    @property
    def last(self) -> str:
        return self.graph.nodes[self.end].name

    def some_blocks(self) -> "Sketch":
        """Up to three blocks of any kind."""
        for _ in range(self.rng.randint(0, 3)):
            self.rng.choice(BLOCKS)(self)
        return self

    def quiet(self) -> "Sketch":
        """Up to three layers that nothing at all is to be said of."""
        for _ in range(self.rng.randint(0, 3)):
            self.follow(Conv2D(self.rng.randint(2, 9), 3, padding="same"), *self._perhaps(BatchNorm()), ReLU())
        return self


def sketch(rng: random.Random) -> Sketch:
    """A sketch on an image of any size."""
    return Sketch(rng, ImageShape(rng.randint(1, 4), rng.randint(12, 40), rng.randint(12, 40)))


def title(graph: Graph, name: str) -> str:
    """'Conv2D “conv1”'."""
    return f"{type(graph[name].layer).__name__} “{name}”"
