"""A foreign ONNX model -> a clean design and its weights, or one refusal that names every node no block stands for."""

from .comparison import Comparison, compare
from .opening import Imported, converted, import_onnx, imported, read_design

__all__ = ["Comparison", "Imported", "compare", "converted", "import_onnx", "imported", "read_design"]
