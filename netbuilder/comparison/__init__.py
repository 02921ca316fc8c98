"""Two designs, perhaps with weights -> what is different about the second one, and what follows from that."""

from .arrays import ArrayChange
from .difference import Difference, Pair, Rewired, compare

__all__ = ["ArrayChange", "Difference", "Pair", "Rewired", "compare"]
