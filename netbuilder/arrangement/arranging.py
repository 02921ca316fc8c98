"""Graph -> a place for every block: rows from top to bottom, branches beside the main path, long chains in columns."""

from bisect import bisect_right
from collections.abc import Iterable

from netbuilder.graph import Graph, Point

from .coordinates import BESIDE_LABEL
from .folding import fold
from .pieces import Piece, parts, piece
from .sizes import BLOCK_HEIGHT, BLOCK_WIDTH, GAP, STEP


def arrange(graph: Graph, *, width: float | None = None, height: float | None = None) -> dict[int, Point]:
    """Centres for all blocks, in canvas pixels, the same for the same graph.

    Layers lie in rows by their longest path from an input (Sugiyama, Tagawa and Toda, IEEE Transactions SMC 11(2),
    1981), the longest path of all in a straight line. With a `height`, a chain that is taller goes on at the top of
    another column, best where a single wire leads on, and not inside a group where that can be helped; with a `width`
    too, columns grow beyond that height until the whole is seen at the largest scale. A collapsed group is one block;
    the layers it hides keep their places in relation to each other.
    """
    folding = fold(graph)
    return folding.spread(_arranged(folding.seen, width, height))


def _arranged(graph: Graph, width: float | None, height: float | None) -> dict[int, Point]:
    """Centres for all nodes of a graph."""
    found = parts(graph)
    loose = [part for part in found if len(part) == 1]
    pieces = [piece(graph, part) for part in found if len(part) > 1]
    if loose:
        anywhere = list(range(1, len(loose)))
        pieces.append(Piece(loose, {key: 0.0 for (key,) in loose}, anywhere, anywhere, anywhere))
    tallest = max((len(each.rows) for each in pieces), default=1)
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


def _placed(pieces: Iterable[Piece], limit: int) -> dict[int, Point]:
    """The pieces side by side, each in columns of at most `limit` rows where it may be cut."""
    positions: dict[int, Point] = {}
    x = 0.0
    for part in pieces:
        for start, stop in _columns(part, limit):
            rows = part.rows[start:stop]
            for index, row in enumerate(rows):
                positions.update({v: (x + part.across[v], float(index * STEP)) for v in row if v > 0})
            widest = max(part.across[row[-1]] + (0 if row[-1] > 0 else BESIDE_LABEL - BLOCK_WIDTH) for row in rows)
            x += widest + BLOCK_WIDTH + GAP
    return positions


def _columns(piece: Piece, limit: int) -> list[tuple[int, int]]:
    """Ranges of rows, as many to a column as fit; a part that cannot be cut keeps together."""
    found: list[tuple[int, int]] = []
    start, end = 0, len(piece.rows)
    while end - start > limit and (stop := _cut(piece, start, limit)):
        found.append((start, stop))
        start = stop
    return [*found, (start, end)]


def _cut(piece: Piece, start: int, limit: int) -> int | None:
    """The last row a column may end before: best at a single wire, else at a single output, else beyond the limit.

    A group is cut only where the column would else be less than a third full.
    """
    index = bisect_right(piece.seams, start + limit) - 1
    if index >= 0 and piece.seams[index] - start >= limit / 3:
        return piece.seams[index]
    for cuts in (piece.wires, piece.outputs):
        index = bisect_right(cuts, start + limit) - 1
        if index >= 0 and cuts[index] > start:
            return cuts[index]
    index = bisect_right(piece.outputs, start + limit)
    return piece.outputs[index] if index < len(piece.outputs) else None
