"""Designs that say how many edits made them, and journals as a crash leaves them."""

import json
import zlib
from pathlib import Path

from netbuilder import files
from netbuilder.graph import Graph
from netbuilder.journal import Journal, Recovered, abandoned
from netbuilder.layers import Dense, Input


def design(edits: int) -> Graph:
    return Graph.chain(Input(features=4, height=None, width=None, channels=None), Dense(edits))


def edits_in(graph: Graph) -> int:
    layer = graph["dense_1"].layer
    assert isinstance(layer, Dense)
    assert graph == design(layer.units)
    return layer.units


def left_by_a_crash(folder: Path, edits: int = 3, path: Path | None = None, name: str = "LeNet-5") -> Path:
    """A journal with generations 1 to `edits` that nobody holds."""
    made = Journal.start(folder, path)
    for edit in range(1, edits + 1):
        made.record(design(edit), path, name, edit)
    made.close()
    return made.file


def the_one(folder: Path) -> Recovered:
    (recovered,) = abandoned(folder)
    return recovered


def entry(**changes: object) -> bytes:
    """A line with valid length and checksum, and whatever inside."""
    whole = {"generation": 9, "name": "n", "path": None, "when": "2026-01-02T03:04:05+00:00", "edits": 1}
    raw = json.dumps({**whole, "design": files.dumps(design(9)), **changes}).encode()
    return b'{"length": %d, "crc": %d, "entry": %b}\n' % (len(raw), zlib.crc32(raw), raw)
