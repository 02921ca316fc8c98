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


def maps(rows: list[list[float]]) -> np.ndarray:
    """One channel of one example, (1, height, width, 1)."""
    return np.array(rows)[None, :, :, None]


def test_of_equals_the_first_row_by_row_takes_the_gradient():
    y, back = pooling.largest(Run(), PLACE, maps([[5.0, 5, 1], [5, 5, 5]]))
    assert y[0, :, :, 0].tolist() == [[5, 5]]
    assert back(maps([[1.0, 10]]))[0, :, :, 0].tolist() == [[1, 10, 0], [0, 0, 0]]


def test_shares_of_overlapping_windows_add_up():
    _, back = pooling.largest(Run(), PLACE, maps([[1.0, 9, 1], [1, 1, 1]]))
    assert back(maps([[1.0, 10]]))[0, :, :, 0].tolist() == [[0, 11, 0], [0, 0, 0]]


def test_pairs_of_pairs_are_the_same_windows_ties_and_odd_edges_included():
    rng = np.random.default_rng(3)
    for height, width in np.ndindex(6, 6):
        x = rng.integers(0, 3, (2, height + 1, width + 1, 4)).astype(float)
        for whole in (True, False):
            size = tuple(n // 2 if whole else -(-n // 2) for n in x.shape[1:3])
            place = Geometry((2, 2), (2, 2), (0, 0, 0, 0), (1, 1), size)
            if not all(size):
                continue
            assert pooling.in_pairs(place)
            one, back = pooling.largest(Run(), place, x)
            two, quick = pooling.largest_of_pairs(Run(), place, x)
            np.testing.assert_array_equal(two, one)
            dy = rng.normal(size=one.shape)
            np.testing.assert_array_equal(quick(dy), back(dy))


def test_padding_never_wins_even_among_negative_numbers():
    for case in cases(MaxPool2D):
        (shape,) = case.shapes
        x = -1 - np.random.default_rng(0).random((1, *shape.array))
        y, _ = case.layer.forward(Run(), {}, x)
        assert ((y >= x.min()) & (y <= x.max())).all()


def test_an_output_that_is_not_a_number_stays_visible():
    assert np.isnan(pooling.largest(Run(), PLACE, maps([[1.0, np.nan, 1], [1, 1, 1]]))[0]).all()
    pairs = Geometry((2, 2), (2, 2), (0, 0, 0, 0), (1, 1), (1, 1))
    assert np.isnan(pooling.largest_of_pairs(Run(), pairs, maps([[1.0, np.nan], [1, 1]]))[0]).all()


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
