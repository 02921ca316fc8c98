"""A report, a batch size and an optimizer's slots -> the memory running and training take, layer by layer."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from netbuilder.layers import Layer, Shape, Working
from netbuilder.layers.workings import ZERO, number, product, total

from .footprint import Place, add, footprint, output_bytes
from .report import FLOAT_BYTES, Report

CHUNK_NUMBERS, MOST_EVALUATED = 1 << 22, 256
"""Activations, and examples, held at once at most while evaluating."""


@dataclass(frozen=True)
class LayerMemory:
    """Bytes of one layer at a batch size, each figure with its working.

    `forward` is what one pass forward takes, weights included. Training keeps `activations` until the pass back, which
    adds `gradients`; `columns` are the unfolded windows of convolutions, a few examples' at a time; `weights` are the
    weights with all that training keeps beside them.
    """

    forward: Working
    activations: Working
    gradients: Working
    columns: Working
    weights: Working

    @cached_property
    def training(self) -> Working:
        """All of it while training."""
        return add(self.activations, self.gradients, self.columns, self.weights)


@dataclass(frozen=True)
class Memory:
    """Memory of a design in bytes, by layer id; layers behind a broken edge are left out.

    `forward` and `training` are sums over the layers; the others tell what training's is made of.
    """

    layers: Mapping[int, LayerMemory]

    @cached_property
    def forward(self) -> int:
        return sum(each.forward.result for each in self.layers.values())

    @cached_property
    def training(self) -> int:
        return sum(each.training.result for each in self.layers.values())

    @cached_property
    def activations(self) -> int:
        return sum(each.activations.result for each in self.layers.values())

    @cached_property
    def gradients(self) -> int:
        return sum(each.gradients.result for each in self.layers.values())

    @cached_property
    def columns(self) -> int:
        return sum(each.columns.result for each in self.layers.values())

    @cached_property
    def weights(self) -> int:
        return sum(each.weights.result for each in self.layers.values())


def memory(report: Report, batch: int, slots: int = 0, *, width: int = FLOAT_BYTES, evaluated: int = 0) -> Memory:
    """What running and training a design take.

    `batch` examples at once; `slots` numbers the optimizer keeps for each weight (SGD 0, with momentum 1, Adam 2);
    `width` bytes per number, 4 or 8; `evaluated` how many examples validation runs at once, where it does: where those
    are more than a batch, the arrays of the pass forward are made for them. Counting allocates nothing.
    """
    learns = _learning(report)
    readers = Counter(i for layer in report.layers.values() for i in layer.inputs)
    found: dict[int, LayerMemory] = {}
    for key, layer in report.layers.items():
        shapes = tuple(shape for i in layer.inputs if (shape := report.layers[i].shape))
        if layer.facts is None or len(shapes) < len(layer.inputs):
            continue
        role = _Role(any(learns[i] for i in layer.inputs), learns[key], summed=learns[key] and readers[key] > 1)
        found[key] = _layer(layer.node.layer, shapes, role, batch, max(batch, evaluated), width, slots)
    return Memory(found)


def evaluated_at_once(report: Report) -> int:
    """How many examples the engine evaluates at a time: as many as keep the activations held within bounds."""
    numbers = sum(layer.facts.shape.size for layer in report.layers.values() if layer.facts)
    return max(1, min(MOST_EVALUATED, CHUNK_NUMBERS // max(1, numbers)))


def weight_copies(slots: int) -> Working:
    """How often each weight is there while training: itself, its gradient as it is computed and as it is applied, the
    optimizer's slots, a last good state and a checkpoint being written, both with slots, and the best weights."""
    own, kept = number("optimizer slots", slots), number("weight", 1) + number("optimizer slots", slots)
    parts = [
        number("weight", 1),
        number("gradients", 2),
        own,
        number("states kept", 2) * kept,
        number("best weight", 1),
    ]
    return total(parts)


class _Role(NamedTuple):
    """What a layer is in a pass back: whether one before it learns, whether it or one before it does, and whether
    several layers send it a gradient."""

    behind: bool
    learns: bool
    summed: bool


@lru_cache(maxsize=8192)  # an edit changes few layers
def _layer(
    layer: Layer, shapes: tuple[Shape, ...], role: _Role, batch: int, most: int, width: int, slots: int
) -> LayerMemory:
    facts = layer.infer(*shapes)
    need = footprint(layer, Place(shapes, facts, batch, most, width, role.behind))
    passed = need if most == batch else footprint(layer, Place(shapes, facts, batch, batch, width, role.behind))
    examples = number("batch", batch)
    passing = examples if most == batch else number("examples at once", most)
    numbers = number("weights", sum(weight.size for weight in facts.weights.values()))
    weights = product([numbers, number("bytes per number", width)]) if numbers.value else ZERO
    summed = output_bytes(facts.shape, width) if role.summed else ZERO
    return LayerMemory(
        forward=add(_times(examples, passed.forward), passed.unfolded, weights),
        activations=add(_times(passing, need.forward), _times(examples, need.training)),
        gradients=_times(examples, add(need.backward, summed)) if role.learns else ZERO,
        columns=add(need.unfolded, need.folded) if role.learns else need.unfolded,
        weights=weights * weight_copies(slots) if numbers.value else ZERO,
    )


def _times(count: Working, each: Working) -> Working:
    return count * each if each.value else ZERO


def _learning(report: Report) -> dict[int, bool]:
    """Which layers have something to learn themselves or before them: the others need no pass back."""
    learns: dict[int, bool] = {}
    for key, layer in report.layers.items():
        learns[key] = bool(layer.parameters) or any(learns[i] for i in layer.inputs)
    return learns
