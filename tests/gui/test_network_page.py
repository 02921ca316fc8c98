"""The Network tab: figures in full where they fit, selection both ways, sums in sight, copies on the clipboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.analysis.memory import evaluated_at_once, memory
from netbuilder.examples import EXAMPLES, example
from netbuilder.gui import wording
from netbuilder.gui.document import Document
from netbuilder.gui.inspector import Inspector
from netbuilder.gui.network_page import NetworkPage
from netbuilder.gui.network_table import COLUMNS, MACS, MEMORY, NAME, WEIGHTS, figures, padded
from netbuilder.gui.theme import INSPECTOR
from netbuilder.tables import FORMATS


def opened(document: Document, qtbot: QtBot) -> tuple[Inspector, NetworkPage]:
    inspector = Inspector(document)
    qtbot.addWidget(inspector)
    inspector.resize(INSPECTOR, 600)
    inspector.tabs.setCurrentIndex(1)
    inspector.show()
    qtbot.waitExposed(inspector)
    inspector.activateWindow()
    return inspector, inspector.network_page


def column(page: NetworkPage, index: int) -> list[str]:
    return [page.model.index(row, index).data() for row in range(page.model.rowCount())]


def test_the_table_lists_every_layer_with_its_figures(lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    assert column(page, NAME) == [layer.node.name for layer in lenet.report.layers.values()]
    assert column(page, WEIGHTS) == [f"{layer.parameters:,}" for layer in lenet.report.layers.values()]
    assert page.model.total(WEIGHTS) == "61,706"
    assert page.model.total(MACS) == "416,520"
    assert page.caption.text() == "13 layers · 61,706 weights"


def test_an_edit_changes_figures_and_keeps_rows(lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    resets: list[bool] = []
    page.model.modelReset.connect(lambda: resets.append(True))
    lenet.commit("Filters", lenet.graph.set("conv2", filters=8))
    assert f"{lenet.report['conv2'].parameters:,}" in column(page, WEIGHTS)
    assert resets == []


def test_a_broken_design_says_how_much_is_known(lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    lenet.commit("Delete", lenet.graph.remove("flatten"))
    unknown = lenet.report.totals.unknown
    assert unknown > 1
    assert page.caption.text().replace("\u200b", "").endswith(f"weights so far · {unknown} layers unknown")
    assert "—" in column(page, WEIGHTS)


def test_a_click_on_a_row_says_which_layer(lenet: Document, qtbot: QtBot) -> None:
    inspector, page = opened(lenet, qtbot)
    place = page.view.visualRect(page.model.index(4, WEIGHTS)).center()
    with qtbot.waitSignal(inspector.layer_clicked) as clicked:
        qtbot.mouseClick(page.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == [page.model.table.rows[4].id]


def test_arrow_keys_walk_the_layers(lenet: Document, qtbot: QtBot) -> None:
    inspector, page = opened(lenet, qtbot)
    inspector.layer_clicked.connect(lambda key: inspector.show_selection([key]))
    inspector.show_selection([page.model.table.rows[3].id])
    page.view.setFocus()
    with qtbot.waitSignal(inspector.layer_clicked) as clicked:
        qtbot.keyClick(page.view, Qt.Key.Key_Down)
    assert clicked.args == [page.model.table.rows[4].id]


def test_the_canvas_selection_is_marked_and_says_nothing(lenet: Document, qtbot: QtBot) -> None:
    inspector, page = opened(lenet, qtbot)
    said: list[int] = []
    inspector.layer_clicked.connect(said.append)
    inspector.show_selection([lenet.graph["conv1"].id, lenet.graph["fc2"].id])
    marked = {page.model.table.rows[index.row()].name for index in page.view.selectionModel().selectedRows()}
    assert marked == {"conv1", "fc2"}
    assert said == []


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_reaches_the_clipboard(name: str, lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    menu = page.copy_button.menu()
    assert menu is not None
    action = next(action for action in menu.actions() if action.text().lower() == f"as {name}".lower())
    action.trigger()
    assert QApplication.clipboard().text() == FORMATS[name](page.model.table)


def test_ctrl_c_copies_text(lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    QApplication.clipboard().setText("before")
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == FORMATS["Text"](page.model.table)


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_no_cell_is_cut_at_the_panels_width(name: str, styled: object, qtbot: QtBot) -> None:
    _inspector, page = opened(Document(example(name)), qtbot)
    metrics, model, view = QFontMetrics(figures()), page.model, page.view
    for index in (column for column in range(len(COLUMNS)) if not view.isColumnHidden(column)):
        room = padded(view.visualRect(model.index(0, index)), index).width()
        for text in (*column(page, index), COLUMNS[index]):
            assert metrics.horizontalAdvance(text) <= room + 2, (COLUMNS[index], text)
    assert sum(view.columnWidth(index) for index in range(len(COLUMNS))) <= view.viewport().width()


def test_memory_has_a_column_where_there_is_room(lenet: Document, qtbot: QtBot) -> None:
    inspector, page = opened(lenet, qtbot)
    assert page.view.isColumnHidden(MEMORY)
    inspector.set_batch_size(64)
    inspector.resize(480, 600)
    qtbot.waitUntil(lambda: not page.view.isColumnHidden(MEMORY))
    needs = memory(lenet.report, 64, evaluated=evaluated_at_once(lenet.report))
    first = page.model.table.rows[1]
    assert page.model.index(1, MEMORY).data() == wording.memory(needs.layers[first.id].forward.result)
    assert page.model.total(MEMORY) == wording.memory(needs.forward)


def test_a_preview_is_marked_in_the_caption(lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    lenet.show_preview(lenet.graph.set("fc3", units=20))
    assert page.caption.text() == "13 layers · 61,706 → 62,556 weights (+850)"
    assert page.caption.property("changed")
    lenet.show_preview(None)
    assert page.caption.text() == "13 layers · 61,706 weights"


def test_figures_are_shortened_only_where_they_would_not_fit(styled: object, qtbot: QtBot) -> None:
    inspector, page = opened(Document(example("vgg-16")), qtbot)
    assert page.model.total(WEIGHTS) == "138 M"
    assert page.caption.text() == "40 layers · 138,357,544 weights"
    inspector.resize(480, 600)
    assert page.model.total(WEIGHTS) == "138,357,544"


def test_tooltips_are_exact(styled: object, qtbot: QtBot) -> None:
    _inspector, page = opened(Document(example("vgg-16")), qtbot)
    row = column(page, NAME).index("conv1_1")
    assert "86,704,128 multiply-adds" in page.model.index(row, MACS).data(Qt.ItemDataRole.ToolTipRole)


def test_the_longest_bar_stands_behind_the_largest_figure(lenet: Document, qtbot: QtBot) -> None:
    _inspector, page = opened(lenet, qtbot)
    parts = {row.name: page.model.part(row, WEIGHTS) for row in page.model.table.rows}
    assert max(parts, key=lambda name: parts[name]) == "fc1"
    assert parts["fc1"] == 1
    assert parts["relu1"] == 0
