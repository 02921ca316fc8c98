"""From a program and a batch size to the memory training will take, and what this machine has left."""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from .job import JobError
from .losses import Loss
from .optimizers import Optimizer
from .program import Program, Weights

HEADROOM = 1.25
"""Temporary arrays that no buffer counts, and what the allocator cannot give back."""


def least_bytes(program: Program, optimizer: Optimizer, batch_size: int) -> int:
    """A lower bound that allocates nothing: weights in all their copies, and each activation with its gradient."""
    activations = sum(step.facts.shape.size for step in program.steps)
    return _weight_bytes(program, optimizer) + 2 * batch_size * activations * program.dtype.itemsize


def training_bytes(program: Program, weights: Weights, optimizer: Optimizer, batch_size: int, loss: Loss) -> int:
    """What training will take, from the buffers that steps over one and over two samples needed.

    Buffers grow with the batch or do not depend on it, so two measurements tell the rest.
    """
    bound = program.bind(weights)
    measured: list[int] = []
    for count in (1, 2):
        x = np.zeros((count, *program.input_shape.array), program.dtype)
        targets = np.zeros((count, program.output_shape.size), program.dtype)
        labels = np.zeros(count, np.int64)
        program.step(bound, x, labels if loss == "cross_entropy" else targets, loss)
        measured.append(program.buffer_bytes)
    each = measured[1] - measured[0]
    buffers = measured[0] + max(each, 0) * (batch_size - 1)
    needed = _weight_bytes(program, optimizer) + round(HEADROOM * buffers)
    return max(needed, least_bytes(program, optimizer, batch_size))


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


def _weight_bytes(program: Program, optimizer: Optimizer) -> int:
    """Weights with the optimizer's numbers, the last finite copy of both, the best weights, two copies of the
    gradients, and a checkpoint while it is written."""
    numbers = sum(weight.size for weight in program.weights.values())
    return numbers * (6 + 3 * len(optimizer.slots)) * program.dtype.itemsize


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
