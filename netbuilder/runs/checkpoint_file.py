"""Checkpoints to and from one safetensors file, which holds everything, with its plain numbers as JSON beside it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from netbuilder.engine import Best, Checkpoint
from netbuilder.kernels.scratch import Array
from netbuilder.storage import FileError, write_atomic

from .weights_file import load_weights, save_weights

NAME = "checkpoint.safetensors"
ARRAYS = ("weights", "optimizer")


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint into a run folder. The arrays carry their numbers along as metadata, so a kill between the
    two files leaves no mixture: checkpoint.json is for people. Raises FileError."""
    arrays = {f"{part}/{key}": array for part in ARRAYS for key, array in getattr(checkpoint, part).items()}
    values: dict[str, Any] = {f.name: getattr(checkpoint, f.name) for f in fields(Checkpoint) if f.name not in ARRAYS}
    if (best := checkpoint.best) is not None:
        arrays |= {f"best/{key}": array for key, array in best.weights.items()}
        values["best"] = {f.name: getattr(best, f.name) for f in fields(Best) if f.name != "weights"}
    text = json.dumps({"format": 1, **values}, indent=1)
    save_weights(arrays, folder / NAME, {"checkpoint": text})
    write_atomic(folder / "checkpoint.json", f"{text}\n".encode())


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The last checkpoint of a run folder, None where there is none. Raises FileError for a damaged one."""
    path = folder / NAME
    if not path.exists():
        return None
    arrays, metadata = load_weights(path)
    try:
        values = json.loads(metadata["checkpoint"])
        best = values.pop("best")
        parts = {part: _part(arrays, part) for part in (*ARRAYS, "best")}
        known = {f.name for f in fields(Checkpoint)} - {"best", "losses", "shares", *ARRAYS}
        return Checkpoint(
            **{name: _number(values[name]) for name in known},
            losses=tuple(float(_number(loss)) for loss in values["losses"]),
            shares={name: float(_number(share)) for name, share in values.get("shares", {}).items()},
            weights=parts["weights"],
            optimizer=parts["optimizer"],
            best=Best(**{name: _number(value) for name, value in best.items()}, weights=parts["best"])
            if best
            else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise FileError(f"“{path.name}” is not a checkpoint of netbuilder.") from None


def _part(arrays: Mapping[str, Array], part: str) -> dict[str, Array]:
    return {key.removeprefix(f"{part}/"): array for key, array in arrays.items() if key.startswith(f"{part}/")}


def _number(value: Any) -> Any:
    if value is not None and not isinstance(value, int | float | str):
        raise TypeError("a plain number or text was expected")
    return value
