"""Every layer has a drawing, and no two of the palette look alike."""

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from netbuilder.gui.icons import icon
from netbuilder.layers import PALETTE, Layer


def drawn(layer: type[Layer], side: int) -> QImage:
    return icon(layer, side).pixmap(side, side).toImage()


@pytest.mark.parametrize("layer", PALETTE)
def test_a_layer_has_a_drawing_on_its_soft_square(styled: QApplication, layer: type[Layer]) -> None:
    image = drawn(layer, 20)
    colours = {image.pixelColor(x, y).rgba() for x in range(20) for y in range(20)}
    assert image.pixelColor(0, 0).alpha() == 0
    assert len(colours) > 10


def test_no_two_layers_look_alike(styled: QApplication) -> None:
    pictures = [bytes(drawn(layer, 40).constBits()) for layer in PALETTE]
    assert len(set(pictures)) == len(PALETTE)


def test_icons_are_drawn_for_dense_screens(styled: QApplication) -> None:
    assert icon(PALETTE[0], 20).pixmap(icon(PALETTE[0]).availableSizes()[0], 2.0).width() == 40
