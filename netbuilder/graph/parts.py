"""What a design is made of: layers in their places, the wires between them, notes, and groups of layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from netbuilder.layers import Layer

Point = tuple[float, float]
STEP = 72.0
LONGEST_NAME = 80
LONGEST_NOTE = 10_000


class GraphError(ValueError):
    """An edit that would not leave a network; the sentence says why."""


class Edge(NamedTuple):
    """A wire from a layer's output to an input port of another. Where it goes is what it is, so it needs no id."""

    source: int
    target: int
    port: int = 0


def check_name(name: str) -> None:
    """Raise GraphError, with the reason, where a layer cannot be called this."""
    if not name.strip() or not name.isprintable():
        raise GraphError("A layer needs a name of printable characters.")
    if len(name) > LONGEST_NAME:
        raise GraphError(f"A layer's name has at most {LONGEST_NAME} characters; this one has {len(name)}.")


def check_text(text: str) -> None:
    """Raise GraphError where a note says more than a note can hold."""
    if len(text) > LONGEST_NOTE:
        raise GraphError(f"A note has at most {LONGEST_NOTE:,} characters; this one has {len(text):,}.")


@dataclass(frozen=True)
class Node:
    """A layer in its place. `extra` keeps what a file said beyond what this version knows."""

    id: int
    name: str
    layer: Layer
    position: Point = (0.0, 0.0)
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        """'Conv2D “conv1”', as messages name a layer."""
        return f"{type(self.layer).__name__} “{self.name}”"


@dataclass(frozen=True)
class Note:
    """Plain text on the canvas. `position` is its top left corner; `width` is where its lines wrap, both in pixels."""

    id: int
    text: str
    position: Point = (0.0, 0.0)
    width: float = 216.0


@dataclass(frozen=True)
class Group:
    """Layers that may be shown as one block under one name; to every calculation they are ordinary layers."""

    id: int
    name: str
    members: frozenset[int]
    collapsed: bool = False
