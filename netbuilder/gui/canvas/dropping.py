"""Something from the palette held over the canvas -> a preview of where it would go, and one commit on the drop."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from netbuilder.graph import Graph, GraphError
from netbuilder.gui.theme import BLOCK_HEIGHT, BLOCK_WIDTH, RADIUS
from netbuilder.layers import Layer

from .gestures import Gesture, Modifiers, light_around
from .ink import ink, pen
from .placement import Target, near_spot, placed, snapped, target
from .scene import Canvas


class PlaceLayer(Gesture):
    """A layer from the palette held over the canvas: it snaps to chain ends, goes into wires, or lies free."""

    def __init__(self, canvas: Canvas, at: QPointF, layer: Layer):
        super().__init__(canvas, at)
        self._layer = layer
        self._target: Target = None
        self._outline = QGraphicsPathItem()
        path = QPainterPath()
        path.addRoundedRect(QRectF(-BLOCK_WIDTH / 2, -BLOCK_HEIGHT / 2, BLOCK_WIDTH, BLOCK_HEIGHT), RADIUS, RADIUS)
        self._outline.setPath(path)
        self._outline.setPen(pen(ink().accent, 1.5, Qt.PenStyle.DashLine))
        self._outline.setZValue(5)
        canvas.show_over(self._outline)
        self.move(at, Modifiers.NoModifier)

    def move(self, at: QPointF, modifiers: Modifiers) -> None:
        canvas, spot = self.canvas, at.toTuple()
        graph = canvas.document.graph
        where = target(graph, canvas.ways, self._layer, spot)
        self._outline.setVisible(where is None)
        self._outline.setPos(*near_spot(graph, snapped(spot)))
        if where == self._target:
            return
        self._target = where
        shown = placed(graph, canvas.ways, self._layer, where, spot) if where else None
        canvas.document.show_preview(shown[0] if shown else None)
        light_around(canvas, shown[1].id if shown else None)

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        canvas = self.canvas
        graph, ways, spot = canvas.document.graph, canvas.ways, at.toTuple()
        self._finish()
        try:
            graph, node = placed(graph, ways, self._layer, target(graph, ways, self._layer, spot), spot)
        except GraphError as error:
            canvas.said.emit(str(error))
            return
        canvas.document.commit(f"Add {node.name}", graph)
        canvas.select([node.id])

    def cancel(self) -> None:
        self._finish()

    def _finish(self) -> None:
        light_around(self.canvas, None)
        self.canvas.hide_over(self._outline)
        self.canvas.restore()


class PlaceDesign(Gesture):
    """An example from the palette held over the canvas: all its layers land where it is let go."""

    def __init__(self, canvas: Canvas, at: QPointF, part: Graph, title: str):
        super().__init__(canvas, at)
        self._part, self._title = part, title

    def release(self, at: QPointF, modifiers: Modifiers) -> None:
        canvas = self.canvas
        graph = canvas.document.graph
        if not graph.nodes:
            canvas.document.commit(f"Add {self._title}", self._part)
            return
        xs, ys = zip(*(node.position for node in self._part.nodes.values()), strict=True)
        offset = snapped((at.x() - (min(xs) + max(xs)) / 2, at.y() - min(ys)))
        graph, copies = graph.paste(self._part, offset)
        canvas.document.commit(f"Add {self._title}", graph)
        canvas.select(copies)
