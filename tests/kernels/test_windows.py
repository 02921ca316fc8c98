"""Which numbers of a map each kernel cell reads, and the two directions numbers are moved in."""

import random

import numpy as np
import pytest

from netbuilder.kernels.scratch import Part, batch_first, batch_last, contiguous, like, maps_of
from netbuilder.kernels.windows import Geometry, taps
from netbuilder.layers import ImageShape, Misfit
from netbuilder.layers.sliding import slide2d
from tests.layers.contract import Run, frozen


def geometries(count: int) -> list[tuple[Geometry, tuple[int, int]]]:
    """Random kernels on maps of (height, width), in ceil mode now and then."""
    rng = random.Random(3)
    found: list[tuple[Geometry, tuple[int, int]]] = []
    while len(found) < count:
        pair = lambda high: (rng.randint(1, high), rng.randint(1, high))  # noqa: E731
        kernel, stride, dilation, size = pair(4), pair(3), pair(2), pair(8)
        sides = (rng.randint(0, 3), rng.randint(0, 3), rng.randint(0, 3), rng.randint(0, 3))
        try:
            slide = slide2d(ImageShape(1, *size), kernel, stride, sides, dilation, ceil_mode=rng.random() < 0.4)
        except Misfit:
            continue
        found.append((Geometry(kernel, stride, slide.pads, dilation, slide.size), size))
    return found


def test_every_tap_copies_what_its_cell_sees_over_any_rows_of_windows():
    rng = np.random.default_rng(1)
    for geometry, size in geometries(200):
        maps = frozen(rng.normal(size=(3, *size, 2)))
        first = int(rng.integers(0, geometry.size[0]))
        last = int(rng.integers(first, geometry.size[0])) + 1
        cells = np.ndindex(*geometry.kernel)
        for (i, j), tap in zip(cells, taps(geometry, size, first, last), strict=True):
            out = np.full((3, last - first, geometry.size[1], 2), np.nan)
            tap.copy(maps, out)
            for row, column in np.ndindex(last - first, geometry.size[1]):
                y = (first + row) * geometry.stride[0] + i * geometry.dilation[0] - geometry.pads[0]
                z = column * geometry.stride[1] + j * geometry.dilation[1] - geometry.pads[2]
                inside = 0 <= y < size[0] and 0 <= z < size[1]
                np.testing.assert_array_equal(out[:, row, column], maps[:, y, z] if inside else np.zeros((3, 2)))


def test_adding_back_is_the_adjoint_of_copying_out():
    """⟨copy(x), s⟩ = ⟨x, add(s)⟩ for any x and s: the one fact that makes a gradient right."""
    rng = np.random.default_rng(2)
    for geometry, size in geometries(300):
        maps, shape = rng.normal(size=(3, *size, 2)), (3, *geometry.size, 2)
        for tap in taps(geometry, size):
            out, shares, back = np.empty(shape), rng.normal(size=shape), np.zeros(maps.shape)
            tap.copy(maps, out)
            tap.add(shares, back)
            assert np.vdot(out, shares) == pytest.approx(np.vdot(maps, back), rel=1e-12, abs=1e-12)


def test_what_is_in_order_is_not_copied_and_what_is_not_is():
    x = np.arange(24.0).reshape(2, 3, 4)
    assert contiguous(Run().array, "x", x) is x
    turned = contiguous(Run().array, "x", x.transpose(0, 2, 1))
    np.testing.assert_array_equal(turned, x.transpose(0, 2, 1))
    assert turned.flags.c_contiguous


def test_examples_lie_innermost_whatever_order_they_came_in():
    x = np.random.default_rng(0).normal(size=(5, 3, 2, 4))
    maps = maps_of(Run().array, "maps", x)
    assert maps.flags.c_contiguous
    np.testing.assert_array_equal(batch_first(maps), x)
    assert maps_of(Run().array, "maps", batch_first(maps)).base is maps.base
    assert batch_last(like(Run().array, "y", batch_first(maps))).flags.c_contiguous
    assert like(Run().array, "y", x).flags.c_contiguous


def test_parts_of_a_layer_have_buffers_of_their_own():
    run = Run()
    first, second = (Part(run, name).array("y", (2, 2), np.float64) for name in ("depthwise", "pointwise"))
    assert not np.shares_memory(first, second)
