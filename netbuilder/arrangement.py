"""Graph -> a place for every block: rows from top to bottom, branches beside the main path, long chains in columns."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise
from statistics import median

from netbuilder.graph import Graph, Point

BLOCK_WIDTH, BLOCK_HEIGHT, STEP = 216, 44, 72
GAP = 48  # between columns, so that a pitch is 264: positions stay on the 8-pixel grid
BESIDE_BLOCK, BESIDE_LABEL, BESIDE_WIRE = (
    136,
    208,
    16,
)  # from a block's centre to a passing wire, and back past its text
SWEEPS = 4

Vertex = int  # a layer's id; negative: the place in one row where a long wire passes
Rows = list[list[Vertex]]
Above = dict[Vertex, list[Vertex]]


@dataclass(frozen=True)
class _Piece:
    """One connected part of a design: its rows, where each vertex lies across, and before which rows it may be cut:
    where a single wire leads on, or at least the wires of a single layer."""

    rows: Rows
    across: dict[Vertex, float]
    wires: list[int]
    outputs: list[int]


def arrange(graph: Graph, *, width: float | None = None, height: float | None = None) -> dict[int, Point]:
    """Centres for all blocks, in canvas pixels, the same for the same graph.

    Layers lie in rows by their longest path from an input (Sugiyama, Tagawa and Toda, IEEE Transactions SMC 11(2),
    1981), the longest path of all in a straight line. With a `height`, a chain that is taller goes on at the top of
    another column, best where a single wire leads on; with a `width` too, columns grow beyond that height until the
    whole is seen at the largest scale.
    """
    parts = _parts(graph)
    loose = [part for part in parts if len(part) == 1]
    pieces = [_piece(graph, part) for part in parts if len(part) > 1]
    if loose:
        anywhere = list(range(1, len(loose)))
        pieces.append(_Piece(loose, {key: 0.0 for (key,) in loose}, anywhere, anywhere))
    tallest = max((len(piece.rows) for piece in pieces), default=1)
    fitting = tallest if height is None else max(1, int((height - BLOCK_HEIGHT) // STEP) + 1)
    if width is None or height is None:
        return _placed(pieces, fitting)
    tries = [_placed(pieces, rows) for rows in _growing(fitting, tallest)]
    return max(tries, key=lambda positions: _scale(positions, width, height))


def _growing(least: int, most: int) -> list[int]:
    """Numbers of rows worth trying, ever further apart."""
    found = [least]
    while found[-1] < most:
        found.append(found[-1] + 1 + found[-1] // 12)
    return found


def _scale(positions: dict[int, Point], width: float, height: float) -> float:
    xs, ys = zip(*positions.values(), strict=True) if positions else ((0.0,), (0.0,))
    return min(1.0, width / (max(xs) - min(xs) + BLOCK_WIDTH), height / (max(ys) - min(ys) + BLOCK_HEIGHT))


def _parts(graph: Graph) -> list[list[int]]:
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


def _piece(graph: Graph, keys: Sequence[int]) -> _Piece:
    rank = _ranks(graph, keys)
    main = _main_path(graph, keys)
    rows, above = _rows(graph, keys, rank, main)
    rows = _with_few_crossings(rows, above, main)
    ends = [[end for vertex in row for end in above[vertex]] for row in rows]
    outputs = [i for i in range(1, len(rows)) if len(set(ends[i])) == 1 and len(rows[i - 1]) == 1]
    return _Piece(rows, _across(rows, above, main), [i for i in outputs if len(ends[i]) == 1], outputs)


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


# ---- order within a row ----------------------------------------------------------------------------------------------


def _with_few_crossings(rows: Rows, above: Above, main: frozenset[int]) -> Rows:
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


# ---- coordinates -----------------------------------------------------------------------------------------------------


def _across(rows: Rows, above: Above, main: frozenset[int]) -> dict[Vertex, float]:
    """Where each vertex lies across, the main path at 0, straight runs above each other (after Brandes and Köpf,
    Graph Drawing 2001, doi 10.1007/3-540-45848-4_3: align with the median neighbour above, then pack to the left)."""
    run = _runs(rows, above, main)
    left: dict[Vertex, list[tuple[Vertex, float]]] = {vertex: [] for vertex in run.values()}
    for row in rows:
        for a, b in pairwise(row):
            left[run[b]].append((run[a], _distance(a, b)))
    across: dict[Vertex, float] = {}
    for top in TopologicalSorter({top: [a for a, _ in near] for top, near in left.items()}).static_order():
        across[top] = max((across[a] + distance for a, distance in left[top]), default=0.0)
    return {vertex: across[top] for vertex, top in run.items()}


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


def _placed(pieces: Iterable[_Piece], limit: int) -> dict[int, Point]:
    """The pieces side by side, each in columns of at most `limit` rows where it may be cut."""
    positions: dict[int, Point] = {}
    x = 0.0
    for piece in pieces:
        for start, stop in _columns(piece, limit):
            rows = piece.rows[start:stop]
            for index, row in enumerate(rows):
                positions.update({v: (x + piece.across[v], float(index * STEP)) for v in row if v > 0})
            widest = max(piece.across[row[-1]] + (0 if row[-1] > 0 else BESIDE_LABEL - BLOCK_WIDTH) for row in rows)
            x += widest + BLOCK_WIDTH + GAP
    return positions


def _columns(piece: _Piece, limit: int) -> list[tuple[int, int]]:
    """Ranges of rows, as many to a column as fit; a part that cannot be cut keeps together."""
    found: list[tuple[int, int]] = []
    start, end = 0, len(piece.rows)
    while end - start > limit and (stop := _cut(piece, start, limit)):
        found.append((start, stop))
        start = stop
    return [*found, (start, end)]


def _cut(piece: _Piece, start: int, limit: int) -> int | None:
    """The last row a column may end before: best at a single wire, else at a single output, else beyond the limit."""
    for cuts in (piece.wires, piece.outputs):
        index = bisect_right(cuts, start + limit) - 1
        if index >= 0 and cuts[index] > start:
            return cuts[index]
    index = bisect_right(piece.outputs, start + limit)
    return piece.outputs[index] if index < len(piece.outputs) else None
