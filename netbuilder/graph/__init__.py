"""The design as a value: see Graph."""

from .editing import Graph
from .parts import LONGEST_NAME, STEP, Edge, GraphError, Group, Node, Note, Point, check_name, check_text
from .reading import Reference

__all__ = [
    "LONGEST_NAME",
    "STEP",
    "Edge",
    "Graph",
    "GraphError",
    "Group",
    "Node",
    "Note",
    "Point",
    "Reference",
    "check_name",
    "check_text",
]
