"""Enlarging (N, C, H, W) maps by whole factors, by repeating or by straight lines between pixels, and the adjoints."""

from collections.abc import Iterator

import numpy as np

from .scratch import Allocate, Array, Scratch, batch_first, batch_last

Pair = tuple[int, int]


def repeated(run: Scratch, x: Array, factor: Pair) -> Array:
    """Every pixel becomes a block of `factor` equal ones."""
    n, c, h, w = x.shape
    y = run.array("y", (c, h, factor[0], w, factor[1], n), x.dtype)
    np.copyto(y, batch_last(x)[:, :, None, :, None])
    return batch_first(y.reshape(c, h * factor[0], w * factor[1], n))


def summed(run: Scratch, dy: Array, factor: Pair) -> Array:
    """Adjoint of `repeated`: the sum of every block."""
    n, c, h, w = dy.shape
    dx = batch_first(run.gradient("dx", (c, h // factor[0], w // factor[1], n), dy.dtype))
    first, *others = [dy[:, :, i :: factor[0], j :: factor[1]] for i in range(factor[0]) for j in range(factor[1])]
    np.copyto(dx, first)
    for other in others:
        dx += other
    return dx


def stretched(run: Scratch, x: Array, factor: Pair) -> Array:
    """Straight lines between neighbouring pixels' centres, down and then across."""
    allocate, role = (run.temporary, "rows") if factor[1] > 1 else (run.array, "y")
    rows = _stretched(allocate, role, x, factor[0], 2)
    return _stretched(run.array, "y", rows, factor[1], 3)


def gathered(run: Scratch, dy: Array, factor: Pair) -> Array:
    """Adjoint of `stretched`."""
    allocate, role = (run.temporary, "rows") if factor[0] > 1 else (run.gradient, "dx")
    rows = _gathered(run, allocate, role, dy, factor[1], 3)
    return _gathered(run, run.gradient, "dx", rows, factor[0], 2)


def _stretched(allocate: Allocate, role: str, x: Array, factor: int, axis: int) -> Array:
    """Straight lines along one axis; before the first centre and past the last, these pixels.

    Output p of a pixel's `factor` lies (p + ½) / factor − ½ pixels from its centre: y = x + distance · (neighbour − x).
    """
    if factor == 1:
        return x
    n, c, h, w = x.shape
    size = (h * factor, w) if axis == 2 else (h, w * factor)
    y = batch_first(allocate(role, (c, *size, n), x.dtype))
    source, out = x.swapaxes(axis, 3), y.swapaxes(axis, 3)
    for phase, (distance, own, neighbour, alone) in enumerate(_phases(factor)):
        part = out[..., phase::factor]
        np.subtract(source[..., neighbour], source[..., own], out=part[..., own])
        part[..., own] *= distance
        part[..., own] += source[..., own]
        part[..., alone] = source[..., alone]
    return y


def _gathered(run: Scratch, allocate: Allocate, role: str, dy: Array, factor: int, axis: int) -> Array:
    """Along one axis each pixel and its neighbour get their shares."""
    if factor == 1:
        return dy
    n, c, h, w = dy.shape
    size = (c, h // factor, w, n) if axis == 2 else (c, h, w // factor, n)
    dx, share = batch_first(allocate(role, size, dy.dtype)), batch_first(run.temporary("share", size, dy.dtype))
    dx[...] = 0
    source, into, part = dy.swapaxes(axis, 3), dx.swapaxes(axis, 3), share.swapaxes(axis, 3)
    for phase, (distance, own, neighbour, _alone) in enumerate(_phases(factor)):
        each = source[..., phase::factor]
        into += each
        np.multiply(each, distance, out=part)
        into[..., own] -= part[..., own]
        into[..., neighbour] += part[..., own]
    return dx


def _phases(factor: int) -> Iterator[tuple[float, slice, slice, slice]]:
    """For each of a pixel's outputs: its distance from the centre, the pixels that have a neighbour on that side, these
    neighbours, and the pixels that stand alone: the one at the edge, or all where an output is a pixel's centre."""
    for phase in range(factor):
        place = (phase + 0.5) / factor - 0.5
        if place == 0:
            yield 0.0, slice(0, 0), slice(0, 0), slice(None)
        elif place < 0:
            yield -place, slice(1, None), slice(None, -1), slice(0, 1)
        else:
            yield place, slice(None, -1), slice(1, None), slice(-1, None)
