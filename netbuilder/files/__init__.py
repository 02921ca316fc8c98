"""Design files: a Graph to and from .netb text, on disk whole or not at all."""

import os
from pathlib import Path

from netbuilder.graph import Graph
from netbuilder.storage import FileError, reason, write_atomic

from .reading import loads
from .writing import dumps

__all__ = ["LARGEST_FILE", "SUFFIX", "FileError", "dumps", "load", "loads", "save", "write_atomic"]

SUFFIX = ".netb"
LARGEST_FILE = 8_000_000


def save(graph: Graph, path: str | os.PathLike[str]) -> Path:
    """Write a design, all or nothing, and return where: the suffix .netb is added where it is missing.

    Raises FileError; whatever was at `path` before is then still there, byte for byte.
    """
    target = Path(path)
    if target.suffix != SUFFIX:
        target = target.with_name(target.name + SUFFIX)
    text = dumps(graph)
    if loads(text) != graph:
        raise FileError(f"“{target.name}” was not written: the design did not survive being written and read again.")
    write_atomic(target, text.encode())
    return target


def load(path: str | os.PathLike[str]) -> Graph:
    """Read a design. Raises FileError with a sentence that names file, line, layer and setting."""
    source = Path(path)
    try:
        if source.stat().st_size > LARGEST_FILE:
            raise FileError(f"“{source.name}” is larger than any design ({LARGEST_FILE // 1_000_000} MB).")
        text = source.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise FileError(f"“{source.name}” is not a netbuilder design: it is not text.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"“{source.name}” cannot be read: {reason(error)}.") from None
    return loads(text, source.name)
