"""A problem -> its repairs: what each room of this package proposes, tried before it is offered."""

from collections.abc import Callable
from dataclasses import dataclass

from netbuilder.analysis import Problem, Report, analyze, training_problems
from netbuilder.graph import Graph, GraphError
from netbuilder.layers import SettingError

from . import activations, maps, merges, windows, wiring
from .proposals import Proposals

LOSS_CODES = ("double-softmax", "activation-last")
"""Problems that depend on the loss; both are cross-entropy's."""


@dataclass(frozen=True)
class Repair:
    """An edit that solves a problem: what a button says, and the design it gives."""

    label: str
    graph: Graph


def repairs(graph: Graph, report: Report, problem: Problem) -> tuple[Repair, ...]:
    """The edits that make `problem` go away, the best first; none where only a person can decide.

    Every proposal is tried. It is offered only where the problem is gone, its layer has no error left, everything that
    was known still is, and nothing is wrong that was right before. Layers behind the break may show problems of their
    own then; an edit that leaves more errors than the first one has made them itself, and is not offered either.
    """
    propose = _PROPOSALS.get(problem.code)
    if propose is None:
        return ()
    found: list[Repair] = []
    fewest: int | None = None
    for label, edit in propose(graph, report, problem.node or 0):
        try:
            edited = edit()
        except (GraphError, SettingError):
            continue
        after = analyze(edited, report)
        if not _sound(graph, report, problem, after) or any(edited == other.graph for other in found):
            continue
        errors = sum(each.severity == "error" for each in after.problems)
        fewest = errors if fewest is None else fewest
        if errors <= fewest:
            found.append(Repair(label, edited))
    return tuple(found)


def _sound(graph: Graph, report: Report, problem: Problem, after: Report) -> bool:
    """Whether an edit, of which `after` is the report, solves the problem and harms nothing that was right."""
    found = _all(after, problem)
    if any(each.node == problem.node and (each.code == problem.code or each.severity == "error") for each in found):
        return False
    known = {key for key, row in report.layers.items() if row.facts}
    if any(after.layers[key].facts is None for key in known if key in after.layers):
        return False
    before = {(each.code, each.node) for each in _all(report, problem)}
    new = [each for each in found if each.severity != "information" and (each.code, each.node) not in before]
    return all(each.node in graph.nodes and each.node not in known for each in new)


def _all(report: Report, problem: Problem) -> tuple[Problem, ...]:
    """A report's problems, with those of the loss where one of them is to be solved."""
    of_loss = training_problems(report, "cross_entropy") if problem.code in LOSS_CODES else ()
    return of_loss + report.problems


_PROPOSALS: dict[str, Callable[[Graph, Report, int], Proposals]] = {
    "needs-flatten": maps.flatten,
    "needs-image": maps.unflatten,
    "no-channels": maps.channels,
    "axis-order": maps.swapped,
    "groups-mismatch": maps.groups,
    "cropped-away": maps.uncropped,
    "channels-beyond": maps.selected,
    "reshape-count": maps.laid_out,
    "window-too-large": windows.shrunk,
    "ragged": windows.ragged,
    "same-asymmetric": windows.explicit,
    "merge-shapes": merges.agreeing,
    "not-connected": wiring.connected,
    "no-input": wiring.entered,
    "several-inputs": wiring.one_input,
    "several-outputs": wiring.one_output,
    "output-inside": wiring.passed_on,
    "names-collide": wiring.renamed,
    "no-activation": activations.inserted_between,
    "activation-last": activations.removed,
    "double-softmax": activations.once,
}
