"""Which of its kernels NumPy's matrix library shall use: what this processor multiplies fastest with, measured once.

OpenBLAS chooses by the processor's name when NumPy loads, or does what OPENBLAS_CORETYPE says, and either may miss the
best one by a factor of two. So a training process that finds no choice remembered measures in throw-away processes, and
every later one starts with the fastest. A person decides by NETBUILDER_BLAS_KERNEL: a kernel's name, or "as-is".
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import platformdirs

from netbuilder.storage import FileError, write_atomic

CHOICE, CORE_TYPE = "NETBUILDER_BLAS_KERNEL", "OPENBLAS_CORETYPE"
AS_IS, AUTOMATIC = "as-is", "automatic"
NAMES = {"x86_64": ("Haswell", "Zen", "SkylakeX"), "AMD64": ("Haswell", "Zen", "SkylakeX")}
"""Kernels that might suit a processor better than the one its name leads to, by architecture."""
CLEARLY = 1.1
"""How much faster another kernel must be to be preferred to the one that is used anyway."""
PATIENCE = 20
_MULTIPLY = """
import time, numpy
a = numpy.ones((48, 48), "f"), numpy.ones((384, 384), "f")
b = numpy.ones((48, 400), "f"), numpy.ones((384, 1024), "f")
def taken(repeat):
    began = time.perf_counter()
    for one, other, count in zip(a, b, (100, 1)):
        for _ in range(count):
            one @ other
    return time.perf_counter() - began
print(min(map(taken, range(20))))
"""


@contextmanager
def environment(kernel: str | None = None) -> Generator[None]:
    """Processes started within this context load NumPy with this kernel, or with the chosen one; as always, where none
    is known, and then they measure."""
    before = {name: os.environ.get(name) for name in (CHOICE, CORE_TYPE)}
    if name := before[CHOICE] or kernel or _remembered():
        os.environ[CHOICE] = name
        if name == AUTOMATIC:
            os.environ.pop(CORE_TYPE, None)
        elif name != AS_IS:
            os.environ[CORE_TYPE] = name
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def used_by(blas: str) -> str | None:
    """The kernel in a run's record, as 'openblas 0.3.31 Haswell', so that it goes on with the same bits."""
    name = blas.rpartition(" ")[2]
    return name if name in NAMES.get(platform.machine(), ()) else None


def measure_once() -> None:
    """Find the fastest kernel and remember it, unless that was done before or a person has chosen: about a second."""
    frozen = getattr(sys, "frozen", False)  # there is no interpreter to start, and nobody sets the variable
    if os.environ.get(CHOICE) or frozen or _remembered() is not None:
        return
    remember(fastest({name: _seconds(name) for name in candidates()}))


def candidates() -> tuple[str, ...]:
    """What to try: first what is used anyway."""
    own = os.environ.get(CORE_TYPE)
    others = (AUTOMATIC, *NAMES.get(platform.machine(), ()))
    return (AS_IS, *(name for name in others if name != (own or AUTOMATIC)))


def fastest(seconds: Mapping[str, float | None]) -> str:
    """The name that took the shortest time, of those that ran; the first one unless another is clearly faster."""
    ran = {name: taken for name, taken in seconds.items() if taken is not None}
    first = next(iter(seconds))
    best = min(ran, key=lambda name: ran[name], default=first)
    return best if first not in ran or ran[best] * CLEARLY < ran[first] else first


def remember(name: str) -> None:
    """Write a choice down for this processor, this NumPy and this environment."""
    with suppress(FileError, OSError):  # a cache that cannot be written is measured again
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_atomic(_file(), json.dumps({"machine": _machine(), "kernel": name}).encode())


def _remembered() -> str | None:
    with suppress(OSError, ValueError):
        found = json.loads(_file().read_text("utf-8"))
        if isinstance(found, dict) and found.get("machine") == _machine():  # pyright: ignore[reportUnknownMemberType]
            name = found.get("kernel")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            return name if isinstance(name, str) else None
    return None


def _seconds(name: str) -> float | None:
    """What some products take with a kernel; None where this processor does not run it."""
    own = {key: value for key, value in os.environ.items() if key != CORE_TYPE or name == AS_IS}
    named = {} if name in (AS_IS, AUTOMATIC) else {CORE_TYPE: name}
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        done = subprocess.run(
            [sys.executable, "-c", _MULTIPLY],
            env={**own, **named, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            check=True,
            timeout=PATIENCE,
            creationflags=hidden,
        )
        return float(done.stdout)
    return None


def _machine() -> str:
    """What a choice depends on."""
    processor = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line for line in lines if line.startswith("model name")).partition(":")[2].strip()
        flags = next(line for line in lines if line.startswith("flags")).split()
        processor += " with AVX-512" if "avx512f" in flags else ""
    return f"{processor}, NumPy {np.__version__}, {os.environ.get(CORE_TYPE, AUTOMATIC)}"


def _file() -> Path:
    return Path(platformdirs.user_cache_dir("netbuilder", appauthor=False)) / "blas-kernel.json"
