"""Convolution of maps by the way that copies least; the mathematics is `forward`'s first line and `gradients`' last."""

from collections.abc import Iterator
from types import ModuleType

from . import by_cells, by_rows, by_shares, by_windows
from .scratch import Array, Scratch, batch_first, maps_of
from .windows import Geometry

Group = tuple[slice, slice]
LARGE, WIDE = 5, 32
"""Kernel rows, and channels on both sides, from which on products of several kernel rows at once are best."""
LITTLE, SHORT = 50_000, 32
"""Numbers in all windows up to which one product of all is best, and neighbours in a row below which it is, too."""


def forward(
    run: Scratch, geometry: Geometry, x: Array, weight: Array, bias: Array | None, groups: int = 1
) -> tuple[Array, Array]:
    """y[n, f] = Σ w[f] · window + b[f], as (N, filters, oh, ow), and the map as `gradients` takes it."""
    maps = maps_of(run.array, "maps", x)
    y = run.array("y", (len(weight), *geometry.size, len(x)), x.dtype)
    way = way_of(geometry, weight.shape, groups, len(x))
    for own, filters in _groups(len(maps), len(weight), groups, way):
        way.forward(run, geometry, maps[own], weight[filters], None if bias is None else bias[filters], y[filters])
    return batch_first(y), maps


def gradients(
    run: Scratch, geometry: Geometry, maps: Array, dy: Array, weight: Array, groups: int = 1, *, wanted: bool = True
) -> tuple[Array | None, Array]:
    """dx, if wanted: dy times the transposed weights, every window's share added where it was read; and
    dw[f] = Σ over examples and places of dy[f] · window."""
    dy = maps_of(run.temporary, "dy", dy)
    dx = run.gradient("dx", maps.shape, maps.dtype) if wanted else None
    dw = run.array("dw", weight.shape, weight.dtype)
    way = way_of(geometry, weight.shape, groups, maps.shape[3])
    for own, filters in _groups(len(maps), len(weight), groups, way):
        into = None if dx is None else dx[own]
        way.gradients(run, geometry, maps[own], dy[filters], weight[filters], into, dw[filters])
    return None if dx is None else batch_first(dx), dw


def held(
    geometry: Geometry,
    map_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    groups: int = 1,
    *,
    wanted: bool = True,
) -> tuple[int, int]:
    """Numbers in temporary arrays at most: of a pass forward, and of one back, for a map (C, H, W, N), whose gradient
    is wanted or not."""
    way = way_of(geometry, weight_shape, groups, map_shape[3])
    groups = 1 if way is by_cells else groups
    return way.held(geometry, (map_shape[0] // groups, *map_shape[1:]), weight_shape[0] // groups, wanted=wanted)


def way_of(geometry: Geometry, weight_shape: tuple[int, ...], groups: int, n: int) -> ModuleType:
    """The module that computes this convolution of n examples fastest, by what was measured."""
    filters, channels, kh, kw = weight_shape
    if groups > 1 and channels == 1:
        return by_cells
    neighbours = n * (geometry.size[1] if geometry.stride[1] == 1 else 1)
    little = channels * kh * kw * geometry.places * n <= LITTLE
    if little or neighbours < SHORT:
        return by_windows
    large = kh >= LARGE and min(channels, filters // groups) >= WIDE
    return by_shares if large and geometry.stride == (1, 1) else by_rows


def _groups(channels: int, filters: int, groups: int, way: ModuleType) -> Iterator[Group]:
    """Each group's channels and filters; all at once where every channel goes by itself."""
    groups = 1 if way is by_cells else groups
    depth, share = channels // groups, filters // groups
    return ((slice(g * depth, (g + 1) * depth), slice(g * share, (g + 1) * share)) for g in range(groups))
