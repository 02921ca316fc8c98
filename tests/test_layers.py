"""The contract that every layer of the palette keeps, over many random settings and shapes."""

from typing import Any

import pytest

from netbuilder.files import dumps, loads
from netbuilder.graph import Graph
from netbuilder.layers import (
    PALETTE,
    AveragePool2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    ImageShape,
    Input,
    Layer,
    MaxPool2D,
    Reshape,
    SeparableConv2D,
    SettingError,
)
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool
from netbuilder.layers.settings import Integer, OptionalInteger, OptionalPair, PaddingRule, PairOf, Real
from tests.layers import contract, references
from tests.layers.rows import ROWS, cases

COMPUTING = [cls for cls in PALETTE if cls is not Input]
MULTIPLYING = {
    Conv2D: references.convolution,
    DepthwiseConv2D: references.depthwise,
    SeparableConv2D: references.separable,
    ConvTranspose2D: references.transposed,
    Dense: references.dense,
}


def test_every_layer_of_the_palette_has_a_row():
    assert set(ROWS) == set(PALETTE)
    assert len(set(PALETTE)) == len(PALETTE) >= 30


@pytest.mark.parametrize("cls", COMPUTING)
def test_the_inferred_shape_is_the_computed_shape(cls: type[Layer]):
    for case in cases(cls):
        contract.check_shape(case)


@pytest.mark.parametrize("cls", PALETTE)
def test_workings_evaluate_to_their_numbers(cls: type[Layer]):
    for case in cases(cls, 60):
        contract.check_workings(case.layer.infer(*case.shapes))


@pytest.mark.parametrize("cls", COMPUTING)
def test_weights_are_as_declared_and_counted(cls: type[Layer]):
    for case in cases(cls):
        contract.check_weights(case)


@pytest.mark.parametrize("cls", COMPUTING)
def test_multiplications_are_as_counted(cls: type[Layer]):
    for case in cases(cls):
        if cls in MULTIPLYING:
            contract.check_products(case, MULTIPLYING[cls])
        else:
            assert case.layer.infer(*case.shapes).macs.result == 0


@pytest.mark.parametrize("cls", COMPUTING)
def test_an_output_sees_its_window_and_no_more(cls: type[Layer]):
    on_maps = [case for case in cases(cls, 40) if all(isinstance(shape, ImageShape) for shape in case.shapes)]
    assert len(on_maps) >= 10 or cls is Dense
    for case in on_maps:
        if cls not in (Flatten, Reshape):  # these move numbers to other places
            contract.check_reach(case)


@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
@pytest.mark.parametrize("cls", COMPUTING)
def test_gradients_are_those_of_central_differences(cls: type[Layer], training: bool):
    for case in cases(cls):
        contract.check_gradients(case, training)


@pytest.mark.parametrize("cls", COMPUTING)
def test_onnx_computes_the_same(cls: type[Layer]):
    for case in cases(cls):
        contract.check_onnx(case)


@pytest.mark.parametrize("cls", PALETTE)
def test_settings_survive_storage(cls: type[Layer]):
    for case in cases(cls):
        contract.check_settings(case.layer)
        graph, _ = Graph().add(case.layer)
        assert loads(dumps(graph)) == graph


@pytest.mark.parametrize("cls", PALETTE)
def test_values_beyond_a_limit_are_refused_in_a_sentence(cls: type[Layer]):
    for s in cls.settings():
        for value in beyond(s.kind):
            with pytest.raises(SettingError) as refused:
                cls(**{s.name: value})
            sentence = str(refused.value)
            assert sentence.startswith(f"{cls.__name__}: {s.name.replace('_', ' ')} must be ")
            assert sentence.endswith(".")


def beyond(kind: Any) -> list[Any]:
    """Values that a setting of this kind cannot take: just outside its limits, and of another type."""
    match kind:
        case Integer(low, high) | OptionalInteger(low, high):
            return [low - 1, high + 1, 2.5, "2"]
        case PairOf(low, high) | OptionalPair(low, high):
            return [low - 1, (low, high + 1), (high + 1, low), (1, 2, 3), "2"]
        case PaddingRule(high):
            return [-1, (0, 0, 0, high + 1), (1, 1), "full"]
        case Real(low, high, low_open, high_open):
            return [low - 1e-9, high + 1e-3, *[low] * low_open, *[high] * high_open, float("nan"), "1"]
        case _:
            return ["neither", 7]


@pytest.mark.parametrize("cls", [Conv2D, DepthwiseConv2D, SeparableConv2D])
def test_the_rows_of_convolutions_reach_every_corner(cls: type[Sliding]):
    seen = [case.layer for case in cases(cls) if isinstance(case.layer, Sliding)]
    assert any(max(layer.dilation) > 1 and min(layer.kernel_size) > 1 for layer in seen)
    assert {layer.bias for layer in seen} == {True, False}
    assert {"valid", "same"} < {layer.padding for layer in seen}
    assert any(isinstance(layer.padding, tuple) and len(set(layer.padding)) > 2 for layer in seen)
    assert cls is not Conv2D or {layer.groups for layer in seen if isinstance(layer, Conv2D)} == {1, 2, 3}
    assert {1, 2} < {case.batch for case in cases(cls)}


def test_the_rows_of_transposed_convolutions_reach_every_corner():
    seen = [case.layer for case in cases(ConvTranspose2D) if isinstance(case.layer, ConvTranspose2D)]
    assert {layer.groups for layer in seen} == {1, 2, 3}
    assert {layer.bias for layer in seen} == {True, False}
    assert {"valid", "same"} < {layer.padding for layer in seen}
    assert sum(any(layer.output_padding) for layer in seen) > 10
    assert sum(any(layer.added) for layer in seen if layer.padding == "same") > 1, "windows smaller than the stride"
    assert any(max(layer.dilation) > 1 and min(layer.kernel_size) > 1 for layer in seen)


@pytest.mark.parametrize("cls", [MaxPool2D, AveragePool2D])
def test_the_rows_of_pools_reach_every_corner(cls: type[Pool]):
    slides = [(layer, layer.slide(shape)) for layer, shape in pools(cls)]
    assert sum(any(slide.pads) and layer.stride < layer.pool_size for layer, slide in slides) > 5
    past = [layer for layer, slide in slides if slide.covering_pads != slide.onnx_pads and any(slide.pads)]
    assert len(past) > 5
    if cls is AveragePool2D:
        assert {layer.values()["count_include_pad"] for layer in past} == {True, False}


def pools(cls: type[Pool]) -> list[tuple[Pool, ImageShape]]:
    """Pooling layers with the maps they get."""
    found: list[tuple[Pool, ImageShape]] = []
    for case in cases(cls):
        (shape,) = case.shapes
        assert isinstance(case.layer, Pool)
        assert isinstance(shape, ImageShape)
        found.append((case.layer, shape))
    return found
