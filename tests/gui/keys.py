"""A keyboard: keys go to whatever window has the focus, as they do from a desk."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


class Keys:
    """Presses keys. `window` is the main window, which comes to the front first."""

    def __init__(self, qtbot: QtBot, window: QWidget):
        self._qtbot, self._window = qtbot, window
        window.activateWindow()
        qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is not None)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        for _ in range(times):
            QTest.keyClick(self._front(), key, modifiers)

    def type(self, text: str) -> None:
        for letter in text:
            QTest.keyClick(self._front(), letter)  # pyright: ignore

    def focused(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None
        return found

    def tab_to(self, name: str, most: int = 40) -> QWidget:
        """Press Tab until a widget of this object name has the focus."""
        for _ in range(most):
            if self.focused().objectName() == name:
                return self.focused()
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never came to {name}; it ended at {self.focused().objectName()}")

    def panel_to(self, panel: QWidget, most: int = 6) -> None:
        """Press F6 until the focus is in a panel."""
        for _ in range(most):
            if panel.isAncestorOf(self.focused()):
                return
            self.press(Qt.Key.Key_F6)
        raise AssertionError(f"F6 never came to {panel.objectName()}")

    def _front(self) -> QWindow:
        popup = QApplication.activePopupWidget()
        front = popup.windowHandle() if popup else QGuiApplication.focusWindow()
        if front is None:
            self._qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is not None)
            front = QGuiApplication.focusWindow()
        assert front is not None
        return front
