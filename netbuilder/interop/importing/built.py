"""A layer of the network on its way into the design, and the names that layers and their weights may have."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from netbuilder.graph import LONGEST_NAME
from netbuilder.interop.emitter import Array
from netbuilder.layers import Facts, Layer, Misfit, Shape

from .operations import Unsupported


@dataclass
class Built:
    """A layer on its way into the design. `tensor` is what the file calls its output."""

    name: str
    layer: Layer
    inputs: tuple[int, ...]
    facts: Facts
    weights: dict[str, Array] = field(default_factory=dict[str, Array])
    tensor: str = ""


class Names:
    """Which names are taken, by layers and by their weights."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._weights: set[str] = set()

    def free(self, wanted: str, stem: str, weights: Sequence[str] = ()) -> str:
        """A printable name nobody has, whose weights' names nobody has either."""
        base = "".join(each if each.isprintable() else "_" for each in wanted).strip()[6 - LONGEST_NAME :].strip()
        name, number = base or f"{stem}_1", 1
        while name in self._taken or any(f"{name}.{weight}" in self._weights for weight in weights):
            number += 1
            name = f"{base or stem}_{number}"
        self._taken.add(name)
        self._weights.update(f"{name}.{weight}" for weight in weights)
        return name


def inferred(layer: Layer, shapes: Sequence[Shape], sources: Sequence[str]) -> Facts:
    """A layer's facts, or the refusal that says what does not fit."""
    try:
        return layer.infer(*shapes)
    except Misfit as misfit:
        sentence = misfit.sentence("the layer", [f"“{name}”" for name in sources])
        raise Unsupported(f"does not fit: {sentence.rstrip('.')}") from None


def as_weight(array: Array) -> Array:
    """Numbers as float32, without a copy where they are."""
    return np.asarray(array).astype(np.float32, copy=False)
