"""Every command of the window as one QAction: its words, its shortcut, and where it is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget


@dataclass(frozen=True)
class Command:
    """How a command reads. `short` is its word in the toolbar, `choice` the group of which one is always chosen."""

    text: str
    help: str
    shortcuts: tuple[str, ...] = ()
    short: str = ""
    choice: str = ""
    checkable: bool = False
    role: QAction.MenuRole = QAction.MenuRole.NoRole


COMMANDS: Mapping[str, Command] = {
    "new": Command("&New", "Start an empty design", ("Ctrl+N",), "New"),
    "gallery": Command("&Gallery…", "Choose an example or a recent file", ("Ctrl+Shift+N",)),
    "open": Command("&Open…", "Open a design from a file", ("Ctrl+O",), "Open"),
    "save": Command("&Save", "Save the design", ("Ctrl+S",), "Save"),
    "save_as": Command("Save &as…", "Save the design under another name", ("Ctrl+Shift+S",)),
    "export": Command("&Export…", "Write the network as a verified ONNX file, or as code", ("Ctrl+E",), "Export…"),
    "figure": Command("Export &figure…", "Draw the design as SVG, PNG or PDF", ("Ctrl+Shift+E",)),
    "compare": Command("Com&pare with…", "List what differs from another design or ONNX model"),
    "close": Command("&Close", "Close the design and show the gallery", ("Ctrl+W",)),
    "quit": Command("&Quit", "End netbuilder", ("Ctrl+Q",), role=QAction.MenuRole.QuitRole),
    "undo": Command("&Undo", "Take the last step back", ("Ctrl+Z",), "Undo"),
    "redo": Command("&Redo", "Do again what was taken back", ("Ctrl+Shift+Z", "Ctrl+Y"), "Redo"),
    "cut": Command("Cu&t", "Move the selected layers to the clipboard", ("Ctrl+X",)),
    "copy": Command("&Copy", "Copy the selected layers to the clipboard", ("Ctrl+C",)),
    "paste": Command("&Paste", "Put in the layers on the clipboard", ("Ctrl+V",)),
    "duplicate": Command("&Duplicate", "Put in a second copy of the selected layers", ("Ctrl+D",)),
    "delete": Command("De&lete", "Remove the selected layers and close the chain behind them", ("Del",)),
    "select_all": Command("Select &all", "Select every layer", ("Ctrl+A",)),
    "rename": Command("Re&name", "Give the selected layer another name", ("F2",)),
    "group": Command("&Group", "Make the selected layers one group that can be collapsed", ("Ctrl+G",)),
    "ungroup": Command("Ungr&oup", "Dissolve the group; its layers stay", ("Ctrl+Shift+G",)),
    "add_note": Command("Add note", "Write a note on the canvas (N)"),
    "search": Command(
        "S&earch or add…", "Find a command or a layer, or type layers in short", ("Ctrl+K",), "Search or add  Ctrl+K"
    ),
    "fit": Command("&Fit", "Show the whole design", ("Ctrl+0",), "Fit"),
    "zoom_in": Command("Zoom &in", "Show the design larger", ("Ctrl++", "Ctrl+=")),
    "zoom_out": Command("Zoom &out", "Show the design smaller", ("Ctrl+-",)),
    "arrange": Command("&Arrange", "Lay the layers out in columns that fit the view", ("Ctrl+L",), "Arrange"),
    "next_problem": Command("Next &problem", "Show what is wrong with the next layer, and the repairs", ("F8",)),
    "legend": Command("&Key to the shapes", "Explain the small cuboids in a corner of the canvas", checkable=True),
    "theme_system": Command("&System", "Follow the colours of the desktop", choice="theme"),
    "theme_light": Command("&Light", "Dark text on light ground", choice="theme"),
    "theme_dark": Command("&Dark", "Light text on dark ground", choice="theme"),
    "order_hwc": Command("&H × W × C", "Show shapes as textbooks do: height, width, channels", choice="order"),
    "order_chw": Command("&C × H × W", "Show shapes as arrays lie: channels, height, width", choice="order"),
    "panel_palette": Command("&Layers", "Show the layers to choose from", ("Alt+1",), checkable=True),
    "panel_inspector": Command("&Inspector", "Show the selected layer's settings", ("Alt+2",), checkable=True),
    "panel_training": Command("&Training", "Show the training panel", ("Alt+3",), checkable=True),
    "next_panel": Command("&Next panel", "Move the keyboard to the next panel", ("F6",)),
    "previous_panel": Command("&Previous panel", "Move the keyboard to the panel before", ("Shift+F6",)),
    "train": Command("&Train", "Train the network", ("F5",), "Train"),
    "stop": Command("&Stop", "End the training after this batch", ("Shift+F5",)),
    "restart": Command("&Restart", "End this run and train the design as it is now", ("Ctrl+F5",)),
    "options": Command("&Options…", "Schedule, augmentation and all else that may be asked of a training"),
    "find_rate": Command("&Find a learning rate", "Try rates from small to large and suggest the best"),
    "shortcuts": Command("&Keyboard shortcuts", "Every shortcut in one list", ("F1",)),
    "about": Command("&About netbuilder", "Version and licence", role=QAction.MenuRole.AboutRole),
}


class Actions(QObject):
    """All commands as QActions by name, each with tooltip, object name and the handler given under its name."""

    def __init__(self, window: QWidget, handlers: Mapping[str, Callable[[], object]]):
        super().__init__(window)
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {name: self._made(window, name, command) for name, command in COMMANDS.items()}
        self._guard = ShortcutGuard(window)
        for name, handler in handlers.items():
            self._actions[name].triggered.connect(lambda _checked=False, handler=handler: handler())

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def enable(self, enabled: bool, *names: str) -> None:
        """Enable or disable several commands."""
        for name in names:
            self._actions[name].setEnabled(enabled)

    def _made(self, window: QWidget, name: str, command: Command) -> QAction:
        action = QAction(command.text, window)
        action.setObjectName(f"action_{name}")
        action.setShortcuts([QKeySequence(shortcut) for shortcut in command.shortcuts])
        action.setToolTip(described(command))
        action.setStatusTip("")
        action.setMenuRole(command.role)
        if command.short:
            action.setIconText(command.short)
        if command.choice:
            group = self._groups.setdefault(command.choice, QActionGroup(window))
            group.addAction(action)
        action.setCheckable(bool(command.choice) or command.checkable)
        window.addAction(action)
        return action


class ShortcutGuard(QObject):
    """Lets the window's shortcuts work while a text field has the focus.

    Some systems give text fields Ctrl+E and the like, to go to the end of the line; End does that too.
    """

    KEYS = (Qt.Key.Key_E, Qt.Key.Key_D, Qt.Key.Key_L, Qt.Key.Key_K)

    def __init__(self, window: QWidget):
        super().__init__(window)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        ours = event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() in self.KEYS
        if ours:
            event.ignore()
        return ours

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if isinstance(new, QLineEdit | QAbstractSpinBox):
            new.installEventFilter(self)


def described(command: Command) -> str:
    """The tooltip: what it does and the first of its shortcuts."""
    if not command.shortcuts:
        return command.help
    keys = QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{command.help} ({keys})"


def shown_plainly(text: str) -> str:
    """Text as it is in a menu, where a single & would mark a letter."""
    return text.replace("&", "&&")
