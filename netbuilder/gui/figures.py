"""From an order for a figure to its preview or its file, in a process of its own. Knows no Qt."""

from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from netbuilder.analysis import Report, analyze
from netbuilder.graph import Graph
from netbuilder.interop.figures import Style
from netbuilder.layers import Order


@dataclass(frozen=True)
class FigureOrder:
    """What to draw and how: all of a design, or a part with the shapes it has in the whole; without a path it is only
    to be looked at."""

    graph: Graph
    path: Path | None = None
    part: frozenset[int] = frozenset()
    style: Style = "cards"
    dark: bool = False
    order: Order = "hwc"
    table: bool = False


@dataclass(frozen=True)
class Preview:
    """The figure as a PNG, and which order it answers."""

    order: FigureOrder
    picture: bytes


@dataclass(frozen=True)
class Drawn:
    """The file is there."""

    path: Path


def draw(pipe: "Connection[Any, Any]") -> None:
    """Draw one figure after another, FigureOrder in and Preview, Drawn or a sentence out, until nobody asks."""
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_drawn(pipe.recv()))


def _drawn(order: FigureOrder) -> "Preview | Drawn | str":
    from netbuilder.interop.figures import FORMATS, draw_figure
    from netbuilder.storage import write_atomic

    try:
        graph, report = order.graph, analyze(order.graph)
        if order.part:
            graph, report = graph.selected(order.part), _about(report, order.part)
        how: Any = {"style": order.style, "dark": order.dark, "order": order.order}
        picture = draw_figure(graph, report, table=order.table and not order.part, **how)
        if order.path is None:
            return Preview(order, FORMATS[".png"](picture))
        write_atomic(order.path, FORMATS[order.path.suffix.lower()](picture))
        return Drawn(order.path)
    except (ValueError, OSError, MemoryError) as error:  # all of this program's own errors are ValueErrors
        return str(error) or "There is not enough memory for this figure."


def _about(report: Report, part: frozenset[int]) -> Report:
    """What a report says of some layers."""
    rows = {
        key: replace(row, inputs=tuple(source for source in row.inputs if source in part))
        for key, row in report.layers.items()
        if key in part
    }
    return replace(report, layers=rows, problems=tuple(each for each in report.problems if each.node in part))
