"""A report, a batch size and an optimizer's slots -> the memory running and training take, layer by layer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from netbuilder.layers import Input, Layer, MaxPool2D, ReLU, Shape, Working
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool
from netbuilder.layers.workings import ZERO, number, product, total

from .footprint import Place, add, footprint, output_bytes
from .report import FLOAT_BYTES, Report

CHUNK_NUMBERS, MOST_EVALUATED = 1 << 22, 256
"""Activations, and examples, held at once at most while evaluating."""


@dataclass(frozen=True)
class LayerMemory:
    """Bytes of one layer at a batch size, each figure with its working.

    `forward` is what one pass forward takes, weights included. Training keeps `activations` until the pass back, which
    adds `gradients` by the layer's inputs; `columns` is what the layer works in, as the unfolded windows of
    convolutions, some examples' at a time; `weights` are the weights with all that training keeps beside them.
    """

    forward: Working
    activations: Working
    gradients: Working
    columns: Working
    weights: Working
    work: int
    way: str

    @cached_property
    def training(self) -> Working:
        """All of it while training."""
        return add(self.activations, self.gradients, self.columns, self.weights)


@dataclass(frozen=True)
class Memory:
    """Memory of a design in bytes, by layer id; layers behind a broken edge are left out.

    Layers take turns: what one works in serves the next one that works in the same way, and so do gradients that are
    done with: `gradients` are the most that are on their way at once.
    """

    layers: Mapping[int, LayerMemory]
    gradients: int

    @cached_property
    def forward(self) -> int:
        lasting = sum(each.forward.result - each.work for each in self.layers.values())
        return lasting + self._in_turn(lambda layer: layer.work)

    @cached_property
    def training(self) -> int:
        return self.activations + self.gradients + self.columns + self.weights

    @cached_property
    def activations(self) -> int:
        return sum(each.activations.result for each in self.layers.values())

    @cached_property
    def columns(self) -> int:
        return self._in_turn(lambda layer: layer.columns.result)

    def _in_turn(self, work: Callable[[LayerMemory], int]) -> int:
        """The most that layers of each way work in."""
        most: dict[str, int] = {}
        for layer in self.layers.values():
            most[layer.way] = max(most.get(layer.way, 0), work(layer))
        return sum(most.values())

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
    found: dict[int, LayerMemory] = {}
    readers = {key: [other for other in report.layers.values() if key in other.inputs] for key in report.layers}
    for key, layer in report.layers.items():
        shapes = tuple(shape for i in layer.inputs if (shape := report.layers[i].shape))
        if layer.facts is None or len(shapes) < len(layer.inputs):
            continue
        first, others = report.layers[layer.inputs[0]].node.layer if layer.inputs else None, readers[key]
        small = others[0].facts if len(others) == 1 and isinstance(others[0].node.layer, MaxPool2D) else None
        alone = first is not None and len(readers[layer.inputs[0]]) == 1
        role = _Role(
            behind=any(learns[i] for i in layer.inputs),
            learns=learns[key],
            copies=isinstance(first, Input) and isinstance(layer.node.layer, Sliding | Pool),
            in_place=bool(alone and first and first.forgets_output and layer.node.layer.takes_place and not small),
            pooled=small.shape if isinstance(layer.node.layer, ReLU) and small else None,
        )
        found[key] = _layer(layer.node.layer, shapes, role, batch, max(batch, evaluated), width, slots)
    return Memory(found, _on_their_way(report, found, learns, batch * width))


def _on_their_way(report: Report, found: Mapping[int, LayerMemory], learns: Mapping[int, bool], each: int) -> int:
    """The most bytes of gradients there are at once: those a layer was handed and hands on, and those that wait.

    Layers that make none hand on what they were handed; where several meet, their sum is one more.
    """
    waiting: dict[int, dict[int, int]] = {}
    most = 0
    for turn, key in enumerate(reversed(list(found))):
        handed = waiting.pop(key, {})
        own = found[key].gradients.result
        passed = {turn: own} if own else handed
        for source in dict.fromkeys(report.layers[key].inputs):
            if learns[source] and source in found:
                shape, before = report.layers[source].shape, source in waiting
                meeting = {-source - 1: shape.size * each} if before and shape else {}
                waiting[source] = {**waiting.get(source, {}), **passed, **meeting}
        there = {**handed, **passed}
        for others in waiting.values():
            there |= others
        most = max(most, sum(there.values()))
    return most


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
    """What a layer is among others: whether one before it learns, and whether it or one before it does; whether it puts
    the data's numbers into another order; whether its output takes its input's place; and the smaller map it comes to
    see if a pooling that alone reads it goes first."""

    behind: bool
    learns: bool
    copies: bool
    in_place: bool
    pooled: Shape | None


@lru_cache(maxsize=8192)  # an edit changes few layers
def _layer(
    layer: Layer, shapes: tuple[Shape, ...], role: _Role, batch: int, most: int, width: int, slots: int
) -> LayerMemory:
    facts = layer.infer(*shapes)
    if role.pooled is not None:
        facts = replace(facts, shape=role.pooled)
    need = footprint(layer, Place(shapes, facts, batch, most, width, role.behind))
    passed = need if most == batch else footprint(layer, Place(shapes, facts, batch, batch, width, role.behind))
    examples = number("batch", batch)
    passing = examples if most == batch else number("examples at once", most)
    numbers = number("weights", sum(weight.size for weight in facts.weights.values()))
    order = output_bytes(shapes[0], width) if role.copies else ZERO
    need, passed = (
        each._replace(forward=add(ZERO if role.in_place else each.forward, order)) for each in (need, passed)
    )
    weights = product([numbers, number("bytes per number", width)]) if numbers.value else ZERO
    return LayerMemory(
        forward=add(_times(examples, passed.forward), passed.unfolded, weights),
        activations=add(_times(passing, need.forward), _times(examples, need.training)),
        gradients=_times(examples, need.backward) if role.learns else ZERO,
        columns=add(need.unfolded, need.folded) if role.learns else need.unfolded,
        weights=weights * weight_copies(slots) if numbers.value else ZERO,
        work=passed.unfolded.result,
        way=need.way,
    )


def _times(count: Working, each: Working) -> Working:
    return count * each if each.value else ZERO


def _learning(report: Report) -> dict[int, bool]:
    """Which layers have something to learn themselves or before them: the others need no pass back."""
    learns: dict[int, bool] = {}
    for key, layer in report.layers.items():
        learns[key] = bool(layer.parameters) or any(learns[i] for i in layer.inputs)
    return learns
