"""Every layer and example can be found, dragged and chosen, by mouse and by keyboard."""

from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidgetItem
from pytestqt.qtbot import QtBot

from netbuilder.examples import EXAMPLES
from netbuilder.gui import palette_list
from netbuilder.gui.palette import Palette
from netbuilder.gui.palette_entries import EXAMPLE, MIME, Entry, entries, first_sentence, found
from netbuilder.gui.palette_list import ENTRY
from netbuilder.gui.theme import BLOCK_HEIGHT, BLOCK_WIDTH, PALETTE
from netbuilder.layers import PALETTE as LAYERS
from netbuilder.layers import Conv2D, Dense, GlobalAveragePool2D, Layer, MaxPool2D


@pytest.fixture
def palette(styled: QApplication, qtbot: QtBot) -> Palette:
    made = Palette()
    qtbot.addWidget(made)
    made.resize(PALETTE, 700)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def rows(palette: Palette) -> list[QListWidgetItem]:
    return [palette.list.item(row) for row in range(palette.list.count())]


def titles(palette: Palette) -> list[str]:
    return [item.text() for item in rows(palette) if item.data(ENTRY)]


def row_of(palette: Palette, title: str) -> QListWidgetItem:
    return next(item for item in rows(palette) if item.text() == title)


def middle(palette: Palette, item: QListWidgetItem) -> QPoint:
    palette.list.scrollToItem(item)
    return palette.list.visualItemRect(item).center()


# ---- what there is ---------------------------------------------------------------------------------------------------


def test_every_layer_stands_under_its_family_and_every_example_below(palette: Palette) -> None:
    assert titles(palette) == [cls.__name__ for cls in LAYERS] + [each.title for each in EXAMPLES]
    headings = [item.text() for item in rows(palette) if not item.data(ENTRY)]
    families = list(dict.fromkeys(cls.family.upper() for cls in LAYERS))
    assert headings == [*families, "EXAMPLES"]


def test_every_row_says_in_one_sentence_what_it_is(palette: Palette) -> None:
    for item in rows(palette):
        entry: Entry | None = item.data(ENTRY)
        if entry is not None:
            assert item.toolTip() == entry.tip
            assert entry.help.endswith((".", "?"))
            assert len(entry.help) > 10
            assert "drag it" in entry.tip


def test_help_is_the_first_sentence_of_the_class() -> None:
    class Slides(Layer):
        """Slides learned filters over
        a map; each yields one. Then more.

        More of it.
        """

    assert first_sentence(Slides) == "Slides learned filters over a map; each yields one."


def test_headings_cannot_be_chosen(palette: Palette, qtbot: QtBot) -> None:
    heading = next(item for item in rows(palette) if not item.data(ENTRY))
    with qtbot.assertNotEmitted(palette.layer_chosen):
        qtbot.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=middle(palette, heading))


# ---- search ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("conv", "Conv2D"),
        ("maxp", "MaxPool2D"),
        ("gap", "GlobalAveragePool2D"),
        ("pooling", "MaxPool2D"),
        ("relu", "ReLU"),
        ("bn", "BatchNorm"),
        ("skip connection", "Add"),
        ("LENET", "LeNet-5"),
        ("drop", "Dropout"),
    ],
)
def test_a_few_letters_find_what_is_meant(typed: str, first: str) -> None:
    assert found(typed, entries())[0].title == first


def test_nonsense_finds_nothing() -> None:
    assert found("zzqx", entries()) == []


def test_typing_narrows_the_list_and_enter_adds_the_first(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.search, "maxp")
    assert titles(palette)[0] == "MaxPool2D"
    with qtbot.waitSignal(palette.layer_chosen) as chosen:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert chosen.args == [MaxPool2D]
    assert palette.search.text() == ""
    assert len(titles(palette)) == len(LAYERS) + len(EXAMPLES)


def test_enter_in_an_empty_search_adds_nothing(palette: Palette, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(palette.layer_chosen):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)


def test_where_nothing_is_found_the_list_says_so(palette: Palette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.search, "zzqx")
    assert [item.text() for item in rows(palette)] == ["NOTHING FOUND"]
    with qtbot.assertNotEmitted(palette.layer_chosen):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert titles(palette)[0] == "Input"


# ---- choosing --------------------------------------------------------------------------------------------------------


def test_a_double_click_chooses_a_layer_once(palette: Palette, qtbot: QtBot) -> None:
    said: list[type] = []
    palette.layer_chosen.connect(said.append)
    at = middle(palette, row_of(palette, "Dense"))
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert said == []
    qtbot.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert said == [Dense]


def test_an_example_is_chosen_by_name(palette: Palette, qtbot: QtBot) -> None:
    at = middle(palette, row_of(palette, "ResNet-20"))
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    with qtbot.waitSignal(palette.example_chosen) as chosen:
        qtbot.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen.args == ["resnet-20"]


def test_the_keyboard_goes_down_into_the_list_and_back(palette: Palette, qtbot: QtBot) -> None:
    palette.search.setFocus()
    qtbot.waitUntil(palette.search.hasFocus)
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.hasFocus()
    assert palette.list.currentItem().text() == "Input"
    qtbot.keyClick(palette.list, Qt.Key.Key_Down)
    assert palette.list.currentItem().text() == "Conv2D", "headings are stepped over"
    with qtbot.waitSignal(palette.layer_chosen) as chosen:
        qtbot.keyClick(palette.list, Qt.Key.Key_Return)
    assert chosen.args == [Conv2D]
    qtbot.keyClick(palette.list, Qt.Key.Key_Up)
    qtbot.keyClick(palette.list, Qt.Key.Key_Up)
    assert palette.search.hasFocus()


# ---- dragging --------------------------------------------------------------------------------------------------------


def carried(data: QMimeData) -> str:
    return bytes(data.data(MIME).data()).decode()


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.__name__)
def test_a_drag_carries_the_layers_name(cls: type[Layer], palette: Palette) -> None:
    data = palette.list.mimeData([row_of(palette, cls.__name__)])
    assert data.formats() == [MIME]
    assert carried(data) == cls.__name__


def test_a_dragged_example_carries_its_name(palette: Palette) -> None:
    assert carried(palette.list.mimeData([row_of(palette, "LeNet-5")])) == f"{EXAMPLE}lenet-5"


@pytest.mark.parametrize(
    ("title", "payload"), [("GlobalAveragePool2D", "GlobalAveragePool2D"), ("VGG-16", "example:vgg-16")]
)
def test_pressing_and_moving_starts_a_drag_that_shows_the_block(
    title: str, payload: str, palette: Palette, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, Any]] = []

    class Recorded(QDrag):
        def exec(self, *_actions: Any) -> Qt.DropAction:
            started.append((carried(self.mimeData()), self.pixmap()))
            return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(palette_list, "QDrag", Recorded)
    viewport, start = palette.list.viewport(), middle(palette, row_of(palette, title))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(viewport, start + QPoint(8 * step, 3 * step))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 20))
    (carried_text, pixmap) = started[0]
    assert carried_text == payload
    if title == GlobalAveragePool2D.__name__:
        size = pixmap.deviceIndependentSize()
        assert (size.width(), size.height()) == (BLOCK_WIDTH, BLOCK_HEIGHT)
    image = pixmap.toImage()
    middle_row = {image.pixel(x, image.height() // 2) for x in range(image.width())}
    assert len(middle_row) > 8, "the picture is not empty"
