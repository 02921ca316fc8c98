"""Times the canvas: an edit until it is on screen, and frames while dragging and zooming. Prints figures, asserts none.

xvfb-run -a python -m tests.benchmarks.canvas [JSON FILE]

Figures are milliseconds: medians, 95th percentiles and the worst by the clock, and the median of processor time, which
a busy machine leaves alone. Edits are changes of a layer's filters in the middle of a chain: commit, analysis, canvas
and inspector, and all of it until what changed is painted. Frames are those of a canvas of 858×434, painted at once:
while one block is dragged over others and their wires, while all are zoomed through, and while they are panned.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from netbuilder.arrangement import arrange
from netbuilder.graph import Graph
from netbuilder.gui import theme
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.gui.inspector import Inspector
from netbuilder.layers import BatchNorm, Conv2D, Input, Layer, ReLU

LENGTHS = (100, 300, 1000)
EDITS, FRAMES = 60, 120
WIDTH, HEIGHT = 858, 434


class Taken(NamedTuple):
    """Milliseconds by the clock and of the processor."""

    clock: float
    processor: float


class Figures(NamedTuple):
    """Milliseconds of one thing done many times."""

    what: str
    blocks: int
    median: float
    p95: float
    worst: float
    processor: float


class Desk:
    """A canvas beside an inspector on a chain of some length, as in the window."""

    def __init__(self, blocks: int):
        self.blocks = blocks
        self.document = Document(chain(blocks))
        self.window = QWidget()
        self.view, self.inspector = CanvasView(self.document), Inspector(self.document)
        self.view.setFixedSize(WIDTH, HEIGHT)
        row = QHBoxLayout(self.window)
        row.addWidget(self.view)
        row.addWidget(self.inspector)
        self.view.selection_changed.connect(lambda: self.inspector.show_selection(self.view.selected()))
        self.window.show()
        self.view.fit()
        settle()

    def close(self) -> None:
        """Take it away."""
        self.window.close()
        self.window.deleteLater()
        settle()


def chain(length: int) -> Graph:
    """Convolution, normalisation and activation in turn, arranged in columns."""
    layers: list[Layer] = [Input(height=32, width=32, channels=3)]
    kinds: tuple[Callable[[], Layer], ...] = (lambda: Conv2D(16, 3, padding="same"), BatchNorm, ReLU)
    layers += [kinds[index % 3]() for index in range(length - 1)]
    graph = Graph.chain(*layers)
    return graph.move(arrange(graph, width=WIDTH, height=HEIGHT))


def settle() -> None:
    """Let everything that waits happen."""
    for _ in range(5):
        QApplication.processEvents()
        QTest.qWait(10)


def timed(act: Callable[[], object]) -> Taken:
    """How long it takes."""
    began, busy = time.perf_counter(), time.process_time()
    act()
    return Taken((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000)


def figures(what: str, blocks: int, times: Iterable[Taken]) -> Figures:
    """What is told of many times."""
    taken = list(times)
    ordered = sorted(each.clock for each in taken)
    processor = statistics.median(each.processor for each in taken)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return Figures(what, blocks, statistics.median(ordered), p95, ordered[-1], processor)


def edits(desk: Desk) -> Iterator[Figures]:
    """Set the filters of a layer in the middle."""
    document, view = desk.document, desk.view
    middle = next(
        key for key in document.graph.order[desk.blocks // 2 :] if isinstance(document.graph[key].layer, Conv2D)
    )
    view.select([middle])
    view.zoom(1 / view.scale_now)
    view.reveal(middle)
    settle()
    committed: list[Taken] = []
    painted: list[Taken] = []
    for step in range(EDITS):
        graph = document.graph.set(middle, filters=17 + step)
        committed.append(timed(lambda graph=graph: document.commit("Filters", graph, ("filters", middle))))
        after = timed(QApplication.processEvents)
        painted.append(Taken(*(a + b for a, b in zip(committed[-1], after, strict=True))))
        if step % 10 == 9:
            settle()
    yield figures("edit: commit, analysis, canvas, inspector", desk.blocks, committed)
    yield figures("edit: the same, painted", desk.blocks, painted)
    began = [timed(lambda step=step: preview(document, middle, step)) for step in range(EDITS)]
    document.show_preview(None)
    yield figures("ghost preview of an edit", desk.blocks, began)


def preview(document: Document, key: int, step: int) -> None:
    """Show what an edit would give."""
    document.show_preview(document.graph.set(key, filters=200 + step))


def frames(desk: Desk) -> Iterator[Figures]:
    """Drag a block, zoom and pan with all blocks in view."""
    view = desk.view
    view.fit()
    settle()
    key = desk.document.graph.order[desk.blocks // 2]
    yield figures("frame: dragging one block, all in view", desk.blocks, dragged(view, key))
    view.zoom(1 / view.scale_now)
    view.reveal(key)
    settle()
    yield figures("frame: dragging one block, at full size", desk.blocks, dragged(view, key))
    view.fit()
    settle()
    yield figures("frame: zooming, from all in view", desk.blocks, zoomed(view))
    view.fit()
    settle()
    yield figures("frame: panning, all in view", desk.blocks, panned(view))
    view.zoom(1 / view.scale_now)
    view.centerOn(QPointF(*desk.document.graph[key].position))
    settle()
    yield figures("frame: panning, at full size", desk.blocks, panned(view))


def dragged(view: CanvasView, key: int) -> Iterator[Taken]:
    """Frames of a drag to and fro, given up at the end."""
    port, start = view.viewport(), view.mapFromScene(view.canvas.blocks[key].pos())
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for step in range(FRAMES):
        at = start + QPoint(step % 40, step % 25)
        yield timed(lambda at=at: (QTest.mouseMove(port, at), port.repaint()))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)


def zoomed(view: CanvasView) -> Iterator[Taken]:
    """Frames in and out again, from all blocks in view to full size."""
    for step in range(FRAMES):
        factor = 1.05 if step < FRAMES // 2 else 1 / 1.05
        yield timed(lambda factor=factor: (view.zoom(factor), view.viewport().repaint()))


def panned(view: CanvasView) -> Iterator[Taken]:
    """Frames to the right and back."""
    bar = view.horizontalScrollBar()
    for step in range(FRAMES):
        move = 8 if step < FRAMES // 2 else -8
        yield timed(lambda move=move: (bar.setValue(bar.value() + move), view.viewport().repaint()))


def main() -> None:
    """Measure, print a table, and write what was measured where that is asked for."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), home))
        app = QApplication(["netbuilder"])
        theme.install(app, "light")
        found: list[Figures] = []
        print(f"{'':44}{'blocks':>8}{'median':>9}{'p95':>9}{'worst':>9}{'processor':>11}  ms")
        for blocks in LENGTHS:
            desk = Desk(blocks)
            for row in (*edits(desk), *frames(desk)):
                found.append(row)
                times = f"{row.median:9.2f}{row.p95:9.2f}{row.worst:9.2f}{row.processor:11.2f}"
                print(f"{row.what:44}{row.blocks:8}{times}", flush=True)
            desk.close()
        if len(sys.argv) > 1:
            Path(sys.argv[1]).write_text(json.dumps([row._asdict() for row in found], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
