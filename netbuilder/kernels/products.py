"""Matrix products in the shapes that OpenBLAS, which NumPy ships with, does best; right with any library."""

from functools import lru_cache

import numpy as np

from .scratch import Array, Scratch

SMALL = 1_000_000
"""Multiply-accumulates up to which matrices are multiplied as they lie, instead of being packed together first."""
THIN = 1_200
"""The same for products of long rows: how many numbers may come out."""
FEW = 24
"""Up to so many rows on one side, packing does not pay off there."""
KEPT = 400_000
"""Sums of single rows that are added up at once."""
NARROW, WIDE = 32, 512
"""How many columns blocks have."""
SKEW = 16
"""Unused numbers after each row of a buffer: rows a power of two long would all fall on the same cache lines."""


def product(a: Array, b: Array, out: Array) -> None:
    """out[:, r] = a · b[r] for a (M, K), b (rows, K, columns, N) and out (M, rows, columns, N), in such blocks of rows
    of a and columns of b that a product is small."""
    b, out = _joined(b, out)
    (rows, inner), (columns, length) = a.shape, b.shape[2:]
    high, wide = (rows, length) if _packed(a, b) else _blocks(rows, inner, length)
    if (high, wide, 1) == (rows, length, columns):
        np.matmul(a, b[:, :, 0], out=out[:, :, 0].swapaxes(0, 1))
        return
    for top in _cut(rows, high):
        for left in _cut(length, wide):
            _by_blocks(a[top], b[..., left], out[top][..., left], high, wide)


def add_product(run: Scratch, a: Array, b: Array, total: Array) -> None:
    """total += Σ over r and places of a[r] · b[:, r]ᵀ, for a (rows, K, columns, N), b (M, rows, columns, N) and total
    (K, M)."""
    a, b = _joined(a, b)
    (rows, inner, columns, length), outer = a.shape, len(b)
    piece, part = _pieces(inner, outer, length)
    parts = length // part
    at_once = max(1, KEPT // (total.size * columns * parts))
    for start in range(0, rows, at_once):
        own, other = a[start : start + at_once], b[:, start : start + at_once]
        left = own.reshape(len(own), -1, piece, columns, parts, part).transpose(0, 3, 4, 1, 2, 5)
        right = other.reshape(outer, len(own), columns, 1, parts, part).transpose(1, 2, 4, 3, 5, 0)
        each = run.temporary("products", (*left.shape[:5], outer), total.dtype)
        np.matmul(left, right, out=each)
        each = each.reshape(-1, *total.shape)
        total += each[0] if len(each) == 1 else each.sum(0)


def numbers_kept(rows: int, length: int, inner: int, outer: int) -> int:
    """How many sums `add_product` keeps at once, of so many rows with so many places each."""
    each = inner * outer * (length // _pieces(inner, outer, length)[1])
    return min(rows, max(1, KEPT // each)) * each


def _joined(a: Array, b: Array) -> tuple[Array, Array]:
    """The same numbers of a (rows, K, columns, N) and b (M, rows, columns, N) in fewer and longer columns, and in fewer
    rows of those, where they lie one after the other in both."""
    (rows, _, columns, n), each = a.shape, a.itemsize
    if columns > 1 and a.strides[2] == b.strides[2] == n * each:
        a, b = a.reshape(*a.shape[:2], 1, -1), b.reshape(*b.shape[:2], 1, -1)
        columns, n = 1, columns * n
    if rows > 1 and columns == 1 and a.strides[0] == b.strides[1] == n * each:
        a, b = a.swapaxes(0, 1).reshape(1, -1, 1, rows * n), b.reshape(-1, 1, 1, rows * n)
    return a, b


@lru_cache(maxsize=4096)
def _cut(count: int, block: int) -> list[slice]:
    """So many things in whole blocks, and what is left over."""
    whole = count - count % block
    return [part for part in (slice(0, whole), slice(whole, count)) if part.start < part.stop]


def _by_blocks(a: Array, b: Array, out: Array, high: int, wide: int) -> None:
    (rows, inner), (count, _, columns, length) = a.shape, b.shape
    high, wide = min(high, rows), min(wide, length)
    left = a.reshape(-1, 1, 1, 1, high, inner)
    right = b.reshape(count, inner, columns, -1, wide).transpose(0, 2, 3, 1, 4)
    into = out.reshape(-1, high, count, columns, length // wide, wide).transpose(0, 2, 3, 4, 1, 5)
    np.matmul(left, right, out=into)


def _packed(a: Array, b: Array) -> bool:
    """Whether packing pays off: for large products, and the sooner where rows of b fall on the same cache lines."""
    rows, inner = a.shape
    return rows >= 80 and (inner >= 256 or b.strides[1] % 4096 == 0)


@lru_cache(maxsize=4096)
def _blocks(rows: int, inner: int, length: int) -> tuple[int, int]:
    """Rows and columns of the blocks that a product (rows, inner) · (inner, length) is best taken in."""
    for most, least in ((64, NARROW), (32, NARROW), (16, 2 * NARROW)):
        high = -(-rows // -(-rows // most))
        wide = min(SMALL // (high * inner), WIDE)
        if wide >= length:
            return high, length
        if wide >= least:
            equal = (width for width in range(wide, least - 1, -1) if length % width == 0)
            return high, next(equal, wide - wide % 16)
    return rows, length


@lru_cache(maxsize=4096)
def _pieces(inner: int, outer: int, length: int) -> tuple[int, int]:
    """Into which parts of its rows and of their length a sum of `inner` by `outer` numbers is best divided."""
    if outer > FEW or (inner * outer * length <= SMALL and inner * outer <= THIN):
        return inner, length
    piece = next((n for n in range(THIN // outer, 0, -1) if inner % n == 0), inner)
    part = next(
        (length // n for n in range(1, length + 1) if length % n == 0 and piece * outer * length <= n * SMALL), length
    )
    return piece, part
