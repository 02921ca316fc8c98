"""Colours mix, solids grow with the logarithm of their sides, and a card's words give way in the right order."""

import pytest

from netbuilder.drawing.colours import DARK, FAMILIES, LIGHT, mixed
from netbuilder.drawing.faces import Face, fitted
from netbuilder.drawing.icons import SIDE, Cell, marks
from netbuilder.drawing.solids import cuboid, glyph_sides
from netbuilder.layers import PALETTE, Conv2D, ImageShape, Layer, VectorShape


def test_colours_mix_evenly():
    assert mixed("#000000", "#FFFFFF", 1.0) == "#000000"
    assert mixed("#000000", "#FFFFFF", 0.0) == "#FFFFFF"
    assert mixed("#3B82F6", "#FFFFFF", 0.5) == "#9DC1FB"


def _luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_words_stand_out_from_what_they_stand_on(scheme):
    for ground in (scheme.card, scheme.surface, scheme.canvas):
        for word in (scheme.text, scheme.secondary, scheme.error, scheme.warning):
            dark, light = sorted((_luminance(word), _luminance(ground)))
            assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("layer", PALETTE)
def test_every_layer_has_a_family_colour_and_marks_inside_its_square(layer: type[Layer]):
    assert layer.family in FAMILIES
    drawn = marks(layer)
    assert drawn
    for mark in drawn:
        points = (
            [(mark.x, mark.y), (mark.x + mark.width, mark.y + mark.height)] if isinstance(mark, Cell) else mark.points
        )
        assert all(0 < x < SIDE and 0 < y < SIDE for x, y in points)
        assert 0 < mark.strength <= 1


def test_doubling_a_side_adds_the_same_to_its_glyph():
    small, twice, large = (glyph_sides(ImageShape(8, n, n)) for n in (8, 16, 32))
    assert twice[0] - small[0] == pytest.approx(large[0] - twice[0])
    assert small[2] == large[2]
    assert glyph_sides(VectorShape(1000))[2] > glyph_sides(VectorShape(10))[2]


def test_the_faces_of_a_cuboid_share_their_edges():
    front, top, flank = cuboid((10, 50), 20, 30, (6, -4))
    assert front == ((10, 50), (30, 50), (30, 20), (10, 20))
    assert set(front) & set(top) == {(10, 20), (30, 20)}
    assert set(front) & set(flank) == {(30, 50), (30, 20)}
    assert set(top) & set(flank) == {(30, 20), (36, 16)}


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (35, ("3×3 · 64 filters · same", "12.3 %")),
        (27, ("3×3 · 64 · same", "12.3 %")),
        (25, ("3×3 · 64 · same", "12 %")),
        (24, ("3×3 · 64 · same", "")),
    ],
)
def test_settings_matter_more_than_shares(room: float, words: tuple[str, str]):
    face = Face(Conv2D, "conv", "3×3 · 64 filters · same", "36,928", "12.3 %")
    assert fitted(face, room, lambda text: float(len(text))) == words
