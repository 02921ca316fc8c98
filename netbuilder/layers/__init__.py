"""Every block there is, family by family, in the order the palette shows them."""

from .activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Tanh
from .base import Facts, Layer, Misfit, SettingError, Weight
from .channels import ChannelShuffle, SelectChannels
from .clipped import HardSigmoid, HardSwish, HardTanh, ReLU6
from .convolution import Conv2D, DepthwiseConv2D, SeparableConv2D
from .dense import Dense
from .input import Input
from .merge import Add, Concat, Multiply
from .normalisation import BatchNorm, Dropout, LayerNorm, LocalResponseNorm
from .output import Output
from .parametric import PReLU
from .pooling import AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D
from .resampling import Upsample2D, ZeroPad2D
from .rescaling import Rescaling
from .reshape import Flatten, Reshape
from .settings import Setting
from .shapes import ImageShape, Order, Shape, VectorShape
from .softmax import LogSoftmax, Softmax
from .softplus import Mish, Softplus
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
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "ImageShape",
    "Input",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LocalResponseNorm",
    "LogSoftmax",
    "MaxPool2D",
    "Misfit",
    "Mish",
    "Multiply",
    "Order",
    "Output",
    "PReLU",
    "ReLU",
    "ReLU6",
    "Rescaling",
    "Reshape",
    "SelectChannels",
    "SeparableConv2D",
    "Setting",
    "SettingError",
    "Shape",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
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
    ReLU, LeakyReLU, PReLU, ReLU6, ELU, GELU, SiLU, HardSwish, Mish, Softplus,
    Sigmoid, HardSigmoid, Tanh, HardTanh, Softmax, LogSoftmax,
    BatchNorm, LayerNorm, LocalResponseNorm, Rescaling, Dropout,
    Flatten, Reshape, Upsample2D, ZeroPad2D, ChannelShuffle, SelectChannels,
    Add, Multiply, Concat,
    Output,
)
# fmt: on
BY_NAME = {cls.__name__: cls for cls in PALETTE}
