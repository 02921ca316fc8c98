"""Memory that several processes see alike: gone, whatever happens, with the last process that holds it."""

import mmap
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from multiprocessing import reduction
from typing import Any

import numpy as np

from netbuilder.kernels.scratch import Array

PAGE = 1 << 16


class SharedMemory:
    """A block of bytes that can be replaced by a larger one. Handed to a process as it is started, it shows the same
    bytes there, once that process was told of each `size`.

    Nothing is left behind when processes are killed: the file behind it has no name (Linux, macOS), or there is none
    (Windows).
    """

    def __init__(self, size: int) -> None:
        self._tag = f"netbuilder-{secrets.token_hex(16)}"
        self._file = -1 if sys.platform == "win32" else _nameless()
        self.resize(size)

    def resize(self, size: int) -> None:
        """Show so many bytes, with any content. Arrays made before keep what they show."""
        self.size = -(-max(size, 1) // PAGE) * PAGE
        if sys.platform == "win32":
            self._map = mmap.mmap(-1, self.size, tagname=f"{self._tag}-{self.size}")
        else:
            if os.fstat(self._file).st_size < self.size:
                os.ftruncate(self._file, self.size)
            self._map = mmap.mmap(self._file, self.size)

    def array(self, offset: int, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array of what lies there."""
        return np.ndarray(shape, dtype, self._map, offset)

    def counters(self, count: int) -> "memoryview[int]":
        """The first bytes as whole numbers."""
        return memoryview(self._map)[: 8 * count].cast("q")

    def __getstate__(self) -> tuple[str, int, Any]:
        return self._tag, self.size, None if sys.platform == "win32" else reduction.DupFd(self._file)

    def __setstate__(self, state: tuple[str, int, Any]) -> None:
        self._tag, size, file = state
        self._file = -1 if file is None else file.detach()
        self.resize(size)

    def __del__(self) -> None:
        if getattr(self, "_file", -1) >= 0:
            with suppress(OSError):
                os.close(self._file)


def _nameless() -> int:
    """A file that no folder lists."""
    if sys.platform == "linux":
        with suppress(OSError):
            return os.memfd_create("netbuilder")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
