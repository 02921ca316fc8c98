"""Two designs and how their layers are paired -> what was added, removed and changed, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from netbuilder.analysis import LayerReport, Report, analyze
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.layers.settings import Value

from .arrays import ArrayChange, changes
from .matching import match


class Rewired(NamedTuple):
    """What feeds an input port of a layer, before and after, by name; None where nothing does."""

    port: int
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Pair:
    """A layer that both designs have, before and after; `places` are its numbers in both orders where it moved among
    the others."""

    before: LayerReport
    after: LayerReport
    rewired: tuple[Rewired, ...] = ()
    places: tuple[int, int] | None = None

    @property
    def renamed(self) -> bool:
        return self.before.node.name != self.after.node.name

    @property
    def retyped(self) -> bool:
        return type(self.before.node.layer) is not type(self.after.node.layer)

    @cached_property
    def settings(self) -> dict[str, tuple[Value, Value]]:
        """Every setting that differs, old and new; None where one of them has no such setting."""
        old, new = self.before.node.layer.values(), self.after.node.layer.values()
        names = dict.fromkeys((*old, *new))
        return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}

    @property
    def edited(self) -> bool:
        """Whether something was done to this very layer."""
        return self.renamed or self.retyped or bool(self.settings or self.rewired or self.places)

    @property
    def affected(self) -> bool:
        """Whether its numbers are other ones."""
        a, b = self.before, self.after
        return (a.shape, a.parameters, a.macs) != (b.shape, b.parameters, b.macs)

    def to_dict(self) -> dict[str, Any]:
        a, b = self.before, self.after
        kinds = type(a.node.layer).__name__, type(b.node.layer).__name__
        return {
            "name": _both(a.node.name, b.node.name),
            "consequence": not self.edited,
            "type": _both(*kinds) if self.retyped else None,
            "settings": {name: _both(_plain(old), _plain(new)) for name, (old, new) in self.settings.items()},
            "inputs": [{"port": each.port, **_both(each.before, each.after)} for each in self.rewired],
            "place": _both(*self.places) if self.places else None,
            "shape": _both(_shape(a), _shape(b)) if a.shape != b.shape else None,
            "parameters": _both(a.parameters, b.parameters) if a.parameters != b.parameters else None,
            "macs": _both(a.macs, b.macs) if a.macs != b.macs else None,
        }


@dataclass(frozen=True)
class Difference:
    """All that is different about a second design. `changed` are the layers of both that were edited or are affected
    by what was; `weights` every array of layers in both where the weights of both are known, else None.

    Positions on the canvas, notes and groups are no difference.
    """

    before: Report
    after: Report
    added: tuple[LayerReport, ...]
    removed: tuple[LayerReport, ...]
    changed: tuple[Pair, ...]
    weights: tuple[ArrayChange, ...] | None = None

    @property
    def same(self) -> bool:
        """Whether both are the same network, and of the same weights where those are known."""
        return not (self.added or self.removed or self.changed) and all(each.same for each in self.weights or ())

    @property
    def totals(self) -> dict[str, tuple[int, int]]:
        """Layers, weights, multiply-accumulates and so on, before and after."""
        old, new = self.before.totals.to_dict(), self.after.totals.to_dict()
        return {"layers": (len(self.before.layers), len(self.after.layers)), **{k: (old[k], new[k]) for k in old}}

    def to_dict(self) -> dict[str, Any]:
        """What `diff --json` prints."""
        return {
            "format": 1,
            "same": self.same,
            "valid": _both(self.before.valid, self.after.valid),
            "added": [_described(layer, self.after) for layer in self.added],
            "removed": [_described(layer, self.before) for layer in self.removed],
            "changed": [pair.to_dict() for pair in self.changed],
            "totals": {name: _both(*values) for name, values in self.totals.items()},
            "weights": None if self.weights is None else [each.to_dict() for each in self.weights],
        }


def compare(
    before: Graph, after: Graph, old: Mapping[str, Array] | None = None, new: Mapping[str, Array] | None = None
) -> Difference:
    """What is different about the design `after`, with the weights `new`, seen from `before` with `old`.

    Layers are paired by name, and what that leaves by how it is wired and what it is.
    """
    reports = analyze(before), analyze(after)
    found = match(before, after)
    places = [{key: number for number, key in enumerate(graph.order, 1)} for graph in (before, after)]
    pairs = [
        Pair(
            reports[0].layers[key],
            reports[1].layers[other],
            _rewired(before, after, key, found.pairs),
            (places[0][key], places[1][other]) if key in found.moved else None,
        )
        for key, other in found.pairs.items()
    ]
    kept = set(found.pairs.values())
    weights = None
    if old is not None and new is not None:
        weights = tuple(each for pair in pairs for each in changes(pair.before, pair.after, old, new))
    return Difference(
        *reports,
        tuple(reports[1].layers[key] for key in after.order if key not in kept),
        tuple(reports[0].layers[key] for key in before.order if key not in found.pairs),
        tuple(pair for pair in pairs if pair.edited or pair.affected),
        weights,
    )


def _rewired(before: Graph, after: Graph, key: int, pairs: Mapping[int, int]) -> tuple[Rewired, ...]:
    old = {edge.port: edge.source for edge in before.incoming(key)}
    new = {edge.port: edge.source for edge in after.incoming(pairs[key])}
    found: list[Rewired] = []
    for port in sorted({*old, *new}):
        a, b = old.get(port), new.get(port)
        if a is None or b is None or pairs.get(a) != b:
            names = None if a is None else before.nodes[a].name, None if b is None else after.nodes[b].name
            found.append(Rewired(port, *names))
    return tuple(found)


# ---- JSON ------------------------------------------------------------------------------------------------------------


def _both(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}


def _described(layer: LayerReport, report: Report) -> dict[str, Any]:
    return {
        "name": layer.node.name,
        "type": type(layer.node.layer).__name__,
        "settings": {name: _plain(value) for name, value in layer.node.layer.values().items()},
        "inputs": [report.layers[key].node.name for key in layer.inputs],
        "shape": _shape(layer),
        "parameters": layer.parameters,
        "macs": layer.macs,
    }


def _plain(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _shape(layer: LayerReport) -> dict[str, int] | None:
    return layer.shape.to_dict() if layer.shape else None
