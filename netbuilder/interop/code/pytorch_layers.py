"""Every layer's lines of PyTorch: importing this makes `row` know them all."""

from . import pytorch_activation, pytorch_convolution, pytorch_pooling, pytorch_shapes
from .pytorch_rows import Row, row

FAMILIES = (pytorch_activation, pytorch_convolution, pytorch_pooling, pytorch_shapes)

__all__ = ["FAMILIES", "Row", "row"]
