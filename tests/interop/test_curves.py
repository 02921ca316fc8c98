"""Curves are drawn from numbers alone: round ticks, an honest mean, every series visible, nothing outside."""

import math
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from netbuilder.interop.curves import (
    SURFACE,
    TRAINING,
    VALIDATION,
    Frame,
    Panel,
    Series,
    draw_curves,
    log_ticks,
    smoothed,
    ticks,
)


def count(picture: Image.Image, colour: str) -> int:
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(np.asarray(picture).astype(int) - wanted).max(axis=2) < 40).sum())


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0, 2.3), (0.1, 0.13), (-3, 7), (0, 1e-9), (5, 5), (0, 123_456), (0.9, 1.0)]
)
def test_ticks_enclose_the_values_at_round_and_even_steps(low: float, high: float):
    found = ticks(low, high)
    assert found[0] <= low
    assert high <= found[-1]
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0])
    leading = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
    assert min(abs(leading - each) for each in (1, 2, 5)) < 1e-6
    assert 2 <= len(found) <= 12


@pytest.mark.parametrize(
    ("low", "high"), [(0.01, 6.8), (0.016, 6.8), (0.3, 0.31), (1, 10), (1e-9, 1e3), (0, 2), (0, 0), (5, 5)]
)
def test_logarithmic_ticks_enclose_what_a_million_to_one_can_show(low: float, high: float):
    found = log_ticks(low, high)
    assert found[0] <= max(low, 1e-6 * high, 1e-18) * (1 + 1e-9)
    assert high <= found[-1] * (1 + 1e-9)
    assert found == sorted(found)
    assert 2 <= len(found) <= 12


def test_on_a_logarithmic_axis_equal_ratios_take_equal_room():
    frame = Frame(0, 0, 100, 300, [0, 1], [0.01, 0.1, 1, 10], True)
    places = [frame.place((0, y))[1] for y in (0.01, 0.1, 1, 10, 0, 99)]
    assert places == pytest.approx([300, 200, 100, 0, 300, 0])


def test_the_running_mean_has_no_bias_towards_its_start():
    np.testing.assert_allclose(smoothed([3.0] * 50), 3.0)
    rising = smoothed(list(range(100)))
    assert all(a < b for a, b in pairwise(rising))
    assert rising[0] == 0


def test_both_series_are_drawn_and_an_empty_panel_is_not_an_error():
    line = Series("training", "training", [0, 1, 2], [2.0, 1.0, 0.5])
    marks = Series("validation", "validation", [1, 2], [1.2, 0.7])
    empty = draw_curves("Title", [Panel("Loss", [])])
    assert empty.size == (1000, 420)
    assert count(empty, TRAINING) == count(empty, VALIDATION) == 0
    one = draw_curves("Title", [Panel("Loss", [line])])
    both = draw_curves("Title", [Panel("Loss", [line, marks]), Panel("Accuracy", [], percent=True)], width=800)
    assert count(one, TRAINING) > 300
    assert count(one, VALIDATION) == 0
    assert count(both, VALIDATION) > 200
    assert both.size == (800, 420)


def test_values_that_are_not_finite_leave_a_gap_and_nothing_reaches_the_edge():
    wild = Series("training", "training", range(5), [1.0, math.nan, math.inf, 1e6, 0.0])
    picture = draw_curves("<b>Title</b>", [Panel("Loss", [wild]), Panel("Loss", [wild], logarithmic=True)])
    pixels = np.asarray(picture)
    white = [int(SURFACE[i : i + 2], 16) for i in (1, 3, 5)]
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == white).all()
