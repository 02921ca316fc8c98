"""What the first window does without is loaded behind it, and never while Qt's classes are still being made."""

import threading

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.gui import loading
from netbuilder.gui.loading import Loading


def test_classes_are_made_by_the_window_before_a_thread_loads_anything(
    styled: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[tuple[str, bool]] = []

    def classes():
        for name in ("QPen", "QBrush", "QPolygon"):
            happened.append((name, threading.current_thread() is threading.main_thread()))
            yield name

    def load(name: str) -> None:
        happened.append((name, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(loading, "_classes", classes)
    monkeypatch.setattr(loading, "import_module", load)
    parent = QObject()
    with qtbot.waitSignal(Loading(("first", "second"), parent).finished):
        pass
    assert happened == [("QPen", True), ("QBrush", True), ("QPolygon", True), ("first", False), ("second", False)]


def test_every_class_there_is_gets_made() -> None:
    made = set(loading._classes())
    assert {"QtSvg", "QObject", "QPolygonF", "QGraphicsView"} <= made
