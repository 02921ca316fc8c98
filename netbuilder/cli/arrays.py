"""A single array from a .npy file, its header checked against the bytes present, and one written back."""

import io
import stat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.cli.command import Refusal
from netbuilder.data.npz import parse_header
from netbuilder.files import write_atomic

MAGIC = b"\x93NUMPY"
LARGEST = 4 << 30


def read_npy(path: Path) -> NDArray[Any]:
    """The array in a .npy file of numbers (NEP 1), C-contiguous. Raises Refusal or DataError; never unpickles."""
    shown = f"“{path.name}”"
    if not path.exists():
        raise Refusal(f"There is no file “{path}”.")
    about = path.stat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
        raise Refusal(f"{shown} is not a file of at most {LARGEST >> 30} GB.")
    with path.open("rb") as file:
        start = file.read(12)
        prefix = 10 if start[6:8] == b"\1\0" else 12
        if start[:6] != MAGIC or len(start) < 12:
            raise Refusal(f"{shown} is not an array: it does not begin as a .npy file does.")
        file.seek(prefix)
        length = int.from_bytes(start[8:prefix], "little")
        header = parse_header(file.read(min(length, 4096)).decode("latin-1"), path.name)
        if about.st_size != prefix + length + header.size or header.dtype.kind == "U":
            shape = " × ".join(f"{n:,}" for n in header.shape) or "one value"
            raise Refusal(f"{shown} claims {shape} of type {header.dtype}, but holds something else.")
        numbers = np.frombuffer(file.read(header.size), header.dtype)
    array = numbers.reshape(header.shape, order="F" if header.fortran_order else "C")
    return np.ascontiguousarray(array, header.dtype.newbyteorder("="))


def write_npy(path: Path, array: NDArray[Any]) -> Path:
    """Write an array whole or not at all; .npy is added where it is missing."""
    if path.suffix.lower() != ".npy":
        path = path.with_name(path.name + ".npy")
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_atomic(path, buffer.getvalue())
    return path
