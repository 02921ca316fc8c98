"""Convolution by shares, for large kernels that move one pixel at a time: one product gives what each row of the map
adds to all the rows of output whose windows hold it, so that what is copied is packed for products only once."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .products import SKEW
from .scratch import Array, Scratch
from .windows import Geometry, meeting

CHUNK = 1_200_000
"""Numbers copied and summed at once."""


class Block(NamedTuple):
    """Some rows of a map, and the columns of another one beside it: whole rows, or a part of a single one."""

    rows: slice
    columns: slice


class Shift(NamedTuple):
    """Where kernel cells lead from one map to another: `moves` columns aside by kernel column, `lags` rows down."""

    moves: Sequence[int]
    lags: Sequence[int]


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y[f, h, w] = b[f] + Σ over i, j, c of w[f, c, i, j] · map[c, h + i, w + j], padding and dilation aside."""
    filters, channels, kh, kw = weight.shape
    by_row = weight.transpose(2, 0, 3, 1).reshape(kh, filters, kw * channels)
    shift = _shift(geometry, 1)
    start = None if bias is None else bias[:, None, None, None]
    _fill_edges(y, maps.shape[1], shift.lags, start)
    for block in _blocks(maps, y, kh, kw):
        _spread(run, by_row, _moved(run, maps, block, shift.moves), block, shift.lags, y, start)


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """dx is the same sum the other way round: dx[c, h + i, w] = Σ over i, j, f of w[f, c, i, j] · dy[f, h, w − j].

    Its moved copies of dy serve dw[f, c, i, j] = Σ over h, w of dy[f, h, w − j] · map[c, h + i, w], too, unless dy is
    so much narrower than the map that the same sum over moved copies of the map is the shorter one.
    """
    filters, channels, kh, kw = weight.shape
    by_row = weight.transpose(2, 1, 3, 0).reshape(kh, channels, kw * filters)
    back, narrow = _shift(geometry, -1), 10 * dy.shape[2] < 9 * maps.shape[2]
    if dx is not None:
        _fill_edges(dx, dy.shape[1], back.lags, None)
        if narrow:
            for block in _blocks(dy, dx, kh, kw):
                _spread(run, by_row, _moved(run, dy, block, back.moves), block, back.lags, dx, None)
    one, other, shift = (maps, dy, _shift(geometry, 1)) if narrow else (dy, maps, back)
    total = run.temporary("dw by row", (kw * len(one), kh * len(other)), dw.dtype)
    total.fill(0)
    for block in _blocks(one, other, kh, kw):
        moved = _moved(run, one, block, shift.moves)
        _correlate(run, moved, block, shift.lags, other, total)
        if dx is not None and not narrow:
            _spread(run, by_row, moved, block, shift.lags, dx, None)
    by_cell = total.reshape(kw, len(one), kh, len(other))
    dw[...] = by_cell.transpose(3, 1, 2, 0) if narrow else by_cell.transpose(1, 3, 2, 0)


def _shift(geometry: Geometry, way: int) -> Shift:
    """From outputs to the columns of the map they read, from rows of the map to the outputs that do; `way` −1: back."""
    (kh, kw), (down, aside), (top, _, left, _) = geometry.kernel, geometry.dilation, geometry.pads
    return Shift([way * (j * aside - left) for j in range(kw)], [way * (top - i * down) for i in range(kh)])


def _moved(run: Scratch, maps: Array, block: Block, moves: Sequence[int]) -> Array:
    """Rows of a map, moved aside by each of `moves` columns: (moves · channels, rows, columns, N), 0 beyond it."""
    rows, columns = block
    channels, _, width, n = maps.shape
    size = (rows.stop - rows.start, columns.stop - columns.start, n)
    if list(moves) == [0] and columns == slice(0, width):
        return maps[:, rows]
    out = _skewed(run, "moved", (len(moves) * channels, size[0] * size[1] * n), maps.dtype).reshape(-1, *size)
    for j, move in enumerate(moves):
        copy = out[j * channels : (j + 1) * channels]
        own, met = meeting(columns, move, width)
        if own.start:
            copy[:, :, : own.start] = 0
        if own.stop < size[1]:
            copy[:, :, own.stop :] = 0
        copy[:, :, own] = maps[:, rows, met]
    return out


def _fill_edges(out: Array, rows: int, lags: Sequence[int], start: Array | None) -> None:
    """Start the rows of `out` that none of so many rows reaches by the largest lag; `_spread` starts all others."""
    for edge in (out[:, : max(0, max(lags))], out[:, max(0, rows + max(lags)) :]):
        edge[...] = 0 if start is None else start


def _spread(
    run: Scratch, by_row: Array, moved: Array, block: Block, lags: Sequence[int], out: Array, start: Array | None
) -> None:
    """Add to `out` what some rows of a map give to the rows `lags` below them, one for each kernel row.

    Blocks come from above, so where the largest lag leads nothing was added yet, and the sum starts.
    """
    met = _met(block.rows, lags, out.shape[1])
    if not met:
        return
    first, last = met[0][0], met[-1][0] + 1
    weights, columns = by_row[first:last].reshape(-1, by_row.shape[2]), moved.reshape(len(moved), -1)
    shares = np.matmul(weights, columns, out=_skewed(run, "shares", (len(weights), columns.shape[1]), out.dtype))
    by_lag = shares.reshape(last - first, len(out), *moved.shape[1:])
    for i, own, below in sorted(met, key=lambda each: -lags[each[0]]):
        part, share = out[:, below, block.columns], by_lag[i - first][:, own]
        if lags[i] < max(lags):
            part += share
        elif start is None:
            np.copyto(part, share)
        else:
            np.add(share, start, out=part)


def _correlate(run: Scratch, moved: Array, block: Block, lags: Sequence[int], other: Array, total: Array) -> None:
    """Add to `total` (moved, lags · channels) the products of moved rows with those of the other map `lags` below."""
    channels, met = len(other), _met(block.rows, lags, other.shape[1])
    if not met:
        return
    first, last = met[0][0], met[-1][0] + 1
    size = ((last - first) * channels, moved[0].size)
    stacked = _skewed(run, "stacked", size, other.dtype).reshape(last - first, channels, *moved.shape[1:])
    if any(own != slice(0, moved.shape[1]) for _, own, _ in met):
        stacked.fill(0)
    for i, own, below in met:
        np.copyto(stacked[i - first][:, own], other[:, below, block.columns])
    into = total[:, first * channels : last * channels]
    each = run.temporary("products", into.shape, total.dtype)
    into += np.matmul(moved.reshape(len(moved), -1), stacked.reshape(size).T, out=each)


def _skewed(run: Scratch, role: str, shape: tuple[int, int], dtype: Any) -> Array:
    """A temporary matrix with SKEW unused numbers after each row."""
    rows, columns = shape
    return run.temporary(role, (rows, columns + SKEW), dtype)[:, :columns]


def _met(rows: slice, lags: Sequence[int], height: int) -> list[tuple[int, slice, slice]]:
    """For every lag that leads from some of these rows into a map of that height: which of them, and where to."""
    met = ((i, *meeting(rows, lag, height)) for i, lag in enumerate(lags))
    return [each for each in met if each[2].start < each[2].stop]


def held(geometry: Geometry, map_shape: tuple[int, ...], filters: int, *, wanted: bool) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N); the map's
    gradient needs little more."""
    channels, height, width, n = map_shape
    (kh, kw), (oh, ow) = geometry.kernel, geometry.size

    def block(one: tuple[int, ...], beside: tuple[int, ...]) -> int:
        most = max(1, CHUNK // (n * ((kw + 1) * one[0] + (kh + 1) * beside[0])))
        return n * (beside[2] * min(most // beside[2], one[1]) if most >= beside[2] else min(most, beside[2])) + SKEW

    inside, outside = (channels, height, width), (filters, oh, ow)
    there, back = block(inside, outside), block(outside, inside)
    other, length = (outside, there) if 10 * ow < 9 * width else (inside, back)
    moved, shares = max(channels * there, filters * back), max(filters * there, channels * back)
    stacked = kh * other[0] * length
    weights = kw * kh * channels * filters
    return (kw * channels + kh * filters) * there, kw * moved + kh * shares + stacked + 2 * weights


def _blocks(maps: Array, beside: Array, kh: int, kw: int) -> Iterator[Block]:
    """Rows of a map, and as many columns beside it, for which what is copied and what is added up is CHUNK numbers."""
    height, width, n = maps.shape[1], beside.shape[2], maps.shape[3]
    most = max(1, CHUNK // (n * ((kw + 1) * len(maps) + (kh + 1) * len(beside))))
    if most >= width:
        step = most // width
        for start in range(0, height, step):
            yield Block(slice(start, min(start + step, height)), slice(0, width))
        return
    step = -(-width // -(-width // most))
    for row in range(height):
        for start in range(0, width, step):
            yield Block(slice(row, row + 1), slice(start, min(start + step, width)))
