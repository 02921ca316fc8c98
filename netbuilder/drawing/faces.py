"""A layer and its report -> what its block shows: name, caption, weights, share and what is wrong, as plain text."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from netbuilder.analysis import LayerReport, Problem, Report
from netbuilder.graph import Graph, Node
from netbuilder.layers import Flatten, ImageShape, Layer, Order


class Face(NamedTuple):
    """All a block shows. Two equal faces look the same."""

    layer_class: type[Layer]
    name: str
    caption: str = ""
    count: str = ""
    share: str = ""
    problem: str = ""
    severity: str = ""
    tip: str = ""


def faces(graph: Graph, report: Report, order: Order) -> dict[int, Face]:
    """The face of every block."""
    worst: dict[int, Problem] = {}
    for problem in report.problems:
        if problem.node is not None and problem.severity != "information":
            held = worst.get(problem.node)
            if held is None or (problem.severity == "error" and held.severity != "error"):
                worst[problem.node] = problem
    total = report.totals.parameters
    return {key: _face(node, report.layers, total, worst.get(key), order) for key, node in graph.nodes.items()}


def _face(node: Node, rows: Mapping[int, LayerReport], total: int, problem: Problem | None, order: Order) -> Face:
    row = rows[node.id]
    count = f"{row.parameters:,}" if row.parameters else ""
    share = share_text(row.parameters, total) if row.parameters else ""
    kind = type(node.layer).__name__
    tip = problem.message if problem else f"{kind} · {row.shape.text(order)}" if row.shape else kind
    return Face(
        type(node.layer),
        node.name,
        _caption(node, row, rows),
        count,
        share,
        problem.message if problem else "",
        problem.severity if problem else "",
        tip,
    )


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


def share_text(part: int, whole: int) -> str:
    """'78.0 %', '0.3 %', or '< 0.1 %' where rounding would say none."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.1f} %" if percent >= 0.05 else "< 0.1 %"


def is_broken(graph: Graph, report: Report, target: int) -> bool:
    """Whether what flows into this layer does not fit it: everything before is known, the layer itself is not."""
    row = report.layers[target]
    enough = len(row.inputs) >= graph.nodes[target].layer.least_inputs
    return row.facts is None and enough and bool(row.inputs) and all(report.layers[i].facts for i in row.inputs)
