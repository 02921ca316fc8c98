"""Matrix products in the shapes that OpenBLAS, which NumPy ships with, does best; right with any library."""

from functools import lru_cache
from typing import Any

import numpy as np

from .scratch import Array, Scratch

SMALL = 1_000_000
"""Multiply-accumulates up to which matrices are multiplied as they lie, instead of being packed together first."""
NARROW, THIN = 80, 1024
"""From so many rows on, packing pays off; and up to so many numbers, a product of long rows goes without, too."""
SKEW = 16
"""Unused numbers after each row of a buffer: rows a power of two long would all fall on the same cache lines."""


def product(a: Array, b: Array, out: Array) -> Array:
    """out = a·b, for a (M, K) of few rows, b (K, L) and out (M, L) of many columns, taken block by block of columns."""
    (rows, inner), columns = a.shape, b.shape[1]
    blocks = 1 if rows >= NARROW else _blocks(rows * inner, columns)
    if blocks == 1:
        return np.matmul(a, b, out=out)
    np.matmul(a, _cut(b, blocks).transpose(1, 0, 2), out=_cut(out, blocks).transpose(1, 0, 2))
    return out


def add_product(run: Scratch, a: Array, b: Array, total: Array) -> None:
    """total += a·bᵀ, for a (M, L) and b (K, L) of long rows."""
    rows, inner = total.shape
    blocks = _blocks(rows * inner, a.shape[1]) if rows * inner <= THIN else 1
    each = run.temporary("products", (blocks, rows, inner), total.dtype)
    np.matmul(_cut(a, blocks).transpose(1, 0, 2), _cut(b, blocks).transpose(1, 2, 0), out=each)
    total += each[0] if blocks == 1 else each.sum(0)


def skewed(run: Scratch, role: str, shape: tuple[int, int], dtype: Any) -> Array:
    """A temporary matrix with SKEW unused numbers after each row."""
    rows, columns = shape
    return run.temporary(role, (rows, columns + SKEW), dtype)[:, :columns]


def _cut(matrix: Array, blocks: int) -> Array:
    """(M, L) as (M, blocks, L / blocks)."""
    return matrix.reshape(len(matrix), blocks, -1)


@lru_cache(maxsize=1024)
def _blocks(each: int, columns: int) -> int:
    """The fewest equal blocks of columns that are small, `each` being the work for one; 1 where there are none."""
    fewest = -(-columns * each // SMALL)
    return next((n for n in range(fewest, columns // 64 + 1) if columns % n == 0), 1) if fewest > 1 else 1
