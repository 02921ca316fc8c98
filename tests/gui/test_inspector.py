"""The inspector shows the report's own numbers, and every edit made in it is one step that can be undone."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from netbuilder.analysis import analyze
from netbuilder.analysis.memory import evaluated_at_once, memory
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph
from netbuilder.gui import wording
from netbuilder.gui.document import Document
from netbuilder.gui.inspector import Inspector
from netbuilder.gui.labels import ShortenedText, Text
from netbuilder.gui.theme import INSPECTOR
from netbuilder.layers import PALETTE, Add, BatchNorm, Conv2D, Dense, Flatten, Input, Layer, MaxPool2D, ReLU

HOSTILE = "<img src=x>"


def opened(document: Document, qtbot: QtBot, *names: str) -> Inspector:
    inspector = Inspector(document)
    qtbot.addWidget(inspector)
    inspector.resize(INSPECTOR, 760)
    inspector.show()
    qtbot.waitExposed(inspector)
    inspector.activateWindow()
    inspector.show_selection([document.graph[name].id for name in names])
    return inspector


def box(inspector: Inspector, setting: str) -> Any:
    found = inspector.findChild(QWidget, f"setting_{setting}")
    assert found is not None
    return found


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(widget.hasFocus)


def shown(inspector: Inspector, name: str) -> str:
    label = inspector.findChild(QLabel, name)
    assert label is not None
    return label.text().replace("\u200b", "") if label.isVisible() else ""


def settled() -> None:
    for _ in range(3):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


@pytest.fixture
def broken(styled: QApplication, qtbot: QtBot) -> Document:
    """A dense layer straight behind a map, and an activation behind it."""
    return Document(
        Graph.chain(
            Input(height=28, width=28, channels=1),
            Conv2D(16, 5),
            Dense(10),
            ReLU(),
            names=["input", "conv1", HOSTILE, "relu"],
        )
    )


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PALETTE, ids=lambda kind: kind.__name__)
def test_every_layer_has_a_form_with_all_its_settings(kind: type[Layer], styled: object, qtbot: QtBot) -> None:
    graph, node = Graph().add(kind(), "layer")
    inspector = opened(Document(graph), qtbot, "layer")
    form = inspector.layer_page.form
    assert form is not None
    assert [setting.name for setting in form.settings] == list(kind().values())
    assert {name: editor.value() for name, editor in form.editors.items()} == kind().values()
    assert form.isVisible() == bool(kind().values())
    assert inspector.layer_page.name.name() == node.name


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_numbers_and_workings_are_the_reports(name: str, styled: object, qtbot: QtBot) -> None:
    document = Document(example(name))
    inspector = opened(document, qtbot)
    for key, layer in document.report.layers.items():
        inspector.show_selection([key])
        assert layer.shape is not None
        assert layer.facts is not None
        assert shown(inspector, "figure_shape").replace(" ", "").replace(",", "") == layer.shape.text().replace(",", "")
        assert shown(inspector, "figure_weights") == f"{layer.parameters:,}"
        assert shown(inspector, "fact_multiply_adds") == f"{layer.macs:,}"
        assert shown(inspector, "working_shape") == wording.shape_working(layer)
        if layer.parameters:
            working = shown(inspector, "working_weights").replace(",", "")
            assert working in (layer.facts.parameters.text, str(layer.parameters))


def test_conv2_of_lenet_reads_as_in_a_textbook(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    assert shown(inspector, "figure_shape") == "10 × 10 × 16"
    assert shown(inspector, "working_shape") == "⌊(14 + 0 − 5) / 1⌋ + 1 = 10 each way; 16 filters"
    assert shown(inspector, "figure_weights") == "2,416"
    assert shown(inspector, "working_weights") == "16 · (6 · 5 · 5 + 1) = 2,416"
    assert shown(inspector, "fact_multiply_adds") == "240,000"
    assert shown(inspector, "fact_receptive_field") == "14 × 14 of 28 × 28"


def test_workings_can_be_selected_and_copied(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    for name in ("working_shape", "figure_weights", "working_weights", "fact_memory_batch"):
        label = inspector.findChild(QLabel, name)
        assert label is not None
        assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_memory_follows_the_batch_size(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    needs = memory(lenet.report, 10, evaluated=evaluated_at_once(lenet.report)).layers[lenet.graph["conv2"].id]
    inspector.set_batch_size(10)
    assert shown(inspector, "fact_memory_batch") == wording.memory(needs.forward.result)
    assert shown(inspector, "fact_training_batch") == wording.memory(needs.training.result)
    label = inspector.findChild(QLabel, "fact_training_batch")
    assert label is not None
    assert needs.training.text in label.toolTip(), "the working is there to read"
    assert "Training, batch 10" in [label.text() for label in inspector.findChildren(QLabel)]


def test_the_order_of_axes_can_be_turned(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    inspector.set_order("chw")
    assert shown(inspector, "figure_shape") == "16 × 10 × 10"


def test_remembered_statistics_have_a_row_only_where_there_are_any(styled: object, qtbot: QtBot) -> None:
    document = Document(Graph.chain(Input(height=8, width=8, channels=3), BatchNorm(), names=["input", "norm"]))
    inspector = opened(document, qtbot, "norm")
    assert shown(inspector, "fact_remembered") == "6 numbers"
    inspector.show_selection([document.graph["input"].id])
    assert shown(inspector, "fact_remembered") == ""


def test_with_nothing_selected_the_design_is_summed_up(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot)
    assert inspector.layer_page.name.name() == "LeNet-5"
    assert shown(inspector, "figure_total") == "61,706"


def test_a_broken_design_keeps_the_numbers_before_the_break(broken: Document, qtbot: QtBot) -> None:
    inspector = opened(broken, qtbot)
    assert shown(inspector, "figure_total") == "416"
    assert any("so far; 2 layers unknown" in label.text() for label in inspector.findChildren(QLabel))
    inspector.show_selection([broken.graph["relu"].id])
    assert shown(inspector, "figure_shape") == "—"
    assert shown(inspector, "working_shape") == "unknown: a layer before it has a problem"


# ---- editing ---------------------------------------------------------------------------------------------------------


def test_a_spree_in_one_box_is_one_undo_step(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    filters, before = box(inspector, "filters"), lenet.graph
    focus(qtbot, filters)
    for expected in (18, 20):
        qtbot.keyClick(filters, Qt.Key.Key_Up)
        qtbot.keyClick(filters, Qt.Key.Key_Up)
        qtbot.waitUntil(lambda expected=expected: lenet.graph["conv2"].layer.values()["filters"] == expected)
    assert shown(inspector, "figure_shape") == "10 × 10 × 20"
    assert lenet.history.count() == 1
    lenet.history.undo()
    assert lenet.graph == before
    assert filters.text() == "16"


def test_a_second_visit_to_a_box_is_a_second_step(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    filters = box(inspector, "filters")
    focus(qtbot, filters)
    qtbot.keyClick(filters, Qt.Key.Key_Up)
    focus(qtbot, box(inspector, "kernel_size_height"))
    focus(qtbot, filters)
    qtbot.keyClick(filters, Qt.Key.Key_Up)
    qtbot.keyClick(filters, Qt.Key.Key_Return)
    qtbot.keyClick(filters, Qt.Key.Key_Up)
    focus(qtbot, box(inspector, "kernel_size_height"))
    assert lenet.history.count() == 3


def test_escape_leaves_no_step_behind(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    filters, before = box(inspector, "filters"), lenet.graph
    focus(qtbot, filters)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Escape):
        qtbot.keyClick(filters, key)
    assert lenet.graph == before
    assert lenet.history.count() == 0


def test_an_unchanged_selection_keeps_its_form(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    form = inspector.layer_page.form
    lenet.commit("Filters", lenet.graph.set("conv2", filters=8))
    assert inspector.layer_page.form is form
    assert box(inspector, "filters").text() == "8"
    inspector.show_selection([lenet.graph["conv1"].id])
    assert inspector.layer_page.form is form
    assert box(inspector, "filters").text() == "6"


def test_text_being_typed_is_not_overwritten_by_its_own_edit(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    filters = box(inspector, "filters")
    focus(qtbot, filters)
    filters.selectAll()
    qtbot.keyClicks(filters, "1")
    qtbot.keyClick(filters, Qt.Key.Key_Backspace)
    assert filters.text() == ""
    qtbot.keyClicks(filters, "24")
    assert filters.text() == "24"
    qtbot.keyClick(filters, Qt.Key.Key_Return)
    assert lenet.graph["conv2"].layer.values()["filters"] == 24


def test_a_setting_the_layer_refuses_is_explained_beneath_it(styled: object, qtbot: QtBot) -> None:
    document = Document(Graph.chain(MaxPool2D(2, padding=(0, 1, 0, 1)), names=["pool"]))
    inspector = opened(document, qtbot, "pool")
    before, height = document.graph, box(inspector, "pool_size_height")
    focus(qtbot, height)
    height.selectAll()
    qtbot.keyClicks(height, "1")
    refused = shown(inspector, "refusal_pool_size")
    assert (document.graph == before) == bool(refused)


def test_several_layers_edit_what_they_share(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv1", "conv2")
    filters = box(inspector, "filters")
    assert filters.text() == "—"
    assert box(inspector, "kernel_size_height").text() == "5"
    focus(qtbot, filters)
    filters.selectAll()
    qtbot.keyClicks(filters, "12")
    assert lenet.preview is not None
    assert [lenet.preview[0][name].layer.values()["filters"] for name in ("conv1", "conv2")] == [12, 12]
    qtbot.keyClick(filters, Qt.Key.Key_Return)
    assert [lenet.graph[name].layer.values()["filters"] for name in ("conv1", "conv2")] == [12, 12]
    assert filters.text() == "12"
    assert lenet.history.count() == 1


def test_layers_of_different_kinds_share_only_what_is_alike(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv1", "fc1")
    form = inspector.layer_page.form
    assert form is not None
    assert list(form.editors) == ["bias"]
    inspector.show_selection([lenet.graph[name].id for name in ("relu1", "fc1")])
    assert inspector.layer_page.form is not None
    assert not inspector.layer_page.form.isVisible()


def test_an_image_can_become_a_flat_list_and_back(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "input")
    assert box(inspector, "height").isVisible()
    assert not box(inspector, "features").isVisible()
    choice: Any = inspector.findChild(QWidget, "input_data")
    focus(qtbot, choice)
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert lenet.graph["input"].layer == Input(features=784)
    assert box(inspector, "features").isVisible()
    assert not box(inspector, "height").isVisible()
    qtbot.keyClick(choice, Qt.Key.Key_Up)
    assert lenet.graph["input"].layer == Input()
    assert lenet.history.count() == 2


def test_explicit_padding_begins_with_what_the_rule_gave(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv1")
    assert lenet.graph["conv1"].layer.values()["padding"] == "same"
    padding, shape = box(inspector, "padding"), lenet.report["conv1"].shape
    focus(qtbot, padding)
    qtbot.keyClick(padding, Qt.Key.Key_Down)
    assert lenet.graph["conv1"].layer.values()["padding"] == (2, 2, 2, 2)
    assert lenet.report["conv1"].shape == shape


# ---- renaming --------------------------------------------------------------------------------------------------------


def name_field(inspector: Inspector, qtbot: QtBot) -> QLineEdit:
    field = inspector.findChild(QLineEdit, "layer_name_field")
    assert field is not None
    qtbot.waitUntil(field.hasFocus)
    return field


def test_a_click_on_the_name_renames(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    qtbot.mouseClick(inspector.layer_page.name, Qt.MouseButton.LeftButton)
    field = name_field(inspector, qtbot)
    qtbot.keyClicks(field, "second")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert lenet.graph["second"].layer == Conv2D(16, 5)
    assert lenet.history.undoText() == "Rename"
    assert inspector.layer_page.name.name() == "second"


def test_escape_keeps_the_old_name(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    inspector.rename()
    field = name_field(inspector, qtbot)
    qtbot.keyClicks(field, "second")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert lenet.history.count() == 0
    assert inspector.layer_page.name.name() == "conv2"


def test_a_name_that_is_taken_is_refused_in_a_sentence(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    inspector.rename()
    field = name_field(inspector, qtbot)
    qtbot.keyClicks(field, "conv1")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert shown(inspector, "name_refusal") == "There is already a layer “conv1”."
    assert lenet.history.count() == 0
    inspector.show_selection([lenet.graph["fc1"].id])
    assert shown(inspector, "name_refusal") == ""


# ---- previews --------------------------------------------------------------------------------------------------------


def test_a_preview_shows_new_numbers_beside_the_old(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    lenet.show_preview(lenet.graph.set("conv2", filters=8))
    assert shown(inspector, "figure_weights") == "1,208"
    texts = [label.text().strip() for label in inspector.findChildren(QLabel) if label.isVisible()]
    assert {"2,416 →", "−1,208", "240,000 → 120,000"} <= set(texts)
    number = inspector.findChild(QLabel, "figure_weights")
    assert number is not None
    assert number.property("changed")
    lenet.show_preview(None)
    assert shown(inspector, "figure_weights") == "2,416"
    assert not number.property("changed")
    assert not any("→" in label.text() for label in inspector.findChildren(QLabel) if label.isVisible())


def test_a_preview_without_the_selected_layer_keeps_showing_it(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    lenet.show_preview(lenet.graph.remove("conv2"))
    assert shown(inspector, "figure_weights") == "2,416"


def test_deleting_the_selected_layer_leaves_the_design(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    lenet.commit("Delete", lenet.graph.remove("conv2"))
    assert inspector.layer_page.name.name() == "LeNet-5"


# ---- text ------------------------------------------------------------------------------------------------------------


def test_names_stay_plain_text(broken: Document, qtbot: QtBot) -> None:
    inspector = opened(broken, qtbot, HOSTILE)
    assert inspector.layer_page.name.name() == HOSTILE
    for label in inspector.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or HOSTILE not in label.text()
    for widget in inspector.findChildren(QWidget):
        assert "<img" not in widget.toolTip()
    inspector.tabs.setCurrentIndex(1)
    for row in range(inspector.network_page.model.rowCount()):
        tip = inspector.network_page.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert "<img" not in tip


def too_narrow(inspector: Inspector) -> list[str]:
    """Texts that are shortened, or whose longest line does not fit their label or whose label leaves the panel."""
    found: list[str] = []
    edge = inspector.layer_page.viewport().mapTo(inspector, inspector.layer_page.viewport().rect().topRight()).x()
    for label in inspector.layer_page.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        left = label.mapTo(inspector, QPoint(0, 0)).x()
        room = label.contentsRect().width()
        words = label.text().replace("\u200b", " ").split() if label.wordWrap() else [label.text()]
        widest = max(label.fontMetrics().horizontalAdvance(word) for word in words)
        cut = label.wordWrap() and label.heightForWidth(label.width()) > label.height() + 1
        shortened = isinstance(label, ShortenedText) and label.text() != label.full
        if widest > room + 1 or left < 0 or left + label.width() > edge or cut or shortened:
            found.append(label.text())
    for field in inspector.layer_page.findChildren(QWidget):
        if field.objectName().startswith("setting_") and field.isVisible():
            found += [field.objectName()] * (field.mapTo(inspector, QPoint(field.width(), 0)).x() > edge)
    return found


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_no_text_is_cut_at_the_panels_width(name: str, styled: object, qtbot: QtBot) -> None:
    document = Document(example(name))
    inspector = opened(document, qtbot)
    inspector.resize(INSPECTOR, 440)  # so low that a scroll bar takes its part
    alike: set[tuple[object, ...]] = set()
    for key, layer in document.report.layers.items():
        look = (layer.node.layer, layer.shape, layer.parameters, layer.macs)
        if look in alike:
            continue
        alike.add(look)
        inspector.show_selection([key])
        settled()
        assert too_narrow(inspector) == []


def test_the_check_for_cut_text_sees_cut_text(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    settled()
    working = inspector.findChild(Text, "working_shape")
    assert working is not None
    working.setWordWrap(False)
    working.setFixedWidth(80)
    settled()
    assert too_narrow(inspector) == [working.text()]


def test_a_name_of_eighty_letters_and_its_problem_stay_inside_the_panel(styled: object, qtbot: QtBot) -> None:
    long = "x" * 80
    graph = Graph.chain(Input(), Conv2D(4), Dense(3), names=["input", "y" * 80, long])
    inspector = opened(Document(graph), qtbot, long)
    settled()
    assert [text for text in too_narrow(inspector) if not text.endswith("…")] == []
    body = inspector.layer_page.takeWidget()
    assert body is not None
    assert body.width() <= inspector.width()


def test_merges_and_flattening_read_well_too(styled: object, qtbot: QtBot) -> None:
    graph = Graph.chain(Input(), Conv2D(4, 3, padding="same"), ReLU(), names=["input", "conv", "relu"])
    graph, _ = graph.add(Add(), "add")
    graph = graph.connect("conv", "add", 0).connect("relu", "add", 1)
    graph, _ = graph.add(Flatten(), "flat")
    graph = graph.connect("add", "flat")
    assert analyze(graph).valid
    inspector = opened(Document(graph), qtbot, "add")
    assert shown(inspector, "working_shape") == "the shape of its input, unchanged"
    inspector.show_selection([graph["flat"].id])
    assert shown(inspector, "figure_shape") == "3,136"
