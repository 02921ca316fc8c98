"""Transposed convolution of (N, C, H, W) arrays: a matrix product spreads every input over its window, and windows are
added up where they overlap; the way back reads the same windows again.

Windows are many times the size of the map, so some rows of it are spread at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .scratch import Array, Scratch, batch_first, batch_last

Pair = tuple[int, int]
CHUNK = 200_000
"""Numbers of windows worked on at once: what stays in a core's own cache."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a kernel's windows lie on the output: `begin` rows and columns are cut off before it, `size` is its own."""

    kernel: Pair
    stride: Pair
    begin: Pair
    dilation: Pair
    size: Pair


@dataclass(frozen=True, slots=True)
class Tap:
    """For one cell of the kernel: the rows and columns of some input that fall on the output, and where they fall."""

    read: tuple[slice, slice]
    written: tuple[slice, slice]


def forward(run: Scratch, spread: Spread, x: Array, weight: Array, bias: Array | None, groups: int = 1) -> Array:
    """y[f] = b[f] + Σ over channels and cells of w[c, f, i, j] · x[c], each where its cell lies: (N, F, oh, ow)."""
    n, filters = len(x), weight.shape[1] * groups
    y, by_cell = run.array("y", (filters, *spread.size, n), x.dtype), _by_cell(weight, groups)
    y[...] = 0 if bias is None else bias[:, None, None, None]
    for rows in chunks(weight, groups, x.shape):
        part = _part(run, x, rows)
        shares = run.temporary("windows", (groups, by_cell.shape[2], part[0].size), x.dtype)
        np.matmul(by_cell.transpose(0, 2, 1), part.reshape(groups, by_cell.shape[1], -1), out=shares)
        cells = shares.reshape(filters, -1, *part.shape[1:])
        for cell, tap in enumerate(_taps(spread, rows, x.shape[3])):
            y[:, *tap.written] += cells[:, cell][:, *tap.read]
    return batch_first(y)


def gradients(
    run: Scratch, spread: Spread, x: Array, dy: Array, weight: Array, groups: int = 1, *, wanted: bool = True
) -> tuple[Array | None, Array]:
    """dx[c] = Σ over filters and cells of w[c, f, i, j] · dy[f] where the cell lies (None unless `wanted`), and
    dw[c, f, i, j] = Σ over examples and places of x[c] · dy[f]."""
    by_cell = _by_cell(weight, groups)
    dx = run.gradient("dx", batch_last(x).shape, x.dtype) if wanted else None
    dw, each = run.array("dw", by_cell.shape, x.dtype), run.temporary("dw of rows", by_cell.shape, x.dtype)
    dw.fill(0)
    for rows in chunks(weight, groups, x.shape):
        part = _part(run, x, rows)
        shares = _read(run, spread, dy, rows, x.shape, by_cell.shape[2] // weight.shape[1]).reshape(
            groups, by_cell.shape[2], -1
        )
        by_channel = part.reshape(groups, by_cell.shape[1], -1)
        dw += np.matmul(by_channel, shares.transpose(0, 2, 1), out=each)
        if dx is not None:
            dx[:, rows] = np.matmul(by_cell, shares, out=by_channel).reshape(part.shape)
    return None if dx is None else batch_first(dx), dw.reshape(weight.shape)


def chunks(weight: Array, groups: int, shape: tuple[int, ...]) -> Iterator[slice]:
    """Rows of maps (N, C, H, W) whose windows are about CHUNK numbers."""
    n, channels, height, width = shape
    step = rows_at_a_time(weight.size // channels * groups, width * n)
    return (slice(start, min(start + step, height)) for start in range(0, height, step))


def rows_at_a_time(cells: int, row: int) -> int:
    """How many rows of `row` places are spread at once, over `cells` numbers each."""
    return max(1, CHUNK // (cells * row))


def _by_cell(weight: Array, groups: int) -> Array:
    """(channels, filters / groups, kh, kw) as (groups, channels / groups, filters / groups · kh · kw)."""
    return weight.reshape(groups, len(weight) // groups, -1)


def _part(run: Scratch, x: Array, rows: slice) -> Array:
    """Some rows of the map, copied together: (C, rows, W, N)."""
    source = batch_last(x)[:, rows]
    part = run.temporary("rows", source.shape, x.dtype)
    np.copyto(part, source)
    return part


def _read(run: Scratch, spread: Spread, dy: Array, rows: slice, shape: tuple[int, ...], cells: int) -> Array:
    """The windows of some input rows as they lie on the output: (filters, cells, rows, W, N), 0 where it is cut off."""
    n, _, _, width = shape
    source = batch_last(dy)
    windows = run.temporary("windows", (len(source), cells, rows.stop - rows.start, width, n), dy.dtype)
    for cell, tap in enumerate(_taps(spread, rows, width)):
        window = windows[:, cell]
        if window[0, *tap.read].size < window[0].size:
            window[...] = 0
        window[:, *tap.read] = source[:, *tap.written]
    return windows


def _taps(spread: Spread, rows: slice, width: int) -> Iterator[Tap]:
    """Every cell of the kernel, row by row."""
    (kh, kw), (sh, sw), (top, left), (dh, dw) = spread.kernel, spread.stride, spread.begin, spread.dilation
    down = [_falling(rows.start, rows.stop, i * dh - top, sh, spread.size[0]) for i in range(kh)]
    across = [_falling(0, width, j * dw - left, sw, spread.size[1]) for j in range(kw)]
    for read_rows, written_rows in down:
        for read_columns, written_columns in across:
            yield Tap((read_rows, read_columns), (written_rows, written_columns))


def _falling(start: int, stop: int, shift: int, stride: int, size: int) -> tuple[slice, slice]:
    """Which positions p of start…stop have 0 ≤ p · stride + shift < size, counted from start; and where these lie."""
    first = max(start, -(shift // stride))
    last = max(first, min(stop, (size - 1 - shift) // stride + 1))
    at = first * stride + shift
    end = at + (last - first - 1) * stride + 1 if last > first else at
    return slice(first - start, last - start), slice(at, end, stride)
