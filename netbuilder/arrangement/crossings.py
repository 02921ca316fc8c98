"""Rows of vertices -> the same rows in an order in which few wires cross."""

from bisect import bisect_right, insort
from itertools import pairwise
from statistics import median

from .sizes import Above, Rows

SWEEPS = 4


def with_few_crossings(rows: Rows, above: Above, main: frozenset[int]) -> Rows:
    """The rows reordered by sweeps that put each vertex at the median of its neighbours; the best of all is kept."""
    below: Above = {vertex: [] for vertex in above}
    for vertex, neighbours in above.items():
        for neighbour in neighbours:
            below[neighbour].append(vertex)
    best, fewest = rows, _crossings(rows, above)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        rows = _swept(rows if downwards else rows[::-1], above if downwards else below, main)
        rows = rows if downwards else rows[::-1]
        if (crossings := _crossings(rows, above)) < fewest:
            best, fewest = rows, crossings
    return best


def _swept(rows: Rows, neighbours: Above, main: frozenset[int]) -> Rows:
    found: Rows = [rows[0]]
    for row in rows[1:]:
        place = {vertex: index for index, vertex in enumerate(found[-1])}
        goal = {
            vertex: -1.0 if vertex in main else median([place[n] for n in neighbours[vertex]] or [float(index)])
            for index, vertex in enumerate(row)
        }
        found.append(sorted(row, key=lambda vertex: goal[vertex]))
    return found


def _crossings(rows: Rows, above: Above) -> int:
    """Pairs of wires between neighbouring rows that cross: inversions of their upper ends, read from the left."""
    count = 0
    for upper, lower in pairwise(rows):
        place = {vertex: index for index, vertex in enumerate(upper)}
        seen: list[int] = []
        for vertex in lower:
            ends = sorted(place[neighbour] for neighbour in above[vertex])
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count
