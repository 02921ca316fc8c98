"""Convolution by rows of the kernel, for windows that move one pixel at a time: copies the map only kw times, once for
every step aside, and adds up what each row of the map gives to the kh rows of output whose windows hold it."""

from collections.abc import Iterator, Sequence

from .products import add_product, product, skewed
from .scratch import Array, Scratch
from .windows import CHUNK, Geometry, meeting


def forward(run: Scratch, geometry: Geometry, maps: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """y[f, h, w] = b[f] + Σ over i, j, c of w[f, c, i, j] · map[c, h + i, w + j], padding and dilation aside."""
    filters, channels, kh, kw = weight.shape
    by_row = weight.transpose(2, 0, 3, 1).reshape(kh, filters, kw * channels)
    moves = [j * geometry.dilation[1] - geometry.pads[2] for j in range(kw)]
    lags = [geometry.pads[0] - i * geometry.dilation[0] for i in range(kh)]
    y[...] = 0 if bias is None else bias[:, None, None, None]
    for rows in _chunks(maps, kw, y.shape[2]):
        _spread(run, by_row, _moved(run, maps, rows, moves, y.shape[2]), rows, lags, y)


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, dx: Array | None, dw: Array
) -> None:
    """The same sum the other way round: dx[c, h + i, w] = Σ over i, j, f of w[f, c, i, j] · dy[f, h, w − j].

    The moved copies of dy serve twice: dw[f, c, i, j] = Σ over h, w of dy[f, h, w − j] · map[c, h + i, w].
    """
    filters, channels, kh, kw = weight.shape
    by_row = weight.transpose(2, 1, 3, 0).reshape(kh, channels, kw * filters)
    moves = [geometry.pads[2] - j * geometry.dilation[1] for j in range(kw)]
    lags = [i * geometry.dilation[0] - geometry.pads[0] for i in range(kh)]
    total = run.temporary("dw by row", (kh, kw * filters, channels), dw.dtype)
    total.fill(0)
    if dx is not None:
        dx.fill(0)
    for rows in _chunks(dy, kw, maps.shape[2]):
        moved = _moved(run, dy, rows, moves, maps.shape[2])
        for lag, share in zip(lags, total, strict=True):
            own, met = meeting(rows, lag, maps.shape[1])
            if met.start < met.stop:
                here = moved[:, own].reshape(kw * filters, -1)
                add_product(run, here, maps[:, met].reshape(channels, -1), share)
        if dx is not None:
            _spread(run, by_row, moved, rows, lags, dx)
    dw[...] = total.reshape(kh, kw, filters, channels).transpose(2, 3, 0, 1)


def _moved(run: Scratch, maps: Array, rows: slice, moves: Sequence[int], width: int) -> Array:
    """Some rows of a map, moved aside by each of `moves` pixels: (moves · channels, rows, width, N), 0 beyond it."""
    channels, _, _, n = maps.shape
    size = (rows.stop - rows.start, width, n)
    if width == maps.shape[2] and list(moves) == [0]:
        return maps[:, rows]
    out = skewed(run, "moved", (len(moves) * channels, size[0] * width * n), maps.dtype).reshape(-1, *size)
    for j, move in enumerate(moves):
        copy = out[j * channels : (j + 1) * channels]
        own, met = meeting(slice(0, width), move, maps.shape[2])
        if own.start:
            copy[:, :, : own.start] = 0
        if own.stop < width:
            copy[:, :, own.stop :] = 0
        copy[:, :, own] = maps[:, rows, met]
    return out


def _spread(run: Scratch, by_row: Array, moved: Array, rows: slice, lags: Sequence[int], out: Array) -> None:
    """Add to `out` what some rows of a map give to the rows `lags` below them, one for each kernel row."""
    reached = [(i, *met) for i, met in enumerate(meeting(rows, lag, out.shape[1]) for lag in lags) if _any(met[1])]
    if not reached:
        return
    first, last = reached[0][0], reached[-1][0] + 1
    weights = by_row[first:last].reshape(-1, by_row.shape[2])
    columns = moved.reshape(len(moved), -1)
    shares = skewed(run, "shares", (len(weights), columns.shape[1]), out.dtype)
    by_lag = product(weights, columns, shares).reshape(last - first, len(out), *moved.shape[1:])
    for i, own, met in reached:
        out[:, met] += by_lag[i - first][:, own]


def _any(rows: slice) -> bool:
    return rows.start < rows.stop


def _chunks(maps: Array, copies: int, width: int) -> Iterator[slice]:
    """Rows of a map of which so many copies are about CHUNK numbers."""
    channels, height, _, n = maps.shape
    step = max(1, CHUNK // (copies * channels * width * n))
    return (slice(start, min(start + step, height)) for start in range(0, height, step))
