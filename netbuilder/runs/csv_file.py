"""Rows of plain numbers to and from a CSV file that grows while a training runs and may be cut off at any byte."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from netbuilder.storage import FileError, reason, write_atomic

Cell = int | float | str | None


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a file anew, whole or not at all. Raises FileError."""
    write_atomic(path, _lines([header, *rows]).encode())


def append_rows(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows behind those that are there. Raises FileError."""
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(_lines(rows))
    except OSError as error:
        raise FileError(f"“{path.name}” cannot be written: {reason(error)}.") from None


def read_rows(path: Path, header: Sequence[str]) -> list[list[str]]:
    """All complete rows; one that a kill cut short is left out. Raises FileError where the file is not one of ours."""
    more, rows = read_table(path, header)
    if more:
        raise _foreign(path)
    return rows


def read_table(path: Path, header: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The same of a file that may have more columns behind those of the header: their titles, and the rows."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"“{path.name}” cannot be read: {reason(error)}.") from None
    rows = list(csv.reader(io.StringIO(text[: text.rfind("\n") + 1])))
    if not rows or rows[0][: len(header)] != list(header):
        raise _foreign(path)
    return rows[0][len(header) :], rows[1:]


def _foreign(path: Path) -> FileError:
    return FileError(f"“{path.name}” does not hold the figures of a training.")


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_shown(cell) for cell in row] for row in rows)
    return out.getvalue()


def _shown(cell: Cell) -> str:
    return "" if cell is None else repr(cell) if isinstance(cell, float) else str(cell)
