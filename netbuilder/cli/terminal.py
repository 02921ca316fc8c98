"""Text, tables and JSON on their way to a terminal that may know only ASCII, or to a pipe that may be closed."""

import codecs
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any, NamedTuple, TextIO
from unicodedata import combining, east_asian_width

LOOKALIKES = {
    **dict.fromkeys("─–—−", "-"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("⌋⌉", ")"),
    **dict(
        zip("×·…→≤≥⌈⌊²½±█", ("x", "*", "...", "->", "<=", ">=", "ceil(", "floor(", "^2", "1/2", "+-", "#"), strict=True)
    ),
}


def prepare() -> None:
    """Make both streams print any text: what their encoding lacks becomes a lookalike or an escape, never an error."""
    codecs.register_error("lookalike", _lookalike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="lookalike")


def _lookalike(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    shown = "".join(LOOKALIKES.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in missing)
    return shown, error.end


def say(text: str = "") -> None:
    """A result, on stdout."""
    print(plain(text))


def note(text: str) -> None:
    """A message, on stderr, after all results so far. Raises OSError where those cannot be written."""
    with contextlib.suppress(ValueError):  # a closed stdout
        print(end="", flush=True)
    _write(sys.stderr, plain(text) + "\n")


def last_word(text: str) -> None:
    """A message after those results that can be written; others go nowhere, or they would fail again at exit."""
    try:
        print(end="", flush=True)
    except (OSError, ValueError):
        silence()
    _write(sys.stderr, plain(text) + "\n")


def note_at_once(text: str) -> None:
    """A message from a signal handler: past all buffers, one of which may be at work just then."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, no real file, or no stderr at all
        os.write(sys.stderr.fileno(), f"{plain(text)}\n".encode(sys.stderr.encoding, "lookalike"))


def document(value: Any, *, indent: int | None = 2) -> None:
    """One JSON document on stdout; ASCII escapes where the encoding is not UTF-8."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    print(json.dumps(value, indent=indent, ensure_ascii=encoding != "utf8", allow_nan=False), flush=indent is None)


def on_screen(stream: TextIO | None) -> bool:
    """Whether somebody watches; a program started without streams has None for them."""
    return stream is not None and stream.isatty()


def silence() -> None:
    """Send what is still buffered nowhere: the reader of our output has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError, io.UnsupportedOperation):  # stdout is no real file, as in a test
        pass
    finally:
        os.close(nowhere)


def plain(text: str) -> str:
    """The text with everything that could steer a terminal written out: '\\x1b' rather than an escape."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _write(stream: TextIO | None, text: str) -> None:
    """Messages are never worth failing for: a closed stderr, or none at all, is passed over."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


# ---- tables ----------------------------------------------------------------------------------------------------------


class Column(NamedTuple):
    """A column's title, and whether its cells are numbers, flush right."""

    title: str
    number: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], footer: Sequence[str] | None = None) -> str:
    """Rows under titles, a rule below them and one above the footer; columns are two spaces apart.

    On a terminal a last column of text is wrapped to fit; in a pipe every row stays on one line.
    """
    titles = [column.title for column in columns]
    every = [list(map(plain, row)) for row in [titles, *rows, *([footer] if footer else [])]]
    widths = [max(_width(row[i]) for row in every) for i in range(len(columns))]
    if not columns[-1].number and on_screen(sys.stdout):
        room = get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
        widths[-1] = min(widths[-1], max(room, 24))
    lines = [_row(columns, widths, row) for row in every]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines.insert(1, rule)
    if footer:
        lines.insert(-1, rule)
    return "\n".join(lines)


def _row(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> str:
    padded: list[str] = []
    for column, width, cell in zip(columns, widths, cells, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if column.number else cell + space)
    if _width(cells[-1]) > widths[-1]:
        indent = "  ".join(" " * width for width in [*widths[:-1], 0])
        padded[-1] = f"\n{indent}".join(wrap(cells[-1], widths[-1]))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Places the text takes on a terminal: East Asian letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def count(number: int, noun: str) -> str:
    """'1 layer', '1,797 layers'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """'184.8 KB' for a number of bytes."""
    amount, unit = float(number), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return count(number, "byte") if unit == "bytes" else f"{amount:.1f} {unit}"


def quoted(path: Path) -> str:
    """A path as one word of a command line."""
    text = str(path)
    return f'"{text}"' if " " in text else text


def duration(seconds: float) -> str:
    """'0.04 s', '3.9 s', '47 s', '12 min', '2.5 h'."""
    if seconds < 0.995:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def shares_text(shares: Mapping[str, float]) -> str:
    """' (scores 0.1201 + aux 0.0100)': what several outputs add to a loss."""
    return f" ({' + '.join(f'{name} {share:.4f}' for name, share in shares.items())})" if shares else ""
