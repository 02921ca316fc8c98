"""A mouse that knows the canvas's own coordinates, and the design most tests begin with."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from netbuilder.graph import Edge, Graph, Point
from netbuilder.gui.canvas import CanvasView
from netbuilder.layers import Conv2D, Input, MaxPool2D, ReLU

LEFT = Qt.MouseButton.LeftButton
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def chain() -> Graph:
    names = ["input", "conv", "relu", "pool"]
    return Graph.chain(Input(), Conv2D(6, 5, padding="same"), ReLU(), MaxPool2D(2), names=names)


def edge(graph: Graph, source: str, target: str, port: int = 0) -> Edge:
    return Edge(graph[source].id, graph[target].id, port)


def wires(graph: Graph) -> set[tuple[str, str, int]]:
    """All wires by the names of their ends."""
    return {(graph[e.source].name, graph[e.target].name, e.port) for e in graph.edges}


class Hand:
    """Presses, moves and lets go at points of the scene."""

    def __init__(self, view: CanvasView):
        self.view = view

    def at(self, name: str, x: float = 0, y: float = 0) -> Point:
        """A point beside a block's centre."""
        cx, cy = self.view.canvas.blocks[self.view.document.graph[name].id].pos().toTuple()
        return cx + x, cy + y

    def output(self, name: str) -> Point:
        return self.at(name, 0, 22)

    def entry(self, name: str, port: int = 0) -> Point:
        block = self.view.canvas.blocks[self.view.document.graph[name].id]
        return block.port_point(port).toTuple()

    def pixel(self, at: Point) -> QPoint:
        return self.view.mapFromScene(QPointF(*at))

    def press(self, at: Point, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.view.viewport(), LEFT, modifiers, self.pixel(at))

    def move(self, at: Point) -> None:
        QTest.mouseMove(self.view.viewport(), self.pixel(at))

    def release(self, at: Point, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseRelease(self.view.viewport(), LEFT, modifiers, self.pixel(at))

    def hold(self, start: Point, end: Point) -> None:
        """Press, and move there in a few steps without letting go."""
        self.press(start)
        for share in (0.1, 0.4, 0.7, 1.0):
            self.move((start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))

    def drag(self, start: Point, end: Point) -> None:
        self.hold(start, end)
        self.release(end)

    def click(self, at: Point, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.press(at, modifiers)
        self.release(at, modifiers)

    def double(self, at: Point) -> None:
        self.click(at)
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, self.pixel(at))

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, modifiers)
