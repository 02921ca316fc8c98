"""The canvas: the design as blocks and wires."""

from .view import CanvasView

__all__ = ["CanvasView"]
