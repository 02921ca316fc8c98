"""The window: one click to a design, files in and out, nothing lost unasked, and all of it remembered."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.engine import compile
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph
from netbuilder.gui.actions import COMMANDS
from netbuilder.gui.gallery_cards import ExampleCard
from netbuilder.gui.theme import DARK, LIGHT, theme
from netbuilder.gui.window import MainWindow
from netbuilder.interop.onnx_export import export_onnx
from netbuilder.layers import Conv2D, Dense, Input, ReLU
from tests.gui.windows import PATIENCE, answering, child, opened, preferences, pressing, small

Button = QMessageBox.StandardButton


@pytest.fixture
def window(styled: QApplication, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    return opened(qtbot, tmp_path)


def edit(window: MainWindow) -> None:
    graph, _ = window.document.graph.add(ReLU())
    window.document.commit("Add ReLU", graph)


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))


def unseen(window: MainWindow) -> list[str]:
    """The blocks that are not wholly in the canvas's view."""
    canvas, graph = window.canvas, window.document.graph
    seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
    return [graph.nodes[key].name for key, block in canvas.canvas.blocks.items() if not seen.contains(block.card())]


# ---- designs ---------------------------------------------------------------------------------------------------------


def test_one_click_in_the_gallery_opens_an_example_arranged_and_unmodified(window: MainWindow, qtbot: QtBot) -> None:
    assert window.stage.currentWidget() is window.gallery
    card = next(c for c in window.gallery.cards if isinstance(c, ExampleCard) and c.example.name == "lenet-5")
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert window.stage.currentWidget() is window.canvas
    assert window.windowTitle() == "LeNet-5[*] — netbuilder"
    assert not window.isWindowModified()
    assert window.document.report.totals.parameters == 61_706
    assert len({node.position for node in window.document.graph.nodes.values()}) == 13
    assert window.training.form.offer is not None
    assert window.training.form.offer.source == "fashion-mnist"


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_an_example_is_wholly_in_view_after_one_click(window: MainWindow, qtbot: QtBot, name: str) -> None:
    card = next(c for c in window.gallery.cards if isinstance(c, ExampleCard) and c.example.name == name)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.wait(50)  # whatever comes after the click
    assert window.training.isVisible()
    assert unseen(window) == []


def test_a_design_stays_in_view_as_panels_come_and_go_until_someone_looks_closer(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.commands["panel_training"].trigger()
    window.show_example("fashion-cnn")
    window.commands["panel_training"].trigger()
    qtbot.waitUntil(lambda: unseen(window) == [])
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: unseen(window) == [])
    window.canvas.zoom(2)
    window.resize(1100, 700)
    qtbot.wait(50)
    assert len(unseen(window)) > 3


def test_the_title_says_what_is_unsaved(window: MainWindow) -> None:
    window.filing.show(small(), "a [*] b")
    assert not window.isWindowModified()
    assert window.windowTitle() == "a [*][*] b[*] — netbuilder"
    edit(window)
    assert window.isWindowModified()
    window.commands["undo"].trigger()
    assert not window.isWindowModified()


def test_undo_names_its_step_as_plain_text(window: MainWindow) -> None:
    window.document.commit("Rename “a & b”", small())
    assert window.commands["undo"].text() == "&Undo “Rename “a && b””"
    assert window.commands["undo"].iconText() == "Undo"
    window.commands["undo"].trigger()
    assert not window.commands["undo"].isEnabled()
    assert window.commands["redo"].isEnabled()


def test_a_layer_chosen_in_the_palette_leaves_the_gallery(window: MainWindow) -> None:
    window.layers.layer_chosen.emit(ReLU)
    assert window.stage.currentWidget() is window.canvas
    assert [type(node.layer) for node in window.document.graph.nodes.values()] == [ReLU]


def test_selecting_a_layer_shows_it_and_enables_its_commands(window: MainWindow) -> None:
    window.filing.show(small())
    assert not window.commands["copy"].isEnabled()
    window.canvas.select([3])
    assert window.commands["copy"].isEnabled()
    assert window.commands["rename"].isEnabled()
    window.commands["duplicate"].trigger()
    assert len(window.document.graph.nodes) == 4


# ---- files -----------------------------------------------------------------------------------------------------------


def test_a_damaged_file_leaves_the_open_design_and_says_why(window: MainWindow, tmp_path: Path) -> None:
    window.filing.show(small(), "mine")
    before = window.document.graph
    bad = tmp_path / "bad.netb"
    bad.write_text('{"format": 1, "nodes": [{"id": 1}')
    with answering(pressing(Button.Ok)) as texts:
        assert not window.filing.open(bad)
    assert "bad.netb" in texts[0]
    assert window.document.graph is before
    assert window.document.title == "mine"
    assert window.preferences.recent == []


def test_an_onnx_file_becomes_a_design_with_its_weights(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    weights = compile(small()).init(seed=3)
    path = export_onnx(small(), weights, tmp_path / "foreign.onnx")
    with qtbot.waitSignal(window.filing.imported, timeout=PATIENCE):
        drop(window, path)
    assert window.document.title == "foreign"
    assert window.document.path is None
    assert window.document.report.totals.parameters == 650
    assert unseen(window) == []
    trained = window.training.session.trained
    assert trained is not None
    assert trained.suits(window.document.graph)
    assert np.array_equal(trained.weights["fc.weight"], weights["fc.weight"])


def test_a_damaged_onnx_file_leaves_the_open_design_and_says_why(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.filing.show(small(), "mine")
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"not a model")
    with answering(pressing(Button.Ok)) as texts:
        window.filing.open(bad)
        qtbot.waitUntil(lambda: bool(texts), timeout=PATIENCE)
    assert "bad.onnx" in texts[0]
    assert window.document.title == "mine"


def test_saving_adds_the_extension_and_remembers_the_file(window: MainWindow, tmp_path: Path) -> None:
    window.filing.show(small(), "mine")
    edit(window)

    def save(dialog: object) -> None:
        assert isinstance(dialog, QFileDialog)
        dialog.selectFile(str(tmp_path / "net"))
        dialog.accept()

    with answering(save, QFileDialog):
        assert window.filing.save_as()
    assert files.load(tmp_path / "net.netb") == window.document.graph
    assert not window.isWindowModified()
    assert window.preferences.recent == [tmp_path / "net.netb"]
    assert window.menus.recent.actions()[0].text().startswith("net ")


def test_a_save_that_fails_leaves_the_design_unsaved(window: MainWindow, tmp_path: Path) -> None:
    window.filing.show(small())
    edit(window)
    (tmp_path / "folder.netb").mkdir()
    with answering(pressing(Button.Ok)) as texts:
        assert not window.filing.save_to(tmp_path / "folder.netb")
    assert "folder.netb" in texts[0]
    assert window.isWindowModified()
    assert window.document.path is None


def test_a_dropped_design_opens_and_dropped_data_is_chosen(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = files.save(example("mlp"), tmp_path / "dropped.netb")
    drop(window, path)
    qtbot.waitUntil(lambda: window.document.path == path)
    drop(window, tmp_path / "own.npz")
    qtbot.waitUntil(lambda: window.training.form.data.currentText() == "own.npz")


# ---- leaving ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("button", "closes"), [(Button.Cancel, False), (Button.Discard, True)])
def test_closing_with_unsaved_work_asks(window: MainWindow, button: Button, closes: bool) -> None:
    window.filing.show(small(), "mine")
    edit(window)
    with answering(pressing(button)) as texts:
        assert window.close() is closes
    assert texts == ["Save the changes to “mine”?"]


def test_closing_can_save_first(window: MainWindow, tmp_path: Path) -> None:
    window.filing.show(small())
    window.filing.save_to(tmp_path / "mine.netb")
    edit(window)
    with answering(pressing(Button.Save)):
        assert window.close()
    assert len(files.load(tmp_path / "mine.netb").nodes) == 4


def test_another_design_is_not_opened_over_unsaved_work(window: MainWindow) -> None:
    window.filing.show(small())
    edit(window)
    before = window.document.graph
    with answering(pressing(Button.Cancel)):
        window.commands["new"].trigger()
    assert window.document.graph is before
    with answering(pressing(Button.Discard)):
        window.commands["new"].trigger()
    assert window.document.graph == Graph()


def test_closing_a_saved_design_asks_nothing(window: MainWindow) -> None:
    window.filing.show(small())
    assert window.close()


# ---- what is remembered ----------------------------------------------------------------------------------------------


def test_theme_order_recent_files_and_panels_survive_a_restart(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = files.save(small(), tmp_path / "kept.netb")
    window.filing.open(path)
    window.commands["theme_dark"].trigger()
    assert theme.colours is DARK
    assert QApplication.palette().window().color().name().upper() == DARK.window
    window.commands["order_chw"].trigger()
    window.commands["panel_inspector"].trigger()
    window.panels.splitters[1].setSizes([300, 400])
    assert window.training.height() == 400
    assert window.close()
    try:
        again = opened(qtbot, tmp_path)
        assert again.commands["theme_dark"].isChecked()
        assert again.commands["order_chw"].isChecked()
        assert again.status.order_button.text() == "C × H × W"
        assert again.inspector.isHidden()
        assert again.preferences.recent == [path]
        assert again.training.isHidden(), "the gallery has its room"
        again.show_blank()
        qtbot.waitUntil(lambda: again.training.height() == 400)
    finally:
        theme.apply("light")
    assert theme.colours is LIGHT


def test_a_training_panel_the_gallery_put_away_is_remembered_as_open(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert window.training.isHidden()
    assert window.close()
    again = opened(qtbot, tmp_path)
    again.show_blank()
    assert again.training.isVisible()
    again.commands["panel_training"].trigger()
    again.show_gallery()
    again.show_blank()
    assert again.training.isHidden(), "who closed it wants it closed"


def test_the_count_of_problems_opens_their_list(window: MainWindow, qtbot: QtBot) -> None:
    window.filing.show(Graph.chain(Input(), Conv2D(4, 3), Dense(10), names=["input", "conv", "fc"]))
    qtbot.mouseClick(window.status.verdict, Qt.MouseButton.LeftButton)
    assert window.canvas.selected() == (window.document.graph["fc"].id,)
    page = window.inspector.network_page
    assert page.isVisible()
    (card,) = page.problems.cards
    assert card.isVisible()
    qtbot.waitUntil(lambda: bool(card.offers))
    qtbot.mouseClick(card.offers[0], Qt.MouseButton.LeftButton)
    assert window.document.report.valid
    assert window.document.history.count() == 1


def test_forgotten_and_vanished_files_are_not_offered(window: MainWindow, tmp_path: Path) -> None:
    paths = [files.save(small(), tmp_path / f"{name}.netb") for name in "ab"]
    for path in paths:
        window.filing.open(path)
    assert window.preferences.recent == paths[::-1]
    paths[0].unlink()
    assert preferences(tmp_path).recent == [] or window.preferences.recent == [paths[1]]
    window.filing.forget_recent()
    assert window.preferences.recent == []
    assert not window.menus.recent.isEnabled()


# ---- commands --------------------------------------------------------------------------------------------------------


def test_every_command_is_named_described_and_reachable(window: MainWindow) -> None:
    in_menus = {action for menu in window.menus.all for action in menu.actions()}
    taken: dict[str, str] = {}
    for name, command in COMMANDS.items():
        action = window.commands[name]
        assert action.objectName() == f"action_{name}"
        assert action in in_menus, name
        assert action.toolTip()
        for shortcut in command.shortcuts:
            keys = QKeySequence(shortcut).toString()
            assert taken.setdefault(keys, name) == name, f"{keys} is taken twice"
        if command.shortcuts:
            assert QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText) in (
                action.toolTip()
            )


def test_groups_and_the_key_to_the_shapes_are_in_the_menus(window: MainWindow, tmp_path: Path) -> None:
    window.filing.show(small())
    assert not window.commands["group"].isEnabled()
    window.canvas.select_all()
    window.commands["group"].trigger()
    (group,) = window.document.graph.groups.values()
    assert group.members == window.document.graph.nodes.keys()
    assert window.commands["rename"].isEnabled()
    window.commands["ungroup"].trigger()
    assert not window.document.graph.groups
    assert not window.commands["ungroup"].isEnabled()
    assert window.commands["legend"].isChecked()
    window.commands["legend"].trigger()
    assert not window.canvas.legend_wanted
    assert not window.preferences.shown("legend")


def test_the_toolbar_offers_training_and_export_once_there_is_a_design(window: MainWindow) -> None:
    train, export = child(window, "button_train", QPushButton), child(window, "button_export", QPushButton)
    assert not train.isEnabled()
    assert not export.isEnabled()
    window.filing.show(small())
    assert train.isEnabled()
    assert export.isEnabled()


def test_shortcuts_work_while_a_number_is_typed(window: MainWindow, qtbot: QtBot) -> None:
    window.filing.show(small())
    window.training.form.epochs.setFocus()
    qtbot.waitUntil(window.training.form.epochs.hasFocus)
    with qtbot.waitSignal(window.commands["export"].triggered):
        qtbot.keyClick(window.training.form.epochs, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QDialog, "export_dialog")
    assert isinstance(dialog, QDialog)
    dialog.reject()


def test_help_lists_every_shortcut(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    from netbuilder.gui.help_dialogs import ShortcutsDialog

    dialog = ShortcutsDialog(window)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    assert {"Save as", "Ctrl+Shift+S", "Train", "F5"} <= shown
