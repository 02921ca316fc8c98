"""The contract's checks catch the mistakes they are there for: each is made on purpose, and must be noticed."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import pytest

from netbuilder.kernels import by_cells, by_rows, by_shares, by_windows, convolution
from netbuilder.kernels import normalisation as normalisation_kernel
from netbuilder.kernels import pooling as pooling_kernel
from netbuilder.kernels import sliding as sliding_kernel
from netbuilder.kernels.scratch import Array
from netbuilder.kernels.windows import Geometry, taps
from netbuilder.layers import (
    Add,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Facts,
    ImageShape,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    ReLU,
    Shape,
    normalisation,
    sliding,
)
from netbuilder.layers import convolution as convolution_layer
from netbuilder.layers.base import Pass, Pullback, Window
from netbuilder.layers.workings import ZERO
from tests.layers import contract, references
from tests.layers.rows import Case, cases

Check = Callable[[Case], None]


def noticed(check: Check, cls: type[Layer], bugged: type[Layer] | None = None) -> int:
    """In how many of a layer's cases a check fails, with a class that has a bug in place of the right one."""
    failures = 0
    for case in cases(cls):
        layer = bugged(**case.layer.values()) if bugged else case.layer
        try:
            check(Case(layer, case.shapes, case.batch))
        except AssertionError:
            failures += 1
    return failures


def in_evaluation(case: Case) -> None:
    contract.check_gradients(case, training=False)


def in_training(case: Case) -> None:
    contract.check_gradients(case, training=True)


def test_a_flipped_kernel_is_noticed():
    class Flipped(Conv2D):
        def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
            flipped = dict(weights) | {"weight": weights["weight"][:, :, ::-1, ::-1]}
            y, pullback = super().forward(run, flipped, *inputs)

            def back(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
                into_inputs, gradients = pullback(dy)
                return into_inputs, gradients | {"weight": gradients["weight"][:, :, ::-1, ::-1]}

            return y, back

    assert noticed(in_evaluation, Conv2D, Flipped) == 0, "its gradients are right, so other checks have to see it"
    assert noticed(contract.check_onnx, Conv2D, Flipped) > 20
    assert noticed(lambda case: contract.check_products(case, references.convolution), Conv2D, Flipped) > 20


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What was worked out with a bug is not remembered after it."""
    yield
    convolution_layer._geometry.cache_clear()


@pytest.mark.usefixtures("forgetful")
def test_rounding_up_for_down_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sliding, "floor", sliding.ceil)
    wrong = Exception  # onnx itself refuses a graph whose declared and inferred shapes differ
    failures = 0
    for case in cases(Conv2D):
        try:
            contract.check_onnx(case)
        except wrong:
            failures += 1
    assert failures > 10
    assert noticed(lambda case: contract.check_products(case, references.convolution), Conv2D) > 10


def test_a_bias_gradient_that_is_averaged_is_noticed():
    class Averaged(Dense):
        def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
            y, pullback = super().forward(run, weights, *inputs)

            def back(dy: Array) -> tuple[tuple[Array | None, ...], dict[str, Array]]:
                into_inputs, gradients = pullback(dy)
                return into_inputs, {name: g / len(dy) if name == "bias" else g for name, g in gradients.items()}

            return y, back

    assert noticed(in_evaluation, Dense, Averaged) > 10
    assert noticed(in_evaluation, Dense) == 0


def test_overlapping_windows_that_overwrite_each_other_are_noticed(monkeypatch: pytest.MonkeyPatch):
    def assigned(run: Any, geometry: Geometry, maps: Array, y: Array, dy: Array) -> Array:
        dx = np.zeros(maps.shape, dy.dtype)
        for tap in taps(geometry, maps.shape[1:3]):
            read, written = (slice(None), *tap.read), (slice(None), *tap.written)
            dx[read] = np.where(maps[read] == y[written], dy[written], dx[read])
        return dx

    monkeypatch.setattr(pooling_kernel, "to_largest", assigned)
    assert noticed(in_evaluation, MaxPool2D) > 5


def test_padding_with_zeros_instead_of_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pooling_kernel, "NOTHING", 0.0)
    assert noticed(contract.check_onnx, MaxPool2D) > 5


def test_a_mean_over_padding_that_does_not_count_is_noticed(monkeypatch: pytest.MonkeyPatch):
    right = pooling_kernel.counts
    monkeypatch.setattr(pooling_kernel, "counts", lambda place, shape, padding: right(place, shape, padding=True))
    assert noticed(contract.check_onnx, AveragePool2D) > 5
    monkeypatch.setattr(pooling_kernel, "counts", lambda place, shape, padding: np.full(place.size, 4))
    assert noticed(contract.check_onnx, AveragePool2D) > 20


def test_a_batch_norm_that_forgets_that_the_mean_moves_is_noticed(monkeypatch: pytest.MonkeyPatch):
    def without_mean(dx: Array, dy: Array, by_shift: Array, by_scale: Array, scale: Array) -> None:
        normalisation_kernel.batch_gradient(dx, dy, np.zeros_like(by_shift), by_scale, scale)

    monkeypatch.setattr(normalisation, "batch_gradient", without_mean)
    assert noticed(in_training, BatchNorm) > 20
    assert noticed(in_evaluation, BatchNorm) == 0


def test_dropout_that_is_not_scaled_back_in_its_gradient_is_noticed():
    class Unscaled(Dropout):
        def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
            y, pullback = super().forward(run, weights, *inputs)
            return y, lambda dy: pullback(dy * (1 - self.rate) if run.training else dy)

    assert noticed(in_training, Dropout, Unscaled) > 20


def test_a_sum_over_too_few_neighbours_is_noticed(monkeypatch: pytest.MonkeyPatch):
    right = normalisation_kernel.neighbour_sums
    monkeypatch.setattr(
        normalisation,
        "neighbour_sums",
        lambda allocate, role, x, before, after: right(allocate, role, x, before, after - 1),
    )
    assert noticed(contract.check_onnx, LocalResponseNorm) > 10
    assert noticed(in_evaluation, LocalResponseNorm) > 10, "the sum of the gradient runs over mirrored neighbours"


def test_a_layer_that_relies_on_what_a_buffer_held_is_noticed(monkeypatch: pytest.MonkeyPatch):
    class Kept(Dense):
        def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
            y, pullback = super().forward(run, weights, *inputs)
            run.array("y", y.shape, y.dtype)
            return y, pullback

    assert noticed(contract.check_shape, Dense, Kept) > 20


def test_a_layer_that_writes_to_its_input_is_noticed():
    class InPlace(Dropout):
        def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
            np.negative(inputs[0], out=inputs[0])
            return super().forward(run, weights, *inputs)

    with pytest.raises(ValueError, match="read-only"):
        contract.check_shape(Case(InPlace(), cases(Dropout)[0].shapes, 2))


@pytest.mark.parametrize("cls", [ReLU, Add])
def test_taking_the_input_s_place_changes_no_number(cls: type[Layer]):
    for case in cases(cls):
        arrays = [np.array(x) for x in contract.inputs(case)]
        expected, back = case.layer.forward(contract.Run(), {}, *contract.inputs(case))
        run = contract.Run()
        run.may_overwrite = True
        y, pullback = case.layer.forward(run, {}, *arrays)
        assert y is arrays[0]
        np.testing.assert_array_equal(y, expected)
        dy = np.random.default_rng(0).normal(size=y.shape)
        np.testing.assert_array_equal(pullback(dy)[0], back(dy)[0])


def test_numbers_that_are_miscounted_are_noticed():
    class Miscounted(Conv2D):
        def infer(self, *inputs: Shape) -> Facts:
            facts = super().infer(*inputs)
            changed: dict[str, Any] = {**vars(facts), "macs": ZERO}
            if self.bias:
                changed["parameters"] = facts.parameters - 1
            return Facts(**changed)

    assert noticed(contract.check_weights, Conv2D, Miscounted) > 20
    assert noticed(lambda case: contract.check_products(case, references.convolution), Conv2D, Miscounted) == len(
        cases(Conv2D)
    )


@pytest.mark.parametrize("wrong", [Window(3, 1, 0), Window(1, 1, 0), Window(3, 2, 1)])
def test_a_window_in_the_wrong_place_is_noticed(wrong: Window):
    class Displaced(Conv2D):
        def infer(self, *inputs: Shape) -> Facts:
            return Facts(**{**vars(super().infer(*inputs)), "reach": (wrong, wrong)})

    case = Case(Displaced(1, 3, padding="same"), (ImageShape(1, 5, 5),), 1)
    with pytest.raises(AssertionError):
        contract.check_reach(case)
    contract.check_reach(Case(Conv2D(1, 3, padding="same"), case.shapes, 1))


def test_a_text_that_disagrees_with_its_number_is_noticed():
    class Misquoted(Conv2D):
        def infer(self, *inputs: Shape) -> Facts:
            facts = super().infer(*inputs)
            wrong = type(ZERO)(facts.macs.value, facts.macs.formula, facts.macs.substituted + " + 1", 1)
            return Facts(**{**vars(facts), "macs": wrong})

    def workings(case: Case) -> None:
        contract.check_workings(case.layer.infer(*case.shapes))

    assert noticed(workings, Conv2D, Misquoted) == len(cases(Conv2D))


@pytest.fixture
def always_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of large convolutions for small ones, too, a window at a time."""
    names = {convolution: ("LITTLE", "SHORT"), sliding_kernel: ("CHUNK",), by_rows: ("LONG",), by_cells: ("LONG",)}
    for room, constants in names.items():
        for name in constants:
            monkeypatch.setattr(room, name, 1)


@pytest.mark.usefixtures("always_by_rows")
def test_large_convolutions_keep_the_contract_of_small_ones():
    assert noticed(lambda case: contract.check_products(case, references.convolution), Conv2D) == 0
    assert noticed(in_evaluation, Conv2D) == 0


@pytest.mark.usefixtures("always_by_rows")
@pytest.mark.parametrize("way", [by_rows, by_cells])
def test_a_convolution_that_loses_rows_is_noticed(way: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(way, "seen", lambda *given: islice(sliding_kernel.seen(*given), 1))
    assert noticed(contract.check_onnx, DepthwiseConv2D if way is by_cells else Conv2D) > 10


@pytest.mark.usefixtures("always_by_rows")
def test_a_convolution_with_a_large_kernel_that_loses_rows_is_noticed(monkeypatch: pytest.MonkeyPatch):
    for name in ("LARGE", "WIDE"):
        monkeypatch.setattr(convolution, name, 1)
    assert noticed(lambda case: contract.check_products(case, references.convolution), Conv2D) == 0
    first = by_shares.Block(slice(0, 1), slice(0, 1))
    monkeypatch.setattr(by_shares, "_blocks", lambda *_: iter([first]))
    assert noticed(contract.check_onnx, Conv2D) >= 3  # of those it is taken for


def test_a_small_convolution_that_loses_rows_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(by_windows, "_chunks", lambda *_: iter([slice(0, 1)]))
    assert noticed(contract.check_onnx, Conv2D) > 10
