"""Mistakes in layers that enlarge maps or move channels are noticed: each is made on purpose. And what these layers
are, said in other words."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from netbuilder.kernels import resampling as resampling_kernel
from netbuilder.kernels import transposed as transposed_kernel
from netbuilder.kernels.scratch import Array
from netbuilder.layers import (
    ChannelShuffle,
    Conv2D,
    ConvTranspose2D,
    ImageShape,
    Reshape,
    SelectChannels,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
    channels,
    resampling,
)
from netbuilder.layers.base import Window
from tests.layers import contract, references
from tests.layers.contract import Run
from tests.layers.rows import Case, cases
from tests.layers.test_contract import in_evaluation, noticed


def x_of(channels: int, height: int, width: int, batch: int = 2) -> Array:
    return np.random.default_rng(3).normal(size=(batch, channels, height, width))


# ---- seeded bugs -----------------------------------------------------------------------------------------------------


def by_loops(case: Case) -> None:
    contract.check_products(case, references.transposed)


def test_windows_that_overwrite_each_other_are_noticed(monkeypatch: pytest.MonkeyPatch):
    right = transposed_kernel._taps
    monkeypatch.setattr(transposed_kernel, "_taps", lambda *given: list(right(*given))[:1])
    assert noticed(by_loops, ConvTranspose2D) > 20
    assert noticed(contract.check_onnx, ConvTranspose2D) > 20


def test_a_crop_at_the_wrong_end_is_noticed(monkeypatch: pytest.MonkeyPatch):
    class Shifted(ConvTranspose2D):
        @property
        def crop(self) -> Any:
            (top, bottom), (left, right) = super().crop
            return (bottom, top), (left, right)

    assert noticed(in_evaluation, ConvTranspose2D, Shifted) == 0, "its gradients are right, so other checks see it"
    assert noticed(contract.check_reach, ConvTranspose2D, Shifted) == 0
    monkeypatch.setattr(ConvTranspose2D, "reach", Shifted(padding=(0, 2, 0, 0), kernel_size=3).reach)
    assert noticed(contract.check_reach, ConvTranspose2D) > 20


def test_centres_half_a_pixel_aside_are_noticed(monkeypatch: pytest.MonkeyPatch):
    right = resampling_kernel._phases

    def aside(factor: int) -> Iterator[Any]:
        return ((min(1.0, distance + 0.5 / factor), *rest) for distance, *rest in right(factor))

    monkeypatch.setattr(resampling_kernel, "_phases", aside)
    assert noticed(in_evaluation, Upsample2D) == 0
    assert noticed(contract.check_onnx, Upsample2D) > 10


def test_neighbours_that_get_no_gradient_are_noticed(monkeypatch: pytest.MonkeyPatch):
    def own(run: Any, allocate: Any, role: str, dy: Array, factor: int, axis: int) -> Array:
        shape = [*dy.shape[:axis], dy.shape[axis] // factor, factor, *dy.shape[axis + 1 :]]
        return dy.reshape(shape).sum(axis + 1)

    monkeypatch.setattr(resampling_kernel, "_gathered", own)
    assert noticed(in_evaluation, Upsample2D) > 10


def test_a_shuffle_that_is_not_undone_is_noticed(monkeypatch: pytest.MonkeyPatch):
    right = channels._dealt
    monkeypatch.setattr(
        channels, "_dealt", lambda make, role, x, groups: right(make, role, x, groups if role == "y" else 1)
    )
    assert noticed(in_evaluation, ChannelShuffle) > 10


def test_outputs_said_to_see_other_pixels_are_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resampling, "_block", lambda factor: Window(1, 1, 0, factor))
    assert noticed(contract.check_reach, Upsample2D) > 10


# ---- in other words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_a_transposed_convolution_is_a_convolution_s_way_back(seed: int):
    """What Conv2D's pullback makes of a gradient is what ConvTranspose2D makes of a map, weights and all."""
    rng = np.random.default_rng(seed)
    kernel, stride, dilation = (tuple(int(n) for n in rng.integers(1, most, 2)) for most in (5, 4, 3))
    groups, pads = int(rng.integers(1, 3)), tuple(int(n) for n in rng.integers(0, 2, 4))
    conv = Conv2D(2 * groups, kernel, stride, pads, dilation, groups, bias=False)
    back = ConvTranspose2D(3 * groups, kernel, stride, pads, 0, dilation, groups, bias=False)
    small = ImageShape(2 * groups, *(int(n) for n in rng.integers(3, 6, 2)))
    large = back.infer(small).shape
    assert isinstance(large, ImageShape)
    assert conv.infer(large).shape == small
    weights = {"weight": rng.normal(size=conv.infer(large).weights["weight"].shape)}
    x, dy = rng.normal(size=(2, *large.array)), rng.normal(size=(2, *small.array))
    (dx,), _ = conv.forward(Run(), weights, x)[1](dy)
    y, _ = back.forward(Run(), weights, dy)
    assert dx is not None
    np.testing.assert_allclose(y, dx, atol=1e-12)


def test_it_comes_to_the_same_however_the_work_is_cut(monkeypatch: pytest.MonkeyPatch):
    for case in cases(ConvTranspose2D, 20):
        arrays, own = contract.inputs(case), contract.weights(case)
        found: list[list[Array]] = []
        for chunk in (1, 10**9):
            monkeypatch.setattr(transposed_kernel, "CHUNK", chunk)
            y, pullback = case.layer.forward(Run(), own, *arrays)
            y = np.array(y)
            (dx,), gradients = pullback(np.cos(y))
            found.append([y, np.array(dx), *map(np.array, gradients.values())])
        for one, other in zip(*found, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        (ConvTranspose2D(1, 2, 2), (10, 14)),
        (ConvTranspose2D(1, 3, 2), (11, 15)),
        (ConvTranspose2D(1, 3, 2, "same"), (10, 14)),
        (ConvTranspose2D(1, 1, 3, "same"), (15, 21)),
        (ConvTranspose2D(1, 3, 2, 1), (9, 13)),
        (ConvTranspose2D(1, 3, 2, 1, output_padding=1), (10, 14)),
        (ConvTranspose2D(1, 3, 2, dilation=2), (13, 17)),
        (ConvTranspose2D(1, 4, 2, (1, 1, 0, 2)), (10, 14)),
        (Upsample2D((2, 3)), (10, 21)),
        (ZeroPad2D((1, 2, 3, 4)), (8, 14)),
    ],
)
def test_sizes_are_those_of_pytorch_and_keras(layer: ConvTranspose2D | Upsample2D | ZeroPad2D, size: tuple[int, int]):
    shape = layer.infer(ImageShape(3, 5, 7)).shape
    assert isinstance(shape, ImageShape)
    assert (shape.height, shape.width) == size


def test_bilinear_blends_pixels_by_their_centres():
    x = np.array([0.0, 4.0]).reshape(1, 1, 1, 2)
    wide, _ = Upsample2D((1, 2), "bilinear").forward(Run(), {}, x)
    assert wide.ravel().tolist() == [0, 1, 3, 4]
    wider, _ = Upsample2D((1, 4), "bilinear").forward(Run(), {}, x)
    assert wider.ravel().tolist() == [0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]


def test_a_shuffle_deals_channels_like_cards():
    x = np.arange(6.0).reshape(1, 6, 1, 1)
    y, _ = ChannelShuffle(2).forward(Run(), {}, x)
    assert y.ravel().tolist() == [0, 3, 1, 4, 2, 5]
    again, _ = ChannelShuffle(3).forward(Run(), {}, y)
    assert again.ravel().tolist() == x.ravel().tolist()


def test_two_selections_side_by_side_are_the_whole():
    x = x_of(5, 2, 3)
    halves = [each.forward(Run(), {}, x)[0] for each in (SelectChannels(0, 2), SelectChannels(2))]
    np.testing.assert_array_equal(np.concatenate(halves, 1), x)


def test_numbers_are_laid_out_in_the_order_of_a_flat_list():
    x = x_of(4, 3, 2)
    y, _ = Reshape(2, 3, -1).forward(Run(), {}, x)
    np.testing.assert_array_equal(y, x.reshape(2, 4, 2, 3))
    there, _ = Reshape(features=-1).forward(Run(), {}, np.asfortranarray(x))
    np.testing.assert_array_equal(there, x.reshape(2, 24))
    assert Reshape(7, 7).infer(VectorShape(1568)).axes["channels"].text == "1568 / (7 · 7) = 32"
