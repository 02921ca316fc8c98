"""From a program and a batch size to the memory training will take, and what this machine has left."""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from netbuilder.kernels.scratch import Array

from .job import JobError
from .losses import Loss
from .optimizers import Optimizer
from .program import Program, Weights

TRIAL_MACS = 200_000_000
HEADROOM = 1.25
"""Temporary arrays that no buffer counts, and what the allocator cannot give back."""


def least_bytes(program: Program, optimizer: Optimizer, batch_size: int) -> int:
    """A lower bound that allocates nothing: weights in all their copies, and each activation with its gradient."""
    activations = sum(step.facts.shape.size for step in program.steps)
    return _weight_bytes(program, optimizer) + 2 * batch_size * activations * program.dtype.itemsize


def training_bytes(program: Program, weights: Weights, optimizer: Optimizer, batch_size: int, loss: Loss) -> int:
    """What training will take, from the buffers that steps over some and over twice as many samples needed.

    Buffers grow with the batch, or stop growing, or never did, so two measurements bound the rest. How many samples are
    tried depends on what one costs: a handful of milliseconds, or a single sample for a large network.
    """
    bound = program.bind(weights)
    macs = max(1, program.report.totals.macs)
    few = max(1, min(16, TRIAL_MACS // macs, batch_size // 2))
    many = min(2 * few, batch_size)
    small, large = (_buffer_bytes(program, bound, count, loss) for count in (few, many))
    each = (large - small) / max(1, many - few)
    buffers = large + max(each, 0) * (batch_size - many)
    needed = _weight_bytes(program, optimizer) + round(HEADROOM * buffers)
    return max(needed, least_bytes(program, optimizer, batch_size))


def _buffer_bytes(program: Program, bound: list[dict[str, Array]], count: int, loss: Loss) -> int:
    """What the program's buffers take after a step over so many samples."""
    x = np.zeros((count, *program.input_shape.array), program.dtype)
    values = np.zeros((count, program.output_shape.size), program.dtype)
    program.step(bound, x, np.zeros(count, np.int64) if loss == "cross_entropy" else values, loss)
    return program.buffer_bytes


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
