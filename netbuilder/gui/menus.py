"""The menu bar and the toolbar: where each command is found."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QPushButton, QSizePolicy, QToolBar, QWidget

from netbuilder.gui import theme
from netbuilder.gui.actions import Actions, shown_plainly
from netbuilder.layers import PALETTE, Layer

FILE = (
    "new",
    "gallery",
    "open",
    "@recent",
    "-",
    "save",
    "save_as",
    "export",
    "figure",
    "-",
    "compare",
    "-",
    "close",
    "quit",
)
EDIT = (
    *("undo", "redo", "-", "cut", "copy", "paste", "duplicate", "delete", "-", "select_all", "rename", "-"),
    *("group", "ungroup", "add_note", "-", "search"),
)
VIEW = ("fit", "zoom_in", "zoom_out", "arrange", "-", "next_problem", "legend", "-", "@theme", "@order", "@panels")
TRAIN = ("train", "stop", "restart", "-", "options", "find_rate")
HELP = ("shortcuts", "about")
THEMES = ("theme_system", "theme_light", "theme_dark")
ORDERS = ("order_hwc", "order_chw")
PANELS = ("panel_palette", "panel_inspector", "panel_training", "-", "next_panel", "previous_panel")
TOOLS = ("new", "open", "save", "-", "undo", "redo", "-", "fit", "arrange", "-")


class Menus:
    """Fills a window's menu bar. `recent` is filled anew whenever the recent files change."""

    def __init__(self, window: QMainWindow, actions: Actions):
        self._window, self._actions = window, actions
        self.all: list[QMenu] = []
        """Every menu, those within others too."""
        self.recent = self._menu("Open &recent", "recent")
        file, edit, view = self._top("&File", FILE), self._top("&Edit", EDIT), self._top("&View", VIEW)
        self.network = self._top("&Network", ())
        train, help_ = self._top("&Train", TRAIN), self._top("&Help", HELP)
        for menu in (file, edit, view, self.network, train, help_):
            window.menuBar().addMenu(menu)

    def show_recent(self, paths: Iterable[Path], open_: Callable[[Path], object], forget: Callable[[], object]) -> None:
        """List the recent files, the first nine under Ctrl+1 … Ctrl+9."""
        self.recent.clear()
        for place, path in enumerate(paths, start=1):
            action = self._entry(self.recent, shown_plainly(f"{path.stem}    {path.parent}"), lambda p=path: open_(p))
            action.setShortcut(QKeySequence(f"Ctrl+{place}"))
            action.setObjectName(f"action_recent_{place}")
        self.recent.setEnabled(not self.recent.isEmpty())
        if not self.recent.isEmpty():
            self.recent.addSeparator()
            self._entry(self.recent, "&Forget these", forget)

    def fill_network(
        self,
        examples: Iterable[tuple[str, str]],
        add: Callable[[type[Layer]], object],
        show: Callable[[str], object],
    ) -> None:
        """List the layers by family and the examples (name, title)."""
        layers = self.network.addMenu("&Add layer")
        families: dict[str, QMenu] = {}
        for kind in PALETTE:
            if kind.family not in families:
                families[kind.family] = layers.addMenu(kind.family.capitalize())
            self._entry(families[kind.family], kind.__name__, lambda kind=kind: add(kind))
        gallery = self.network.addMenu("&Examples")
        for name, title in examples:
            self._entry(gallery, shown_plainly(title), lambda name=name: show(name))

    def _top(self, title: str, entries: Iterable[str]) -> QMenu:
        menu = self._menu(title, title.strip("&").lower())
        for name in entries:
            if name == "-":
                menu.addSeparator()
            elif name == "@recent":
                menu.addMenu(self.recent)
            elif name.startswith("@"):
                title, names = {
                    "@theme": ("&Colours", THEMES),
                    "@order": ("Shape &order", ORDERS),
                    "@panels": ("&Panels", PANELS),
                }[name]
                menu.addMenu(self._filled(title, name[1:], names))
            else:
                menu.addAction(self._actions[name])
        return menu

    def _filled(self, title: str, name: str, entries: Iterable[str]) -> QMenu:
        menu = self._menu(title, name)
        for entry in entries:
            if entry == "-":
                menu.addSeparator()
            else:
                menu.addAction(self._actions[entry])
        return menu

    def _menu(self, title: str, name: str) -> QMenu:
        menu = QMenu(title, self._window)
        menu.setObjectName(f"menu_{name}")
        self.all.append(menu)
        return menu

    @staticmethod
    def _entry(menu: QMenu, text: str, called: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda _checked=False: called())
        return action


def toolbar(window: QMainWindow, actions: Actions) -> QToolBar:
    """The row under the menu bar: files, history and view at the left, training and export at the right."""
    bar = QToolBar("Tools", window)
    bar.setObjectName("toolbar")
    bar.setMovable(False)
    bar.setFixedHeight(theme.TOOLBAR)
    bar.toggleViewAction().setVisible(False)  # so that no context menu can lose it
    bar.toggleViewAction().setEnabled(False)
    bar.addWidget(_space(bar, theme.GRID))
    for name in TOOLS:
        if name == "-":
            bar.addSeparator()
        else:
            bar.addAction(actions[name])
            bar.widgetForAction(actions[name]).setObjectName(f"tool_{name}")
    gap = QWidget(bar)
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    bar.addWidget(_button(bar, actions["search"], "search"))
    bar.addWidget(_space(bar, theme.GRID))
    bar.addWidget(_button(bar, actions["train"], "primary"))
    bar.addWidget(_space(bar, theme.GRID // 2))
    bar.addWidget(_button(bar, actions["export"], "plain"))
    bar.addWidget(_space(bar, theme.GRID))
    return bar


def _space(bar: QToolBar, width: int) -> QWidget:
    space = QWidget(bar)
    space.setFixedWidth(width)
    return space


def _button(bar: QToolBar, action: QAction, role: str) -> QPushButton:
    """A push button that does, says and shows what an action does."""
    button = QPushButton(bar)
    button.setObjectName(f"button_{action.objectName().removeprefix('action_')}")
    button.setProperty("role", role)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it was
    button.clicked.connect(lambda _checked=False: action.trigger())

    def mirror() -> None:
        button.setText(action.iconText())
        button.setIcon(action.icon())
        button.setToolTip(action.toolTip())
        button.setAccessibleName(action.iconText())
        button.setEnabled(action.isEnabled())

    action.changed.connect(mirror)
    mirror()
    return button
