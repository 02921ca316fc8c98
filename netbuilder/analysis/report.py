"""The values an analysis yields: reports of layers, totals, problems, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from netbuilder.graph import Node
from netbuilder.layers import Facts, Output, Shape, Working
from netbuilder.layers.workings import number, product

from .receptive_field import Sight

FLOAT_BYTES = 4
Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True)
class Problem:
    """Something wrong or worth knowing. `code` is stable, `node` the layer it shows at (None: the whole design).

    An error keeps the design from running; a warning says that it runs, but hardly as meant; information is a remark
    on a design that may be exactly as it should be.
    """

    code: str
    severity: Severity
    node: int | None
    layer: str | None
    message: str


@dataclass(frozen=True)
class LayerReport:
    """What is known of one layer. Everything but the node is empty behind a broken edge.

    `notes` are the problems that follow from this layer and its input shapes alone.
    """

    node: Node
    inputs: tuple[int, ...]
    facts: Facts | None
    sight: tuple[Sight, Sight] | None = None
    notes: tuple[Problem, ...] = ()

    @property
    def shape(self) -> Shape | None:
        return self.facts.shape if self.facts else None

    @property
    def parameters(self) -> int | None:
        """Trainable numbers, biases included."""
        return self.facts.parameters.result if self.facts else None

    @property
    def statistics(self) -> int | None:
        """Remembered, untrained numbers: BatchNorm's running mean and variance."""
        return self.facts.statistics if self.facts else None

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates for one example."""
        return self.facts.macs.result if self.facts else None

    @property
    def activation_bytes(self) -> int | None:
        """Memory of this layer's output for one example, float32."""
        return self.memory.result if self.memory else None

    @property
    def receptive_field(self) -> tuple[int, int] | None:
        """(height, width) in input pixels that one output can see, padding included."""
        if self.sight is None:
            return None
        v, h = self.sight
        return v.extent, h.extent

    @cached_property
    def memory(self) -> Working | None:
        if self.facts is None:
            return None
        terms = [number(axis, size) for axis, size in self.facts.shape.to_dict().items()]
        return product([*terms, number("bytes per number", FLOAT_BYTES)])

    def workings(self) -> dict[str, Any]:
        """Every number of this layer with its formula and its formula filled in; {} behind a broken edge."""
        if self.facts is None or self.memory is None:
            return {}
        found: dict[str, Any] = {
            "shape": {axis: working.to_dict() for axis, working in self.facts.axes.items()},
            "parameters": self.facts.parameters.to_dict(),
            "macs": self.facts.macs.to_dict(),
            "memory": self.memory.to_dict(),
        }
        if self.sight:
            found["receptive_field"] = {
                axis: sight.working.to_dict() for axis, sight in zip(("height", "width"), self.sight, strict=True)
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        field_ = self.receptive_field
        return {
            "id": self.node.id,
            "name": self.node.name,
            "type": type(self.node.layer).__name__,
            "inputs": list(self.inputs),
            "settings": {k: list(v) if isinstance(v, tuple) else v for k, v in self.node.layer.values().items()},
            "shape": self.shape.to_dict() if self.shape else None,
            "parameters": self.parameters,
            "trainable": self.parameters,
            "statistics": self.statistics,
            "macs": self.macs,
            "activation_bytes": self.activation_bytes,
            "receptive_field": {"height": field_[0], "width": field_[1]} if field_ else None,
            "workings": self.workings(),
        }


Layers = Mapping[int, LayerReport]


def core(layers: Layers, output: int) -> LayerReport:
    """The layer whose numbers an output gives: the one before an Output block."""
    row = layers[output]
    while isinstance(row.node.layer, Output) and row.inputs:
        row = layers[row.inputs[0]]
    return row


@dataclass(frozen=True)
class Totals:
    """Sums over the layers that are known; `unknown` says how many are not."""

    parameters: int
    statistics: int
    macs: int
    activation_bytes: int
    unknown: int

    def to_dict(self) -> dict[str, int]:
        return {
            "parameters": self.parameters,
            "trainable": self.parameters,
            "statistics": self.statistics,
            "macs": self.macs,
            "activation_bytes": self.activation_bytes,
        }


@dataclass(frozen=True)
class Report:
    """All layers by id, in execution order, and all problems: first those at an input, from which others may follow,
    then errors, warnings and information, each in execution order. `outputs` are the ends of the network, the main one
    first: what it predicts."""

    layers: Mapping[int, LayerReport] = field(default_factory=dict[int, LayerReport])
    problems: tuple[Problem, ...] = ()
    outputs: tuple[int, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the design can be compiled, trained and exported."""
        return not any(problem.severity == "error" for problem in self.problems)

    @cached_property
    def totals(self) -> Totals:
        known = [layer for layer in self.layers.values() if layer.facts]
        return Totals(
            sum(layer.parameters or 0 for layer in known),
            sum(layer.statistics or 0 for layer in known),
            sum(layer.macs or 0 for layer in known),
            sum(layer.activation_bytes or 0 for layer in known),
            len(self.layers) - len(known),
        )

    def __getitem__(self, reference: int | str) -> LayerReport:
        """A layer's report by id or name. Raises KeyError."""
        if isinstance(reference, int):
            return self.layers[reference]
        for layer in self.layers.values():
            if layer.node.name == reference:
                return layer
        raise KeyError(reference)

    def core(self, output: int) -> LayerReport:
        """The layer whose numbers an output gives: the one before an Output block."""
        return core(self.layers, output)

    def at(self, node: int) -> tuple[Problem, ...]:
        """The problems shown at one layer."""
        return tuple(problem for problem in self.problems if problem.node == node)

    def to_dict(self) -> dict[str, Any]:
        """What `summary --json` prints, except the fixes, which netbuilder.repairs adds."""
        return {
            "format": 1,
            "valid": self.valid,
            "layers": [layer.to_dict() for layer in self.layers.values()],
            "outputs": [self.layers[key].node.name for key in self.outputs],
            "totals": self.totals.to_dict(),
            "problems": [
                {"code": p.code, "severity": p.severity, "layer": p.layer, "message": p.message, "fixes": []}
                for p in self.problems
            ],
        }
