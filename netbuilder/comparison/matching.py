"""Two designs -> which layer of the second one each of the first has become: by name, else by its neighbours."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import heappop, heappush
from typing import NamedTuple

from netbuilder.graph import Edge, Graph, Node
from netbuilder.layers import Input

REACH = 8
"""Of many layers that one layer feeds, so many to either side are considered for a place."""


@dataclass(frozen=True)
class Matching:
    """Pairs of ids, in the first design's order; `moved` are ids of the first whose order among the others changed."""

    pairs: dict[int, int]
    moved: frozenset[int]


def match(a: Graph, b: Graph) -> Matching:
    """Pair the layers up; the same pairs whichever design comes first."""
    if _identity(a) <= _identity(b):
        pairs = _Search(a, b).pairs
        moved = _out_of_order(a, b, pairs)
    else:
        back = _Search(b, a).pairs
        pairs = {theirs: own for own, theirs in back.items()}
        moved = {back[key] for key in _out_of_order(b, a, back)}
    return Matching({key: pairs[key] for key in a.order if key in pairs}, frozenset(moved))


def _identity(graph: Graph) -> tuple[list[str], list[tuple[str, str, int]]]:
    """All that matching looks at, whatever the ids: by it two designs have an order of their own."""
    names = {key: node.name for key, node in graph.nodes.items()}
    wires = sorted((names[edge.target], names[edge.source], edge.port) for edge in graph.edges)
    return [f"{names[key]} {_signature(graph.nodes[key])}" for key in graph.order], wires


def _signature(node: Node) -> str:
    return f"{type(node.layer).__name__} {node.layer.values()}"


class _Evidence(NamedTuple):
    """Wires of two layers to others that are paired already: those they have in common, and those only one has."""

    common: int
    against: int

    @property
    def enough(self) -> bool:
        return self.common >= self.against


class _Search:
    """Pairs found so far: first by name, then where neighbours say so, then by likeness where none says no."""

    def __init__(self, a: Graph, b: Graph) -> None:
        self.a, self.b = a, b
        self.pairs: dict[int, int] = {}
        self.back: dict[int, int] = {}
        self._place = {key: place for place, key in enumerate(a.order)}, {key: i for i, key in enumerate(b.order)}
        names = {node.name: key for key, node in b.nodes.items()}
        for key in a.order:
            if a.nodes[key].name in names:
                self._pair(key, names[a.nodes[key].name])
        entries = [[key for key in self._free(graph) if isinstance(graph.nodes[key].layer, Input)] for graph in (a, b)]
        if len(entries[0]) == len(entries[1]) == 1:
            self._pair(entries[0][0], entries[1][0])
        self._spread(list(self.pairs))
        self._spread(self._align())

    def _pair(self, key: int, other: int) -> None:
        self.pairs[key], self.back[other] = other, key

    def _free(self, graph: Graph) -> list[int]:
        taken = self.pairs if graph is self.a else self.back
        return [key for key in graph.order if key not in taken]

    # ---- by neighbours -----------------------------------------------------------------------------------------------

    def _spread(self, begin: Iterable[int]) -> None:
        """From pairs to the layers beside them, the most certain ones first."""
        heap: list[tuple[int, bool, int, int, int]] = []
        for key in begin:
            self._consider(key, heap)
        while heap:
            told, unlike, away, key, other = heappop(heap)
            if key in self.pairs or other in self.back:
                continue
            evidence = self._evidence(key, other)
            score = evidence.against - evidence.common
            if score > told:  # less certain than it was
                heappush(heap, (score, unlike, away, key, other))
            elif evidence.enough:
                self._pair(key, other)
                self._consider(key, heap)

    def _consider(self, key: int, heap: list[tuple[int, bool, int, int, int]]) -> None:
        for one, other in self._beside(key):
            evidence = self._evidence(one, other)
            if evidence.enough:
                unlike = self.a.nodes[one].layer != self.b.nodes[other].layer
                away = abs(self._place[0][one] - self._place[1][other])
                heappush(heap, (evidence.against - evidence.common, unlike, away, one, other))

    def _beside(self, key: int) -> Iterator[tuple[int, int]]:
        """Layers without a pair, of one kind, that are wired to a pair in the same way."""
        other = self.pairs[key]
        sources = {edge.port: edge.source for edge in self.b.incoming(other)}
        found = [(edge.source, sources[edge.port]) for edge in self.a.incoming(key) if edge.port in sources]
        fed = [edge for edge in self.a.outgoing(key) if edge.target not in self.pairs]
        feeding = [edge for edge in self.b.outgoing(other) if edge.target not in self.back]
        for rank, edge in enumerate(fed):
            near = feeding[max(0, rank - REACH) : rank + REACH + 1]
            found += [(edge.target, each.target) for each in near if each.port == edge.port]
        return (pair for pair in found if self._alike(*pair))

    def _alike(self, key: int, other: int) -> bool:
        free = key not in self.pairs and other not in self.back
        return free and type(self.a.nodes[key].layer) is type(self.b.nodes[other].layer)

    def _evidence(self, key: int, other: int) -> _Evidence:
        common, ours = _counted(self.a, key, self.pairs, self.b, other)
        _, theirs = _counted(self.b, other, self.back, self.a, key)
        return _Evidence(common, ours + theirs)

    # ---- by likeness -------------------------------------------------------------------------------------------------

    def _align(self) -> list[int]:
        """Pair what is left by type and settings, in order, where no neighbour speaks against it."""
        ours, theirs = self._free(self.a), self._free(self.b)
        words = [_signature(self.a.nodes[key]) for key in ours], [_signature(self.b.nodes[key]) for key in theirs]
        found: list[int] = []
        for block in SequenceMatcher(None, *words, autojunk=False).get_matching_blocks():
            for i in range(block.size):
                key, other = ours[block.a + i], theirs[block.b + i]
                if self._evidence(key, other).enough:
                    self._pair(key, other)
                    found.append(key)
        return found


def _counted(graph: Graph, key: int, pairs: dict[int, int], there: Graph, other: int) -> tuple[int, int]:
    """Of a layer's wires to layers that have a pair: how many the other layer has too, and how many it has not."""
    wires = [Edge(pairs[e.source], other, e.port) for e in graph.incoming(key) if e.source in pairs]
    wires += [Edge(other, pairs[e.target], e.port) for e in graph.outgoing(key) if e.target in pairs]
    common = sum(wire in there.edges for wire in wires)
    return common, len(wires) - common


def _out_of_order(a: Graph, b: Graph, pairs: dict[int, int]) -> set[int]:
    """As few layers of `a` as possible without which all pairs would come in the same order in both, less those whose
    wires are as they were: without other wires, another order means nothing."""
    place = {key: index for index, key in enumerate(b.order)}
    keys = [key for key in a.order if key in pairs]
    rising = _longest_rising([place[pairs[key]] for key in keys])
    return {key for index, key in enumerate(keys) if index not in rising and _rewired(a, b, key, pairs)}


def _rewired(a: Graph, b: Graph, key: int, pairs: dict[int, int]) -> bool:
    sources = {edge.port: pairs.get(edge.source) for edge in a.incoming(key)}
    return sources != {edge.port: edge.source for edge in b.incoming(pairs[key])}


def _longest_rising(values: list[int]) -> set[int]:
    """Indices of a longest rising subsequence (Fredman 1975: patience sorting)."""
    ends: list[int] = []
    holders: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        length = bisect_left(ends, value)
        ends[length:] = [value] if length == len(ends) else [value, *ends[length + 1 :]]
        holders[length:] = [index] if length == len(holders) else [index, *holders[length + 1 :]]
        before.append(holders[length - 1] if length else -1)
    found: set[int] = set()
    index = holders[-1] if holders else -1
    while index >= 0:
        found.add(index)
        index = before[index]
    return found
