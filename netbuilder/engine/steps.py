"""From a report on a valid design to its layers in the order they run."""

from collections.abc import Mapping
from dataclasses import dataclass

from netbuilder.analysis import Report
from netbuilder.layers import Facts, Layer


@dataclass(frozen=True)
class Step:
    """One layer in its turn. `inputs` are the steps whose outputs it reads, `weights` its weights' full names by bare
    name; `learns` says whether it, or anything before it, has something to learn."""

    name: str
    layer: Layer
    facts: Facts
    inputs: tuple[int, ...]
    weights: Mapping[str, str]
    learns: bool


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
