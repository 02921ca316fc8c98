"""A typed size is read in the order of the day, and becomes the changes that reach it or a sentence."""

import pytest

from netbuilder.gui.sizes import reaching, refusal, wishes
from netbuilder.layers import Conv2D, Dense, ImageShape, MaxPool2D, Order, VectorShape

HERE = ImageShape(16, 10, 10)
FED = ImageShape(6, 14, 14)


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("14", "hwc", (("both", 14),)),
        (" 14 x 14 ", "hwc", (("both", 14),)),
        ("14×10", "hwc", (("height", 14),)),
        ("10 × 12", "hwc", (("width", 12),)),
        ("14 12", "hwc", (("height", 14), ("width", 12))),
        ("10 × 10 × 32", "hwc", (("channels", 32),)),
        ("32 × 10 × 10", "chw", (("channels", 32),)),
        ("5×5×32", "hwc", (("both", 5), ("channels", 32))),
        ("32*5*5", "chw", (("both", 5), ("channels", 32))),
        ("10 × 10 × 1,024", "hwc", (("channels", 1024),)),
        ("10 × 10 × 16", "hwc", ()),
    ],
)
def test_only_what_differs_is_asked_for(text: str, order: Order, wanted: object) -> None:
    assert wishes(text, HERE, order) == wanted


def test_a_list_has_one_length() -> None:
    assert wishes("1,000", VectorShape(10), "hwc") == (("features", 1000),)
    assert wishes("10", VectorShape(10), "hwc") == ()
    with pytest.raises(ValueError, match="A flat list has one length"):
        wishes("10 × 10", VectorShape(10), "hwc")


@pytest.mark.parametrize("text", ["", "many", "4.5", "-3", "0", "1×2×3×4", "99999999", "<b>"])
def test_what_is_no_size_gets_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        wishes(text, HERE, "hwc")


@pytest.mark.parametrize("text", ["14", "5", "5 × 10", "7 × 7 × 8", "10 × 10 × 3"])
def test_every_way_gives_exactly_what_was_asked_for(text: str) -> None:
    layer = Conv2D(16, 5)
    wanted = wishes(text, HERE, "hwc")
    found = reaching(layer, FED, wanted)
    assert found
    for way in found:
        assert way.layer.infer(FED).shape == way.shape
        assert wishes(text, way.shape, "hwc") == (), way.label
        assert way.layer.infer(FED).parameters.result == way.parameters


def test_units_and_windows_of_pools_can_be_asked_for_too() -> None:
    assert [way.layer for way in reaching(Dense(10), VectorShape(84), (("features", 12),))] == [Dense(12)]
    assert reaching(MaxPool2D(2), ImageShape(6, 28, 28), (("both", 7),))


def test_what_cannot_be_says_why() -> None:
    wanted = wishes("33", HERE, "hwc")
    assert reaching(Conv2D(16, 5), FED, wanted) == ()
    assert refusal(Conv2D(16, 5), FED, wanted).startswith("No padding up to 5")
    assert refusal(Conv2D(16, 5), FED, ()) == "The output has this size already."
    assert refusal(MaxPool2D(2), FED, (("channels", 3),)) == "No setting of MaxPool2D changes its channels."
