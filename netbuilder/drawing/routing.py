"""A graph and where its blocks lie -> the way of every wire, round the blocks, and the place of the text beside it."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import islice, pairwise
from typing import NamedTuple

from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH
from netbuilder.graph import Edge, Graph, Point

HALF_WIDTH, HALF_HEIGHT = BLOCK_WIDTH / 2, BLOCK_HEIGHT / 2
LEAVE = 14.0  # how far a wire runs straight out of a port before it turns: half the gap between two blocks
FORK = 7.0  # the same where wires fork or meet, so that a label still fits beside the one that goes straight
LANE, LANE_STEP, LANES = 24.0, 12.0, 5  # beside a column of blocks: the nearest lane, the next ones, how many are tried
PORT_STEP = 20.0
NEAR_COLUMNS = 4
MOST_TRIED = 24  # corridors, for a wire that climbs beside others
LABEL_WIDTH, LABEL_HEIGHT, TEXT_HEIGHT = 96.0, 22.0, 16.0


class Wiring(NamedTuple):
    """The corners of one wire from source to target, and where its label stands: on `side` +1 right or −1 left; 0 is
    nowhere."""

    points: tuple[Point, ...]
    label: Point
    side: int = 1


def wirings(
    graph: Graph, positions: Mapping[int, Point], kept: Mapping[Edge, Wiring] | None = None
) -> dict[Edge, Wiring]:
    """A way for every wire but those `kept` as they run.

    Short ones go first: of two that run beside the same blocks, the longer is outside.
    """
    found = dict(kept or {})
    entries: dict[int, dict[int, tuple[float, int]]] = {}
    router = _Router(positions)
    labels = _Labels(router)
    detours: list[tuple[float, Edge, Point, Point, int]] = []
    for edge in sorted(graph.edges - found.keys()):
        if edge.target not in entries:
            entries[edge.target] = entry_offsets(graph, edge.target, positions)
        (sx, sy), (tx, ty) = positions[edge.source], positions[edge.target]
        offset, rank = entries[edge.target][edge.port]
        start, end = (sx, sy + HALF_HEIGHT), (tx + offset, ty - HALF_HEIGHT)
        if router.straight(start, end):
            found[edge] = Wiring((start, end), (sx, (start[1] + end[1]) / 2))
            router.note(edge, found[edge].points)
        else:
            detours.append((abs(ty - sy), edge, start, end, rank))
    for _, edge, start, end, rank in sorted(detours):
        forks, meets = len(graph.outgoing(edge.source)) > 1, len(graph.incoming(edge.target)) > 1
        out = FORK if forks else LEAVE
        enter = min(FORK + 4 * rank, 3 * FORK) if meets else LEAVE
        found[edge] = Wiring(router.way(edge, start, end, out, enter, late=not forks), (0, 0))
    for edge in [edge for edge in found if not kept or edge not in kept]:
        near = [*graph.outgoing(edge.source), *graph.incoming(edge.target)]
        found[edge] = labels.placed(edge.source, found[edge].points, [found[other].points for other in near])
    return found


def entry_offsets(graph: Graph, key: int, positions: Mapping[int, Point]) -> dict[int, tuple[float, int]]:
    """Port -> (how far right of a block's centre its wire enters, how many wires enter further out).

    The wire from straight above has the centre, so that a main path stays straight; the others stand on the side they
    come from, those from near blocks further in.
    """
    wires = graph.incoming(key)
    if len(wires) < 2:
        return {edge.port: (0.0, 0) for edge in wires}
    x, y = positions[key]

    def away(edge: Edge) -> tuple[bool, float, float, int]:
        sx, sy = positions[edge.source]
        return sy >= y, abs(sx - x), -sy, edge.port

    first, *rest = sorted(wires, key=away)
    found = {first.port: (0.0, 0)}
    for sign in (1, -1):
        side = [e for e in rest if (positions[e.source][0] < x - 1) == (sign < 0)]
        side.sort(key=lambda e: (-positions[e.source][1], e.port))
        step = min(PORT_STEP, (HALF_WIDTH - 12) / max(1, len(side) + 1))
        found |= {edge.port: (sign * step * (i + 1), len(side) - 1 - i) for i, edge in enumerate(side)}
    return found


def free_entry(graph: Graph, key: int, positions: Mapping[int, Point]) -> float:
    """How far right of its centre a block shows its next free port: right of all wires it has."""
    taken = entry_offsets(graph, key, positions)
    return max((offset for offset, _ in taken.values()), default=-PORT_STEP) + PORT_STEP


class _Router:
    """The blocks in the way, by column, and the lanes given away so far."""

    def __init__(self, positions: Mapping[int, Point]):
        columns: dict[float, list[float]] = {}
        for x, y in positions.values():
            columns.setdefault(x, []).append(y)
        self._columns = {x: sorted(ys) for x, ys in columns.items()}
        self._xs = sorted(columns)
        self._lanes: dict[int, list[tuple[float, float, float, int]]] = {}
        self._upright: list[tuple[float, float, float, Edge]] = []
        self._level: list[tuple[float, float, float, Edge]] = []

    def note(self, edge: Edge, points: tuple[Point, ...]) -> None:
        """Remember where a wire runs, to tell what later ones cross."""
        for (ax, ay), (bx, by) in pairwise(points):
            if ax == bx:
                self._upright.append((ax, min(ay, by), max(ay, by), edge))
            else:
                self._level.append((ay, min(ax, bx), max(ax, bx), edge))

    def straight(self, start: Point, end: Point) -> bool:
        """Whether the wire can simply go down."""
        down = end[1] - start[1]
        if start[0] != end[0] or down <= 0:
            return False
        return down <= BLOCK_HEIGHT or self.clear(start[0], start[0], start[1] + 1, end[1] - 1)

    def way(
        self, edge: Edge, start: Point, end: Point, leave: float, arrive: float, *, late: bool
    ) -> tuple[Point, ...]:
        """The cheapest way down, across to a free corridor, along it, across to the port; `late` turns near the end.

        Where one output climbs to several layers of the next column, its wires take the corridors that cross least.
        """
        source = edge.source
        (sx, sy), (tx, ty) = start, end
        down, out, enter = ty - sy, sy + leave, ty - arrive
        if down <= 0 and self.clear(sx - 1, sx + 1, sy + 1, sy + 2 * LEAVE + 4):
            out = sy + 2 * LEAVE
        elif 0 < down < leave + arrive:
            out = enter = (sy + ty) / 2
        corridors = self._corridors(sx, tx, out, enter, late)
        free = (x for x in corridors if self._passable(source, sx, tx, x, out, enter))

        def by(x: float) -> tuple[Point, ...]:
            return _without_repeats(start, (sx, out), (x, out), (x, enter), (tx, enter), end)

        if late or enter >= out:
            x = next(free, corridors[0])
        else:
            x = min(islice(free, MOST_TRIED), key=lambda x: self._crossed(edge, by(x)), default=corridors[0])
        self._lanes.setdefault(int(x // LANE_STEP), []).append((x, min(out, enter), max(out, enter), source))
        self.note(edge, by(x))
        return by(x)

    def _crossed(self, edge: Edge, points: tuple[Point, ...]) -> int:
        """How many of the wires so far a way would cross."""
        count = 0
        for (ax, ay), (bx, by) in pairwise(points):
            across = self._level if ax == bx else self._upright
            at, low, high = (ax, min(ay, by), max(ay, by)) if ax == bx else (ay, min(ax, bx), max(ax, bx))
            count += sum(
                low < line < high and start < at < stop and other.source != edge.source and other.target != edge.target
                for line, start, stop, other in across
            )
        return count

    def _corridors(self, sx: float, tx: float, out: float, enter: float, late: bool) -> list[float]:
        """Where the wire might run, best first."""
        low, high = min(out, enter), max(out, enter)
        middle = (sx + tx) / 2
        near = sorted((x for x in self._xs if self._within(x, low, high)), key=lambda x: abs(x - middle))
        lanes = [HALF_WIDTH + LANE + LANE_STEP * i for i in range(LANES)]
        beside = [x + sign * lane for x in {*near[:NEAR_COLUMNS], sx, tx} for sign in (1, -1) for lane in lanes]
        first = tx - (HALF_WIDTH + LANE) * (1 if sx <= tx else -1)

        def cost(x: float) -> tuple[float, float]:
            # Among equals a wire to the next column runs close to that; else the right side is the usual one.
            return abs(x - sx) + abs(x - tx) + (8 if x < min(sx, tx) else 0), abs(x - first if enter < out else -x)

        beside.sort(key=cost)
        if enter < out:
            return beside
        return [sx, tx, *beside] if late else [tx, sx, *beside]

    def _passable(self, source: int, sx: float, tx: float, x: float, out: float, enter: float) -> bool:
        low, high = min(out, enter), max(out, enter)
        lane = int(x // LANE_STEP)
        taken = any(
            abs(other - x) < LANE_STEP - 2 and low < bottom and top < high and owner != source
            for near in (lane - 1, lane, lane + 1)
            for other, top, bottom, owner in self._lanes.get(near, ())
        )
        return (
            not taken
            and self.clear(x - LANE / 2, x + LANE / 2, low, high)
            and self.clear(min(sx, x), max(sx, x), out, out)
            and self.clear(min(tx, x), max(tx, x), enter, enter)
        )

    def clear(self, left: float, right: float, top: float, bottom: float) -> bool:
        """Whether no block reaches into this rectangle."""
        first = bisect_right(self._xs, left - HALF_WIDTH)
        last = bisect_left(self._xs, right + HALF_WIDTH)
        return not any(self._within(x, top, bottom) for x in self._xs[first:last])

    def _within(self, x: float, top: float, bottom: float) -> bool:
        """Whether the column at `x` has a block that reaches between two heights."""
        ys = self._columns[x]
        return bisect_right(ys, top - HALF_HEIGHT) < bisect_left(ys, bottom + HALF_HEIGHT)


def _without_repeats(*points: Point) -> tuple[Point, ...]:
    """The corners alone: no point twice, none in the middle of a straight stretch."""
    found: list[Point] = []
    for point in points:
        if found and found[-1] == point:
            continue
        if len(found) > 1 and (found[-2][0] == found[-1][0] == point[0] or found[-2][1] == found[-1][1] == point[1]):
            found.pop()
        found.append(point)
    return tuple(found)


class _Labels:
    """The places beside wires that already carry a text, by height."""

    def __init__(self, router: _Router) -> None:
        self._router = router
        self._taken: dict[int, list[Point]] = {}
        self._told: set[int] = set()

    def placed(self, source: int, points: tuple[Point, ...], near: list[tuple[Point, ...]]) -> Wiring:
        """The wiring with a label where no wire of the same ends, no other label and no block is in its way.

        Where there is no such place, one of the wires from the same output tells for all.
        """
        places = [(p, side) for side in (1, -1) for p in _stations(points)]
        crossing = [(a, b) for way in near for a, b in pairwise(way) if len(way) > 2]
        place, side = next((p for p in places if self._free(*p, crossing)), (places[0][0], 0))
        if side == 0 and source not in self._told:
            side = 1
        self._told.add(source)
        self._taken.setdefault(int(place[1] // LABEL_HEIGHT), []).append((place[0] + side * LABEL_WIDTH / 2, place[1]))
        return Wiring(points, place, side)

    def _free(self, place: Point, side: int, crossing: list[tuple[Point, Point]]) -> bool:
        (x, y), half = place, TEXT_HEIGHT / 2
        left, right = (x + 4, x + LABEL_WIDTH) if side > 0 else (x - LABEL_WIDTH, x - 4)
        for (ax, ay), (bx, by) in crossing:
            if min(ax, bx) < right and max(ax, bx) > left and min(ay, by) < y + half and max(ay, by) > y - half:
                return False
        row, middle = int(y // LABEL_HEIGHT), (left + right) / 2
        return self._router.clear(left, right, y - half, y + half) and not any(
            abs(other - middle) < LABEL_WIDTH and abs(height - y) < LABEL_HEIGHT
            for near in (row - 1, row, row + 1)
            for other, height in self._taken.get(near, ())
        )


def _stations(points: tuple[Point, ...]) -> list[Point]:
    """Where along a wire its label might stand, best first."""
    (x, top), (end, bottom) = points[0], points[-1]
    if bottom <= top and points[1][1] - top > LABEL_HEIGHT:
        return [(x, (top + points[1][1]) / 2)]
    upright = [(a, b) for a, b in pairwise(points) if a[0] == b[0]]
    (lane, low), (_, high) = max(upright, key=lambda ends: abs(ends[1][1] - ends[0][1]))
    low, high = min(low, high), max(low, high)
    if high - low >= 2 * LABEL_HEIGHT:
        return [(lane, low + (high - low) * share) for share in (0.3, 0.5, 0.7, 0.15, 0.85)]
    middle = (top + bottom) / 2
    return [(at, middle + shift) for shift in (0.0, 4.0, -4.0) for at in dict.fromkeys((x, end))]
