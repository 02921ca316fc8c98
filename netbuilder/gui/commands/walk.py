"""F6: the keyboard goes from panel to panel, into each where it was left."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class PanelWalk:
    """The panels of a window in the order a person reads them; hidden ones are passed over."""

    def __init__(self, panels: Sequence[QWidget]):
        self._panels = panels
        self._left: dict[int, QWidget] = {}

    def go(self, steps: int) -> None:
        """Give the keyboard to the next panel (1) or the previous (−1)."""
        focus = QApplication.focusWidget()
        here = next((i for i, panel in enumerate(self._panels) if focus and panel.isAncestorOf(focus)), None)
        if here is not None and focus is not None:
            self._left[here] = focus
        start = here if here is not None else (-1 if steps > 0 else 0)
        for step in range(1, len(self._panels) + 1):
            place = (start + steps * step) % len(self._panels)
            if self._panels[place].isVisible() and self._enter(place):
                return

    def _enter(self, place: int) -> bool:
        left = self._left.get(place)
        if left is not None and isValid(left) and _takes_keys(left):
            left.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return self.enter(self._panels[place])

    @staticmethod
    def enter(panel: QWidget) -> bool:
        """Give the keyboard to the first widget of a panel that takes it; whether there was one."""
        widget = panel if _takes_keys(panel) else next(filter(_takes_keys, _chain(panel)), None)
        if widget is not None:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
        return widget is not None


def _takes_keys(widget: QWidget) -> bool:
    tabs = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return tabs and widget.isEnabled() and widget.isVisible() and widget.focusProxy() is None


def _chain(panel: QWidget) -> list[QWidget]:
    """The widgets of a panel in the order Tab goes through them."""
    found: list[QWidget] = []
    widget = panel.nextInFocusChain()
    while widget is not None and widget is not panel:
        if panel.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found
