"""Windows copied out of padded maps, and added back."""

import random

import numpy as np
import pytest

from netbuilder.kernels import convolution
from netbuilder.kernels.scratch import Part, contiguous
from netbuilder.kernels.windows import Geometry, margins, padded, scatter, unfold
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


def test_every_column_is_what_its_window_sees():
    rng = np.random.default_rng(1)
    for geometry, size in geometries(200):
        x = frozen(rng.normal(size=(2, 3, *size)))
        columns = np.full((2, 3, *geometry.kernel, *geometry.size), np.nan)
        unfold(padded(Run(), x, geometry, value=7), geometry, columns)
        for i, j, row, column in np.ndindex(*geometry.kernel, *geometry.size):
            y = row * geometry.stride[0] + i * geometry.dilation[0] - geometry.pads[0]
            z = column * geometry.stride[1] + j * geometry.dilation[1] - geometry.pads[2]
            inside = 0 <= y < size[0] and 0 <= z < size[1]
            expected = x[:, :, y, z] if inside else np.full((2, 3), 7)
            np.testing.assert_array_equal(columns[:, :, i, j, row, column], expected)


def test_adding_back_is_the_adjoint_of_copying_out():
    """⟨unfold(x), c⟩ = ⟨x, scatter(c)⟩ for any x and c: the one fact that makes a gradient right."""
    rng = np.random.default_rng(2)
    for geometry, size in geometries(300):
        x, shape = rng.normal(size=(2, 3, *size)), (2, 3, *size)
        columns = np.empty((2, 3, *geometry.kernel, *geometry.size))
        unfold(padded(Run(), x, geometry), geometry, columns)
        patches = rng.normal(size=columns.shape)
        out, inner = margins(Run(), shape, np.float64, geometry)
        scatter(patches, geometry, out)
        assert inner.shape == x.shape
        assert np.vdot(columns, patches) == pytest.approx(np.vdot(x, inner), rel=1e-12, abs=1e-12)


def test_a_map_that_needs_no_padding_is_not_copied():
    x = np.ones((1, 1, 5, 5))
    assert padded(Run(), x, Geometry((2, 2), (2, 2), (0, 0, 0, 0), (1, 1), (2, 2))) is x


def test_what_is_in_order_is_not_copied_and_what_is_not_is():
    x = np.arange(24.0).reshape(2, 3, 4)
    assert contiguous(Run(), "x", x) is x
    turned = contiguous(Run(), "x", x.transpose(0, 2, 1))
    np.testing.assert_array_equal(turned, x.transpose(0, 2, 1))
    assert turned.flags.c_contiguous


def test_parts_of_a_layer_have_buffers_of_their_own():
    run = Run()
    first, second = (Part(run, name).array("y", (2, 2), np.float64) for name in ("depthwise", "pointwise"))
    assert not np.shares_memory(first, second)


@pytest.mark.parametrize("chunk", [1, 300, 10**9])
def test_a_convolution_does_not_depend_on_how_many_examples_are_unfolded_at_once(
    chunk: int, monkeypatch: pytest.MonkeyPatch
):
    rng = np.random.default_rng(4)
    x, w, b = rng.normal(size=(7, 4, 6, 5)), rng.normal(size=(6, 2, 3, 3)), rng.normal(size=6)
    place = Geometry((3, 3), (1, 1), (1, 1, 1, 1), (1, 1), (6, 5))
    dy = rng.normal(size=(7, 6, 6, 5))

    def results() -> list[np.ndarray]:
        run = Run()
        y, source = convolution.forward(run, place, x, w, b, groups=2)
        dw = convolution.weight_gradient(run, place, source, dy, w.shape, groups=2)
        return [y, dw, convolution.input_gradient(run, place, dy, w, x.shape, groups=2)]

    expected = results()
    monkeypatch.setattr(convolution, "CHUNK", chunk)
    for one, other in zip(expected, results(), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-13, atol=1e-13)
