"""Weights to and from safetensors files: numbers and names only, so that opening one never runs anything."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from netbuilder.kernels.scratch import Array
from netbuilder.storage import FileError, reason, write_atomic

TYPES = ("F64", "F32", "F16", "I64", "I32", "U8")


def save_weights(weights: Mapping[str, Array], path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write arrays by name, whole or not at all. Raises FileError."""
    # The library writes an array's memory as it lies, which is wrong for anything but C order.
    arrays: dict[str, Any] = {key: np.ascontiguousarray(array) for key, array in weights.items()}
    write_atomic(path, save(arrays, dict(metadata or {})))


def load_weights(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays of a file by name, and its metadata. Raises FileError for one that is damaged or foreign."""
    try:
        opened: Any = safe_open(path, framework="numpy")
        with opened as file:
            found: dict[str, Array] = {}
            for key in file.keys():  # noqa: SIM118 - not a mapping
                kind = file.get_slice(key).get_dtype()
                if kind not in TYPES:
                    raise FileError(f"“{path.name}” holds numbers of type {kind}, which netbuilder does not read.")
                found[key] = file.get_tensor(key)
            return found, dict(file.metadata() or {})
    except SafetensorError:
        raise FileError(f"“{path.name}” is damaged, or not a safetensors file.") from None
    except OSError as error:
        raise FileError(f"“{path.name}” cannot be read: {reason(error)}.") from None


class StoredWeights(Mapping[str, Array]):
    """Weights that are read from their file when they are first asked for."""

    def __init__(self, path: Path):
        self.path = path
        self._arrays: dict[str, Array] | None = None

    @property
    def _read(self) -> dict[str, Array]:
        if self._arrays is None:
            self._arrays, _ = load_weights(self.path)
        return self._arrays

    def __getitem__(self, key: str) -> Array:
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)
