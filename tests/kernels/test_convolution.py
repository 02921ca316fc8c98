"""Every way of convolving against the sum it stands for, and against itself however the work is cut."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

from netbuilder.kernels import by_cells, by_rows, by_shares, by_windows, convolution, products, sliding
from netbuilder.kernels.windows import Geometry
from tests.kernels.test_windows import geometries
from tests.layers.contract import Run

WAYS = [by_windows, by_rows, by_shares, by_cells]


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
    """Random geometries, with maps, weights (each filter seeing all channels) and biases."""
    rng = np.random.default_rng(5)
    for geometry, size in geometries(count):
        if way is by_shares:
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
    for room, name in (
        (by_windows, "CHUNK"),
        (by_shares, "CHUNK"),
        (sliding, "CHUNK"),
        (by_rows, "LONG"),
        (by_cells, "LONG"),
    ):
        monkeypatch.setattr(room, name, chunk)
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
    ("shape", "stride", "groups", "examples", "way"),
    [
        ((6, 1, 5, 5), 1, 1, 64, by_rows),
        ((6, 1, 5, 5), 1, 1, 8, by_windows),
        ((32, 32, 5, 5), 1, 1, 64, by_shares),
        ((32, 16, 5, 5), 1, 1, 64, by_rows),
        ((32, 32, 5, 5), 1, 1, 3, by_windows),
        ((32, 32, 5, 5), 2, 1, 64, by_rows),
        ((32, 32, 5, 5), 2, 1, 31, by_windows),
        ((32, 8, 3, 3), 1, 4, 64, by_rows),
        ((32, 1, 3, 3), 1, 32, 64, by_cells),
        ((32, 1, 3, 3), 2, 16, 1, by_cells),
    ],
)
def test_the_way_follows_from_how_much_there_is_to_do_and_how_it_lies(
    shape: tuple[int, ...], stride: int, groups: int, examples: int, way: ModuleType
):
    geometry = Geometry((shape[2], shape[3]), (stride, stride), (0, 0, 0, 0), (1, 1), (9, 9))
    assert convolution.way_of(geometry, shape, groups, examples) is way


@pytest.mark.parametrize("small", [1, 40, 500, 10**9])
@pytest.mark.parametrize("together", [True, False])
def test_a_product_does_not_depend_on_how_it_is_cut(small: int, together: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(products, "SMALL", small * 130)
    monkeypatch.setattr(products, "KEPT", small)
    for plan in (products._blocks, products._pieces):
        plan.cache_clear()
    rng, run = np.random.default_rng(1), Run()
    for high, deep, rows, columns, n in [(3, 5, 2, 1, 7), (5, 4, 3, 40, 32), (6, 5, 1, 10, 100), (90, 3, 2, 5, 128)]:
        a = rng.normal(size=(high, deep))
        b = rng.normal(size=(rows, deep, columns, n + (not together)))[..., :n]
        expected = np.einsum("mk,rkcn->mrcn", a, b)
        out = np.empty_like(expected)
        products.product(a, b, out)
        np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)
        total = np.ones((deep, high))
        products.add_product(run, b, expected, total)
        np.testing.assert_allclose(total, 1 + np.einsum("rkcn,mrcn->km", b, expected), rtol=1e-11)
    for plan in (products._blocks, products._pieces):
        plan.cache_clear()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_a_number_stays_within_the_windows_that_see_it(way: ModuleType):
    """No product with a weight of 0 stands in for what a window does not hold."""
    for geometry, maps, weight, bias in trials(way, 60):
        own = weight[[0, 1, 2, 3], [0, 0, 1, 1]][:, None] if way is by_cells else weight
        spoiled = maps.copy()
        spoiled[:, -1, -1] = np.nan
        y = np.empty((4, *geometry.size, 3))
        way.forward(Run(), geometry, spoiled, own, bias, y)
        seen = plain(geometry, np.isnan(spoiled).astype(float), np.ones_like(weight), np.zeros(4)) > 0
        np.testing.assert_array_equal(np.isnan(y), seen)
