"""Ordered rows -> how far across each vertex lies, wires as straight as can be."""

from graphlib import TopologicalSorter
from itertools import pairwise

from .sizes import BLOCK_WIDTH, GAP, Above, Rows, Vertex

BESIDE_BLOCK, BESIDE_LABEL, BESIDE_WIRE = 136, 208, 16
"""From a block's centre to a passing wire, from that wire back past its text, and from wire to wire."""


def across(rows: Rows, above: Above, main: frozenset[int]) -> dict[Vertex, float]:
    """Where each vertex lies across, the main path at 0, straight runs above each other (after Brandes and Köpf,
    Graph Drawing 2001, doi 10.1007/3-540-45848-4_3: align with the median neighbour above, then pack to the left)."""
    run = _runs(rows, above, main)
    left: dict[Vertex, list[tuple[Vertex, float]]] = {vertex: [] for vertex in run.values()}
    for row in rows:
        for a, b in pairwise(row):
            left[run[b]].append((run[a], _distance(a, b)))
    found: dict[Vertex, float] = {}
    for top in TopologicalSorter({top: [a for a, _ in near] for top, near in left.items()}).static_order():
        found[top] = max((found[a] + distance for a, distance in left[top]), default=0.0)
    return {vertex: found[top] for vertex, top in run.items()}


def _runs(rows: Rows, above: Above, main: frozenset[int]) -> dict[Vertex, Vertex]:
    """The topmost vertex of the straight run each vertex belongs to. Runs never cross; the main path is one."""
    run = {vertex: vertex for vertex in rows[0]}
    for upper, lower in pairwise(rows):
        place = {vertex: index for index, vertex in enumerate(upper)}
        free = 0
        for vertex in lower:
            run[vertex] = vertex
            straight = [end for end in above[vertex] if vertex in main and end in main]
            ends = sorted(place[neighbour] for neighbour in straight or above[vertex])
            middle = ends[(len(ends) - 1) // 2 : len(ends) // 2 + 1]
            end = next((end for end in middle if end >= free), None)
            if end is not None:
                run[vertex], free = run[upper[end]], end + 1
    return run


def _distance(a: Vertex, b: Vertex) -> float:
    """From one vertex to its right neighbour: room for blocks, for passing wires and for the text beside those."""
    if a > 0:
        return BLOCK_WIDTH + GAP if b > 0 else BESIDE_BLOCK
    return BESIDE_LABEL if b > 0 else BESIDE_WIRE
