"""The command palette, driven by keys and mouse alone: found, shown, made as one step, or given up without a trace."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph
from netbuilder.gui.commands.card import Card
from netbuilder.gui.window import MainWindow
from netbuilder.layers import BatchNorm, Conv2D, Dense, Flatten, Input, MaxPool2D, ReLU
from tests.gui.canvas.hand import Hand
from tests.gui.keys import CTRL, SHIFT, Keys
from tests.gui.windows import answering, child, opened, pressing

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def shown(card: Card) -> list[str]:
    """Headings in capitals, and titles."""
    return [row.heading.upper() if row.entry is None else row.entry.title for row in card.results.model_.rows]


def layers(graph: Graph) -> list[type]:
    return [type(graph[key].layer) for key in graph.order]


def seek(keys: Keys, text: str) -> None:
    keys.press(Key.Key_K, CTRL)
    keys.type(text)


# ---- coming and going ------------------------------------------------------------------------------------------------


def test_ctrl_k_tab_and_the_button_open_it_and_escape_returns(window: MainWindow, keys: Keys, card: Card) -> None:
    for how in (
        lambda: keys.press(Key.Key_K, CTRL),
        lambda: keys.press(Key.Key_Tab),
        lambda: QTest.mouseClick(child(window, "button_search", QPushButton), LEFT),
    ):
        window.canvas.setFocus()
        how()
        assert card.isVisible()
        assert card.line.hasFocus()
        keys.press(Key.Key_Escape)
        assert card.isHidden()
        assert window.canvas.hasFocus()


def test_it_opens_while_a_number_is_typed_and_the_focus_goes_back_there(
    window: MainWindow, keys: Keys, card: Card
) -> None:
    window.training.form.epochs.setFocus()
    keys.press(Key.Key_K, CTRL)
    assert card.isVisible()
    keys.press(Key.Key_Escape)
    assert window.training.form.epochs.hasFocus()


def test_a_click_elsewhere_closes_it_and_leaves_nothing_behind(window: MainWindow, keys: Keys, card: Card) -> None:
    before = window.document.graph
    seek(keys, "c3 64")
    assert window.document.preview is not None
    QTest.mouseClick(window.canvas.viewport(), LEFT, pos=window.canvas.viewport().rect().bottomLeft() / 1.1)
    assert card.isHidden()
    assert window.document.preview is None
    assert window.document.graph is before


def test_it_lies_inside_the_window_near_the_top_of_the_canvas(window: MainWindow, keys: Keys, card: Card) -> None:
    keys.press(Key.Key_K, CTRL)
    stage = window.stage.geometry().translated(window.stage.mapTo(window, window.stage.rect().topLeft()))
    inner = card.inner()
    assert window.rect().contains(inner)
    assert abs(inner.center().x() - window.stage.mapTo(window, window.stage.rect().center()).x()) <= 1
    assert 0 < inner.top() - window.stage.mapTo(window, window.stage.rect().topLeft()).y() < 24
    assert stage.width() > inner.width()


# ---- searching -------------------------------------------------------------------------------------------------------


def test_an_empty_line_offers_everything_under_headings(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([2])
    keys.press(Key.Key_K, CTRL)
    rows = shown(card)
    assert [row for row in rows if row.isupper() and len(row) > 3][:1] == ["SETTINGS"]
    assert {"LAYERS", "GO TO", "ACTIONS", "EXAMPLES"} <= set(rows)
    assert {"Filters…", "Conv2D", "fc", "Arrange", "LeNet-5"} <= set(rows)
    assert window.document.preview is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("conv", "Conv2D"),
        ("mxp", "MaxPool2D"),
        ("bn", "BatchNorm"),
        ("arr", "Arrange"),
        ("lenet", "LeNet-5"),
        ("fc", "fc"),
    ],
)
def test_a_few_letters_find_the_likeliest_first(
    window: MainWindow, keys: Keys, card: Card, typed: str, first: str
) -> None:
    seek(keys, typed)
    assert shown(card)[1] == first


def test_what_is_not_there_is_said(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "qqqq")
    assert shown(card) == []
    assert card.problem.text() == "! Nothing here is called “qqqq”."
    keys.press(Key.Key_Return)
    assert card.isVisible()


def test_shortcuts_are_shown_and_disabled_commands_are_not_offered(window: MainWindow, keys: Keys, card: Card) -> None:
    keys.press(Key.Key_K, CTRL)
    entries = {row.entry.title: row.entry for row in card.results.model_.rows if row.entry}
    assert entries["Arrange"].shortcut == "Ctrl+L"
    assert "Copy" not in entries
    assert "Search or add…" not in entries


def test_arrows_walk_over_headings_and_round(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "conv")
    first = card.results.entry
    seen = []
    for _ in range(40):
        keys.press(Key.Key_Down)
        assert card.results.entry is not None
        seen.append(card.results.entry.title)
        if card.results.entry is first:
            break
    assert card.results.entry is first is not None
    assert len(seen) == sum(row.entry is not None for row in card.results.model_.rows)
    keys.press(Key.Key_Up)
    assert card.results.entry is not None
    assert card.results.entry.title == seen[-2]


def test_a_row_says_itself_to_those_who_hear_it(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "arrange")
    assert card.line.accessibleDescription().startswith("Arrange, Lay the layers out")


# ---- layers and notation ---------------------------------------------------------------------------------------------


def test_a_layer_is_shown_before_it_is_added_as_one_step(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([2])
    seek(keys, "bn")
    assert window.document.preview is not None
    assert card.sentence.text() == "Adds BatchNorm after conv1 → 28×28×6, +12 weights"
    keys.press(Key.Key_Return)
    assert layers(window.document.graph) == [Input, Conv2D, BatchNorm, ReLU, Flatten, Dense]
    assert window.document.history.count() == 1
    assert [type(window.document.graph[key].layer) for key in window.canvas.selected()] == [BatchNorm]
    assert window.canvas.hasFocus()


def test_notation_says_what_it_gives_and_that_is_what_it_gives(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([3])
    before = window.document.report.totals.parameters
    seek(keys, "c3 64 s2")
    assert shown(card)[:2] == ["NOTATION", "Conv2D 3×3 · 64 filters · stride 2"]
    sentence = card.sentence.text()
    preview = window.document.preview
    assert preview is not None
    keys.press(Key.Key_Return)
    report = window.document.report
    assert window.document.graph == preview[0]
    gained = report.totals.parameters - before
    assert sentence == f"Adds Conv2D 3×3 · 64 filters · stride 2 after relu1 → 13×13×64, +{gained:,} weights"
    keys.press(Key.Key_Z, CTRL)
    assert len(window.document.graph.nodes) == 5


def test_escape_leaves_graph_view_and_history_as_they_were(window: MainWindow, keys: Keys, card: Card) -> None:
    before, seen = window.document.graph, window.canvas.seen()
    seek(keys, "p2 | c3 8 | r | c3 8 | r")
    assert window.document.preview is not None
    assert len(window.canvas.canvas.blocks) == 10
    keys.press(Key.Key_Escape)
    assert window.document.preview is None
    assert window.document.graph is before
    assert window.document.history.count() == 0
    assert len(window.canvas.canvas.blocks) == 5
    assert window.canvas.seen() == seen


def test_a_whole_chain_on_an_empty_canvas_is_one_step(empty: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "in 28x28x1 | c5 6 | r | p2 | f | d10")
    assert card.sentence.text() == "Adds 6 layers → 10, +8,806 weights"
    keys.press(Key.Key_Return)
    assert layers(empty.document.graph) == [Input, Conv2D, ReLU, MaxPool2D, Flatten, Dense]
    assert empty.document.report.valid
    assert empty.document.history.count() == 1
    assert len({node.position for node in empty.document.graph.nodes.values()}) == 6


def test_without_an_input_an_empty_canvas_is_offered_one(empty: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "c5 6 | r")
    assert shown(card)[1] == "Input 28×28×1 → Conv2D 5×5 · 6 filters → ReLU"
    keys.press(Key.Key_Return)
    assert layers(empty.document.graph) == [Input, Conv2D, ReLU]


def test_a_preview_that_breaks_something_says_so_with_a_sign(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "c3 64")
    assert card.problem.text().startswith("! Conv2D")
    assert "fc" in card.problem.text()


def test_an_error_shows_the_sentence_of_the_notation(window: MainWindow, keys: Keys, card: Card) -> None:
    from netbuilder.notation import NotationError, parse

    seek(keys, "c3 64 q=9")
    with pytest.raises(NotationError) as refused:
        parse("c3 64 q=9")
    assert card.problem.text() == f"! {refused.value}"
    assert window.document.preview is None


def test_tab_writes_out_what_was_begun(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "c3 64 | dro")
    keys.press(Key.Key_Tab)
    assert card.line.text() == "c3 64 | drop 0.5"
    keys.press(Key.Key_Return)
    assert len(window.document.graph.nodes) == 7


# ---- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("filters 64", "filters", 64),
        ("kernel 3x5", "kernel_size", (3, 5)),
        ("s2", "stride", (2, 2)),
        ("padding valid", "padding", "valid"),
        ("bias off", "bias", False),
    ],
)
def test_a_setting_of_the_selected_layer_is_typed(
    window: MainWindow, keys: Keys, card: Card, typed: str, name: str, value: object
) -> None:
    window.canvas.select([2])
    seek(keys, typed)
    assert window.document.preview is not None
    keys.press(Key.Key_Return)
    assert window.document.graph["conv1"].layer.values()[name] == value
    assert window.document.history.count() == 1
    assert window.canvas.selected() == (2,)


def test_picking_a_setting_writes_it_with_its_value_marked(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([2])
    seek(keys, "filt")
    assert shown(card)[:2] == ["SETTINGS", "Filters…"]
    keys.press(Key.Key_Return)
    assert card.line.text() == "filters 6"
    assert card.line.selectedText() == "6"
    keys.type("12")
    keys.press(Key.Key_Return)
    assert window.document.graph["conv1"].layer.values()["filters"] == 12


def test_a_value_out_of_its_limits_is_refused_in_a_sentence(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([2])
    seek(keys, "filters 0")
    assert card.problem.text() == "! Filters must be from 1 to 1,000,000, not 0."
    keys.press(Key.Key_Return)
    assert window.document.history.count() == 0


def test_choices_are_listed(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([2])
    seek(keys, "padding ")
    assert shown(card)[:3] == ["SETTINGS", "Padding same → valid", "Padding same → same"]


# ---- places, commands, examples --------------------------------------------------------------------------------------


def test_a_layer_of_the_design_is_gone_to(window: MainWindow, keys: Keys) -> None:
    seek(keys, "flatten")
    keys.press(Key.Key_Down)
    seek(keys, "relu1")
    keys.press(Key.Key_Return)
    assert window.canvas.selected() == (3,)
    assert window.document.history.count() == 0


def test_a_command_is_carried_out(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "panel insp")
    keys.press(Key.Key_Return)
    assert window.inspector.isHidden()
    assert not window.commands["panel_inspector"].isChecked()
    assert card.isHidden()


def test_an_example_asks_about_unsaved_work(window: MainWindow, keys: Keys) -> None:
    seek(keys, "bn")
    keys.press(Key.Key_Return)
    kept = window.document.graph
    seek(keys, "small mlp")
    with answering(pressing(QMessageBox.StandardButton.Cancel)) as texts:
        keys.press(Key.Key_Return)
    assert texts == ["Save the changes to “mine”?"]
    assert window.document.graph is kept
    seek(keys, "small mlp")
    with answering(pressing(QMessageBox.StandardButton.Discard)):
        keys.press(Key.Key_Return)
    assert window.document.title == "Small MLP"


def test_recent_choices_come_first_and_survive_a_restart(
    window: MainWindow, keys: Keys, card: Card, qtbot: QtBot, tmp_path
) -> None:
    for text in ("bn", "fit", "c3 8 same"):
        window.canvas.select([2])
        seek(keys, text)
        keys.press(Key.Key_Return)
    window.canvas.select([])
    keys.press(Key.Key_K, CTRL)
    assert window.document.preview is None
    assert shown(card)[:4] == ["RECENT", "Conv2D 3×3 · 8 filters · same", "Fit", "BatchNorm"]
    window.preferences.sync()
    again = opened(qtbot, tmp_path)
    again.search.open()
    assert shown(again.search.card)[:3] == ["RECENT", "Input 28×28×1 → Conv2D 3×3 · 8 filters · same", "BatchNorm"]


# ---- a wire let go over nothing --------------------------------------------------------------------------------------


def test_a_wire_let_go_over_nothing_asks_there_and_adds_there(window: MainWindow, keys: Keys, card: Card) -> None:
    hand = Hand(window.canvas)
    end = hand.at("relu1", 280, 40)
    hand.drag(hand.output("conv1"), end)
    assert card.isVisible()
    assert set(shown(card)) >= {"LAYERS", "Conv2D"}
    assert {"ACTIONS", "EXAMPLES", "GO TO", "Input"}.isdisjoint(shown(card))
    assert window.document.preview is not None
    keys.type("relu")
    keys.press(Key.Key_Return)
    graph = window.document.graph
    new = max(graph.nodes)
    assert type(graph[new].layer) is ReLU
    assert graph.inputs(new) == (2,)
    assert abs(graph[new].position[0] - end[0]) <= 8
    assert abs(graph[new].position[1] - end[1]) <= 8
    assert (2, 3, 0) in graph.edges
    assert window.document.history.count() == 1


def test_at_a_wires_end_a_chain_can_be_typed_and_escape_forgets_it(window: MainWindow, keys: Keys, card: Card) -> None:
    before = window.document.graph
    window.canvas.layer_wanted.emit(2, QPointF(400, 200))
    keys.press(Key.Key_Escape)
    assert window.document.graph is before
    window.canvas.layer_wanted.emit(2, QPointF(400, 200))
    keys.type("c3 8 | r")
    keys.press(Key.Key_Return)
    graph = window.document.graph
    conv, relu = sorted(set(graph.nodes) - set(before.nodes))
    assert graph.inputs(conv) == (2,)
    assert graph.inputs(relu) == (conv,)
    assert window.document.history.count() == 1


def test_layers_that_fit_the_wire_come_first(window: MainWindow, card: Card) -> None:
    window.canvas.layer_wanted.emit(5, QPointF(400, 400))
    rows = shown(card)
    assert rows.index("Dense") < rows.index("Conv2D")
    window.search.close()
    window.canvas.layer_wanted.emit(2, QPointF(400, 200))
    rows = shown(card)
    assert rows.index("Conv2D") < rows.index("Dense")


# ---- the mouse -------------------------------------------------------------------------------------------------------


def test_a_click_on_a_row_takes_it(window: MainWindow, keys: Keys, card: Card) -> None:
    window.canvas.select([2])
    seek(keys, "conv")
    results = card.results
    place = next(i for i, row in enumerate(results.model_.rows) if row.entry and row.entry.title == "DepthwiseConv2D")
    QTest.mouseClick(results.viewport(), LEFT, pos=results.visualRect(results.model_.index(place)).center())
    assert len(window.document.graph.nodes) == 6
    assert card.isHidden()


def test_shift_tab_goes_up(window: MainWindow, keys: Keys, card: Card) -> None:
    seek(keys, "conv")
    first = card.results.entry
    keys.press(Key.Key_Down)
    keys.press(Key.Key_Backtab, SHIFT)
    assert card.results.entry is first
