"""Every block there is, family by family, in the order the palette shows them."""

from .base import Facts, Layer, Misfit, SettingError, Weight
from .convolution import Conv2D
from .input import Input
from .settings import Setting
from .shapes import ImageShape, Order, Shape, VectorShape
from .workings import Working

PALETTE: tuple[type[Layer], ...] = (Input, Conv2D)
BY_NAME = {cls.__name__: cls for cls in PALETTE}
