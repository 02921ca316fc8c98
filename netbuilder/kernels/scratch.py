"""Where a kernel gets its arrays from, and the order their numbers lie in: examples innermost.

Arrays are (N, C, H, W) or (N, features) to everybody, but in memory the batch comes last: (C, H, W, N). A step aside on
a map is then a step over whole batches, so whatever slides over maps moves long runs of numbers, and a layer's whole
batch is one matrix with a row for every channel. Any other order is right too, only slower.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Allocate(Protocol):
    """Gives a buffer in C order with any content."""

    def __call__(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array: ...


class Scratch(Protocol):
    """Owner of all arrays that outlive a kernel's call."""

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """A buffer that holds until the next pass, the same one for the same role and shape at every step."""
        ...

    def gradient(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """A buffer for a gradient by an input, which holds until the layer it is handed to is done with it."""
        ...

    def temporary(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """A buffer that holds until the layer's call returns."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A kernel's own corner of its caller's buffers, where a layer runs the same kernel more than once."""

    run: Scratch
    name: str

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """The caller's buffer of this part's role."""
        return self.run.array(f"{self.name}.{role}", shape, dtype)

    def gradient(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """A buffer of the caller's for this part's gradient."""
        return self.run.gradient(f"{self.name}.{role}", shape, dtype)

    def temporary(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """Any of the caller's temporary buffers: parts run one after the other."""
        return self.run.temporary(role, shape, dtype)


def contiguous(allocate: Allocate, role: str, x: Array) -> Array:
    """The array itself where its numbers lie in order, else a copy in a buffer, so that reshaping never allocates."""
    if x.flags.c_contiguous:
        return x
    out = allocate(role, x.shape, x.dtype)
    np.copyto(out, x)
    return out


def batch_last(x: Array) -> Array:
    """(N, …) seen as (…, N)."""
    return x.transpose(*range(1, x.ndim), 0)


def batch_first(x: Array) -> Array:
    """(…, N) seen as (N, …)."""
    return x.transpose(-1, *range(x.ndim - 1))


def maps_of(allocate: Allocate, role: str, x: Array) -> Array:
    """Maps (N, C, H, W) as an array (C, H, W, N) in C order: a view where they lie so, else a copy in a buffer."""
    return contiguous(allocate, role, batch_last(x))


def like(allocate: Allocate, role: str, x: Array, dtype: Any = None) -> Array:
    """A buffer of the shape of x, its numbers in the same order as those of x."""
    dtype = x.dtype if dtype is None else dtype
    if x.flags.c_contiguous:
        return allocate(role, x.shape, dtype)
    return batch_first(allocate(role, batch_last(x).shape, dtype))


@lru_cache(maxsize=64)
def ones(count: int, dtype: np.dtype[Any]) -> Array:
    """A vector of ones, read-only: what turns sums into a matrix product."""
    vector = np.ones(count, dtype)
    vector.flags.writeable = False
    return vector
