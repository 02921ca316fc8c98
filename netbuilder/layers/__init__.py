"""Every block there is, family by family, in the order the palette shows them."""

from .activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh
from .base import Facts, Layer, Misfit, SettingError, Weight
from .convolution import Conv2D, DepthwiseConv2D, SeparableConv2D
from .dense import Dense
from .input import Input
from .merge import Add, Concat, Multiply
from .normalisation import BatchNorm, Dropout, LocalResponseNorm
from .pooling import AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D
from .reshape import Flatten
from .settings import Setting
from .shapes import ImageShape, Order, Shape, VectorShape
from .workings import Working

__all__ = [
    "BY_NAME",
    "ELU",
    "GELU",
    "PALETTE",
    "Add",
    "AveragePool2D",
    "BatchNorm",
    "Concat",
    "Conv2D",
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
    "SeparableConv2D",
    "Setting",
    "SettingError",
    "Shape",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "VectorShape",
    "Weight",
    "Working",
]

# fmt: off
PALETTE: tuple[type[Layer], ...] = (
    Input,
    Conv2D, DepthwiseConv2D, SeparableConv2D,
    MaxPool2D, AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D,
    Dense,
    ReLU, LeakyReLU, ELU, GELU, SiLU, Sigmoid, Tanh, Softmax,
    BatchNorm, LocalResponseNorm, Dropout,
    Flatten,
    Add, Multiply, Concat,
)
# fmt: on
BY_NAME = {cls.__name__: cls for cls in PALETTE}
