"""Convolution as matrix products: the weights of all filters by the windows of some rows, which are views."""

from .axes import Along, of_outputs
from .products import add_product, numbers_kept, product
from .scratch import Array, Scratch
from .sliding import Seen, is_narrow, most_at_once, places_of_inputs, seen
from .windows import Geometry

LONG, LONGER, MANY = 64, 1024, 100_000
"""Numbers in a row that are enough for a product of matrices, and for one with so many weights or more."""


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y[f, h, w] = b[f] + Σ over i, j, c of w[f, c, i, j] · map[c, h + i, w + j], strides, pads and dilation aside."""
    rows, columns = of_outputs(geometry, 0), of_outputs(geometry, 1)
    by_row, long = _by_row(weight, rows, columns), _long(weight.size)
    for part in seen(run, maps, rows, columns, long):
        _fill(by_row, part, y)
    if bias is not None:
        y += bias[:, None, None, None]


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """dx is the same sum the other way round: dx[c, h + i, w] = Σ over i, j, f of w[f, c, i, j] · dy[f, h, w − j].

    Its windows of dy serve dw[f, c, i, j] = Σ over h, w of dy[f, h, w − j] · map[c, h + i, w], too, unless the same sum
    over windows of the map is the shorter one.
    """
    filters, channels, kh, kw = weight.shape
    over_map, long = sums_over_map(geometry, maps.shape, filters), _long(weight.size)
    one, other = (channels, filters) if over_map else (filters, channels)
    total = run.temporary("dw by row", (kh, kw * one, other), dw.dtype)
    total.fill(0)
    if over_map:
        for part in seen(run, maps, of_outputs(geometry, 0), of_outputs(geometry, 1), long):
            _correlate(run, part, dy, total)
    for rows, columns in places_of_inputs(geometry, maps.shape) if dx is not None or not over_map else ():
        into = None if dx is None else dx[:, rows.places, columns.places]
        if not (rows.taps and columns.taps):
            if into is not None:
                into[...] = 0
            continue
        by_row = _by_row(weight.swapaxes(0, 1), rows, columns)
        for part in seen(run, dy, rows, columns, long):
            if into is not None:
                _fill(by_row, part, into)
            if not over_map:
                _correlate(run, part, maps, total)
    by_cell = total.reshape(kh, kw, one, other)
    dw[...] = by_cell.transpose(3, 2, 0, 1) if over_map else by_cell[::-1, ::-1].transpose(2, 3, 0, 1)


def _by_row(weight: Array, rows: Along, columns: Along) -> Array:
    """Weights (M, K, kh, kw) of the cells that these places hold, as (M, kernel rows, kernel columns · K)."""
    held = weight.transpose(0, 2, 3, 1)[:, rows.cells, columns.cells]
    return held.reshape(len(held), len(rows.taps), -1)


def _fill(by_row: Array, part: Seen, out: Array) -> None:
    into = out[:, *part.places]
    if part.cells.start == part.cells.stop:
        into[...] = 0
    else:
        product(by_row[:, part.cells].reshape(len(by_row), -1), part.windows, into)


def _correlate(run: Scratch, part: Seen, other: Array, total: Array) -> None:
    """Add to `total` (kernel rows, K, M) the products of windows with what the other map (M, …) has in their places."""
    into = total[part.cells]
    if len(into):
        add_product(run, part.windows, other[:, *part.places], into.reshape(-1, into.shape[2]))


def _long(weights: int) -> int:
    return LONG if weights < MANY else LONGER


def sums_over_map(geometry: Geometry, map_shape: tuple[int, ...], filters: int) -> bool:
    """Whether the weights' gradient is summed over windows of the map instead of those of the output's gradient."""
    return is_narrow(geometry, map_shape[2]) or 2 * map_shape[0] < filters


def held(geometry: Geometry, map_shape: tuple[int, ...], filters: int, *, wanted: bool) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N), with its
    gradient or without."""
    rows, columns = of_outputs(geometry, 0), of_outputs(geometry, 1)
    weights = map_shape[0] * filters * len(rows.taps) * len(columns.taps)
    long = _long(weights)
    there = most_at_once(rows, columns, map_shape, long)
    outputs = (filters, *geometry.size, map_shape[3])
    back = [most_at_once(*place, outputs, long) for place in places_of_inputs(geometry, map_shape)]
    over_map = sums_over_map(geometry, map_shape, filters)
    summed, outer = (there, filters) if over_map else (back[0], map_shape[0])
    length = summed.places // max(1, summed.rows)
    lengths = (
        (1, length * summed.rows) if geometry.is_pointwise((map_shape[1], map_shape[2])) else (summed.rows, length)
    )
    copied = max(there.copied, *(size.copied for size in back)) if wanted or not over_map else there.copied
    return there.copied, copied + weights + numbers_kept(*lengths, weights // outer, outer)
