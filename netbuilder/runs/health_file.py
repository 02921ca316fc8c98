"""Health events to and from health.csv: a row for every layer that was looked at, each time."""

from dataclasses import astuple, dataclass, fields
from pathlib import Path

from netbuilder.engine import Event, Health
from netbuilder.storage import FileError

from .csv_file import append_rows, read_rows, write_rows


@dataclass(frozen=True)
class Looked:
    """A row: one layer after `step` updates (see `engine.LayerHealth`); None where a layer has no such number."""

    step: int
    epoch: float
    layer: str
    gradient: float | None
    ratio: float | None
    dead: float | None


HEADER = [f.name for f in fields(Looked)]


class HealthFile:
    """Appends rows as events come; the file is there from the first on."""

    def __init__(self, path: Path):
        self.path = path

    def start(self, until: int) -> None:
        """Leave out what came after `until` updates."""
        if self.path.exists():
            write_rows(self.path, HEADER, (astuple(row) for row in read_health(self.path) if row.step <= until))

    def add(self, event: Event) -> None:
        """Append what an event tells of each layer. Raises FileError."""
        if isinstance(event, Health):
            if not self.path.exists():
                write_rows(self.path, HEADER, ())
            append_rows(self.path, [(event.step, event.epoch, *_cells(layer)) for layer in map(astuple, event.layers)])


def read_health(path: Path) -> list[Looked]:
    """All complete rows; none where the run was too short for a look. Raises FileError."""
    rows = read_rows(path, HEADER) if path.exists() else []
    try:
        return [_looked(row) for row in rows]
    except (ValueError, IndexError):
        raise FileError(f"“{path.name}” is damaged.") from None


def _cells(layer: tuple[str | float | None, ...]) -> tuple[str | float | None, ...]:
    """A name that a spreadsheet would take for a formula is quoted."""
    name, *numbers = layer
    return (f"'{name}" if str(name)[:1] in "=+-@" else name, *numbers)


def _looked(row: list[str]) -> Looked:
    step, epoch, layer, *numbers = row
    gradient, ratio, dead = (float(cell) if cell else None for cell in numbers)
    name = layer[1:] if layer[:1] == "'" and layer[1:2] in tuple("=+-@") else layer
    return Looked(int(step), float(epoch), name, gradient, ratio, dead)
