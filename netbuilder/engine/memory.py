"""From a program and a batch size to the memory training takes, and what this machine has left."""

import sys
from contextlib import suppress
from pathlib import Path

from netbuilder.analysis.memory import memory, weight_copies

from .job import JobError
from .optimizers import Optimizer
from .program import Program


def training_bytes(program: Program, optimizer: Optimizer, batch_size: int) -> int:
    """What training will take, counted array by array (see `netbuilder.analysis.memory`); allocates nothing.

    Every lane works in arrays of its own, on its own share of the batch, and has its own gradients of the weights; what
    lanes share and their processes come on top.
    """
    slots, width, lanes = len(optimizer.slots), program.dtype.itemsize, program.lanes(batch_size)
    found = memory(program.report, batch_size, slots, width=width, evaluated=program.chunk)
    share = memory(program.report, -(-batch_size // lanes), slots, width=width, evaluated=-(-program.chunk // lanes))
    gradients = sum(weight.size for weight in program.weights.values() if weight.trainable) * width
    own = found.training - found.columns + lanes * share.columns + (lanes - 1) * gradients
    divided = [batch_size, program.chunk] if lanes > 1 else []
    return own + max((program.bytes_beside(count) for count in divided), default=0)


def held_bytes(program: Program, optimizer: Optimizer) -> int:
    """The same once it has trained: the buffers that are there, and the weights in all their copies."""
    numbers = sum(weight.size for weight in program.weights.values())
    copies = weight_copies(len(optimizer.slots)).result - 1  # a gradient of each lies in the buffers
    return program.buffer_bytes + copies * numbers * program.dtype.itemsize


def check_memory(needed: int, batch_size: int) -> None:
    """Raises JobError where this machine has less memory left than `needed`."""
    free = free_bytes()
    if free is not None and needed > free:
        raise JobError(
            f"Training in batches of {batch_size:,} needs about {_size(needed)} of memory, but {_size(free)} are free: "
            "choose a smaller batch or a smaller network."
        )


def free_bytes() -> int | None:
    """Memory that can still be used, of the machine or of the container around it; None where nobody tells."""
    if sys.platform == "win32":
        return _windows_free()
    found: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found.append(1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]))
    with suppress(OSError, ValueError):
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text())
        found.append(max(0, limit - int((group / "memory.current").read_text())))
    return min(found) if found else None


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def _windows_free() -> int | None:
    if sys.platform != "win32":
        return None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_uint32), ("load", ctypes.c_uint32)] + [
            (name, ctypes.c_uint64)
            for name in ("total", "free", "total_page", "free_page", "total_virtual", "free_virtual", "extended")
        ]

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.free)
