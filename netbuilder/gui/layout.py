"""Where the panels lie: palette and canvas over the training panel, the inspector beside all three."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from netbuilder.gui import theme
from netbuilder.gui.preferences import Preferences

SIZE = QSize(1366, 768)
"""The window's size on a screen that has room for more."""


class Layout(QWidget):
    """The window's middle, with splitters between the panels. `panels` are those that can be hidden, by name."""

    def __init__(self, banner: QWidget, palette: QWidget, stage: QWidget, training: QWidget, inspector: QWidget):
        super().__init__()
        self.panels: Mapping[str, QWidget] = {"palette": palette, "inspector": inspector, "training": training}
        across = SIZE.width() - theme.INSPECTOR
        top = _splitter("top", Qt.Orientation.Horizontal, palette, stage)
        left = _splitter("left", Qt.Orientation.Vertical, top, training)
        whole = _splitter("whole", Qt.Orientation.Horizontal, left, inspector)
        whole.setSizes([across, theme.INSPECTOR])
        top.setSizes([theme.PALETTE, across - theme.PALETTE])
        left.setSizes([SIZE.height() - theme.TRAINING, theme.TRAINING])
        for splitter, grows in ((whole, 0), (left, 0), (top, 1)):
            splitter.setStretchFactor(grows, 1)
            splitter.setStretchFactor(1 - grows, 0)
        self.splitters = (top, left, whole)
        self._put_away: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(banner)
        column.addWidget(whole, 1)

    def give_room(self, wanted: bool) -> None:
        """Put the training panel away while the stage wants its room, and back where it was open before."""
        training = self.panels["training"]
        if wanted and not training.isHidden():
            self._put_away = training
            training.hide()
        elif not wanted and self._put_away is not None:
            self._put_away = None
            training.show()
            for splitter in reversed(self.splitters):
                splitter.refresh()  # so that the stage has its size at once

    def restore(self, preferences: Preferences) -> None:
        """As it was when the window was last closed."""
        for splitter in self.splitters:
            if (sizes := preferences.layout(splitter.objectName())) is not None:
                splitter.restoreState(sizes)
        for name, panel in self.panels.items():
            panel.setVisible(preferences.shown(name))

    def keep(self, preferences: Preferences) -> None:
        """For the next start."""
        for splitter in self.splitters:
            preferences.keep_layout(splitter.objectName(), splitter.saveState())
        for name, panel in self.panels.items():
            preferences.keep_shown(name, panel is self._put_away or not panel.isHidden())


def _splitter(name: str, orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(f"splitter_{name}")
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for part in parts:
        splitter.addWidget(part)
    return splitter
