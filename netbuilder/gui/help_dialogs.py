"""The two windows of the Help menu: all shortcuts, and what this is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QMessageBox,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from netbuilder.gui.actions import COMMANDS
from netbuilder.version import __version__

ON_CANVAS = (
    ("Move the view", "Space and drag, or the middle button"),
    ("Zoom", "Wheel"),
    ("Select several", "Shift and click, or draw a frame"),
    ("Nudge the selected layers", "Arrow keys"),
    ("Remove and leave a gap", "Shift+Del"),
    ("Give up what is going on", "Esc"),
)
"""What the mouse and keys do on the canvas beyond the menus."""


class ShortcutsDialog(QDialog):
    """Every command that has a shortcut, with it."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("shortcuts_dialog")
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(520, 560)
        native = QKeySequence.SequenceFormat.NativeText
        known = [
            (
                command.text.replace("&", "").strip(" …"),
                " or ".join(QKeySequence(s).toString(native) for s in command.shortcuts),
            )
            for command in COMMANDS.values()
            if command.shortcuts
        ]
        sheet = QWidget()
        sheet.setProperty("role", "surface")
        grid = QGridLayout(sheet)
        grid.setContentsMargins(24, 16, 32, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        for row, (text, keys) in enumerate([*known, *ON_CANVAS]):
            grid.addWidget(QLabel(text), row, 0)
            right = QLabel(keys)
            right.setProperty("role", "secondary")
            grid.addWidget(right, row, 1, Qt.AlignmentFlag.AlignRight)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setAccessibleName("Every shortcut")
        area.setAccessibleDescription("Up and Down scroll.")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(sheet)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.addWidget(area)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 4, 16, 0)
        foot.addWidget(buttons)
        column.addLayout(foot)


def show_about(parent: QWidget) -> None:
    """Say what this is, without stopping anything."""
    box = QMessageBox(parent)
    box.setObjectName("about_dialog")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("About netbuilder")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"netbuilder {__version__}")
    box.setInformativeText(
        "Design neural networks by dragging blocks, read every shape and weight count, train with NumPy, "
        "and export verified ONNX files.\n\nFree software under the MIT licence. The type is Inter, under the SIL "
        "Open Font License."
    )
    box.open()
