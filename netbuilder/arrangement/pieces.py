"""Graph -> its connected parts, each in rows from top to bottom, ordered and placed across."""

from collections.abc import Sequence
from dataclasses import dataclass

from netbuilder.graph import Graph

from .coordinates import across
from .crossings import with_few_crossings
from .sizes import Above, Rows, Vertex


@dataclass(frozen=True)
class Piece:
    """One connected part of a design: its rows, where each vertex lies across, and before which rows it may be cut:
    where a single wire leads on (`seams` are those between groups), or at least the wires of a single layer."""

    rows: Rows
    across: dict[Vertex, float]
    seams: list[int]
    wires: list[int]
    outputs: list[int]


def parts(graph: Graph) -> list[list[int]]:
    """The ids of each connected part, in execution order; larger parts first."""
    part: dict[int, int] = {}
    for root in graph.order:
        waiting = [] if root in part else [root]
        while waiting:
            key = waiting.pop()
            part[key] = root
            near = [e.target for e in graph.outgoing(key)] + [e.source for e in graph.incoming(key)]
            waiting += [other for other in near if other not in part]
    found: dict[int, list[int]] = {}
    for key in graph.order:
        found.setdefault(part[key], []).append(key)
    return sorted(found.values(), key=lambda keys: (-len(keys), keys[0]))


def piece(graph: Graph, keys: Sequence[int]) -> Piece:
    """A connected part, laid out."""
    rank = _ranks(graph, keys)
    main = _main_path(graph, keys)
    rows, above = _rows(graph, keys, rank, main)
    rows = with_few_crossings(rows, above, main)
    ends = [[end for vertex in row for end in above[vertex]] for row in rows]
    outputs = [i for i in range(1, len(rows)) if len(set(ends[i])) == 1 and len(rows[i - 1]) == 1]
    wires = [i for i in outputs if len(ends[i]) == 1]
    spans = [[rank[key] for key in group.members if key in rank] for group in graph.groups.values()]
    seams = [i for i in wires if not any(min(span) < i <= max(span) for span in spans if span)]
    return Piece(rows, across(rows, above, main), seams, wires, outputs)


def _ranks(graph: Graph, keys: Sequence[int]) -> dict[int, int]:
    """Each layer's row: the longest way down to it; a layer nothing feeds stands just above what it feeds."""
    rank: dict[int, int] = {}
    for key in keys:
        rank[key] = max((rank[source] + 1 for source in graph.inputs(key)), default=0)
    for key in keys:
        if not graph.inputs(key):
            rank[key] = min((rank[edge.target] - 1 for edge in graph.outgoing(key)), default=0)
    return rank


def _main_path(graph: Graph, keys: Sequence[int]) -> frozenset[int]:
    """The longest path; among equals the one that enters by the first ports."""
    length: dict[int, int] = {}
    before: dict[int, int] = {}
    for key in keys:
        sources = graph.inputs(key)
        length[key] = 1
        if sources:
            before[key] = max(sources, key=lambda source: length[source])
            length[key] += length[before[key]]
    found = [max(keys, key=lambda key: length[key])]
    while found[-1] in before:
        found.append(before[found[-1]])
    return frozenset(found)


def _rows(graph: Graph, keys: Sequence[int], rank: dict[int, int], main: frozenset[int]) -> tuple[Rows, Above]:
    """Vertices row by row, main path first, and what each is wired to in the row above.

    Wires from one layer to several rows share their places on the way: they are one output.
    """
    rows: Rows = [[] for _ in range(max(rank.values()) + 1)]
    above: Above = {}
    for key in sorted(keys, key=lambda key: (key not in main, rank[key])):
        rows[rank[key]].append(key)
        above[key] = []
    for key in keys:
        last, row = key, rank[key]
        for edge in sorted(graph.outgoing(key), key=lambda edge: rank[edge.target]):
            while row < rank[edge.target] - 1:
                row += 1
                place = -len(above) - 1
                rows[row].append(place)
                above[place] = [last]
                last = place
            above[edge.target].append(last)
    return rows, above
