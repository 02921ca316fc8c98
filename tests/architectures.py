"""The building blocks of well-known networks, as their papers have them, behind an input of any size."""

from netbuilder.graph import Graph
from netbuilder.layers import (
    Add,
    AveragePool2D,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    ReLU,
    SelectChannels,
    Upsample2D,
)


class Sketch:
    """A graph under construction: `put` adds a chain behind a layer, or a merge behind several."""

    def __init__(self, size: int, channels: int):
        self.graph, node = Graph().add(Input(height=size, width=size, channels=channels), "image")
        self.image = node.id

    def put(self, after: int | tuple[int, ...], *layers: Layer, name: str | None = None) -> int:
        """The id of the last layer, which is called `name`."""
        for index, layer in enumerate(layers):
            last = name if index == len(layers) - 1 else None
            self.graph, node = self.graph.add(layer, last)
            for port, source in enumerate(after if isinstance(after, tuple) else (after,)):
                self.graph = self.graph.connect(source, node.id, port)
            after = node.id
        assert isinstance(after, int)
        return after


def scored(draw: Sketch, end: int) -> Graph:
    """With a head of three classes, so that a loss can be taken."""
    draw.put(end, GlobalAveragePool2D(), Dense(3))
    return draw.graph


def inception(size: int = 28, channels: int = 192, share: int = 1) -> Graph:
    """Module 3a of GoogLeNet (Szegedy et al. 2015, table 1): 1×1, 3×3, 5×5 and pooling side by side; widths divided by
    `share`."""
    draw = Sketch(size, channels)
    first = draw.put(draw.image, Conv2D(64 // share, 1), ReLU())
    second = draw.put(draw.image, Conv2D(96 // share, 1), ReLU(), Conv2D(128 // share, 3, padding="same"), ReLU())
    third = draw.put(draw.image, Conv2D(16 // share, 1), ReLU(), Conv2D(32 // share, 5, padding="same"), ReLU())
    fourth = draw.put(draw.image, MaxPool2D(3, 1, "same"), Conv2D(32 // share, 1), ReLU())
    return scored(draw, draw.put((first, second, third, fourth), Concat(), name="module"))


def densenet(size: int = 56, layers: int = 6, growth: int = 32) -> Graph:
    """The first dense block of DenseNet-121 and the transition behind it (Huang et al. 2017, table 1)."""
    draw = Sketch(size, 2 * growth)
    end, channels = draw.image, 2 * growth
    for index in range(layers):
        narrow = (BatchNorm(), ReLU(), Conv2D(4 * growth, 1, bias=False))
        wide = (BatchNorm(), ReLU(), Conv2D(growth, 3, padding="same", bias=False))
        name = "block" if index == layers - 1 else None
        end, channels = draw.put((end, draw.put(end, *narrow, *wide)), Concat(), name=name), channels + growth
    half = (BatchNorm(), ReLU(), Conv2D(channels // 2, 1, bias=False), AveragePool2D(2))
    return scored(draw, draw.put(end, *half, name="transition"))


def shuffle_one(size: int = 28, channels: int = 240, groups: int = 3) -> Graph:
    """ShuffleNet's unit of stride 1 (Zhang et al. 2018, figure 2b)."""
    draw = Sketch(size, channels)
    narrow = (Conv2D(channels // 4, 1, groups=groups, bias=False), BatchNorm(), ReLU(), ChannelShuffle(groups))
    spatial = (DepthwiseConv2D(3, padding="same", bias=False), BatchNorm())
    wide = (Conv2D(channels, 1, groups=groups, bias=False), BatchNorm())
    body = draw.put(draw.image, *narrow, *spatial, *wide)
    return scored(draw, draw.put((draw.image, body), Add(), ReLU(), name="unit"))


def shuffle_two(size: int = 28, channels: int = 116) -> Graph:
    """ShuffleNet v2's basic unit (Ma et al. 2018, figure 3c): one half of the channels goes on as it is."""
    draw = Sketch(size, channels)
    half = channels // 2
    kept = draw.put(draw.image, SelectChannels(0, half))
    pointwise = (Conv2D(half, 1, bias=False), BatchNorm(), ReLU())
    spatial = (DepthwiseConv2D(3, padding="same", bias=False), BatchNorm())
    body = draw.put(draw.image, SelectChannels(half), *pointwise, *spatial, *pointwise)
    return scored(draw, draw.put((kept, body), Concat(), ChannelShuffle(2), name="unit"))


def u_net(size: int = 32, channels: int = 1, width: int = 8, *, learned: bool = True) -> Graph:
    """A U-Net two steps deep (Ronneberger, Fischer and Brox 2015), padded so that sizes stay; it grows by transposed
    convolutions or, where nothing is `learned`, by upsampling."""

    def twice(filters: int) -> tuple[Layer, ...]:
        return (Conv2D(filters, 3, padding="same"), ReLU()) * 2

    def up(filters: int) -> tuple[Layer, ...]:
        grown = ConvTranspose2D(filters, 2, 2) if learned else Upsample2D(2, "bilinear")
        return (grown,) if learned else (grown, Conv2D(filters, 1))

    draw = Sketch(size, channels)
    first = draw.put(draw.image, *twice(width))
    second = draw.put(first, MaxPool2D(2), *twice(2 * width))
    third = draw.put(second, MaxPool2D(2), *twice(4 * width), name="bottom")
    third = draw.put((second, draw.put(third, *up(2 * width))), Concat(), *twice(2 * width))
    top = draw.put((first, draw.put(third, *up(width))), Concat(), *twice(width), name="top")
    return scored(draw, draw.put(top, Conv2D(2, 1), name="map"))


SMALL = {
    "inception": lambda: inception(7, 12, share=8),
    "densenet": lambda: densenet(8, 3, growth=4),
    "shufflenet": lambda: shuffle_one(6, 24),
    "shufflenet v2": lambda: shuffle_two(6, 12),
    "u-net": lambda: u_net(12, 2, 3),
    "u-net, upsampled": lambda: u_net(12, 2, 3, learned=False),
}
"""All of them small enough to be differentiated number by number."""
