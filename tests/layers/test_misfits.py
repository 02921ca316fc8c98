"""Shapes that do not fit: each refusal is a sentence with its numbers, and a code that repairs know."""

import pytest

from netbuilder.layers import (
    Add,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    Input,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    Misfit,
    Multiply,
    ReLU,
    Reshape,
    SelectChannels,
    SeparableConv2D,
    Shape,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
)

SMALL, LARGE = ImageShape(32, 14, 14), ImageShape(16, 28, 28)


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "sentence"),
    [
        (
            Add(),
            (SMALL, LARGE),
            "merge-shapes",
            "It needs equal shapes: “a” 14×14×32, “b” 28×28×16. They differ in size (14≠28) and channels (32≠16).",
        ),
        (
            Multiply(),
            (ImageShape(1, 4, 4), ImageShape(1, 4, 6), ImageShape(1, 4, 4)),
            "merge-shapes",
            "It needs equal shapes: “a” 4×4×1, “b” 4×6×1, “c” 4×4×1. They differ in size (4×4≠4×6).",
        ),
        (
            Add(),
            (VectorShape(3), VectorShape(4), VectorShape(3)),
            "merge-shapes",
            "It needs equal shapes: “a” 3, “b” 4, “c” 3. They differ in length (3≠4).",
        ),
        (
            Concat(),
            (SMALL, LARGE),
            "merge-shapes",
            "It joins the channels of equally large maps: “a” 14×14×32, “b” 28×28×16. They differ in size (14≠28).",
        ),
        (
            Concat(),
            (SMALL, VectorShape(10)),
            "merge-shapes",
            (
                "It joins the channels of equally large maps: “a” 14×14×32, “b” 10. "
                "They differ in kind (a flat list is not a map)."
            ),
        ),
        (
            Dense(10),
            (ImageShape(32, 7, 7),),
            "needs-flatten",
            "It needs a flat list of numbers, but “a” gives a 7×7×32 block. Flattened that is 7·7·32 = 1,568 numbers.",
        ),
        (
            Conv2D(6, groups=2),
            (ImageShape(3, 5, 5),),
            "groups-mismatch",
            "It splits channels into 2 groups, but 2 does not divide both the 3 channels of “a” and the 6 filters.",
        ),
        (
            ConvTranspose2D(6, groups=2),
            (ImageShape(3, 5, 5),),
            "groups-mismatch",
            "It splits channels into 2 groups, but 2 does not divide both the 3 channels of “a” and the 6 filters.",
        ),
        (
            ConvTranspose2D(6, 2, 2, padding=(3, 2, 0, 0)),
            (ImageShape(3, 2, 5),),
            "cropped-away",
            "It cuts more off than there is: of 2×5 from “a”, 0×10 would be left.",
        ),
        (
            ChannelShuffle(3),
            (SMALL,),
            "groups-mismatch",
            "It cuts channels into 3 groups, but 3 does not divide the 32 channels of “a”.",
        ),
        (
            SelectChannels(16, 24),
            (SMALL,),
            "channels-beyond",
            "It takes channels 16 to 39, but the 32 channels of “a” are 0 to 31.",
        ),
        (
            SelectChannels(40),
            (SMALL,),
            "channels-beyond",
            "It takes channels 40 to the last, but the 32 channels of “a” are 0 to 31.",
        ),
        (
            Reshape(7, 7, 32),
            (VectorShape(1000),),
            "reshape-count",
            "It needs exactly 32·7·7 = 1,568 numbers, but “a” gives 1,000.",
        ),
        (
            Reshape(7, 7),
            (VectorShape(1000),),
            "reshape-count",
            "It needs a multiple of 7·7 = 49 numbers, but “a” gives 1,000.",
        ),
        (
            Reshape(features=1000),
            (SMALL,),
            "reshape-count",
            "It needs exactly 1,000 numbers, but “a” gives 6,272.",
        ),
    ],
)
def test_a_misfit_says_what_happened_with_its_numbers(
    layer: Layer, shapes: tuple[Shape, ...], code: str, sentence: str
):
    with pytest.raises(Misfit) as refused:
        layer.infer(*shapes)
    assert refused.value.code == code
    assert refused.value.sentence("It", ["“a”", "“b”", "“c”"]) == sentence


@pytest.mark.parametrize(
    "layer",
    [
        Conv2D(),
        DepthwiseConv2D(),
        SeparableConv2D(),
        MaxPool2D(),
        GlobalAveragePool2D(),
        GlobalMaxPool2D(),
        LocalResponseNorm(),
        ConvTranspose2D(),
        Upsample2D(),
        ZeroPad2D(),
        ChannelShuffle(),
        SelectChannels(),
    ],
)
def test_layers_of_maps_refuse_flat_lists(layer: Layer):
    with pytest.raises(Misfit) as refused:
        layer.infer(VectorShape(1568))
    assert refused.value.code == "needs-image"
    assert "“a” gives a flat list of 1,568 numbers" in refused.value.sentence("It", ["“a”"])


def test_an_image_without_channels_asks_for_them():
    with pytest.raises(Misfit, match="A grey image has 1: 28×28×1") as refused:
        Input(height=28, width=28).infer()
    assert refused.value.code == "no-channels"


def test_layers_that_take_anything_take_both():
    for layer in (ReLU(), BatchNorm(), Flatten()):
        assert layer.infer(VectorShape(7)).shape == VectorShape(7)
        assert layer.infer(ImageShape(2, 3, 4)).shape.size == 24
