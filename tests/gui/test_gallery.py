"""The first page offers recent files, examples with pictures and a blank sheet, by mouse and by keyboard."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from netbuilder.analysis import analyze
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph
from netbuilder.gui.gallery import Gallery
from netbuilder.gui.gallery_cards import ExampleCard, PictureCard, RecentFile
from netbuilder.gui.miniature import MOST_SHEETS, _arcs, example_design, paint_network, solids
from netbuilder.gui.theme import FAMILIES, theme
from netbuilder.layers import Conv2D, Dense, Flatten, Input, ReLU

NAMES = [known.name for known in EXAMPLES]


@pytest.fixture
def gallery(styled: QApplication, qtbot: QtBot) -> Gallery:
    made = Gallery()
    qtbot.addWidget(made)
    made.resize(858, 434)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def resize(gallery: Gallery, width: int, height: int, qtbot: QtBot) -> None:
    """Give the gallery a size, again where the screen still answers to an earlier one, and let it lay itself out."""

    def fits() -> bool:
        if (gallery.width(), gallery.height()) != (width, height):
            gallery.resize(width, height)
        QApplication.sendPostedEvents()
        body = gallery.widget()
        return body is not None and body.width() == gallery.viewport().width()

    gallery.resize(width, height)
    qtbot.wait(20)
    qtbot.waitUntil(fits)


def card(gallery: Gallery, name: str) -> QWidget:
    found = gallery.findChild(QWidget, name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_example_can_be_chosen(name: str, gallery: Gallery, qtbot: QtBot) -> None:
    with qtbot.waitSignal(gallery.example_chosen) as chosen:
        qtbot.mouseClick(card(gallery, f"example_{name}"), Qt.MouseButton.LeftButton)
    assert chosen.args == [name]


def test_a_blank_design_and_a_file_can_be_asked_for(gallery: Gallery, qtbot: QtBot) -> None:
    with qtbot.waitSignal(gallery.blank_chosen):
        qtbot.mouseClick(card(gallery, "blank_design"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(gallery.open_chosen):
        qtbot.mouseClick(card(gallery, "gallery_open"), Qt.MouseButton.LeftButton)


def test_enter_presses_the_buttons_too(gallery: Gallery, qtbot: QtBot) -> None:
    blank = card(gallery, "blank_design")
    blank.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(blank.hasFocus)
    with qtbot.waitSignal(gallery.blank_chosen):
        qtbot.keyClick(blank, Qt.Key.Key_Return)


def test_recent_files_are_offered_newest_first(gallery: Gallery, qtbot: QtBot) -> None:
    paths = [Path(f"/designs/<b>net{index}</b>.netb") for index in range(6)]
    gallery.show_recent(paths)
    QApplication.processEvents()
    buttons = [button for button in gallery.findChildren(RecentFile) if button.isVisible()]
    assert [button.accessibleName() for button in buttons] == [path.stem for path in paths[:4]]
    assert all("<b>" not in button.toolTip() for button in buttons)
    with qtbot.waitSignal(gallery.file_chosen) as chosen:
        qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert chosen.args == [paths[1]]
    gallery.show_recent([])
    QApplication.processEvents()
    assert not [button for button in gallery.findChildren(RecentFile) if button.isVisible()]


def test_every_card_tells_what_its_network_weighs(gallery: Gallery) -> None:
    for each in gallery.cards:
        if isinstance(each, ExampleCard):
            weights = analyze(example(each.example.name)).totals.parameters
            assert each.labels[-1].text() == f"{weights:,} weights"


def test_the_keyboard_walks_and_chooses(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.cards[0].setFocus()
    qtbot.waitUntil(gallery.cards[0].hasFocus)
    qtbot.keyClick(gallery.cards[0], Qt.Key.Key_Right)
    assert gallery.cards[1].hasFocus()
    qtbot.keyClick(gallery.cards[1], Qt.Key.Key_Down)
    below = gallery.cards[1 + gallery.columns]
    assert below.hasFocus()
    assert isinstance(below, ExampleCard)
    with qtbot.waitSignal(gallery.example_chosen) as chosen:
        qtbot.keyClick(below, Qt.Key.Key_Return)
    assert chosen.args == [below.example.name]
    gallery.cards[0].setFocus()
    qtbot.keyClick(gallery.cards[0], Qt.Key.Key_Left)
    assert gallery.cards[0].hasFocus()


@pytest.mark.parametrize("recent", [0, 3])
def test_a_small_laptop_shows_all_examples_at_once(recent: int, gallery: Gallery, qtbot: QtBot) -> None:
    gallery.show_recent([Path(f"/designs/net{index}.netb") for index in range(recent)])
    resize(gallery, 857, 652, qtbot)  # a window of 1366×768 without its training panel
    assert gallery.verticalScrollBar().maximum() == 0
    assert all(each.visibleRegion().boundingRect() == each.rect() for each in gallery.cards)


@pytest.mark.parametrize(("width", "columns"), [(400, 1), (560, 2), (858, 3), (1366, 4), (2400, 4)])
def test_cards_flow_into_the_width_there_is(width: int, columns: int, gallery: Gallery, qtbot: QtBot) -> None:
    resize(gallery, width, 700, qtbot)
    assert gallery.columns == columns
    first_row = {each.y() for each in gallery.cards[:columns]}
    assert len(first_row) == 1
    body = gallery.findChild(QWidget, "gallery_body")
    assert body is not None
    assert body.width() <= gallery.viewport().width()


@pytest.mark.parametrize("width", [858, 560, 1366])
def test_no_words_of_a_card_are_cut(width: int, gallery: Gallery, qtbot: QtBot) -> None:
    resize(gallery, width, 700, qtbot)
    for each in gallery.cards:
        assert isinstance(each, PictureCard)
        for label in each.findChildren(QLabel):
            assert label.heightForWidth(label.width()) <= label.height() + 1, label.text()
            assert label.geometry().bottom() < each.height()


# ---- pictures --------------------------------------------------------------------------------------------------------


def drawn(graph: Graph, width: int = 200, height: int = 70) -> QImage:
    image = QImage(width + 20, height + 20, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_network(painter, QRectF(10, 10, width, height), graph, analyze(graph))
    painter.end()
    return image


def inked(image: QImage) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what was drawn."""
    places = [
        (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).alpha() > 40
    ]
    xs, ys = zip(*places, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_fills_its_place_and_stays_in_it(name: str, styled: object) -> None:
    left, top, right, bottom = inked(drawn(example(name)))
    assert left >= 8
    assert top >= 8
    assert right <= 212
    assert bottom <= 82
    assert right - left > 110
    assert bottom - top > 40


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_a_solid_for_every_layer_or_of_a_long_network_for_every_map(name: str) -> None:
    graph, report = example_design(name)
    left_out = {graph.nodes[key].layer.family for key in graph.nodes.keys() - solids(report).keys()}
    assert left_out <= ({"activation", "normalisation"} if len(graph.nodes) > MOST_SHEETS else set())
    assert len(solids(report)) > 5


def test_skip_connections_are_still_drawn_where_their_ends_are_left_out(styled: object) -> None:
    graph, report = example_design("resnet-20")
    arcs = set(_arcs(graph, solids(report)))
    adds = [node.id for node in graph.nodes.values() if node.layer.family == "merge"]
    assert len(adds) == 9
    assert {end for _start, end in arcs} >= set(adds)


def test_solids_grow_with_size_and_channels() -> None:
    graph = Graph.chain(
        Input(height=32, width=32, channels=3), Conv2D(8, 3), Conv2D(64, 3, stride=2), ReLU(), Flatten(), Dense(10)
    )
    row = list(solids(analyze(graph)).values())
    assert row[0].height > row[2].height
    assert row[2].thickness > row[1].thickness > row[0].thickness
    assert row[3].thickness < row[2].thickness, "an activation is a thin sheet"
    assert [solid.x for solid in row] == sorted(solid.x for solid in row)


def test_pictures_wear_the_family_colours(styled: object) -> None:
    theme.apply("light")
    image = drawn(example("mlp"))
    dense = QColor(FAMILIES["dense"])
    close = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if abs(image.pixelColor(x, y).hue() - dense.hue()) < 6 and image.pixelColor(x, y).saturation() > 100
    ]
    assert close


def test_an_empty_design_draws_nothing(styled: object) -> None:
    image = drawn(Graph())
    assert all(image.pixelColor(x, 40).alpha() == 0 for x in range(image.width()))
