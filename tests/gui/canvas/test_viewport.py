"""Looking at the canvas: fit, zoom to the cursor, panning, the map, and what assistive technology is told."""

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QInputDevice, QPainter, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.graph import Graph
from netbuilder.gui import theme
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.layers import Dense, Input
from tests.gui.canvas.hand import NONE, Hand


def tall(length: int = 60) -> Graph:
    return Graph.chain(Input(features=8), *(Dense(8) for _ in range(length - 1)))


def turned(view: CanvasView, at: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    assert QPointingDevice.primaryPointingDevice().type() != QInputDevice.DeviceType.TouchPad
    view.wheelEvent(event)


def test_fit_shows_everything_and_never_enlarges(view: CanvasView, document: Document) -> None:
    view.fit()
    assert view.scale_now == 1.0
    document.replace(tall())
    view.fit()
    assert view.scale_now < 0.2
    assert view.seen().contains(view.canvas.extent())


def test_the_wheel_zooms_about_the_mouse(view: CanvasView) -> None:
    at = QPoint(620, 130)
    before = view.mapToScene(at)
    turned(view, at, 3)
    assert view.scale_now > 1.4
    assert (view.mapToScene(at) - before).manhattanLength() < 3
    assert view.zoom_label.text() == f"{100 * view.scale_now:.0f} %"
    turned(view, at, -200)
    assert view.scale_now == 0.05


def test_the_middle_button_and_space_pan(view: CanvasView, hand: Hand) -> None:
    for button, key in ((Qt.MouseButton.MiddleButton, None), (Qt.MouseButton.LeftButton, Qt.Key.Key_Space)):
        before = view.mapToScene(0, 0)
        if key:
            QTest.keyPress(view, key)
        QTest.mousePress(view.viewport(), button, NONE, QPoint(400, 300))
        QTest.mouseMove(view.viewport(), QPoint(360, 330))
        QTest.mouseRelease(view.viewport(), button, NONE, QPoint(360, 330))
        if key:
            QTest.keyRelease(view, key)
        assert view.mapToScene(0, 0) - before == QPointF(40, -30)
        assert view.selected() == ()


def test_the_map_appears_when_there_is_more_than_is_seen(view: CanvasView, document: Document, qtbot: QtBot) -> None:
    view.fit()
    assert not view.minimap.isVisible()
    document.replace(tall())
    assert view.minimap.isVisible()
    bottom = QPoint(view.minimap.width() // 2, view.minimap.height() - 7)
    QTest.mouseClick(view.minimap, Qt.MouseButton.LeftButton, NONE, bottom)
    assert view.seen().contains(QPointF(0, 59 * 72))


def test_the_map_shows_what_is_wrong_and_what_belongs_together(view: CanvasView, document: Document) -> None:
    document.replace(tall(40))
    plain = shades(view)
    graph, _ = document.graph.group(list(document.graph.nodes)[3:20])
    document.commit("Group", graph)
    grouped = shades(view)
    document.commit("Disconnect", graph.disconnect(sorted(graph.edges)[30]))
    assert theme.LIGHT.error.lower() in shades(view) - grouped
    assert grouped - plain


def shades(view: CanvasView) -> set[str]:
    """The colours of the map."""
    image = view.minimap.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_the_key_to_the_shapes_stands_where_no_block_is(view: CanvasView, document: Document) -> None:
    view.fit()
    assert view.legend.isVisible()
    around = view.mapToScene(view.legend.geometry()).boundingRect()
    assert not any(block.card().intersects(around) for block in view.canvas.blocks.values())
    corner = view.legend.pos()
    at = view.mapToScene(view.legend.geometry().center())
    document.commit("Move", document.graph.move({document.graph["pool"].id: at.toTuple()}))
    assert view.legend.pos() != corner
    view.show_legend(False)
    assert not view.legend.isVisible()
    view.show_legend(True)
    document.replace(Graph())
    assert not view.legend.isVisible()


def test_reveal_brings_a_layer_into_view(view: CanvasView, document: Document) -> None:
    document.replace(tall())
    last = document.graph.order[-1]
    assert not view.seen().contains(view.canvas.blocks[last].card())
    view.reveal(last)
    assert view.seen().contains(view.canvas.blocks[last].card())


def test_an_empty_canvas_says_what_to_do(view: CanvasView, document: Document) -> None:
    assert not view.note.isVisible()
    document.replace(Graph())
    assert view.note.isVisible()
    view.fit()


def test_shapes_can_be_written_channels_first(view: CanvasView) -> None:
    assert {wire.text for wire in view.canvas.wires.values()} == {"28×28×1", "28×28×6"}
    view.set_order("chw")
    assert {wire.text for wire in view.canvas.wires.values()} == {"1×28×28", "6×28×28"}


def test_the_selected_layer_is_described(view: CanvasView, document: Document) -> None:
    assert (view.objectName(), view.accessibleName()) == ("canvas", "Canvas")
    assert view.accessibleDescription() == "4 layers"
    view.select([document.graph["conv"].id])
    assert view.accessibleDescription() == "conv, Conv2D · 28×28×6, 5×5 · 6 filters · same, layer 2 of 4"


def test_a_wire_is_described(view: CanvasView, hand: Hand) -> None:
    hand.click((0, 108))
    assert view.accessibleDescription() == "Wire from conv to relu, 28×28×6"


def test_enter_asks_for_the_settings(view: CanvasView, hand: Hand, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.inspect_requested):
        hand.key(Qt.Key.Key_Return)


def painted(view: CanvasView) -> QImage:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    painter = QPainter(image)
    view.canvas.render(painter, QRectF(image.rect()), QRectF(-200, -40, 400, 300))
    painter.end()
    return image


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, 400, 2) for y in range(0, 300, 2)}


def test_it_is_painted_in_the_scheme_in_force(view: CanvasView, styled: QApplication) -> None:
    try:
        light = colours(painted(view))
        theme.theme.apply("dark")
        dark = colours(painted(view))
    finally:
        theme.theme.apply("light")
    assert theme.LIGHT.card.lower() in light - dark
    assert theme.DARK.card.lower() in dark - light


def seen_from_afar(view: CanvasView) -> set[str]:
    """The colours of the view, zoomed out as far as it goes."""
    view.zoom(0.001)
    image = view.viewport().grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_far_away_groups_and_the_selection_are_still_seen(view: CanvasView, document: Document) -> None:
    document.replace(tall(10))
    plain = seen_from_afar(view)
    view.select([4])
    selected = seen_from_afar(view)
    assert theme.LIGHT.accent.lower() in selected - plain
    view.select([])
    document.commit("Group", document.graph.group([2, 3])[0])
    assert seen_from_afar(view) - plain


def test_far_away_a_drag_is_seen_too(view: CanvasView, document: Document, hand: Hand) -> None:
    document.replace(tall(10))
    plain = seen_from_afar(view)
    hand.hold((-900, -900), (900, 2000))
    assert seen_from_afar(view) - plain
    hand.release((900, 2000))
    assert len(view.selected()) == 10


def test_far_away_blocks_are_bars_without_text(view: CanvasView) -> None:
    image = QImage(60, 50, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    view.canvas.render(painter, QRectF(image.rect()), QRectF(-150, -50, 300, 250))
    painter.end()
    assert len({image.pixelColor(x, 10).name() for x in range(60)}) < 8
