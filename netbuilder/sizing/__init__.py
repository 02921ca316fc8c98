"""A layer, what flows into it and a wanted output size -> the small changes of its settings that give exactly that."""

from .searching import LARGEST, MOST, Axis, Way, axes, ways, why_none

__all__ = ["LARGEST", "MOST", "Axis", "Way", "axes", "ways", "why_none"]
