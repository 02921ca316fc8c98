"""Stacks and the wires between them -> rows that fit a page, and the way of every wire: straight to the next stack,
in lanes above the row to others, and round the right margin to rows below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netbuilder.graph import Edge, Point

from .stacks import LINE, Stack

PAGE = 1080.0
LANE, ABOVE = 12.0, 16.0
"""Between lanes, and from the highest solid to the first."""
LABELS, BETWEEN, MARGIN = 24.0, 30.0, 22.0


@dataclass(frozen=True)
class Place:
    """Where a stack stands: the left end of its front and the middle of its height."""

    row: int
    x: float
    y: float
    column: float


@dataclass
class _Row:
    """The stacks of one row, by number, and the lanes above it."""

    members: range
    lanes: dict[tuple[int, str], float] = field(default_factory=dict[tuple[int, str], float])
    y: float = 0.0


class Rows:
    """Stacks in their places. `order[key]` is the number of the stack a layer is in."""

    def __init__(self, stacks: Sequence[Stack], edges: Sequence[tuple[Edge, int, int]]):
        self.stacks = stacks
        self._edges = [(edge, a, b) for edge, a, b in edges if a != b]
        self._rows = [_Row(members) for members in broken([s.column for s in stacks], [(a, b) for _, a, b in edges])]
        self._row_of = {index: number for number, row in enumerate(self._rows) for index in row.members}
        self._left = self._lefts()
        self._right = max(self._left[row.members[-1]] + stacks[row.members[-1]].column for row in self._rows)
        self._outside = self._margins()
        self._assign_lanes()
        self._stack_up()

    def place(self, index: int) -> Place:
        """Where a stack stands."""
        stack, row = self.stacks[index], self._row_of[index]
        column = self._left[index] + stack.column / 2
        return Place(row, column - (stack.front + stack.back[0]) / 2, self._rows[row].y, column)

    def labels(self, index: int) -> float:
        """The baseline of the first line below a stack."""
        row = self._rows[self._row_of[index]]
        return row.y + max(-self.stacks[member].top for member in row.members) + LABELS

    def ways(self) -> dict[Edge, tuple[Point, ...]]:
        """The corners of every wire between two stacks."""
        return {edge: self._way(a, b) for edge, a, b in self._edges}

    # ---- rows --------------------------------------------------------------------------------------------------------

    def _lefts(self) -> dict[int, float]:
        found: dict[int, float] = {}
        for row in self._rows:
            x = 0.0
            for index in row.members:
                found[index] = x
                x += self.stacks[index].column
        return found

    def _margins(self) -> dict[int, float]:
        """How far right each stack's wires to other rows run down: the longer the way, the further out."""
        spans: dict[int, tuple[float, float]] = {}
        for _, a, b in self._edges:
            if self._row_of[b] > self._row_of[a]:
                start = self._row_of[a] + (0.5 if self._last(a) else 0.0)
                spans[a] = start, max(spans.get(a, (0.0, 0.0))[1], self._row_of[b] + 0.1)
        taken: list[list[tuple[float, float]]] = []
        found: dict[int, float] = {}
        for a, span in sorted(spans.items(), key=lambda each: (each[1][1] - each[1][0], each)):
            outside = [i + 1 for i, held in enumerate(taken) if any(_overlap(span, other) for other in held)]
            lane = max(outside, default=0)
            taken += [[]] if lane == len(taken) else []
            taken[lane].append(span)
            found[a] = self._right + MARGIN + LANE * lane
        return found

    def _last(self, index: int) -> bool:
        return index == self._rows[self._row_of[index]].members[-1]

    def _stack_up(self) -> None:
        y = 0.0
        for row in self._rows:
            tops = [self.stacks[index].top for index in row.members]
            y -= min([*tops, *row.lanes.values()])
            row.y = y
            lines = max(len(self.stacks[index].words) for index in row.members)
            y += -min(tops) + LABELS + LINE * (lines - 1) + BETWEEN

    # ---- lanes -------------------------------------------------------------------------------------------------------

    def _exit(self, index: int) -> float:
        stack = self.stacks[index]
        return self.place(index).x + stack.back[0] + 0.7 * stack.front

    def _entry(self, index: int) -> float:
        stack = self.stacks[index]
        return self.place(index).x + stack.back[0] + 0.3 * stack.front

    def _assign_lanes(self) -> None:
        """A height for every run above every row; short runs go low, so that longer ones arch over them."""
        runs: dict[tuple[int, int, str], tuple[float, float]] = {}

        def extend(row: int, source: int, kind: str, left: float, right: float) -> None:
            old = runs.get((row, source, kind), (left, right))
            runs[row, source, kind] = min(left, old[0]), max(right, old[1])

        for _, a, b in self._edges:
            row, below = self._row_of[a], self._row_of[b]
            if row == below:
                if b != a + 1:
                    extend(row, a, "skip", self._exit(a), self._entry(b))
                continue
            if not self._last(a):
                extend(row, a, "skip", self._exit(a), self._outside[a])
            end = -MARGIN if b == a + 1 else self._entry(b)
            extend(below, a, "arrive", end, self._outside[a])
        for (row, source, kind), ends in sorted(runs.items(), key=lambda run: (run[1][1] - run[1][0], run[0])):
            lanes = self._rows[row].lanes
            above = [lanes[key] - LANE for key in lanes if _overlap(runs[row, *key], ends)]
            beside = [s.top - ABOVE for s in self._under(row, ends)]
            lanes[source, kind] = min([*above, *beside, -ABOVE])

    def _under(self, row: int, ends: tuple[float, float]) -> list[Stack]:
        return [
            self.stacks[index]
            for index in self._rows[row].members
            if self._left[index] < ends[1] and self._left[index] + self.stacks[index].column > ends[0]
        ]

    def _way(self, a: int, b: int) -> tuple[Point, ...]:
        from_, to = self.place(a), self.place(b)
        stack, target = self.stacks[a], self.stacks[b]
        if b == a + 1 and from_.row == to.row:
            return (from_.x + stack.front, from_.y), (to.x, to.y)
        end = (self._entry(b), to.y + target.top)
        row, below = self._rows[from_.row], self._rows[to.row]
        if from_.row == to.row or not self._last(a):
            lane = row.y + row.lanes[a, "skip"]
            start = ((self._exit(a), from_.y + stack.top + 2), (self._exit(a), lane))
            if from_.row == to.row:
                return *start, (end[0], lane), end
            out = (*start, (self._outside[a], lane))
        else:
            out = ((from_.x + stack.front, from_.y), (self._outside[a], from_.y))
        lane = below.y + below.lanes[a, "arrive"]
        if b == a + 1:
            return *out, (self._outside[a], lane), (-MARGIN, lane), (-MARGIN, to.y), (to.x, to.y)
        return *out, (self._outside[a], lane), (end[0], lane), end


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def broken(widths: Sequence[float], wires: Sequence[tuple[int, int]], page: float = PAGE) -> list[range]:
    """Numbers of neighbours in rows no wider than a page, of like width, and broken where few wires are cut."""
    total = sum(widths)
    ideal = total / max(1, round(total / page + 0.3))
    cut = _cuts(len(widths), wires)
    best: list[tuple[float, int]] = [(0.0, 0)]
    for stop in range(1, len(widths) + 1):
        tries: list[tuple[float, int]] = []
        width = 0.0
        for start in range(stop - 1, -1, -1):
            width += widths[start]
            if width > page and start < stop - 1:
                break
            price = ((width - ideal) / ideal) ** 2 + 0.2 * max(0, cut[stop] - 1)
            tries.append((best[start][0] + price, start))
        best.append(min(tries))
    found: list[range] = []
    stop = len(widths)
    while stop:
        start = best[stop][1]
        found.append(range(start, stop))
        stop = start
    return found[::-1]


def _cuts(count: int, wires: Sequence[tuple[int, int]]) -> Mapping[int, int]:
    """How many different outputs are carried past each break."""
    last: dict[int, int] = {}
    for a, b in wires:
        last[a] = max(last.get(a, a), b)
    return {stop: sum(a < stop <= b for a, b in last.items()) for stop in range(count + 1)}
