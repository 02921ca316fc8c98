"""What everyone can perceive: names, descriptions, a focus that shows, text to read, and signs beside colours."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from netbuilder.drawing.colours import DARK, LIGHT, Colours
from netbuilder.gui.banner import Way
from netbuilder.gui.help_dialogs import ShortcutsDialog
from netbuilder.gui.style_sheet import style_sheet
from netbuilder.gui.theme import theme
from netbuilder.gui.window import MainWindow
from tests.gui.windows import opened, small

SCHEMES = {"light": LIGHT, "dark": DARK}


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with everything made that it makes only when first needed."""
    window = opened(qtbot, tmp_path)
    window.resize(1366, 768)
    window.filing.show(small(), "small")
    window.filing.save_to(tmp_path / "small.netb")
    window.training.need_curves()
    ways = Way("Restart", lambda: None), Way("Test learning rates", lambda: None)
    window.training.banner.say("The design has changed since this run started.", "note", *ways)
    window.canvas.select([3])
    yield window
    window.search.close(back=False)
    theme.apply("light")


# ---- names -----------------------------------------------------------------------------------------------------------


def interactive(root: QWidget) -> Iterator[QWidget]:
    """What a person can press or type in, without the inner parts of Qt's own widgets."""
    for widget in root.findChildren(QWidget):
        parent = widget.parentWidget()
        inner = widget.objectName().startswith("qt_") and not isinstance(widget, QTabBar)
        inner = inner or isinstance(parent, QTabBar)
        inner = inner or (isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget)
        inner = inner or any(isinstance(each, QComboBox) for each in parents(widget))
        tabs = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
        if not inner and (tabs or isinstance(widget, QAbstractButton)):
            yield widget


def lacking(root: QWidget) -> list[str]:
    """The interactive widgets that a screen reader could not name, or not describe."""
    found = []
    for widget in interactive(root):
        spoken = QAccessible.queryAccessibleInterface(widget)
        name = spoken.text(QAccessible.Text.Name) if spoken else ""
        shown = widget.text() if isinstance(widget, QAbstractButton) and widget.text() else ""
        described = bool(widget.accessibleDescription() or widget.toolTip() or shown)
        if not name.strip() or not described:
            found.append(f"{type(widget).__name__} {widget.objectName()!r} named {name!r}")
    return found


def test_everything_in_the_window_has_a_name_and_a_description(window: MainWindow) -> None:
    window.search.open()
    assert len(list(interactive(window))) > 50
    assert lacking(window) == []


def test_everything_in_the_dialogs_has_a_name_and_a_description(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["export"].trigger()
    dialog = next(child for child in window.children() if child.objectName() == "export_dialog")
    assert isinstance(dialog, QWidget)
    assert len(list(interactive(dialog))) > 5
    assert lacking(dialog) == []
    dialog.close()
    help_ = ShortcutsDialog(window)
    assert lacking(help_) == []


def test_a_widget_without_a_name_is_noticed(window: MainWindow) -> None:
    QToolButton(window).setObjectName("nameless")
    QLineEdit(window).setObjectName("blank_field")
    assert [text.split()[1] for text in lacking(window)] == ["'nameless'", "'blank_field'"]


# ---- focus -----------------------------------------------------------------------------------------------------------


def seen(window: QWidget, widget: QWidget) -> QImage:
    place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-3, -3, 3, 3) & window.rect()
    image = window.grab(place).toImage()
    return image.convertToFormat(QImage.Format.Format_RGB32)


def changed_pixels(before: QImage, after: QImage) -> int:
    """Pixels that differ clearly."""
    one, other = (np.frombuffer(image.constBits(), np.uint8).astype(int) for image in (before, after))
    return int((abs(one - other).reshape(-1, 4).max(axis=1) > 60).sum())


def without_ring(window: MainWindow) -> list[str]:
    """Focusable widgets on the screen that look the same with and without the focus."""
    found, looked_at = [], 0
    for widget in interactive(window):
        focusable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if not (focusable and widget.isVisible() and widget.isEnabled()):
            continue
        area = next((a for a in parents(widget) if isinstance(a, QScrollArea)), None)
        if area is not None:
            area.ensureWidgetVisible(widget)
        window.setFocus()
        before = seen(window, widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        if changed_pixels(before, seen(window, widget)) < min(widget.width(), widget.height()):
            found.append(f"{type(widget).__name__} {widget.objectName()!r}")
        looked_at += 1
    assert looked_at > 20
    return found


def parents(widget: QWidget) -> Iterator[QWidget]:
    parent = widget.parentWidget()
    while parent is not None:
        yield parent
        parent = parent.parentWidget()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_shows_on_everything_that_takes_it(window: MainWindow, scheme: str) -> None:
    theme.apply(scheme)  # pyright: ignore[reportArgumentType]
    window.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that nothing else has the focus for a moment
    assert without_ring(window) == []
    window.stage.setCurrentWidget(window.gallery)
    assert without_ring(window) == []


def test_a_focus_that_does_not_show_is_noticed(window: MainWindow) -> None:
    button = QPushButton("Press", window.canvas)
    button.setObjectName("flat")
    button.setStyleSheet("QPushButton, QPushButton:focus { border: none; }")
    button.show()
    window.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    assert without_ring(window) == ["QPushButton 'flat'"]


# ---- contrast --------------------------------------------------------------------------------------------------------

GROUNDS = ("window", "surface", "card", "field", "canvas")
PAIRS = [
    *itertools.product(("text", "secondary", "tertiary", "accent", "good", "warning", "error"), GROUNDS),
    *itertools.product(("text", "secondary", "accent"), ("accent_soft",)),
    *itertools.product(("on_accent",), ("accent", "error", "warning")),
]
"""Which colour text has on which ground. Disabled text is no text to read."""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, section "relative luminance")."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """(lighter + 0.05) / (darker + 0.05), from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def faint(colours: Colours) -> list[str]:
    found = ((ink, ground, contrast(getattr(colours, ink), getattr(colours, ground))) for ink, ground in PAIRS)
    return [f"{ink} on {ground}: {ratio:.2f}" for ink, ground, ratio in found if ratio < 4.5]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read(scheme: str) -> None:
    assert faint(SCHEMES[scheme]) == []


def test_contrast_is_what_the_standard_says_and_faint_text_is_noticed() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    first = replace(LIGHT, tertiary="#8A94A0")
    assert "tertiary on surface: 3.08" in faint(first)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_style_sheet_writes_in_no_other_colours(scheme: str) -> None:
    """Every colour of text in the sheet is a token that the pairs above hold, so that none escapes them."""
    colours = SCHEMES[scheme]
    inks = {getattr(colours, ink).upper() for ink, _ground in PAIRS}
    written = set(re.findall(r"(?<![-\w])color:\s*(#[0-9A-Fa-f]{6})", style_sheet(colours)))
    assert written
    assert {colour.upper() for colour in written} <= inks


# ---- never by colour alone -------------------------------------------------------------------------------------------


def test_a_problem_has_a_sign_beside_its_colour(window: MainWindow) -> None:
    from netbuilder.layers import Conv2D

    graph, node = window.document.graph.add(Conv2D())
    window.document.commit("Break", graph.connect(3, node.id))
    face = window.canvas.canvas.blocks[node.id].face
    assert face is not None
    assert face.severity == "error"  # the badge with its ! is painted for every severity, see the canvas's tests
    assert window.status.verdict.sign.text() == "✗"
    window.commands["undo"].trigger()
    assert window.status.verdict.sign.text() == "✓"


def test_the_palette_marks_trouble_with_a_sign(window: MainWindow) -> None:
    window.search.open()
    window.search.card.line.setText("c3 64")
    problem = window.search.card.findChild(QLabel, "command_problem")
    assert problem is not None
    assert problem.text().startswith("! ")


def test_curves_differ_in_more_than_colour(window: MainWindow) -> None:
    curves = window.training.need_curves()
    chart = curves.loss
    training, validation = chart._smoothed.opts, chart._validation.opts
    assert (
        bool(training["symbol"]) != bool(validation["symbol"]) or training["pen"].style() != validation["pen"].style()
    )
