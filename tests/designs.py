"""From a seed to a valid design as people draw them: chains, residual blocks, inception towers, gates, odd sizes."""

import random
from collections.abc import Callable, Sequence

from netbuilder.analysis import analyze
from netbuilder.graph import Graph
from netbuilder.layers import (
    ELU,
    GELU,
    Add,
    AveragePool2D,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    HardSigmoid,
    HardSwish,
    HardTanh,
    ImageShape,
    Input,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    LogSoftmax,
    MaxPool2D,
    Mish,
    Multiply,
    Output,
    PReLU,
    ReLU,
    ReLU6,
    Rescaling,
    Reshape,
    SelectChannels,
    SeparableConv2D,
    Shape,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
)

CURVES: tuple[type[Layer], ...] = (
    *(ReLU, ReLU, ReLU, LeakyReLU, PReLU, ReLU6, ELU, GELU, SiLU, HardSwish, Mish, Softplus),
    *(Tanh, HardTanh, Sigmoid, HardSigmoid),
)
Block = Callable[["Drawing"], None]
STEMS = ("conv", "stage", "block", "tower", "α", "第", "x.y", "<b>", "{0}")


def valid_design(seed: int) -> Graph:
    """A design nobody would call a mistake; the same for the same seed."""
    return Drawing(random.Random(seed)).finished(BLOCKS)


def classic_design(seed: int) -> Graph:
    """The same of classifiers only, which never grow a map nor move channels about."""
    return Drawing(random.Random(seed)).finished(CLASSIC)


class Drawing:
    """A network under construction. `end` is the layer that the next one follows, `shape` what it gives."""

    def __init__(self, rng: random.Random, shape: Shape | None = None):
        self.rng = rng
        self.graph = Graph()
        self.stem = rng.choice(STEMS)
        self.shape = shape or self._entering()
        entry = (
            Input(features=self.shape.features)
            if isinstance(self.shape, VectorShape)
            else Input(height=self.shape.height, width=self.shape.width, channels=self.shape.channels)
        )
        self.graph, node = self.graph.add(entry, self.name("input"))
        self.end = node.id

    def name(self, kind: str) -> str:
        """A new name, of letters a file or a label might stumble over."""
        return f"{self.stem}_{kind}_{len(self.graph.nodes)}"

    def follow(self, *layers: Layer) -> int:
        """Put layers behind the end, one after another; the last one's id."""
        for layer in layers:
            self.graph, node = self.graph.add(layer, self.name(type(layer).__name__.lower()))
            self.graph = self.graph.connect(self.end, node.id)
            self.end, self.shape = node.id, layer.infer(self.shape).shape
        return self.end

    def branch(self, start: int, shape: Shape, *layers: Layer) -> tuple[int, Shape]:
        """Layers behind another one than the end; where they lead, and what that gives."""
        end, given = self.end, self.shape
        self.end, self.shape = start, shape
        self.follow(*layers)
        found = self.end, self.shape
        self.end, self.shape = end, given
        return found

    def merge(self, layer: Layer, *ends: tuple[int, Shape]) -> int:
        """Let branches meet; the merge is the new end."""
        self.graph, node = self.graph.add(layer, self.name(type(layer).__name__.lower()))
        for port, (key, _) in enumerate(ends):
            self.graph = self.graph.connect(key, node.id, port)
        self.end, self.shape = node.id, layer.infer(*(shape for _, shape in ends)).shape
        return self.end

    def curve(self) -> Layer:
        return self.rng.choice(CURVES)()

    # ---- whole networks ----------------------------------------------------------------------------------------------

    def finished(self, blocks: Sequence[Block]) -> Graph:
        """Some blocks, and a head."""
        if isinstance(self.shape, ImageShape):
            for _ in range(self.rng.randint(1, 5)):
                self.rng.choice(blocks)(self)
            self._head(reshaped=blocks is BLOCKS and self.rng.random() < 0.2)
        self._scores(self.rng.randint(2, 40))
        if blocks is BLOCKS and self.rng.random() < 0.2:
            self._further_output()
        return self.graph

    def _further_output(self) -> None:
        """A second classifier on any layer, as GoogLeNet has two; an Output says so, sometimes of the first, too."""
        rows = [row for key, row in analyze(self.graph).layers.items() if key != self.end]
        row, layers = self.rng.choice(rows), list[Layer]()
        assert row.shape
        if isinstance(row.shape, ImageShape):
            layers = [
                Conv2D(self.rng.randint(1, 6), 1),
                *self._perhaps(BatchNorm()),
                self.curve(),
                GlobalAveragePool2D(),
            ]
        self.branch(row.node.id, row.shape, *layers, Dense(self.shape.size), *self._perhaps(Softmax(), 0.3))
        main, other = analyze(self.graph).outputs
        for key in (other, main) if self.rng.random() < 0.4 else (other,):
            self.branch(key, self.shape, Output(self.rng.choice([0.3, 1, 2])))

    def _entering(self) -> Shape:
        if self.rng.random() < 0.1:
            return VectorShape(self.rng.randint(2, 900))
        height = self.rng.choice([8, 9, 17, 25, 28, 31, 32, 33, 64])
        width = height if self.rng.random() < 0.7 else self.rng.randint(7, 64)
        return ImageShape(self.rng.choice([1, 1, 3, 3, 2, 4, 9, 28]), height, width)

    def _head(self, *, reshaped: bool) -> None:
        """From maps to a flat list, or to the scores themselves."""
        if reshaped:
            self.follow(Reshape(features=self.rng.choice([-1, self.maps.size])))
            return
        match self.rng.randrange(4):
            case 0:
                self.follow(Conv2D(self.rng.randint(2, 12), 1), GlobalAveragePool2D())
            case 1:
                self.follow(GlobalAveragePool2D())
            case 2:
                self.follow(GlobalMaxPool2D())
            case _:
                self.follow(Flatten())

    def _scores(self, classes: int) -> None:
        below = self.graph.nodes[self.graph.inputs(self.end)[0]].layer if self.graph.inputs(self.end) else None
        if isinstance(below, Conv2D):
            return  # a 1×1 convolution gave the scores
        for _ in range(self.rng.randrange(3)):
            self.follow(Dense(self.rng.randint(2, 64)), *self._perhaps(BatchNorm()), self.curve())
            self.follow(*self._perhaps(Dropout(0.3)))
        self.follow(Dense(classes), *self._perhaps(self.rng.choice([Softmax(), Softmax(), LogSoftmax()]), 0.3))

    def _perhaps(self, layer: Layer, chance: float = 0.4) -> tuple[Layer, ...]:
        return (layer,) if self.rng.random() < chance else ()

    @property
    def maps(self) -> ImageShape:
        assert isinstance(self.shape, ImageShape)
        return self.shape

    @property
    def least(self) -> int:
        """The shorter side of the map."""
        return min(self.maps.height, self.maps.width)

    def kernel(self) -> int:
        return self.rng.choice([k for k in (1, 2, 3, 3, 3, 4, 5, 7) if k <= self.least])

    # ---- blocks, each ending in an activation or a pooling -----------------------------------------------------------

    def convolution(self) -> None:
        """Convolution, perhaps a norm, activation; groups, strides, dilation and every kind of padding occur."""
        rng = self.rng
        kernel, filters, groups = self.kernel(), rng.randint(1, 24), 1
        divisors = [g for g in range(2, 5) if self.maps.channels % g == 0]
        if divisors and rng.random() < 0.3:
            groups = rng.choice(divisors)
            filters = groups * rng.randint(1, 6)
        dilation = 2 if 2 * (kernel - 1) + 1 <= self.least and rng.random() < 0.2 else 1
        padding = rng.choice(["valid", "same", "same", (kernel // 2,) * 4])
        conv = Conv2D(filters, kernel, rng.choice([1, 1, 1, 2, 3]), padding, dilation, groups, rng.random() < 0.7)
        self.follow(conv, *self._perhaps(BatchNorm()), self.curve(), *self._perhaps(LocalResponseNorm(3), 0.1))

    def pooling(self) -> None:
        """A pooling of any kind, overlapping, ragged or exact."""
        size = min(self.least, self.rng.choice([2, 2, 3]))
        kind = self.rng.choice([MaxPool2D, AveragePool2D])
        padding = self.rng.choice(["valid", "valid", "same"])
        self.follow(kind(size, self.rng.choice([None, 2, 1]), padding, self.rng.random() < 0.2))

    def residual(self) -> None:
        """Two convolutions beside a skip, with a 1×1 convolution on it where they change the shape."""
        start, shape, stride = self.end, self.maps, self.rng.choice([1, 1, 2])
        filters = shape.channels if self.rng.random() < 0.5 else self.rng.randint(1, 20)
        body = (Conv2D(filters, 3, stride, "same"), BatchNorm(), ReLU(), Conv2D(filters, 3, padding="same"))
        main = self.branch(start, shape, *body, *self._perhaps(BatchNorm()))
        skip = start, shape
        if stride > 1 or filters != shape.channels:
            skip = self.branch(start, shape, Conv2D(filters, 1, stride), *self._perhaps(BatchNorm()))
        if main[1] == skip[1]:
            self.merge(Add(), *self.rng.sample([main, skip], 2))
        self.follow(ReLU())

    def bare_residual(self) -> None:
        """A linear convolution read by the block it opens and by the block's skip."""
        self.follow(Conv2D(self.rng.randint(1, 12), 3, padding="same"))
        start, shape = self.end, self.maps
        body = (Conv2D(shape.channels, 3, padding="same"), self.curve(), Conv2D(shape.channels, 1))
        self.merge(Add(), self.branch(start, shape, *body), (start, shape))
        self.follow(self.curve())

    def inception(self) -> None:
        """Towers of several window sizes side by side; their 1×1 convolutions may do without an activation."""
        start, shape = self.end, self.maps
        narrow = max(1, shape.channels // 2)
        towers: list[tuple[Layer, ...]] = [
            (Conv2D(self.rng.randint(1, 8), 1), ReLU()),
            (MaxPool2D(3, 1, "same"), Conv2D(self.rng.randint(1, 8), 1), ReLU()),
            (Conv2D(4, (1, 3), padding="same"), Conv2D(4, (3, 1), padding="same"), ReLU()),
        ]
        if narrow < shape.channels:
            towers.append((Conv2D(narrow, 1), Conv2D(narrow + 1 + shape.channels, 3, padding="same"), ReLU()))
        chosen = self.rng.sample(towers, self.rng.randint(2, len(towers)))
        self.merge(Concat(), *[self.branch(start, shape, *tower) for tower in chosen])

    def separable(self) -> None:
        """MobileNet's first form, with or without its activations, or the two steps in one block."""
        stride = self.rng.choice([1, 1, 2])
        if self.rng.random() < 0.4:
            self.follow(SeparableConv2D(self.rng.randint(1, 16), 3, stride, "same"))
        else:
            depthwise = DepthwiseConv2D(3, stride, "same", depth_multiplier=self.rng.choice([1, 2]))
            self.follow(depthwise, *self._perhaps(BatchNorm()), *self._perhaps(ReLU()))
            self.follow(Conv2D(self.rng.randint(1, 16), 1))
        self.follow(*self._perhaps(BatchNorm()), self.curve())

    def inverted(self) -> None:
        """MobileNet's second form: expand, depthwise, and a linear bottleneck that the next block expands again."""
        narrow = self.rng.randint(1, 6)
        for _ in range(2):
            self.follow(Conv2D(6 * narrow, 1), BatchNorm(), ReLU(), DepthwiseConv2D(3, padding="same"), ReLU())
            self.follow(Conv2D(narrow, 1), BatchNorm())
        self.follow(Conv2D(narrow + 6, 1), ReLU())

    def gated(self) -> None:
        """One branch decides how much of the other passes."""
        start, shape = self.end, self.maps
        gate = self.branch(start, shape, Conv2D(shape.channels, 1), Sigmoid())
        self.merge(Multiply(), (start, shape), gate)

    def carried(self) -> None:
        """A highway: what the gate lets go of the new, it carries over from the old."""
        start, shape = self.end, self.maps
        gate = self.branch(start, shape, Conv2D(shape.channels, 1), Sigmoid())
        new = self.branch(start, shape, Conv2D(shape.channels, 3, padding="same"), self.curve())
        self.merge(Multiply(), new, gate)
        passed = self.end, self.shape
        self.merge(Multiply(), (start, shape), self.branch(*gate, Rescaling(-1, 1)))
        self.merge(Add(), passed, (self.end, self.shape))

    def squeezed(self) -> None:
        """Squeeze and excitation: what a map shows on the whole decides how much of each channel passes."""
        start, shape = self.end, self.maps
        narrow = Dense(max(1, shape.channels // 4)), self.rng.choice([ReLU(), SiLU()])
        gate = self.rng.choice([Sigmoid(), HardSigmoid()])
        ends = [(start, shape), self.branch(start, shape, GlobalAveragePool2D(), *narrow, Dense(shape.channels), gate)]
        self.merge(Multiply(), *self.rng.sample(ends, 2))

    def next_block(self) -> None:
        """ConvNeXt's: depthwise, normalised over channels, expanded fourfold and back, beside a skip."""
        if self.maps.channels < 8:  # of one or two channels a norm leaves little but rounding
            self.follow(Conv2D(8, 1))
        start, shape = self.end, self.maps
        body = (DepthwiseConv2D(self.kernel(), padding="same"), LayerNorm(1e-6), Conv2D(4 * shape.channels, 1), GELU())
        self.merge(Add(), self.branch(start, shape, *body, Conv2D(shape.channels, 1)), (start, shape))
        self.follow(LayerNorm(), self.curve())

    def hourglass(self) -> None:
        """Down and up again by any means, with what there was before beside it: half a U-Net."""
        start, shape, rng = self.end, self.maps, self.rng
        filters = rng.randint(1, 8)
        down = (Conv2D(filters, 3, padding="same"), self.curve(), MaxPool2D(2, padding="same"))
        up: tuple[Layer, ...] = rng.choice(
            [
                (Upsample2D(2, rng.choice(["nearest", "bilinear"])),),
                (ConvTranspose2D(filters, 2, 2, bias=rng.random() < 0.7), ReLU()),
                (ConvTranspose2D(filters, 4, 2, padding=1), self.curve()),
                (ConvTranspose2D(filters, 3, 2, padding=1, output_padding=1, groups=filters), self.curve()),
                (ConvTranspose2D(filters, (3, 5), 2, padding="same"), self.curve()),
            ]
        )
        end, large = self.branch(start, shape, *down, *up)
        assert isinstance(large, ImageShape)
        rows, columns = large.height - shape.height, large.width - shape.width
        skip = (start, shape)
        if rows or columns:
            skip = self.branch(start, shape, ZeroPad2D((0, rows, 0, columns)))
        self.merge(Concat(), skip, (end, large))

    def shuffled(self) -> None:
        """ShuffleNet's first unit: grouped 1×1 convolutions with a shuffle between."""
        start, groups = self.end, self.rng.choice([2, 3])
        self.follow(Conv2D(groups * self.rng.randint(1, 4), 1), ReLU())
        start, shape = self.end, self.maps
        body = (
            Conv2D(shape.channels, 1, groups=groups),
            ReLU(),
            ChannelShuffle(groups),
            DepthwiseConv2D(3, padding="same"),
            BatchNorm(),
            Conv2D(shape.channels, 1, groups=groups),
        )
        self.merge(Add(), (start, shape), self.branch(start, shape, *body))
        self.follow(ReLU())

    def split(self) -> None:
        """ShuffleNet's second unit: one half of the channels goes on as it is."""
        self.follow(Conv2D(2 * self.rng.randint(1, 6), 1), ReLU())
        start, shape = self.end, self.maps
        half = shape.channels // 2
        kept = self.branch(start, shape, SelectChannels(0, half))
        body = (SelectChannels(half), Conv2D(half, 1), ReLU(), DepthwiseConv2D(3, padding="same"), BatchNorm())
        self.merge(Concat(), kept, self.branch(start, shape, *body, Conv2D(half, 1), ReLU()))
        self.follow(ChannelShuffle(2))

    def dense_block(self) -> None:
        """DenseNet's: every convolution reads all before it."""
        for _ in range(self.rng.randint(2, 3)):
            start, shape = self.end, self.maps
            body = (BatchNorm(), ReLU(), Conv2D(self.rng.randint(1, 4), 3, padding="same"))
            self.merge(Concat(), (start, shape), self.branch(start, shape, *body))
        self.follow(BatchNorm(), ReLU())

    def folded(self) -> None:
        """Padding of its own, and two rows of a map laid beside each other as channels."""
        self.follow(ZeroPad2D(self.rng.choice([1, (0, 1, 0, 1), (1, 2, 0, 0)])))
        shape = self.maps
        if shape.height % 2 == 0:
            self.follow(Reshape(shape.height // 2, shape.width, 2 * shape.channels))
        self.follow(Conv2D(self.rng.randint(1, 8), self.kernel()), self.curve())


CLASSIC = (
    Drawing.convolution,
    Drawing.convolution,
    Drawing.convolution,
    Drawing.pooling,
    Drawing.pooling,
    Drawing.residual,
    Drawing.bare_residual,
    Drawing.inception,
    Drawing.separable,
    Drawing.inverted,
    Drawing.gated,
    Drawing.carried,
    Drawing.squeezed,
    Drawing.next_block,
)
BLOCKS = (
    *CLASSIC,
    Drawing.hourglass,
    Drawing.hourglass,
    Drawing.shuffled,
    Drawing.split,
    Drawing.dense_block,
    Drawing.folded,
)
