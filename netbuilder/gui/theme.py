"""Colours, type and metrics of the window, light and dark."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from netbuilder.drawing.colours import DARK, FAMILIES, LIGHT, Colours
from netbuilder.gui.style_sheet import BODY, style_sheet
from netbuilder.gui.style_sheet import SMALL as SMALL  # for painters, who ask the theme for all else
from netbuilder.resources import resource

Scheme = Literal["system", "light", "dark"]

GRID = 8
BLOCK_WIDTH, BLOCK_HEIGHT, RADIUS, STEP = 216, 44, 8, 72
TOOLBAR, PALETTE, INSPECTOR, TRAINING, STATUS = 42, 204, 304, 236, 26


class Theme(QObject):
    """The scheme in force. Painters read `colours` at each paint; widgets are restyled when `changed` says so."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scheme: Scheme = "system"
        self.dark = False

    @property
    def colours(self) -> Colours:
        return DARK if self.dark else LIGHT

    def apply(self, scheme: Scheme) -> None:
        """Style the whole application; "system" follows the desktop's hint where there is one, else is light."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.scheme = scheme
        hint = QGuiApplication.styleHints().colorScheme()
        self.dark = scheme == "dark" or (scheme == "system" and hint == Qt.ColorScheme.Dark)
        app.setPalette(_palette(self.colours))
        app.setStyleSheet(style_sheet(self.colours))
        self.changed.emit()


theme = Theme()


def family_colour(family: str, *, soft: bool = False) -> QColor:
    """A layer family's colour; `soft` is the tint behind an icon."""
    colour = QColor(FAMILIES[family])
    if soft:
        colour.setAlphaF(theme.colours.icon_tint)
    return colour


def font(size: int = BODY, *, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter at one of the three sizes (in pixels), with tabular figures so that numbers stand under each other."""
    made = QFont("Inter")
    made.setPixelSize(size)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def install(app: QApplication, scheme: Scheme = "system") -> None:
    """Give the application its style, font and colours."""
    for path in sorted(resource("fonts").glob("*.?tf")):
        QFontDatabase.addApplicationFont(str(path))
    app.setStyle("Fusion")
    app.setFont(font())
    app.styleHints().colorSchemeChanged.connect(lambda _hint: theme.apply(theme.scheme))
    theme.apply(scheme)


def _palette(c: Colours) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: c.window,
        QPalette.ColorRole.WindowText: c.text,
        QPalette.ColorRole.Base: c.surface,
        QPalette.ColorRole.AlternateBase: c.field,
        QPalette.ColorRole.Text: c.text,
        QPalette.ColorRole.Button: c.surface,
        QPalette.ColorRole.ButtonText: c.text,
        QPalette.ColorRole.BrightText: c.error,
        QPalette.ColorRole.Highlight: c.accent,
        QPalette.ColorRole.HighlightedText: c.on_accent,
        QPalette.ColorRole.ToolTipBase: c.card,
        QPalette.ColorRole.ToolTipText: c.text,
        QPalette.ColorRole.PlaceholderText: c.tertiary,
        QPalette.ColorRole.Link: c.accent,
        QPalette.ColorRole.Mid: c.border,
        QPalette.ColorRole.Dark: c.border,
        QPalette.ColorRole.Light: c.surface,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.tertiary))
    return palette
