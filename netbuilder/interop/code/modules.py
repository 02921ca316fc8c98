"""From a design to a file of code, and its weights in a file beside it, called as the code calls them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from safetensors import SafetensorError, safe_open

from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.runs import save_weights
from netbuilder.storage import write_atomic
from netbuilder.version import __version__

from .keras import keras_module
from .plan import CodeError, Plan
from .pytorch import Code, pytorch_module

Framework = Literal["pytorch", "keras"]
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)
MARK = "written by netbuilder"
"""What the first line of every file of code says, by which a file is known that may be written anew."""
HEAD = 4096


def source_code(graph: Graph, framework: Framework = "pytorch", *, title: str = "", weights: str = "") -> Code:
    """The source of a design; `weights` is the name of the file beside it, if there is one. Raises CodeError."""
    if framework == "pytorch":
        return pytorch_module(graph, title=title, weights=weights)
    if framework == "keras":
        return keras_module(graph, title=title, weights=weights)
    raise CodeError(f"There is no framework “{framework}”; there are {' and '.join(FRAMEWORKS)}.")


def export_code(
    graph: Graph,
    path: str | os.PathLike[str],
    *,
    weights: Mapping[str, Array] | None = None,
    framework: Framework = "pytorch",
    title: str = "",
    replace: bool = False,
) -> list[Path]:
    """Write a design as a module of code and, where weights are given, these beside it as NAME.safetensors.

    Returns the files written, the code first. `title` is what the network is called in it (default: the file's name).
    A file that netbuilder did not write is only overwritten with `replace`. Raises CodeError for an invalid design or
    weights that do not fit it, FileError where nothing can be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".py":
        target = target.with_name(f"{target.name}.py")
    beside = target.with_suffix(".safetensors")
    code = source_code(graph, framework, title=title or target.stem, weights=beside.name if weights else "")
    arrays = renamed(code.plan, weights) if weights else {}
    if not replace:
        _check_own(target, beside if weights else None)
    written = [target]
    if weights:
        save_weights(arrays, beside, metadata())
        written.append(beside)
    write_atomic(target, code.source.encode())
    return written


def renamed(plan: Plan, weights: Mapping[str, Array]) -> dict[str, Array]:
    """The weights under the names they have in the code. Raises CodeError where they are not those of the design."""
    found: dict[str, Array] = {}
    for step in plan.steps:
        for bare, full in step.weights.items():
            wanted = step.facts.weights[bare].shape
            if full not in weights:
                raise CodeError(f"The weights lack “{full}”, which “{step.name}” needs.")
            if weights[full].shape != wanted:
                shapes = [" × ".join(map(str, shape)) for shape in (weights[full].shape, wanted)]
                raise CodeError(f"“{full}” is {shapes[0]}, but “{step.name}” needs {shapes[1]}.")
            found[plan.keys[full]] = weights[full]
    return found


def metadata() -> dict[str, str]:
    """What a file of weights for PyTorch says of itself."""
    return {"format": "pt", "producer": f"{MARK} {__version__}"}


def _check_own(code: Path, weights: Path | None) -> None:
    """Raise CodeError where a file in the way was not written by an export."""
    if code.is_file():
        with code.open("rb") as file:
            if MARK.encode() not in file.read(HEAD):
                raise CodeError(
                    f"“{code.name}” is there already and was not written by netbuilder; choose another name."
                )
    if weights is not None and weights.exists() and not _own_weights(weights):
        raise CodeError(
            f"“{weights.name}” is there already and holds other weights; choose another name than “{code.name}”."
        )


def _own_weights(path: Path) -> bool:
    try:
        opened: Any = safe_open(path, framework="numpy")
        with opened as file:
            said: dict[str, str] = file.metadata() or {}
            return said.get("producer", "").startswith(MARK)
    except (SafetensorError, OSError):
        return False
