"""Every way of convolving against the sum it stands for, and against itself however the work is cut."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from netbuilder.kernels import by_cells, by_rows, by_windows, convolution, products
from netbuilder.kernels.windows import Geometry
from tests.kernels.test_windows import geometries
from tests.layers.contract import Run

WAYS = [by_windows, by_rows, by_cells]


def plain(geometry: Geometry, maps: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Σ over channels and cells of map · weight, + bias, place by place."""
    (kh, kw), (oh, ow) = geometry.kernel, geometry.size
    (sh, sw), (dh, dw), (top, _, left, _) = geometry.stride, geometry.dilation, geometry.pads
    far = 40
    padded = np.pad(maps, ((0, 0), (top, far), (left, far), (0, 0)))
    y = np.empty((len(weight), oh, ow, maps.shape[3]))
    for h, w in np.ndindex(oh, ow):
        window = padded[:, h * sh : h * sh + dh * (kh - 1) + 1 : dh, w * sw : w * sw + dw * (kw - 1) + 1 : dw]
        y[:, h, w] = np.einsum("fcij,cijn->fn", weight, window) + bias[:, None]
    return y


def trials(way: ModuleType, count: int) -> Iterator[tuple[Geometry, np.ndarray, np.ndarray, np.ndarray]]:
    """Random geometries this way can do, with maps, weights (each filter seeing all channels) and biases."""
    rng = np.random.default_rng(5)
    for geometry, size in geometries(count):
        if way is by_rows:
            heights = size[0] + sum(geometry.pads[:2]) - (geometry.kernel[0] - 1) * geometry.dilation[0]
            widths = size[1] + sum(geometry.pads[2:]) - (geometry.kernel[1] - 1) * geometry.dilation[1]
            geometry = Geometry(geometry.kernel, (1, 1), geometry.pads, geometry.dilation, (heights, widths))
        weight = rng.normal(size=(4, 2, *geometry.kernel))
        if way is by_cells:
            weight[:2, 1] = weight[2:, 0] = 0
        yield geometry, rng.normal(size=(2, *size, 3)), weight, rng.normal(size=4)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chunk", [1, 10**9])
def test_every_way_gives_the_plain_sum_and_its_adjoints(way: ModuleType, chunk: int, monkeypatch: pytest.MonkeyPatch):
    """The sum is linear in map and weight, so ⟨y(x), g⟩ = ⟨x, dx⟩ and ⟨y(w), g⟩ = ⟨w, dw⟩ say all about gradients."""
    monkeypatch.setattr(way, "CHUNK", chunk)
    for geometry, maps, weight, bias in trials(way, 60):
        own = weight[[0, 1, 2, 3], [0, 0, 1, 1]][:, None] if way is by_cells else weight
        expected = plain(geometry, maps, weight, bias)
        y, dx, dw = np.full_like(expected, np.nan), np.full_like(maps, np.nan), np.full_like(own, np.nan)
        way.forward(Run(), geometry, maps, own, bias, y)
        np.testing.assert_allclose(y, expected, rtol=1e-11, atol=1e-11)
        dy = np.random.default_rng(6).normal(size=y.shape)
        way.gradients(Run(), geometry, maps, dy, own, dx, dw)
        share = np.vdot(y - bias[:, None, None, None], dy)
        assert np.vdot(maps, dx) == pytest.approx(share, rel=1e-9, abs=1e-9)
        assert np.vdot(own, dw) == pytest.approx(share, rel=1e-9, abs=1e-9)
        alone = np.empty_like(dw)
        way.gradients(Run(), geometry, maps, dy, own, None, alone)
        np.testing.assert_array_equal(alone, dw)


@pytest.mark.parametrize(
    ("shape", "stride", "groups", "way"),
    [
        ((6, 1, 5, 5), 1, 1, by_windows),
        ((32, 32, 5, 5), 1, 1, by_rows),
        ((32, 32, 5, 5), 2, 1, by_windows),
        ((32, 32, 1, 1), 1, 1, by_windows),
        ((32, 8, 3, 3), 1, 4, by_rows),
        ((32, 1, 3, 3), 1, 32, by_cells),
        ((32, 1, 3, 3), 2, 16, by_cells),
    ],
)
def test_the_way_follows_from_what_there_is_to_copy(shape: tuple[int, ...], stride: int, groups: int, way: ModuleType):
    geometry = Geometry((shape[2], shape[3]), (stride, stride), (0, 0, 0, 0), (1, 1), (9, 9))
    assert convolution.way_of(geometry, shape, groups) is way


@pytest.mark.parametrize("small", [1, 40, 500, 10**9])
def test_a_product_does_not_depend_on_how_its_columns_are_cut(small: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(products, "SMALL", small * 130)
    products._blocks.cache_clear()
    rng = np.random.default_rng(1)
    run = Run()
    for rows, inner, columns in [(3, 5, 7), (5, 4, 1280), (6, 5, 1000), (90, 3, 640), (1, 1, 6400)]:
        a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
        np.testing.assert_allclose(products.product(a, b, np.empty((rows, columns))), a @ b, rtol=1e-12, atol=1e-12)
        total = np.ones((rows, inner))
        products.add_product(run, a @ b, b, total)
        np.testing.assert_allclose(total, 1 + a @ b @ b.T, rtol=1e-11)
    products._blocks.cache_clear()
