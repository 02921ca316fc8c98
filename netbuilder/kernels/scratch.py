"""Where a kernel gets its arrays from: buffers that belong to the caller and are handed out again at every step."""

from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]


class Scratch(Protocol):
    """Owner of the arrays that outlive a kernel's call."""

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """A buffer with any content, the same one for the same role and shape at every step."""
        ...
