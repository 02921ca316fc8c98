"""What tests of the command palette share: a window with a small design, and a keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph
from netbuilder.gui.canvas.scene import Canvas
from netbuilder.gui.commands.card import Card
from netbuilder.gui.window import MainWindow
from netbuilder.layers import Conv2D, Dense, Flatten, Input, ReLU
from tests.gui.keys import Keys
from tests.gui.windows import opened


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Canvas, "motion_time", 0)


@pytest.fixture
def empty(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window as it comes up, with the gallery put away."""
    window = opened(qtbot, tmp_path)
    window.resize(1366, 768)
    window.show_blank()
    yield window
    window.search.close(back=False)


@pytest.fixture
def window(empty: MainWindow) -> MainWindow:
    """input 28×28×1 → conv1 → relu1 → flatten → fc, with nothing selected."""
    layers = (Input(), Conv2D(6, 5, padding="same"), ReLU(), Flatten(), Dense(10))
    empty.filing.show(Graph.chain(*layers, names=("input", "conv1", "relu1", "flatten", "fc")), "mine")
    return empty


@pytest.fixture
def keys(empty: MainWindow, qtbot: QtBot) -> Keys:
    return Keys(qtbot, empty)


@pytest.fixture
def card(empty: MainWindow) -> Card:
    return empty.search.card
