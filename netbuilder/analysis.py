"""Graph -> Report: every layer's shape, weights, cost, receptive field and workings, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from netbuilder.graph import Graph, Node
from netbuilder.layers import Facts, ImageShape, Input, Misfit, Shape
from netbuilder.layers.base import Window
from netbuilder.layers.workings import Working, number, product

FLOAT_BYTES = 4
Severity = Literal["error", "warning", "information"]


@dataclass(frozen=True)
class Problem:
    """Something wrong or worth knowing. `code` is stable, `node` the layer it shows at (None: the whole design)."""

    code: str
    severity: Severity
    node: int | None
    layer: str | None
    message: str


class Sight(NamedTuple):
    """What outputs see along one axis of the input image: the first of `places` outputs sees positions `low` to
    `high`, each next one `jump` further. A flattened map keeps its places."""

    low: int
    high: int
    jump: int
    places: int
    working: Working

    @property
    def extent(self) -> int:
        return self.high - self.low + 1


@dataclass(frozen=True)
class LayerReport:
    """What is known of one layer. Everything but the node is empty behind a broken edge."""

    node: Node
    inputs: tuple[int, ...]
    facts: Facts | None
    sight: tuple[Sight, Sight] | None = None

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
    """All layers by id, in execution order, and all problems, in that order too."""

    layers: Mapping[int, LayerReport] = field(default_factory=dict[int, LayerReport])
    problems: tuple[Problem, ...] = ()

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

    def at(self, node: int) -> tuple[Problem, ...]:
        """The problems shown at one layer."""
        return tuple(problem for problem in self.problems if problem.node == node)

    def to_dict(self) -> dict[str, Any]:
        """What `summary --json` prints, except the fixes, which netbuilder.repairs adds."""
        return {
            "format": 1,
            "valid": self.valid,
            "layers": [layer.to_dict() for layer in self.layers.values()],
            "totals": self.totals.to_dict(),
            "problems": [
                {"code": p.code, "severity": p.severity, "layer": p.layer, "message": p.message, "fixes": []}
                for p in self.problems
            ],
        }


def analyze(graph: Graph) -> Report:
    """Propagate shapes from the input. Never raises: a layer that does not fit stops only what lies behind it."""
    layers: dict[int, LayerReport] = {}
    problems = list(_structure(graph))
    for key in graph.order:
        node, inputs = graph.nodes[key], graph.inputs(key)
        facts: Facts | None = None
        known = [facts_ for i in inputs if (facts_ := layers[i].facts)]
        if len(inputs) < node.layer.least_inputs:
            problems.append(_unconnected(node, len(inputs)))
        elif len(known) == len(inputs):
            try:
                facts = node.layer.infer(*(f.shape for f in known))
            except Misfit as misfit:
                names = [f"“{graph.nodes[i].name}”" for i in inputs]
                problems.append(Problem(misfit.code, "error", key, node.name, misfit.sentence(node.title, names)))
        sight = _sight(node, facts, [layers[i] for i in inputs]) if facts else None
        layers[key] = LayerReport(node, inputs, facts, sight)
    places = {key: index for index, key in enumerate(layers)}
    problems.sort(key=lambda p: -1 if p.node is None else places[p.node])
    return Report(layers, tuple(problems))


def _structure(graph: Graph) -> list[Problem]:
    """What is wrong with the network as a whole, whatever its shapes."""
    entries = [node for node in graph.nodes.values() if isinstance(node.layer, Input)]
    ends = [n for n in graph.nodes.values() if not graph.outgoing(n.id) and (graph.incoming(n.id) or n in entries)]
    if not graph.nodes:
        return [Problem("empty", "error", None, None, "The design is empty: add an Input and the layers behind it.")]
    if not entries:
        return [Problem("no-input", "error", None, None, "The design has no Input, where data enters.")]
    found = [
        Problem("several-inputs", "error", n.id, n.name, f"{n.title} is a second input; a network here has one.")
        for n in entries[1:]
    ]
    for node in ends[:-1] if len(ends) > 1 else []:
        names = " and ".join(f"“{end.name}”" for end in ends)
        message = f"The network has {len(ends)} ends, {names}; connect or remove all but one."
        found.append(Problem("several-outputs", "error", node.id, node.name, message))
    if len(graph.nodes) == 1:
        found.append(Problem("no-layers", "error", entries[0].id, entries[0].name, "Nothing follows the input yet."))
    return found


def _unconnected(node: Node, count: int) -> Problem:
    least = node.layer.least_inputs
    reason = "nothing is connected to it" if count == 0 else f"it has {count}"
    message = f"{node.title} needs {least} input{'' if least == 1 else 's'}, but {reason}."
    return Problem("not-connected", "error", node.id, node.name, message)


# ---- receptive field -------------------------------------------------------------------------------------------------


def _sight(node: Node, facts: Facts, sources: list[LayerReport]) -> tuple[Sight, Sight] | None:
    """What an output of this layer sees of the input image; None where the input is not an image.

    Through windows, low and high widen by the window's extent times the jump of the layer below, and jumps multiply;
    a merge sees what any of its branches sees (Araujo, Norris and Sim, Distill 2019, doi 10.23915/distill.00021).
    """
    shape = facts.shape
    if isinstance(node.layer, Input):
        if not isinstance(shape, ImageShape):
            return None
        one = number("one pixel", 1)
        return Sight(0, 0, 1, shape.height, one), Sight(0, 0, 1, shape.width, one)
    seen = [source.sight for source in sources if source.sight]
    if not seen or len(seen) < len(sources):
        return None
    vertical, horizontal = (_merged([sight[axis] for sight in seen]) for axis in (0, 1))
    if facts.reach is None:
        return _everything(vertical), _everything(horizontal)
    if isinstance(shape, ImageShape):
        vertical = _through(facts.reach[0], vertical, shape.height)
        horizontal = _through(facts.reach[1], horizontal, shape.width)
    return vertical, horizontal


def _merged(branches: list[Sight]) -> Sight:
    """The union of what several branches see."""
    low, high = min(s.low for s in branches), max(s.high for s in branches)
    widest = max(branches, key=lambda s: s.extent)
    working = widest.working if widest.extent == high - low + 1 else number("union of branches", high - low + 1)
    return Sight(low, high, max(s.jump for s in branches), widest.places, working)


def _through(window: Window, below: Sight, places: int) -> Sight:
    low = below.low - window.begin * below.jump
    high = below.high + (window.extent - 1 - window.begin) * below.jump
    working = _widened(below, "window", window.extent)
    return Sight(low, high, below.jump * window.stride, places, working)


def _everything(below: Sight) -> Sight:
    """An output that reads its whole input sees all that the input's first to last place see."""
    high = below.high + (below.places - 1) * below.jump
    return Sight(below.low, high, below.jump, 1, _widened(below, "places", below.places))


def _widened(below: Sight, name: str, count: int) -> Working:
    if count == 1:
        return below.working
    return number("seen before", below.extent) + (number(name, count) - 1) * number("pixels a step", below.jump)
