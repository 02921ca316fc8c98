"""The words of the notation: which layer a word means, which settings its plain numbers give, and what modifies it."""

from collections.abc import Mapping
from dataclasses import dataclass

from netbuilder.layers import (
    ELU,
    GELU,
    PALETTE,
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
    Setting,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    Upsample2D,
    ZeroPad2D,
)


@dataclass(frozen=True, slots=True)
class Word:
    """How a layer is written: `short`, or any of `others`, or its class name. Plain numbers behind it give the settings
    `numbers`, in turn; `needs` names the one a short word cannot do without. `like` is an example."""

    layer: type[Layer]
    short: str
    others: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    needs: str = ""
    like: str = ""

    @property
    def name(self) -> str:
        return self.layer.__name__


_WINDOW = "a window size"
_WORDS = (
    Word(Input, "in", ("i",), (), "a size", "in 28x28x1"),
    Word(Conv2D, "c", ("conv", "convolution"), ("kernel_size", "filters"), "a kernel size", "c3 64"),
    Word(DepthwiseConv2D, "dw", ("dwconv", "depthwise"), ("kernel_size",), "a kernel size", "dw3"),
    Word(SeparableConv2D, "sep", ("sepconv", "separable"), ("kernel_size", "filters"), "a kernel size", "sep3 64"),
    Word(
        ConvTranspose2D,
        "ct",
        ("tconv", "deconv", "transposedconv", "convtransposed"),
        ("kernel_size", "filters"),
        "a kernel size",
        "ct2 64 s2",
    ),
    Word(MaxPool2D, "p", ("mp", "pool", "maxpool", "maxpooling"), ("pool_size",), _WINDOW, "p2"),
    Word(AveragePool2D, "ap", ("avg", "avgpool", "averagepooling", "meanpool"), ("pool_size",), _WINDOW, "ap2"),
    Word(GlobalAveragePool2D, "gap", ("globalavgpool", "globalaveragepooling"), like="gap"),
    Word(GlobalMaxPool2D, "gmp", ("globalmaxpooling",), like="gmp"),
    Word(Dense, "d", ("fc", "linear", "fullyconnected"), ("units",), "a number of units", "d 128"),
    Word(ReLU, "r", like="r"),
    Word(LeakyReLU, "lr", ("lrelu", "leaky"), ("slope",), like="lr 0.1"),
    Word(PReLU, "pr", ("parametricrelu",), like="pr"),
    Word(ReLU6, "relu6", like="relu6"),
    Word(ELU, "elu", (), ("alpha",), like="elu"),
    Word(GELU, "gelu", like="gelu"),
    Word(SiLU, "silu", ("swish",), like="silu"),
    Word(HardSwish, "hsw", ("hardsilu",), like="hsw"),
    Word(Mish, "mish", like="mish"),
    Word(Softplus, "sp", like="sp"),
    Word(Sigmoid, "sig", ("logistic",), like="sig"),
    Word(HardSigmoid, "hsig", (), ("slope",), like="hsig"),
    Word(Tanh, "tanh", ("th",), like="tanh"),
    Word(HardTanh, "htanh", ("clip",), ("low", "high"), like="htanh 0 1"),
    Word(Softmax, "sm", like="sm"),
    Word(LogSoftmax, "lsm", like="lsm"),
    Word(BatchNorm, "bn", ("batchnormalization", "batchnormalisation"), like="bn"),
    Word(LayerNorm, "ln", ("layernormalization", "layernormalisation"), like="ln"),
    Word(LocalResponseNorm, "lrn", ("localresponsenormalization",), ("size",), like="lrn 5"),
    Word(Rescaling, "scale", ("rescale",), ("scale", "offset"), like="scale 0.5"),
    Word(Dropout, "drop", ("do",), ("rate",), like="drop 0.5"),
    Word(Flatten, "f", ("flat",), like="f"),
    Word(Reshape, "rs", ("to",), (), like="rs 7x7x32"),
    Word(Upsample2D, "up", ("upsampling", "resize"), ("factor",), like="up2"),
    Word(ZeroPad2D, "zp", ("zeropadding",), ("padding",), like="zp1"),
    Word(ChannelShuffle, "cs", ("shuffle",), ("groups",), like="cs2"),
    Word(SelectChannels, "sel", ("select", "slice"), ("start", "count"), like="sel 0 16"),
    Word(Add, "add", ("sum", "plus"), like="add"),
    Word(Multiply, "mul", ("times",), like="mul"),
    Word(Concat, "cat", ("concatenate", "join"), like="cat"),
    Word(Output, "out", ("end",), ("weight",), like="out 0.3"),
)

MODIFIERS: Mapping[str, tuple[str, ...]] = {
    "stride": ("s",),
    "padding": ("p", "pad"),
    "dilation": ("dil",),
    "groups": ("g",),
    "kernel_size": ("k", "kernel"),
    "pool_size": ("k", "window"),
    "depth_multiplier": ("m", "mult"),
    "ceil_mode": ("ceil",),
    "count_include_pad": ("countpad",),
    "output_padding": ("op", "outpad"),
    "epsilon": ("eps",),
    "momentum": ("mom",),
    "approximation": ("approx",),
}
"""Shorter names of settings, the one that is written first."""
AMBIGUOUS = frozenset({"p"})
"""Modifiers that are layers too, and so take "=": behind a convolution `p2` may be a forgotten `|`."""


def plain(word: str) -> str:
    """A word as it is looked up: without case, and without the signs that join names."""
    return word.lower().replace("_", "").replace("-", "")


def _own(cls: type[Layer]) -> Word:
    """A layer without a short word is written by its class name, with its settings in their declared order."""
    return Word(cls, cls.__name__, (), tuple(s.name for s in cls.settings()), like=cls.__name__)


_KNOWN = {word.layer: word for word in _WORDS}
WORD_OF: Mapping[type[Layer], Word] = {cls: _KNOWN.get(cls) or _own(cls) for cls in PALETTE}
HEADS: Mapping[str, Word] = {
    spelling: word
    for cls, word in WORD_OF.items()
    for name in (cls.__name__, word.short, *word.others)
    for spelling in (plain(name), plain(name).removesuffix("2d"))
}
"""Every word a layer may begin with, as `plain` gives it."""


def settings_of(cls: type[Layer]) -> dict[str, Setting]:
    """A layer's settings by every word that names them, as `plain` gives it."""
    found: dict[str, Setting] = {}
    for setting in cls.settings():
        for name in (setting.name, *MODIFIERS.get(setting.name, ())):
            found[plain(name)] = setting
    return found


def spoken(setting: Setting) -> str:
    """'kernel size' for `kernel_size`."""
    return setting.name.replace("_", " ")
