"""PNG: two pixels for each of the picture's, smooth, and never larger than a machine can hold."""

from io import BytesIO
from math import ceil

import numpy as np
import pytest
from PIL import Image

import netbuilder as nb
from netbuilder.drawing.colours import FAMILIES, LIGHT
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.interop.figures import draw_figure
from netbuilder.interop.figures import png as writer
from netbuilder.interop.figures.picture import Path, Picture, Text, dot
from netbuilder.interop.figures.png import dashes, to_png


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(to_png(picture))).convert("RGB")).astype(int)


def amount(found: np.ndarray, colour: str) -> int:
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(found - wanted).max(axis=2) <= 2).sum())


def test_a_picture_has_twice_its_size_and_its_colours():
    picture = draw_figure(example("lenet-5"))
    image = Image.open(BytesIO(to_png(picture)))
    assert (image.format, image.mode) == ("PNG", "RGB")
    assert image.size == (ceil(2 * picture.width), ceil(2 * picture.height))
    assert image.info["dpi"] == pytest.approx((192, 192), abs=0.1)
    found = pixels(picture)
    for family in ("input", "convolution", "pooling", "activation", "dense", "reshape"):
        assert amount(found, FAMILIES[family]) > 100
    assert amount(found, FAMILIES["merge"]) == 0
    assert amount(found, LIGHT.text) > 1000


def test_edges_are_smooth_and_areas_exact():
    found = pixels(Picture(20, 20, "#FFFFFF", (dot((10, 10), 5, "#000000"),)))
    assert (255 * 1600 - found[:, :, 0].sum()) / 255 == pytest.approx(np.pi * 100, rel=0.02)
    assert 0 < ((found > 0) & (found < 255)).sum() < 300


def test_strips_leave_no_seam(monkeypatch: pytest.MonkeyPatch):
    picture = draw_figure(example("mlp"))
    whole = pixels(picture)
    monkeypatch.setattr(writer, "STRIP", 7 * whole.shape[1])
    np.testing.assert_array_equal(pixels(picture), whole)


def test_designs_that_are_flung_far_apart_are_drawn_smaller(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "MOST_PIXELS", 1_000_000)
    monkeypatch.setattr(writer, "LONGEST", 1_200)
    graph = Graph.chain(nb.Input(features=4), nb.Dense(3)).move({1: (-9e8, 0.0), 2: (9e8, 9e8)})
    assert max(pixels(draw_figure(graph)).shape) <= writer.LONGEST
    picture = Picture(3000, 2900, "#FFFFFF", (Text((0, 99), "far", 13, "#000000"),))
    width, height = Image.open(BytesIO(to_png(picture))).size
    assert 0.98 * writer.MOST_PIXELS < width * height <= 1.01 * writer.MOST_PIXELS
    assert width / height == pytest.approx(30 / 29, rel=0.01)


def test_dashes_take_turns_along_a_line_and_round_its_corners():
    assert dashes([(0, 0), (10, 0)], [4, 2]) == [[(0, 0), (4, 0)], [(6, 0), (10, 0)]]
    assert dashes([(0, 0), (3, 0), (3, 5)], [4, 2]) == [[(0, 0), (3, 0), (3, 1)], [(3, 3), (3, 5)]]
    drawn = pixels(Picture(40, 4, "#FFFFFF", (Path(((0, 2), (40, 2)), None, "#000000", 2, False, dash=(4, 4)),)))
    row = drawn[4, :, 0] < 128
    assert np.count_nonzero(np.diff(row)) == 9
    assert row.mean() == pytest.approx(0.5, abs=0.03)
