"""What tests of the canvas share: a view on a small design, and a hand that moves the mouse over it."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.scene import Canvas
from netbuilder.gui.document import Document
from tests.gui.canvas.hand import Hand, chain


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Canvas, "motion_time", 0)


@pytest.fixture
def document(styled: QApplication) -> Document:
    """input → conv → relu → pool, in one column."""
    return Document(chain())


@pytest.fixture
def view(document: Document, qtbot: QtBot) -> Iterator[CanvasView]:
    """The document on a canvas of 800×600, as large as drawn, its first block near the top."""
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(800, 600)
    with qtbot.waitExposed(view):
        view.show()
    view.resetTransform()
    view.centerOn(0, 200)
    view.setFocus()
    yield view
    view.cancel()


@pytest.fixture
def hand(view: CanvasView) -> Hand:
    return Hand(view)
