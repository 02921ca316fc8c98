"""A layer and its report -> what its block shows: name, caption, weights, share and what is wrong, as plain text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from netbuilder.analysis import LayerReport, Problem, Report
from netbuilder.arrangement import Folding
from netbuilder.graph import Graph, Node
from netbuilder.layers import Flatten, ImageShape, Layer, Order

PART_STEPS = 160
"""A weight share is told in steps of a pixel of the bar in a block, so that a face changes only when its looks do."""


class Face(NamedTuple):
    """All a block shows. Two equal faces look the same.

    `part` is the share of all weights, from 0 to 1 in steps that can be seen; `change` is what a preview does to the
    weights: '+544'. A folded group has the families of its `layers`, and the class of the heaviest of them.
    """

    layer_class: type[Layer]
    name: str
    caption: str = ""
    weights: str = ""
    share: str = ""
    problem: str = ""
    severity: str = ""
    tip: str = ""
    part: float = 0.0
    change: str = ""
    families: tuple[str, ...] = ()


class Faces:
    """Makes the faces of a design, and keeps those that would look the same: an edit costs what it changes."""

    def __init__(self) -> None:
        self._made: dict[int, _Made] = {}

    def of(
        self,
        graph: Graph,
        report: Report,
        order: Order,
        *,
        folding: Folding | None = None,
        before: Report | None = None,
    ) -> dict[int, Face]:
        """The face of every block; those of folded groups too where a `folding` says so, and what has changed since an
        earlier report where there is one `before`."""
        worst, total, rows = _worst(report), report.totals.parameters, report.layers
        old: Mapping[int, LayerReport] = before.layers if before else {}
        hidden: Mapping[int, int] = folding.home if folding else {}
        made: dict[int, _Made] = {}
        for key, row in rows.items():
            if key in hidden:
                continue
            fed = rows[row.inputs[0]] if row.inputs else None
            known, problem, was = self._made.get(key), worst.get(key), old.get(key, before)
            was = None if was is row else was
            if known is not None and not known.made_of(row, fed, problem, order, was):
                known = None
            weights = known.weights if known else row.parameters or 0
            share, part = (share_text(weights, total), _part(weights, total)) if weights else ("", 0.0)
            if known is None or known.face.share != share or known.face.part != part:
                face = _face(graph.nodes[key], rows, share, part, problem, order, before)
                known = _Made(row, fed, problem, order, was, weights, face)
            made[key] = known
        self._made = made
        found = {key: each.face for key, each in made.items()}
        for key, members in folding.members.items() if folding else ():
            problems = [worst[member] for member in members if member in worst]
            found[key] = _group_face(graph.groups[key].name, [rows[each] for each in members], total, problems, before)
        return found


class _Made(NamedTuple):
    """A face, and what it was made of."""

    row: LayerReport
    fed: LayerReport | None
    problem: Problem | None
    order: Order
    was: object
    weights: int
    face: Face

    def made_of(
        self, row: LayerReport, fed: LayerReport | None, problem: Problem | None, order: Order, was: object
    ) -> bool:
        """Whether these are the very things it was made of."""
        return (
            self.row is row and self.fed is fed and self.was is was and self.problem is problem and self.order == order
        )


def faces(graph: Graph, report: Report, order: Order) -> dict[int, Face]:
    """The face of every layer."""
    return Faces().of(graph, report, order)


def _worst(report: Report) -> dict[int, Problem]:
    """The problem each block shows: the first error, else the first warning."""
    worst: dict[int, Problem] = {}
    for problem in report.problems:
        if problem.node is not None and problem.severity != "information":
            held = worst.get(problem.node)
            if held is None or (problem.severity == "error" and held.severity != "error"):
                worst[problem.node] = problem
    return worst


def _face(
    node: Node,
    rows: Mapping[int, LayerReport],
    share: str,
    part: float,
    problem: Problem | None,
    order: Order,
    before: Report | None,
) -> Face:
    row = rows[node.id]
    kind = type(node.layer).__name__
    tip = problem.message if problem else f"{kind} · {row.shape.text(order)}" if row.shape else kind
    return Face(
        type(node.layer),
        node.name,
        _caption(node, row, rows),
        f"{row.parameters:,}" if row.parameters else "",
        share,
        problem.message if problem else "",
        problem.severity if problem else "",
        tip,
        part,
        _change([row], before) if before else "",
    )


def _group_face(
    name: str, rows: Sequence[LayerReport], total: int, problems: Sequence[Problem], before: Report | None
) -> Face:
    weights = sum(row.parameters or 0 for row in rows)
    problem = min(problems, key=lambda problem: problem.severity != "error", default=None)
    heaviest = max(rows, key=lambda row: row.parameters or 0)
    caption = f"{len(rows)} layers"
    return Face(
        type(heaviest.node.layer),
        name,
        caption,
        f"{weights:,}" if weights else "",
        share_text(weights, total) if weights else "",
        problem.message if problem else "",
        problem.severity if problem else "",
        problem.message if problem else f"{caption}: " + ", ".join(row.node.name for row in rows),
        _part(weights, total),
        _change(rows, before) if before else "",
        tuple(row.node.layer.family for row in rows),
    )


@lru_cache(4096)
def _part(weights: int, total: int) -> float:
    return ceil(PART_STEPS * weights / total) / PART_STEPS if total else 0.0


def _change(rows: Iterable[LayerReport], before: Report) -> str:
    """How many weights a preview adds or takes away; '' where that is none, or was not known."""
    change = 0
    for row in rows:
        old = before.layers.get(row.node.id)
        if row.facts and (old is None or old.facts):
            change += (row.parameters or 0) - ((old.parameters or 0) if old else 0)
    return f"{'−' if change < 0 else '+'}{abs(change):,}" if change else ""


def _caption(node: Node, row: LayerReport, rows: Mapping[int, LayerReport]) -> str:
    """The layer's own caption, or with numbers where those say more: '16·5·5 = 400'."""
    before = rows[row.inputs[0]].shape if row.inputs else None
    if isinstance(node.layer, Flatten) and isinstance(before, ImageShape):
        return f"{before.channels}·{before.height}·{before.width} = {before.size:,}"
    return node.layer.caption()


def fitted(face: Face, room: float, width: Callable[[str], float]) -> tuple[str, str]:
    """Caption and share as they fit on one line: settings matter more than the share, which gives way first."""
    short = face.caption.replace(" filters", "")
    rounder = f"{float(face.share[:-2]):.0f} %" if face.share[:1].isdecimal() else ""
    ways = [(face.caption, face.share), (short, face.share), (short, rounder), (short, "")]
    fitting = (way for way in ways if width(way[0]) + (width(way[1]) + 6 if way[1] else 0) <= room)
    return next(fitting, ways[-1])


@lru_cache(4096)
def share_text(part: int, whole: int) -> str:
    """'78.0 %', '0.3 %', or '< 0.1 %' where rounding would say none."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.1f} %" if percent >= 0.05 else "< 0.1 %"


def is_broken(graph: Graph, report: Report, target: int) -> bool:
    """Whether what flows into this layer does not fit it: everything before is known, the layer itself is not."""
    row = report.layers[target]
    enough = len(row.inputs) >= graph.nodes[target].layer.least_inputs
    return row.facts is None and enough and bool(row.inputs) and all(report.layers[i].facts for i in row.inputs)
