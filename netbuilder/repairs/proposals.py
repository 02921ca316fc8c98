"""What the rooms of this package yield: the label of a button, and the edit it would make, which may yet be refused."""

from collections.abc import Callable, Iterator

from netbuilder.graph import Graph

Proposals = Iterator[tuple[str, Callable[[], Graph]]]
