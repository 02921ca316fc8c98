"""Short notation <-> layers: "c5 6 | r | p2 | f | d10" is read, written, described, completed and put into a design."""

from .appending import append_chain
from .completion import Suggestion, complete
from .ranking import Match, rank
from .reading import NotationError, parse
from .writing import describe, write

__all__ = ["Match", "NotationError", "Suggestion", "append_chain", "complete", "describe", "parse", "rank", "write"]
