"""Depthwise convolution: where a filter sees one channel only, a matrix product has nothing to sum over, and what the
cells of the kernel see is multiplied and added up, one window row after the other."""

import numpy as np

from .axes import Along, of_outputs
from .scratch import Array, Scratch
from .sliding import Seen, is_narrow, most_at_once, places_of_inputs, seen
from .windows import Geometry

LONG = 1024
"""Numbers in a row that are worth a loop over them."""


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y[c·m + k, h, w] = b + Σ over i, j of w[c·m + k, i, j] · map[c, h + i, w + j]."""
    rows, columns = of_outputs(geometry, 0), of_outputs(geometry, 1)
    by_row, out = _by_row(weight, len(maps), rows, columns), y.reshape(len(maps), -1, *y.shape[1:])
    for part in seen(run, maps, rows, columns, LONG):
        _weigh(run, "rkczl,kcm->cmrl", part, by_row, out)
    if bias is not None:
        y += bias[:, None, None, None]


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """dw[·, i, j] = Σ dy · moved map, or Σ moved dy · map; dx gets dy · w[·, i, j], moved back."""
    channels, (kh, kw) = len(maps), geometry.kernel
    multiplier = len(dy) // channels
    over_map = is_narrow(geometry, maps.shape[2])
    total = run.temporary("dw by row", (kh, kw, channels, multiplier), dw.dtype)
    total.fill(0)
    if over_map:
        for part in seen(run, maps, of_outputs(geometry, 0), of_outputs(geometry, 1), LONG):
            _correlate(run, part, dy.reshape(channels, multiplier, *dy.shape[1:]), total)
    for rows, columns in places_of_inputs(geometry, maps.shape) if dx is not None or not over_map else ():
        into = None if dx is None else dx[:, None, rows.places, columns.places]
        by_row = _by_row(weight, channels, rows, columns)
        if not by_row.size:
            if into is not None:
                into[...] = 0
            continue
        for part in seen(run, dy, rows, columns, LONG):
            if into is not None:
                _weigh(run, "rkcml,kcm->crl", part, by_row, into)
            if not over_map:
                _correlate(run, part, maps[:, None], total)
    by_cell = total if over_map else total[::-1, ::-1]
    dw.reshape(channels, multiplier, kh, kw)[...] = by_cell.transpose(2, 3, 0, 1)


def _by_row(weight: Array, channels: int, rows: Along, columns: Along) -> Array:
    """(C·m, 1, kh, kw) of the cells that these places hold, as (kernel rows, kernel columns, C, m)."""
    return weight.reshape(channels, -1, *weight.shape[2:]).transpose(2, 3, 0, 1)[rows.cells, columns.cells]


def _weigh(run: Scratch, sum_: str, part: Seen, by_row: Array, out: Array) -> None:
    """Fill the places of `out` (C, m, rows, columns, N) with the sum that an expression of einsum's tells."""
    into, weights = out[:, :, *part.places], by_row[part.cells]
    if not len(weights):
        into[...] = 0
        return
    weights = weights.reshape(-1, *weights.shape[2:])
    windows = part.windows.reshape(len(part.windows), *weights.shape[:2], -1, into[0, 0, 0].size)
    joined = into.shape[3] == 1 or into.strides[3] == into.shape[4] * into.itemsize
    shape = (*into.shape[:3], -1)
    sums = into.reshape(shape) if joined else run.temporary("sums", into.shape, into.dtype).reshape(shape)
    np.einsum(sum_, windows, weights, out=sums if "m" in sum_.partition("->")[2] else sums[:, 0])
    if not joined:
        np.copyto(into, sums.reshape(into.shape))


def _correlate(run: Scratch, part: Seen, other: Array, total: Array) -> None:
    """Add to `total` (kernel rows, kernel columns, C, m) the products of windows with what the other map (C, 1 or m, …)
    has in their places: dot products of rows, then their sums."""
    into = total[part.cells]
    if not len(into):
        return
    here = other[:, :, *part.places].swapaxes(0, 2).swapaxes(1, 2)
    rows, channels, each = here.shape[:3]
    windows = part.windows.reshape(rows, -1, channels, total.shape[3] // each, 1, here[0, 0, 0].size)
    dots = run.temporary("dots", (*windows.shape[:3], total.shape[3], 1, 1), total.dtype)
    np.matmul(windows, here.reshape(rows, 1, channels, each, -1, 1), out=dots)
    into += dots.reshape(rows, *into.shape).sum(0)


def held(geometry: Geometry, map_shape: tuple[int, ...], filters: int, *, wanted: bool) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N), with its
    gradient or without."""
    rows, columns = of_outputs(geometry, 0), of_outputs(geometry, 1)
    there, outputs = most_at_once(rows, columns, map_shape, LONG), (filters, *geometry.size, map_shape[3])
    over_map = is_narrow(geometry, map_shape[2])
    places = places_of_inputs(geometry, map_shape) if wanted or not over_map else []
    back = [(columns, most_at_once(rows, columns, outputs, LONG)) for rows, columns in places]
    copied = max(there.copied, *(size.copied for _, size in back), 0)
    cells = len(rows.taps) * len(columns.taps) * filters
    dots = cells * (there.rows if over_map else max(size.rows for _, size in back))
    sums = max(0, 0, *(map_shape[0] * size.places for columns, size in back if columns.apart > 1))
    return there.copied, copied + cells + dots + sums
