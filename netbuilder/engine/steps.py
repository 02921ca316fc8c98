"""From a report on a valid design to its layers in the order they run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from netbuilder.analysis import Report
from netbuilder.layers import Facts, Layer, MaxPool2D, ReLU


@dataclass(frozen=True)
class Step:
    """One layer in its turn. `inputs` are the steps whose outputs it reads, `weights` its weights' full names by bare
    name; `learns` says whether it, or anything before it, has something to learn, `may_overwrite` whether its output
    may take the place of its input."""

    name: str
    layer: Layer
    facts: Facts
    inputs: tuple[int, ...]
    weights: Mapping[str, str]
    learns: bool
    may_overwrite: bool = False


def quickest(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The same network with less to compute: a ReLU that only a max pooling reads changes places with it, and a ReLU or
    a sum that alone reads a layer which does not look at its output again takes its place in memory.

    The larger of two numbers stays the larger or an equal when both are cut at 0, and where all are cut nothing flows
    back: outputs and gradients are the same, from a fraction of the elements.
    """
    found = list(steps)
    readers = [[i for i, step in enumerate(steps) if index in step.inputs] for index in range(len(steps))]
    for index, read_by in enumerate(readers):
        if type(found[index].layer) is ReLU and len(read_by) == 1 and type(steps[read_by[0]].layer) is MaxPool2D:
            (reader,) = read_by
            first, second = found[index], found[reader]
            found[index] = replace(first, layer=second.layer, facts=second.facts)
            found[reader] = replace(second, layer=first.layer)
    for index, step in enumerate(found):
        first = step.inputs[0] if step.inputs else 0
        alone = readers[first] == [index] and step.inputs.count(first) == 1
        if alone and step.layer.takes_place and found[first].layer.forgets_output:
            found[index] = replace(step, may_overwrite=True)
    return tuple(found)


def steps_of(report: Report) -> tuple[Step, ...]:
    """A valid design's layers in execution order; its only input comes first, since all others depend on it."""
    places = {key: index for index, key in enumerate(report.layers)}
    steps: list[Step] = []
    for layer in report.layers.values():
        facts = layer.facts
        assert facts is not None, "a valid design has no layer without facts"
        inputs = tuple(places[i] for i in layer.inputs)
        keys = {bare: f"{layer.node.name}.{bare}" for bare in facts.weights}
        learns = any(w.trainable for w in facts.weights.values()) or any(steps[i].learns for i in inputs)
        steps.append(Step(layer.node.name, layer.node.layer, facts, inputs, keys, learns))
    return tuple(steps)
