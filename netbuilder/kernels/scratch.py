"""Where a kernel gets its arrays from: buffers that belong to the caller and are handed out again at every step."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Scratch(Protocol):
    """Owner of the arrays that outlive a kernel's call."""

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """A buffer with any content, the same one for the same role and shape at every step."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A kernel's own corner of its caller's buffers, where a layer runs the same kernel more than once."""

    run: Scratch
    name: str

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """The caller's buffer of this part's role."""
        return self.run.array(f"{self.name}.{role}", shape, dtype)


def contiguous(run: Scratch, role: str, x: Array) -> Array:
    """The array itself where its numbers lie in order, else a copy in a buffer, so that reshaping never allocates."""
    if x.flags.c_contiguous:
        return x
    out = run.array(role, x.shape, x.dtype)
    np.copyto(out, x)
    return out
