"""“filters 64” and its likes: which setting, which value, and why not."""

import pytest

from netbuilder.gui.commands.values import options, read, wished
from netbuilder.layers import PALETTE, Conv2D, Layer, LeakyReLU, MaxPool2D, Setting


def setting(cls: type[Layer], name: str) -> Setting:
    return next(each for each in cls.settings() if each.name == name)


@pytest.mark.parametrize(
    ("line", "name", "typed"),
    [
        ("filters 64", "filters", "64"),
        ("Filters=64", "filters", "64"),
        ("kernel size 3", "kernel_size", "3"),
        ("kernel_size 3 5", "kernel_size", "3 5"),
        ("k5", "kernel_size", "5"),
        ("s2x1", "stride", "2x1"),
        ("pad", "padding", ""),
        ("fil", "filters", ""),
    ],
)
def test_a_line_names_a_setting(line: str, name: str, typed: str) -> None:
    wish = wished(line, Conv2D, Conv2D.settings())
    assert wish is not None
    assert (wish.setting.name, wish.typed) == (name, typed)


@pytest.mark.parametrize("line", ["", "fi", "p2", "conv 3", "c3 64", "d 10", "relu", "64", "slope 1"])
def test_what_means_a_layer_or_nothing_names_none(line: str) -> None:
    assert wished(line, Conv2D, Conv2D.settings()) is None


def test_only_settings_that_are_shared_are_named() -> None:
    assert wished("stride 2", Conv2D, [setting(Conv2D, "filters")]) is None


@pytest.mark.parametrize(
    ("cls", "name", "typed", "value"),
    [
        (Conv2D, "filters", "64", 64),
        (Conv2D, "kernel_size", "3x5", (3, 5)),
        (Conv2D, "kernel_size", "3 × 5", (3, 5)),
        (Conv2D, "padding", "same", "same"),
        (Conv2D, "padding", "1", (1, 1, 1, 1)),
        (Conv2D, "padding", "1 2", (1, 1, 2, 2)),
        (Conv2D, "padding", "0,1,0,1", (0, 1, 0, 1)),
        (Conv2D, "bias", "No", False),
        (MaxPool2D, "stride", "auto", None),
        (LeakyReLU, "slope", "1e-2", 0.01),
    ],
)
def test_a_value_is_read(cls: type[Layer], name: str, typed: str, value: object) -> None:
    assert read(setting(cls, name), typed) == value


@pytest.mark.parametrize("typed", ["0", "many", "3x5x7", "-1", "1.5", "9" * 400])
def test_what_is_no_value_is_refused_with_the_end_of_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^must be "):
        read(setting(Conv2D, "filters"), typed)


@pytest.mark.parametrize("cls", PALETTE)
def test_every_listed_option_can_be_typed(cls: type[Layer]) -> None:
    for each in cls.settings():
        for value in options(each):
            written = {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            assert read(each, written) == value
