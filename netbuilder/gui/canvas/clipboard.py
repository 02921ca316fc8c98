"""Layers and notes to and from the system clipboard, as a design file's text, so that they paste between windows."""

from PySide6.QtGui import QGuiApplication

from netbuilder.files import FileError, dumps, loads
from netbuilder.graph import Graph, Point

OFFSET = 24.0


def put(part: Graph) -> None:
    """Copy layers with the wires between them, and notes."""
    QGuiApplication.clipboard().setText(dumps(part))


def get() -> Graph | None:
    """What is in the clipboard; None where that is no part of a design."""
    try:
        part = loads(QGuiApplication.clipboard().text())
    except FileError:
        return None
    return part if part.nodes or part.notes else None


def pasted(graph: Graph, part: Graph, at: Point | None = None) -> tuple[Graph, tuple[int, ...]]:
    """The graph with a copy of some layers and the copies' ids: centred at a point, or beside what is there."""
    positions = [each.position for each in (*part.nodes.values(), *part.notes.values())]
    if at is not None:
        xs, ys = zip(*positions, strict=True)
        return graph.paste(part, (at[0] - (min(xs) + max(xs)) / 2, at[1] - (min(ys) + max(ys)) / 2))
    held = {each.position for each in (*graph.nodes.values(), *graph.notes.values())}
    step = 0.0
    while any((x + step, y + step) in held for x, y in positions):
        step += OFFSET
    return graph.paste(part, (step, step))
