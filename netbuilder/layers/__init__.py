"""Every block there is, family by family, in the order the palette shows them."""

from .activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh
from .base import Facts, Layer, Misfit, SettingError, Weight
from .channels import ChannelShuffle, SelectChannels
from .convolution import Conv2D, DepthwiseConv2D, SeparableConv2D
from .dense import Dense
from .input import Input
from .merge import Add, Concat, Multiply
from .normalisation import BatchNorm, Dropout, LocalResponseNorm
from .pooling import AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D
from .resampling import Upsample2D, ZeroPad2D
from .reshape import Flatten, Reshape
from .settings import Setting
from .shapes import ImageShape, Order, Shape, VectorShape
from .transposed import ConvTranspose2D
from .workings import Working

__all__ = [
    "BY_NAME",
    "ELU",
    "GELU",
    "PALETTE",
    "Add",
    "AveragePool2D",
    "BatchNorm",
    "ChannelShuffle",
    "Concat",
    "Conv2D",
    "ConvTranspose2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Facts",
    "Flatten",
    "GlobalAveragePool2D",
    "GlobalMaxPool2D",
    "ImageShape",
    "Input",
    "Layer",
    "LeakyReLU",
    "LocalResponseNorm",
    "MaxPool2D",
    "Misfit",
    "Multiply",
    "Order",
    "ReLU",
    "Reshape",
    "SelectChannels",
    "SeparableConv2D",
    "Setting",
    "SettingError",
    "Shape",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Upsample2D",
    "VectorShape",
    "Weight",
    "Working",
    "ZeroPad2D",
]

# fmt: off
PALETTE: tuple[type[Layer], ...] = (
    Input,
    Conv2D, DepthwiseConv2D, SeparableConv2D, ConvTranspose2D,
    MaxPool2D, AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D,
    Dense,
    ReLU, LeakyReLU, ELU, GELU, SiLU, Sigmoid, Tanh, Softmax,
    BatchNorm, LocalResponseNorm, Dropout,
    Flatten, Reshape, Upsample2D, ZeroPad2D, ChannelShuffle, SelectChannels,
    Add, Multiply, Concat,
)
# fmt: on
BY_NAME = {cls.__name__: cls for cls in PALETTE}
