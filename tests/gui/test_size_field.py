"""Pressing the large size asks for another: what gives it is listed, previewed and made as one step."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.gui.document import Document
from netbuilder.gui.inspector import Inspector
from netbuilder.gui.offer import Offer
from netbuilder.gui.size_field import HELP
from netbuilder.layers import ImageShape, VectorShape
from tests.gui.test_inspector import opened, shown


def asked(document: Document, qtbot: QtBot, name: str) -> tuple[Inspector, QLineEdit]:
    """The inspector at a layer whose size was pressed."""
    inspector = opened(document, qtbot, name)
    inspector.resize(304, 1200)
    numeral = inspector.findChild(QLabel, "figure_shape")
    assert numeral is not None
    qtbot.mouseClick(numeral, Qt.MouseButton.LeftButton)
    field = inspector.findChild(QLineEdit, "size_field")
    assert field is not None
    qtbot.waitUntil(field.hasFocus)
    return inspector, field


def offers(inspector: Inspector) -> list[Offer]:
    QApplication.processEvents()
    return [offer for offer in inspector.layer_page.numbers.wish.offers if offer.isVisible()]


def retype(field: QLineEdit, text: str, qtbot: QtBot) -> None:
    field.selectAll()
    qtbot.keyClicks(field, text)


@pytest.mark.parametrize(
    ("name", "text", "shape"),
    [
        ("conv2", "14", ImageShape(16, 14, 14)),
        ("conv2", "5 × 5 × 8", ImageShape(8, 5, 5)),
        ("pool1", "7", ImageShape(6, 7, 7)),
        ("fc3", "12", VectorShape(12)),
        ("input", "32 × 32 × 3", ImageShape(3, 32, 32)),
    ],
)
def test_a_typed_size_is_reached_in_one_step(
    name: str, text: str, shape: object, lenet: Document, qtbot: QtBot
) -> None:
    before = files.dumps(lenet.graph)
    inspector, field = asked(lenet, qtbot, name)
    retype(field, text, qtbot)
    assert offers(inspector)
    assert lenet.preview is not None, "what Enter would make is in sight"
    assert lenet.preview[1][name].shape == shape
    assert files.dumps(lenet.graph) == before
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert lenet.report[name].shape == shape
    assert lenet.history.count() == 1
    assert lenet.history.undoText() == "Output size"
    assert not field.isVisible()
    lenet.history.undo()
    assert files.dumps(lenet.graph) == before


def test_each_way_says_its_shape_and_weights_for_the_whole_design(lenet: Document, qtbot: QtBot) -> None:
    inspector, field = asked(lenet, qtbot, "conv2")
    retype(field, "14", qtbot)
    first = offers(inspector)[0]
    assert first.accessibleName() == "Same padding"
    assert first.accessibleDescription() == "14×14×16 · +46,080 weights"
    assert all(offer.accessibleDescription().startswith("14×14×16 · ") for offer in offers(inspector))


def test_pointing_at_another_way_previews_that_one(lenet: Document, qtbot: QtBot) -> None:
    inspector, field = asked(lenet, qtbot, "conv2")
    retype(field, "7", qtbot)
    first, second = offers(inspector)[:2]
    shown_first = lenet.preview
    middle = QPointF(second.rect().center())
    QApplication.sendEvent(second, QEnterEvent(middle, middle, second.mapToGlobal(middle)))
    assert lenet.preview is not None
    assert shown_first is not None
    assert lenet.preview[0]["conv2"].layer != shown_first[0]["conv2"].layer
    QApplication.sendEvent(second, QEvent(QEvent.Type.Leave))
    assert lenet.preview is not None
    assert lenet.preview[0] == shown_first[0], "Enter in the field would make the first"
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert lenet.report["conv2"].shape == ImageShape(16, 7, 7)
    assert lenet.history.count() == 1
    assert first is not second


def test_the_keyboard_alone_walks_the_list(lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, "conv2")
    numeral = inspector.findChild(QLabel, "figure_shape")
    assert numeral is not None
    numeral.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(numeral.hasFocus)
    qtbot.keyClick(numeral, Qt.Key.Key_Return)
    field = inspector.findChild(QLineEdit, "size_field")
    assert field is not None
    qtbot.waitUntil(field.hasFocus)
    retype(field, "7", qtbot)
    ways = offers(inspector)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(ways[0], Qt.Key.Key_Down)
    assert ways[1].hasFocus()
    assert lenet.preview is not None
    wanted = lenet.preview[0]["conv2"].layer
    qtbot.keyClick(ways[1], Qt.Key.Key_Return)
    assert lenet.graph["conv2"].layer == wanted


def test_escape_leaves_everything_as_it_was(lenet: Document, qtbot: QtBot) -> None:
    before = files.dumps(lenet.graph)
    inspector, field = asked(lenet, qtbot, "conv2")
    retype(field, "14", qtbot)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert lenet.preview is None
    assert files.dumps(lenet.graph) == before
    assert lenet.history.count() == 0
    assert shown(inspector, "figure_shape") == "10 × 10 × 16"
    numeral = inspector.findChild(QLabel, "figure_shape")
    assert numeral is not None
    assert numeral.hasFocus()


def test_leaving_gives_up(lenet: Document, qtbot: QtBot) -> None:
    inspector, field = asked(lenet, qtbot, "conv2")
    retype(field, "14", qtbot)
    other = inspector.findChild(QWidget, "setting_filters")
    assert other is not None
    other.setFocus()
    qtbot.waitUntil(lambda: not field.isVisible())
    assert lenet.preview is None
    assert lenet.history.count() == 0


def test_selecting_another_layer_gives_up(lenet: Document, qtbot: QtBot) -> None:
    inspector, field = asked(lenet, qtbot, "conv2")
    retype(field, "14", qtbot)
    inspector.show_selection([lenet.graph["conv1"].id])
    assert not field.isVisible()
    assert lenet.preview is None
    assert shown(inspector, "figure_shape") == "28 × 28 × 6"


def test_the_impossible_is_explained(lenet: Document, qtbot: QtBot) -> None:
    inspector, field = asked(lenet, qtbot, "conv2")
    assert shown(inspector, "size_sentence") == HELP
    retype(field, "33", qtbot)
    assert offers(inspector) == []
    assert shown(inspector, "size_sentence").startswith("No padding up to 5")
    assert lenet.preview is None
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert lenet.history.count() == 0
    retype(field, "4.5", qtbot)
    assert shown(inspector, "size_sentence") == "Sizes are whole numbers, such as 14 or 14 × 14."


@pytest.mark.parametrize("name", ["relu1", "flatten"])
def test_a_size_no_setting_decides_is_only_read(name: str, lenet: Document, qtbot: QtBot) -> None:
    inspector = opened(lenet, qtbot, name)
    numeral = inspector.findChild(QLabel, "figure_shape")
    assert numeral is not None
    assert numeral.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    qtbot.mouseClick(numeral, Qt.MouseButton.LeftButton)
    field = inspector.findChild(QLineEdit, "size_field")
    assert field is not None
    assert not field.isVisible()


def test_an_offer_for_a_design_that_is_no_more_makes_nothing(lenet: Document, qtbot: QtBot) -> None:
    stale = Offer(lenet, "Old", lenet.graph.set("conv2", filters=9), "Old", "")
    qtbot.addWidget(stale)
    lenet.commit("Units", lenet.graph.set("fc1", units=60))
    stale.click()
    assert lenet.history.count() == 1
    assert lenet.graph["fc1"].layer.values()["units"] == 60
