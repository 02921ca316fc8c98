"""One thing the palette offers, and what was found of all things it could offer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from netbuilder.layers import Layer

from .proposals import Proposal


class Group(StrEnum):
    """Under which heading a thing stands; the order is that of an empty line."""

    RECENT = "Recent"
    NOTATION = "Notation"
    SETTINGS = "Settings"
    LAYERS = "Layers"
    GO_TO = "Go to"
    ACTIONS = "Actions"
    EXAMPLES = "Examples"


@dataclass(frozen=True)
class Entry:
    """One row. Choosing it commits what `propose` gives, or puts `fill` into the line, or calls `do`.

    `key` names it in what is remembered between starts ('' is not remembered), `words` finds it besides its title,
    `layer` gives its icon where it has one.
    """

    key: str
    group: Group
    title: str
    detail: str = ""
    layer: type[Layer] | None = None
    shortcut: str = ""
    words: str = ""
    fill: str = ""
    propose: Callable[[], Proposal] | None = None
    do: Callable[[], object] | None = None


@dataclass(frozen=True)
class Row:
    """A line of the list: an entry with the places of the typed letters in its title, or a heading."""

    heading: str = ""
    entry: Entry | None = None
    at: tuple[int, ...] = ()
