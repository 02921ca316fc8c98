"""Settings: declared once, and what each converter takes, keeps and refuses."""

import math
from typing import Any

import numpy as np
import pytest

from netbuilder.layers import (
    PALETTE,
    AveragePool2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Input,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    Reshape,
    SelectChannels,
    SettingError,
    Upsample2D,
    ZeroPad2D,
)
from netbuilder.layers.settings import (
    Choice,
    Flag,
    Integer,
    Kind,
    OptionalInteger,
    OptionalPair,
    PaddingRule,
    PairOf,
    Real,
    Setting,
)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (Integer(1, 9), np.int64(9), 9),
        (OptionalInteger(), None, None),
        (OptionalInteger(), 3, 3),
        (Real(0, 1), 1, 1.0),
        (Real(0, 1), np.float32(0.5), 0.5),
        (Flag(), False, False),
        (Choice(("none", "tanh")), "tanh", "tanh"),
        (PairOf(), 5, (5, 5)),
        (PairOf(), [3, 5], (3, 5)),
        (OptionalPair(), None, None),
        (OptionalPair(), 2, (2, 2)),
        (PaddingRule(), "same", "same"),
        (PaddingRule(), 2, (2, 2, 2, 2)),
        (PaddingRule(), [0, 1, 2, 3], (0, 1, 2, 3)),
    ],
)
def test_what_people_and_files_give_becomes_the_one_value_that_is_kept(kind: Kind, given: Any, kept: Any):
    value = kind(given)
    assert (value, type(value)) == (kept, type(kept))
    assert kind(value) == value


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        (Integer(1, 9), 0, "must be from 1 to 9, not 0"),
        (Integer(1, 9), 10, "must be from 1 to 9, not 10"),
        (Integer(1, 9), 2.0, "must be a whole number, not 2.0"),
        (Integer(1, 9), True, "must be a whole number, not True"),
        (Integer(1, 9), "3", "must be a whole number, not '3'"),
        pytest.param(Integer(), 10**5000, "must be from 1 to 1,000,000, not a huge number", id="huge"),
        (OptionalInteger(), "", "must be a whole number"),
        (Real(0, 1), 1.5, "must be at least 0 and at most 1, not 1.5"),
        (Real(0, 1, low_open=True), 0, "must be above 0 and at most 1, not 0"),
        (Real(0, 1, high_open=True), 1, "must be at least 0 and below 1, not 1"),
        (Real(0, 1), math.nan, "must be at least 0 and at most 1, not nan"),
        (Real(0, math.inf), math.inf, "not inf"),
        pytest.param(Real(0, 1), 10**400, "must be at least 0 and at most 1", id="huge real"),
        (Real(0, 1), np.ones(2), "must be at least 0 and at most 1"),
        (Real(0, 1), "0.5", "must be a number, not '0.5'"),
        (Real(0, 1), False, "must be a number, not False"),
        (Flag(), 1, "must be true or false, not 1"),
        (Choice(("none", "tanh")), "erf", "must be one of none, tanh, not 'erf'"),
        (Choice(("none", "tanh")), [], "must be one of none, tanh"),
        (PairOf(), [1, 2, 3], r"must be one number or two \(height, width\), not \[1, 2, 3\]"),
        (PairOf(), [1, 0], "must be from 1 to 1,000,000, not 0"),
        (PairOf(), None, "must be a whole number, not None"),
        (PaddingRule(), "full", "must be one of valid, same, not 'full'"),
        (PaddingRule(), [1, 1], "must be valid, same or"),
        (PaddingRule(rules=()), "same", r"must be \(top, bottom, left, right\), not 'same'"),
        (PaddingRule(), -1, "must be from 0 to 10,000, not -1"),
        (PaddingRule(), None, "must be valid, same or"),
        (Integer(), "x" * 500, "…$"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_would_be_right(kind: Kind, given: Any, reason: str):
    with pytest.raises(ValueError, match=reason):
        kind(given)


@pytest.mark.parametrize("cls", PALETTE)
def test_every_setting_is_declared_with_a_limit_a_default_and_a_line_of_help(cls: type[Layer]):
    layer = cls()
    for s in cls.settings():
        assert isinstance(s, Setting)
        assert s.help.endswith(".")
        assert len(s.help) <= 110
        assert s.label[0].isupper()
        assert s.kind(getattr(layer, s.name)) == getattr(layer, s.name)
    assert list(layer.values()) == [s.name for s in cls.settings()]
    assert len(layer.caption()) <= 40


def test_a_refusal_names_layer_setting_and_reason():
    with pytest.raises(SettingError) as refused:
        Conv2D(filters=0)
    assert str(refused.value) == "Conv2D: filters must be from 1 to 1,000,000, not 0."
    assert (refused.value.layer, refused.value.name) == ("Conv2D", "filters")
    with pytest.raises(SettingError, match="Conv2D: kernel size must be a whole number"):
        Conv2D(4, kernel_size="3")  # pyright: ignore[reportArgumentType]


def test_changing_settings_gives_another_layer_and_leaves_the_first():
    layer = Conv2D(filters=8, kernel_size=3)
    assert layer.using(filters=16, padding="same") == Conv2D(filters=16, kernel_size=3, padding="same")
    assert layer == Conv2D(filters=8, kernel_size=3)
    with pytest.raises(SettingError, match="Conv2D: units is not one of its settings"):
        layer.using(units=3)


def test_captions_show_what_matters_and_leave_out_what_is_usual():
    assert Conv2D(16, 5).caption() == "5×5 · 16 filters"
    assert Conv2D(1, (3, 1), stride=2, padding="same", dilation=(1, 2)).caption() == (
        "3×1 · 1 filter · same · stride 2 · dilation 1×2"
    )
    assert MaxPool2D(2).caption() == "2×2"
    assert MaxPool2D(3, stride=2, padding=1).caption() == "3×3 · padded · stride 2"
    assert Dense(120).caption() == "120 units"
    assert ConvTranspose2D(16, 2, 2).caption() == "2×2 · 16 filters · stride 2"
    assert Upsample2D((2, 3), "bilinear").caption() == "× 2×3 · bilinear"
    assert ZeroPad2D().caption() == "1 all around"
    assert ZeroPad2D((1, 2, 0, 0)).caption() == "1+2 rows · 0+0 columns"
    assert Reshape(7, 7).caption() == "to 7×7×…"
    assert [SelectChannels(8).caption(), SelectChannels(8, 8).caption()] == ["8 to the last", "8 to 15"]


@pytest.mark.parametrize("cls", [MaxPool2D, AveragePool2D])
def test_the_stride_of_a_pool_is_its_window_and_follows_it(cls: type[MaxPool2D] | type[AveragePool2D]):
    assert cls(3).stride == (3, 3)
    assert cls((2, 3)).values()["stride"] == (2, 3)
    assert cls(3).using(pool_size=2).stride == (2, 2)
    assert cls(3).using(padding="same").using(pool_size=[2, 1]).stride == (2, 1)
    assert cls(3, stride=2).using(pool_size=5).stride == (2, 2)
    assert cls(3).using(pool_size=2, stride=3).stride == (3, 3)
    assert cls(3, stride=2).using(stride=None).stride == (3, 3)


@pytest.mark.parametrize("cls", [MaxPool2D, AveragePool2D])
def test_padding_in_which_a_whole_pooling_window_could_lie_is_refused(cls: type[MaxPool2D] | type[AveragePool2D]):
    assert cls(3, padding=2).padding == (2, 2, 2, 2)
    with pytest.raises(SettingError, match=r"padding must be smaller than the 2×3 window.*it is \(1, 1, 3, 0\)"):
        cls((2, 3), padding=(1, 1, 3, 0))
    with pytest.raises(SettingError, match="padding must be smaller"):
        cls(3, padding=2).using(pool_size=2)


def test_an_input_is_an_image_or_a_list():
    assert Input().values() == {"height": 28, "width": 28, "channels": 1, "features": None}
    assert Input(features=10).values()["height"] is None
    with pytest.raises(SettingError, match="features cannot be combined"):
        Input(features=10, height=3)
    with pytest.raises(SettingError, match="width is missing"):
        Input(height=3)


def test_output_padding_is_less_than_a_stride_and_none_with_same():
    assert ConvTranspose2D(stride=2, output_padding=1).output_padding == (1, 1)
    with pytest.raises(SettingError, match="output padding must be smaller than the stride, 2×1, not 1"):
        ConvTranspose2D(stride=(2, 1), output_padding=1)
    with pytest.raises(SettingError, match="output padding must be 0 where padding is same"):
        ConvTranspose2D(stride=2, output_padding=1, padding="same")


def test_a_reshape_is_to_a_map_or_to_a_list():
    assert Reshape().values() == {"height": 1, "width": 1, "channels": -1, "features": None}
    assert Reshape(7, 7).values()["channels"] == -1
    assert Reshape(-1, 7).values()["channels"] == 1
    assert Reshape(features=9).using(height=3) == Reshape(3, 1)
    assert Reshape(7, 7, 32).using(features=-1) == Reshape(features=-1)
    assert Reshape(features=9).using(features=None) == Reshape()
    for settings, reason in (
        ({"features": 9, "height": 3}, "features cannot be combined"),
        ({"height": 3}, "width is missing"),
        ({"height": -1, "width": -1}, "cannot be −1 where another size is"),
        ({"height": 0, "width": 1}, "height must be at least 1, or −1 for what is left, not 0"),
    ):
        with pytest.raises(SettingError, match=reason):
            Reshape(**settings)  # pyright: ignore[reportArgumentType]


def test_a_response_norm_has_a_middle_channel():
    with pytest.raises(SettingError, match="LocalResponseNorm: size must be odd"):
        LocalResponseNorm(4)
