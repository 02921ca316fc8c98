"""A problem -> the edits that would solve it, each a whole new graph ready to be committed as one step."""

from .offers import Repair, repairs

__all__ = ["Repair", "repairs"]
