"""What a design can be exported as: each format by its name, how its file is called, and what it is good for."""

import re
from dataclasses import dataclass
from pathlib import Path

from netbuilder.gui.filing import file_name


@dataclass(frozen=True)
class Format:
    """`ending` is that of its file; a project without one is a folder."""

    title: str
    ending: str
    help: str


FORMATS = {
    "onnx": Format("ONNX model", ".onnx", "Runs in onnxruntime and in most other tools."),
    "pytorch": Format("PyTorch module", ".py", "Readable code, with the weights beside it."),
    "project": Format("PyTorch project", "", "A folder that trains the same network, on one machine or on many."),
    "keras": Format("Keras code", ".py", "Readable code for Keras 3, with the weights beside it."),
}


def proposed(kind: str, title: str) -> str:
    """What the file of a design is called where nobody says otherwise: code has a name that Python can import."""
    name = file_name(title)
    if kind == "onnx":
        return f"{name}.onnx"
    if kind == "project":
        return f"{name}-pytorch"
    word = re.sub(r"\W+", "_", name).strip("_").lower() or "network"
    return f"{word if not word[0].isdigit() else f'net_{word}'}.py"


def named(kind: str, typed: str) -> Path:
    """The path that is meant, its ending added where it is left out."""
    path, ending = Path(typed.strip()).expanduser(), FORMATS[kind].ending
    return path if not ending or path.suffix.lower() == ending else path.with_name(f"{path.name}{ending}")


def in_the_way(kind: str, target: Path) -> bool:
    """Whether something would be replaced."""
    if kind == "project":
        return target.is_file() or (target.is_dir() and any(target.iterdir()))
    return target.exists() or (kind != "onnx" and target.with_suffix(".safetensors").exists())
