"""Along one axis of a map: which positions the windows of a convolution read, seen from its outputs or from its inputs,
and how many rows of them are worked on at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from typing import NamedTuple

from .windows import Geometry


@dataclass(frozen=True, slots=True)
class Along:
    """Some places along an axis, `count` of them, `apart` from one another from `begin` on. The k-th reads position
    stride · k + offset for each (kernel cell, offset) of `taps`, whose offsets grow in equal steps."""

    begin: int
    apart: int
    count: int
    taps: tuple[tuple[int, int], ...]
    stride: int

    @property
    def places(self) -> slice:
        """Where they are."""
        return slice(self.begin, self.begin + self.apart * (self.count - 1) + 1, self.apart)

    def seen(self, tap: int) -> slice:
        """The positions they read with one of the taps, on the map or beyond it."""
        first = self.taps[tap][1]
        return slice(first, first + self.stride * (self.count - 1) + 1, self.stride)

    def part(self, start: int, count: int) -> "Along":
        """Some of them, from the one with number `start` on."""
        taps = tuple((cell, offset + start * self.stride) for cell, offset in self.taps)
        return Along(self.begin + self.apart * start, self.apart, count, taps, self.stride)

    @property
    def cells(self) -> slice:
        """Which kernel cells they hold, in the order of the taps."""
        if len(self.taps) < 2:
            return slice(*(self.taps[0][0], self.taps[0][0] + 1) if self.taps else (0, 0))
        first, step, last = self.taps[0][0], self.taps[1][0] - self.taps[0][0], self.taps[-1][0]
        end = last + step
        return slice(first, None if end < 0 else end, step)


@dataclass(frozen=True, slots=True)
class Span:
    """`count` places that hold the same kernel cells, a slice of the taps, all of them on the map: which these places
    are among their like, and from which of the rows that were read each window starts, `stride` after the last one."""

    places: slice
    cells: slice
    first: int
    stride: int
    count: int

    @property
    def begins(self) -> slice:
        """Where the windows start."""
        return slice(self.first, self.first + self.stride * (self.count - 1) + 1, self.stride)


class Chunk(NamedTuple):
    """Rows of a map that are read at once, and what is seen in them."""

    read: slice
    spans: tuple[Span, ...]


@lru_cache(maxsize=4096)
def of_outputs(geometry: Geometry, axis: int) -> Along:
    """Outputs, and the positions of the map they read: stride · k + cell · dilation − padding."""
    dilation, pad = geometry.dilation[axis], geometry.pads[2 * axis]
    taps = tuple((cell, cell * dilation - pad) for cell in range(geometry.kernel[axis]))
    return Along(0, 1, geometry.size[axis], taps, geometry.stride[axis])


@lru_cache(maxsize=4096)
def of_inputs(geometry: Geometry, axis: int, size: int) -> tuple[Along, ...]:
    """Positions of a map, and the outputs that read them: those a stride apart are read by the same kernel cells."""
    stride, dilation, pad = geometry.stride[axis], geometry.dilation[axis], geometry.pads[2 * axis]
    found: list[Along] = []
    for begin in range(min(stride, size)):
        shifts = [(cell, begin + pad - cell * dilation) for cell in reversed(range(geometry.kernel[axis]))]
        taps = tuple((cell, shift // stride) for cell, shift in shifts if shift % stride == 0)
        found.append(Along(begin, stride, -(-(size - begin) // stride), taps, 1))
    return tuple(found)


@lru_cache(maxsize=4096)
def chunks(along: Along, height: int, most: int) -> tuple[Chunk, ...]:
    """All places in turn, reading about `most` rows of a map of some height at once, or as few as a window needs."""
    return tuple(_chunks(along, height, most))


def _chunks(along: Along, height: int, most: int) -> Iterator[Chunk]:
    """Windows of rows some distance apart, as dilation makes them, hold neighbours among every so many rows."""
    cells = len(along.taps)
    distance = along.taps[1][1] - along.taps[0][1] if cells > 1 else 1
    turns = next(n for n in range(1, distance + 1) if n * along.stride % distance == 0)
    stride = turns * along.stride // distance
    step = max(1, (most - cells) // stride + 1)
    for turn in range(min(turns, along.count)):
        begin, phase = divmod(turn * along.stride + along.taps[0][1], distance)
        rows, count = len(range(phase, height, distance)), len(range(turn, along.count, turns))
        starts = [begin + k * stride for k in range(count)]
        for at in range(0, count, step):
            part = starts[at : at + step]
            first = min(rows, max(0, part[0]))
            last = max(first, min(rows, part[-1] + cells))
            spans: list[Span] = []
            for held, group in groupby(range(at, at + len(part)), partial(_on_map, starts, cells, rows)):
                own = [*group]
                places = slice(turn + turns * own[0], turn + turns * own[-1] + 1, turns)
                spans.append(Span(places, slice(*held), starts[own[0]] + held[0] - first, stride, len(own)))
            yield Chunk(slice(phase + distance * first, phase + distance * last, distance), tuple(spans))


def _on_map(starts: Sequence[int], cells: int, rows: int, which: int) -> tuple[int, int]:
    """Which cells of one of some windows lie on a map of so many rows: from the first to before the last."""
    top, end = max(0, -starts[which]), min(cells, rows - starts[which])
    return (top, end) if top < end else (0, 0)


@lru_cache(maxsize=4096)
def strips(along: Along, most: int) -> tuple[tuple[slice, Along], ...]:
    """All places in equal parts of at most so many, but for the last one; and which of the places each part is."""
    step = -(-along.count // -(-along.count // most))
    starts = range(0, along.count, step)
    return tuple((slice(at, min(at + step, along.count)), along.part(at, min(step, along.count - at))) for at in starts)
