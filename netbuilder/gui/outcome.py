"""From a design and an edit that is offered to what the edit would give, in one line on its button."""

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.graph import Graph
from netbuilder.gui.difference import new_problems
from netbuilder.gui.wording import counted, signed, spaced
from netbuilder.layers import Concat, Order

NBSP = "\u00a0"
"""Keeps a number and its noun on one line."""


def outcome(before: Graph, report: Report, after: Graph, problem: Problem, order: Order) -> str:
    """What an edit would give, in one line: '14×14×32 = 14×14×32 ✓ +544 weights'."""
    new = analyze(after, report)
    parts: list[str] = []
    layer = new.layers.get(problem.node) if problem.node is not None else None
    if layer is not None and layer.shape is not None:
        fed = [spaced(new.layers[key].shape, order).replace(" ", "") for key in layer.inputs]
        out = spaced(layer.shape, order).replace(" ", "")
        if len(fed) > 1:
            sign = " + " if isinstance(layer.node.layer, Concat) else " = "
            parts.append(sign.join(fed))
        else:
            parts.append(" → ".join([*fed, out]))
    left = len([p for p in new.problems if p.severity == "error"])
    parts.append("✓" if parts else "" if left else "a valid design ✓")
    change = weights_change(before, report, after, new, problem.node)
    parts.append(f"{signed(change)}{NBSP}weights" if change else f"same{NBSP}weights")
    if left:
        parts.append(f"·{NBSP}{counted(left, 'problem').replace(' ', NBSP)}{NBSP}left")
    return " ".join(part for part in parts if part)


def weights_change(before: Graph, report: Report, after: Graph, new: Report, node: int | None = None) -> int:
    """How many weights an edit adds: at the layers that were known, at `node`, and at those that are new.

    Layers that only come to light because a break before them is gone are no change of theirs.
    """
    kept = [key for key, old in report.layers.items() if old.facts or key == node]
    added = [key for key in after.nodes if key not in before.nodes]
    change = sum(new.layers[key].parameters or 0 for key in [*kept, *added] if key in new.layers)
    return change - sum(report.layers[key].parameters or 0 for key in kept)


def in_all(before: Graph, report: Report, after: Graph) -> str:
    """What an edit means for the whole design: '+1,208 weights', 'same weights', or whom it would break."""
    new = analyze(after, report)
    worse = new_problems(report, new)
    if worse:
        return f"breaks “{worse[0].layer}”" if worse[0].layer else "breaks the design"
    change = weights_change(before, report, after, new)
    return f"{signed(change)} weights" if change else "same weights"
