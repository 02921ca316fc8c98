"""Pooling by plain loops over windows, ties and padding included."""

import numpy as np
import pytest

from netbuilder.kernels import pooling
from netbuilder.kernels.windows import Geometry
from netbuilder.layers import ImageShape
from netbuilder.layers.pooling import Pool
from netbuilder.layers.sliding import slide2d
from tests.layers.contract import Run
from tests.layers.rows import MaxPool2D, cases

PLACE = Geometry((2, 2), (1, 1), (0, 0, 0, 0), (1, 1), (1, 2))


def test_of_equals_the_first_row_by_row_takes_the_gradient():
    x = np.array([[[[5.0, 5, 1], [5, 5, 5]]]])
    y, source = pooling.largest(Run(), PLACE, x)
    assert y.tolist() == [[[[5, 5]]]]
    dx = pooling.to_largest(Run(), PLACE, source, y, np.array([[[[1.0, 10]]]]), x.shape)
    assert dx.tolist() == [[[[1, 10, 0], [0, 0, 0]]]]


def test_shares_of_overlapping_windows_add_up():
    x = np.array([[[[1.0, 9, 1], [1, 1, 1]]]])
    y, source = pooling.largest(Run(), PLACE, x)
    dx = pooling.to_largest(Run(), PLACE, source, y, np.array([[[[1.0, 10]]]]), x.shape)
    assert dx.tolist() == [[[[0, 11, 0], [0, 0, 0]]]]


def test_padding_never_wins_even_among_negative_numbers():
    for case in cases(MaxPool2D):
        (shape,) = case.shapes
        x = -1 - np.random.default_rng(0).random((1, *shape.array))
        y, _ = case.layer.forward(Run(), {}, x)
        assert ((y >= x.min()) & (y <= x.max())).all()


def test_an_output_that_is_not_a_number_stays_visible():
    x = np.array([[[[1.0, np.nan, 1], [1, 1, 1]]]])
    assert np.isnan(pooling.largest(Run(), PLACE, x)[0]).all()


@pytest.mark.parametrize("padding", [False, True])
def test_a_mean_counts_what_its_window_sees(padding: bool):
    """Each window laid down by itself: positions of the map count, those of the padding if asked for, others never."""
    seen: set[int] = set()
    for case in cases(MaxPool2D):
        layer, (shape,) = case.layer, case.shapes
        assert isinstance(layer, Pool)
        assert isinstance(shape, ImageShape)
        slide = slide2d(shape, layer.pool_size, layer.stride, layer.padding, ceil_mode=layer.ceil_mode)
        place = Geometry(layer.pool_size, layer.stride, slide.pads, (1, 1), slide.size)
        counts = pooling.counts(place, (1, *shape.array), padding=padding)
        for row, column in np.ndindex(*slide.size):
            vertical = range(row * layer.stride[0], row * layer.stride[0] + layer.pool_size[0])
            horizontal = range(column * layer.stride[1], column * layer.stride[1] + layer.pool_size[1])
            assert counts[row, column] == counted(vertical, slide.pads[:2], shape.height, padding) * counted(
                horizontal, slide.pads[2:], shape.width, padding
            )
            seen.add(int(counts[row, column]))
    assert len(seen) > 8
    assert min(seen) >= 1


def counted(window: range, pads: tuple[int, int], size: int, padding: bool) -> int:
    begin, end = pads
    allowed = range(begin + size + end) if padding else range(begin, begin + size)
    return sum(position in allowed for position in window)
