"""The command palette: a few typed letters or a line of notation -> anything the window can do."""

from .palette import CommandPalette
from .walk import PanelWalk

__all__ = ["CommandPalette", "PanelWalk"]
