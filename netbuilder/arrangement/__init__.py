"""Where the blocks of a design lie: automatic arrangement, and what of a design is seen when groups are collapsed."""

from .arranging import arrange
from .folding import Folding, fold, loop
from .sizes import BLOCK_HEIGHT, BLOCK_WIDTH, GAP, STEP

__all__ = ["BLOCK_HEIGHT", "BLOCK_WIDTH", "GAP", "STEP", "Folding", "arrange", "fold", "loop"]
