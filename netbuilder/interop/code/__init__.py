"""A design -> code that an engineer goes on with: a PyTorch or Keras module, or a whole PyTorch project."""

from .modules import FRAMEWORKS, Framework, export_code, source_code
from .plan import CodeError
from .project import export_project
from .pytorch import Code

__all__ = ["FRAMEWORKS", "Code", "CodeError", "Framework", "export_code", "export_project", "source_code"]
