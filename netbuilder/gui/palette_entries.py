"""The rows of the palette, read off the layer classes and the examples, and which of them a few typed letters mean."""

from collections.abc import Iterable
from dataclasses import dataclass

from netbuilder.examples import EXAMPLES
from netbuilder.layers import PALETTE as LAYERS
from netbuilder.layers import Layer

MIME = "application/x-netbuilder-layer"
"""What a drag carries: a layer's class name as UTF-8, or an example's name behind `EXAMPLE`."""
EXAMPLE = "example:"


@dataclass(frozen=True)
class Entry:
    """One row: what a drag carries, what it reads, what it says of itself, and the layer class unless an example."""

    payload: str
    title: str
    help: str
    family: str
    layer: type[Layer] | None = None

    @property
    def tip(self) -> str:
        if self.layer is None:
            return f"{self.help} Double-click or Enter opens it; or drag it onto the canvas."
        return f"{self.help} Double-click or Enter adds it after the selection, or drag it."


def entries() -> tuple[Entry, ...]:
    """All rows, in the order they are shown."""
    layers = [Entry(cls.__name__, cls.__name__, first_sentence(cls), cls.family, cls) for cls in LAYERS]
    examples = [Entry(EXAMPLE + each.name, each.title, each.summary, "examples") for each in EXAMPLES]
    return (*layers, *examples)


def first_sentence(cls: type) -> str:
    """What a class says it is, in one sentence."""
    text = " ".join((cls.__doc__ or "").split("\n\n")[0].split())
    return text.split(". ")[0].rstrip(".") + "."


def found(query: str, among: Iterable[Entry]) -> list[Entry]:
    """The entries a few typed letters mean, the likeliest first."""
    wanted = query.lower().split()
    ranked = [(rank, index, entry) for index, entry in enumerate(among) if (rank := _rank(wanted, entry)) is not None]
    return [entry for _rank, _index, entry in sorted(ranked, key=lambda each: each[:2])]


def _rank(words: list[str], entry: Entry) -> int | None:
    """How far a row is from what was typed: 0 begins with it … 4 only mentions it; None has nothing to do with it."""
    ranks = [_distance(word, entry) for word in words]
    return None if None in ranks else max((rank for rank in ranks if rank is not None), default=0)


def _distance(word: str, entry: Entry) -> int | None:
    title = entry.title.lower()
    if title.startswith(word):
        return 0
    if word in title:
        return 1
    if entry.family.startswith(word):
        return 2
    letters = iter(title)
    if len(word) > 1 and title[0] == word[0] and all(letter in letters for letter in word):
        return 3
    return 4 if word in entry.help.lower() else None
