"""Layers dragged in from a palette, with real drag and drop: spliced into wires, snapped to ends, or left free."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph, Point
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from tests.gui.canvas.hand import LEFT, NONE, chain, wires

MIME = "application/x-netbuilder-layer"
needs_screen = pytest.mark.skipif(
    sys.platform.startswith("linux") and not shutil.which("Xvfb"), reason="the offscreen platform has no drag and drop"
)


class Palette(QListWidget):
    """A list whose rows can be dragged, and no more."""

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        drag = QDrag(self)
        drag.setMimeData(carrying(self.currentItem().text()))
        drag.exec(Qt.DropAction.CopyAction)


def carrying(payload: str) -> QMimeData:
    data = QMimeData()
    data.setData(MIME, payload.encode())
    return data


@dataclass
class Desk:
    """A palette beside a canvas, and the mouse between them."""

    palette: Palette
    view: CanvasView
    seen: list[Graph | None] = field(default_factory=list)

    def drag(self, layer: str, at: Point, end: Callable[[QPoint], None] | None = None) -> None:
        """Press on a row, carry it over the canvas to a point of the scene, look, and let go."""
        (row,) = self.palette.findItems(layer, Qt.MatchFlag.MatchExactly)
        start = self.palette.visualItemRect(row).center()
        goal = self.view.mapFromScene(QPointF(*at))
        letting_go = end or self._let_go
        steps: list[Callable[[], object]] = [
            lambda: QTest.mouseMove(self.view.viewport(), goal - QPoint(30, 30)),
            lambda: QTest.mouseMove(self.view.viewport(), goal - QPoint(4, 4)),
            lambda: QTest.mouseMove(self.view.viewport(), goal),
            lambda: self.seen.append(self.view.document.preview[0] if self.view.document.preview else None),
            lambda: letting_go(goal),
        ]

        def go_on() -> None:
            steps.pop(0)()
            if steps:
                QTimer.singleShot(20, go_on)

        QTest.mousePress(self.palette.viewport(), LEFT, pos=start)
        QTimer.singleShot(20, go_on)  # before the move: QDrag.exec() nests an event loop
        QTest.mouseMove(self.palette.viewport(), start + QPoint(30, 30))
        QTest.qWait(20)

    def _let_go(self, pixel: QPoint) -> None:
        QTest.mouseRelease(self.view.viewport(), LEFT, pos=pixel)


@pytest.fixture
def desk(document: Document, qtbot: QtBot) -> Iterator[Desk]:
    window = QWidget()
    qtbot.addWidget(window)
    palette, view = Palette(), CanvasView(document)
    palette.addItems(["BatchNorm", "Dropout", "Input", "Nonsense", "example:lenet-5"])
    palette.setDragEnabled(True)
    palette.setFixedWidth(150)
    layout = QHBoxLayout(window)
    layout.addWidget(palette)
    layout.addWidget(view)
    window.resize(950, 600)
    with qtbot.waitExposed(window):
        window.show()
    view.resetTransform()
    view.centerOn(0, 200)
    yield Desk(palette, view)
    window.hide()


@needs_screen
def test_over_a_wire_a_layer_is_spliced_in(desk: Desk, document: Document) -> None:
    desk.drag("BatchNorm", (4, 108))
    assert wires(document.graph) == {
        ("input", "conv", 0),
        ("conv", "batchnorm_1", 0),
        ("batchnorm_1", "relu", 0),
        ("relu", "pool", 0),
    }
    assert [document.graph[name].position[1] for name in ("conv", "batchnorm_1", "relu", "pool")] == [72, 144, 216, 288]
    assert (document.history.count(), document.history.undoText()) == (1, "Add batchnorm_1")
    assert desk.view.selected() == (document.graph["batchnorm_1"].id,)
    assert desk.seen == [document.graph]


@needs_screen
def test_near_the_end_of_a_chain_it_snaps_on(desk: Desk, document: Document) -> None:
    desk.drag("Dropout", (40, 300))
    assert ("pool", "dropout_1", 0) in wires(document.graph)
    assert document.graph["dropout_1"].position == (0, 288)


@needs_screen
def test_elsewhere_it_lies_free(desk: Desk, document: Document) -> None:
    desk.drag("Dropout", (243, 101))
    assert wires(document.graph) == wires(chain())
    assert document.graph["dropout_1"].position == (240, 104)
    assert desk.seen == [None]


@needs_screen
def test_escape_ends_a_drag_and_its_preview(desk: Desk, document: Document) -> None:
    window = desk.view.window().windowHandle()
    desk.drag("Dropout", (4, 108), end=lambda _pixel: QTest.keyClick(window, Qt.Key.Key_Escape))
    assert desk.seen[0] is not None
    assert (document.preview, document.graph, document.history.count()) == (None, chain(), 0)
    assert len(desk.view.canvas.blocks) == 4


@needs_screen
def test_what_the_canvas_does_not_know_is_not_taken(desk: Desk, document: Document) -> None:
    desk.drag("Nonsense", (4, 108))
    assert (document.graph, desk.seen) == (chain(), [None])


def entered(view: CanvasView, data: QMimeData, at: Point) -> bool:
    event = QDragEnterEvent(view.mapFromScene(QPointF(*at)), Qt.DropAction.CopyAction, data, LEFT, NONE)
    view.dragEnterEvent(event)
    return event.isAccepted()


def dropped(view: CanvasView, payload: str, at: Point) -> None:
    data = carrying(payload)
    assert entered(view, data, at)
    view.dropEvent(QDropEvent(QPointF(view.mapFromScene(QPointF(*at))), Qt.DropAction.CopyAction, data, LEFT, NONE))


def test_an_example_lands_whole_on_an_empty_canvas(view: CanvasView, document: Document) -> None:
    document.replace(Graph())
    dropped(view, "example:lenet-5", (50, 50))
    assert document.report.totals.parameters == 61_706
    assert document.history.undoText() == "Add LeNet-5"
    assert view.seen().contains(view.canvas.extent())


def test_an_example_beside_other_layers_keeps_both(view: CanvasView, document: Document) -> None:
    dropped(view, "example:lenet-5", (600, 0))
    assert len(document.graph.nodes) == 4 + 13
    assert len(view.selected()) == 13


def test_an_input_dropped_above_a_chain_feeds_it(view: CanvasView, document: Document) -> None:
    document.commit("Delete", document.graph.remove("input"))
    dropped(view, "Input", (10, 10))
    assert ("input_1", "conv", 0) in wires(document.graph)
    assert document.graph["input_1"].position == (0, 0)


@pytest.mark.parametrize("payload", ["", "Layer", "example:", "example:../../etc/passwd", "__import__('os')"])
def test_other_payloads_are_refused(view: CanvasView, payload: str) -> None:
    assert not entered(view, carrying(payload), (0, 0))


def test_files_are_left_to_the_window(view: CanvasView) -> None:
    data = QMimeData()
    data.setText("file:///tmp/net.netb")
    assert not entered(view, data, (0, 0))
