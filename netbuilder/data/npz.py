"""From a .npz file to plain arrays of numbers and texts: headers checked first, nothing in the file ever run.

The format is NEP 1 (https://numpy.org/neps/nep-0001-npy-format.html) inside a zip archive. `numpy.load` is not used:
it trusts the header's shape before looking at the bytes, and unpickles.
"""

import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.archive import MAX_TOTAL, Archive, Member
from netbuilder.data.errors import DataError, quoted

Array = NDArray[Any]

_MAGIC = b"\x93NUMPY"
_MAX_HEADER = 4096
_MAX_RANK = 6
_NUMBERS = frozenset(["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"])
_MAX_LETTERS, _MAX_TEXTS = 256, 10_000
_ENTRY = re.compile(
    r"\s*(['\"])(?P<key>descr|fortran_order|shape)\1\s*:\s*"
    r"(?:'(?P<descr>[<>|=]?[A-Za-z]\d{0,9})'|(?P<fortran>True|False)|\((?P<shape>[\d\s,L]{0,200})\))\s*(?:,|(?=\}))"
)


@dataclass(frozen=True, slots=True)
class Header:
    """What an NPY file says of its array: element type, order of the axes in the file, and their lengths."""

    dtype: np.dtype[Any]
    fortran_order: bool
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes of the elements."""
        return math.prod(self.shape) * self.dtype.itemsize


class Npz:
    """An open .npz file; a context manager. `names` are its arrays; `read` gives one of them.

    Raises `DataError`, a sentence, for whatever is not a sound .npz file of numbers.
    """

    def __init__(self, path: Path) -> None:
        self._file = _open_regular(path)
        try:
            length = self._file.seek(0, 2)
            self._archive = Archive(self._file, length)
        except BaseException:
            self._file.close()
            raise
        self.names = tuple(n.removesuffix(".npy") for n in self._archive.members if n.endswith(".npy"))

    def __enter__(self) -> "Npz":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, name: str) -> Array:
        """The array called `name`, C-contiguous, in this machine's byte order. Texts have the type U."""
        member = self._archive.members[f"{name}.npy"]
        pieces = self._archive.pieces(member)
        header, rest = _read_header(member, pieces, name)
        try:
            content = np.empty(header.size, dtype=np.uint8)
            _fill(content, rest, pieces, name)
            elements = _texts(content, header.dtype, name) if header.dtype.kind == "U" else content.view(header.dtype)
            array = elements.reshape(header.shape, order="F" if header.fortran_order else "C")
            return np.ascontiguousarray(array, dtype=header.dtype.newbyteorder("="))
        except MemoryError:
            raise DataError(f"The array {quoted(name)} needs {header.size:,} bytes of memory: too many here.") from None


def _open_regular(path: Path) -> BinaryIO:
    """The file for reading; a folder, a pipe or a device is refused before it can block."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{quoted(str(path), 200)} is not a file.")
        return path.open("rb")
    except (OSError, ValueError) as problem:
        if isinstance(problem, DataError):
            raise
        reason = getattr(problem, "strerror", None) or "the name is not valid"
        raise DataError(f"{quoted(str(path), 200)} cannot be read: {reason}.") from None


def _read_header(member: Member, pieces: Iterator[bytes], name: str) -> tuple[Header, bytes]:
    """The checked header, and the bytes of the array that came with it."""
    content = b""
    for piece in pieces:
        content += piece
        if len(content) > _MAX_HEADER + 12:
            break
    version = content[6:8]
    prefix = 10 if version == b"\1\0" else 12
    if content[:6] != _MAGIC or version not in (b"\1\0", b"\2\0", b"\3\0") or len(content) < prefix:
        raise DataError(f"{quoted(name)} is not an array: it does not begin as an NPY file does.")
    length = int.from_bytes(content[8:prefix], "little")
    if length > _MAX_HEADER or prefix + length > len(content):
        raise DataError(f"The header of {quoted(name)} is cut short or too long.")
    header = parse_header(content[prefix : prefix + length].decode("latin-1"), name)
    if header.dtype.kind == "U" and math.prod(header.shape) > _MAX_TEXTS:
        raise DataError(f"{quoted(name)} holds more than {_MAX_TEXTS:,} texts.")
    present = member.size - prefix - length
    if header.size != present:
        shape = " × ".join(f"{n:,}" for n in header.shape) or "one value"
        raise DataError(f"{quoted(name)} claims {shape} = {header.size:,} bytes, but {present:,} are present.")
    return header, content[prefix + length :]


def parse_header(text: str, name: str) -> Header:
    """The three entries of an NPY header, read by pattern: no expression in it is ever evaluated."""
    body = text.strip()
    if not (body.startswith("{") and body.endswith("}")):
        raise DataError(f"The header of {quoted(name)} is damaged.")
    entries: dict[str, str] = {}
    position = 1
    while match := _ENTRY.match(body, position):
        value = match["descr"] or match["fortran"] or match["shape"]
        if match["key"] in entries or match.lastgroup != {"fortran_order": "fortran"}.get(match["key"], match["key"]):
            raise DataError(f"The header of {quoted(name)} is damaged.")
        entries[match["key"]] = value or ""
        position = match.end()
    if "'descr'" in body and "descr" not in entries:
        raise DataError(f"{quoted(name)} is a table of several columns; store each column as an array of its own.")
    if len(entries) != 3 or body[position:].strip() != "}":
        raise DataError(f"The header of {quoted(name)} is damaged.")
    return Header(_dtype(entries["descr"], name), entries["fortran_order"] == "True", _shape(entries["shape"], name))


def _dtype(descr: str, name: str) -> np.dtype[Any]:
    kind, order = descr.lstrip("<>|="), descr[0]
    if kind[0] == "O":
        raise DataError(f"{quoted(name)} holds Python objects, which are never loaded; store it as numbers.")
    if kind in _NUMBERS:
        return np.dtype(f"{'>' if order == '>' else '<'}{kind}")
    if kind[0] == "U" and kind[1:].isdigit() and 0 < int(kind[1:]) <= _MAX_LETTERS:
        return np.dtype(f"{'>' if order == '>' else '<'}U{int(kind[1:])}")
    raise DataError(f"{quoted(name)} has the element type {quoted(descr)}; whole numbers and floats are read.")


def _shape(text: str, name: str) -> tuple[int, ...]:
    parts = [part.strip().removesuffix("L") for part in text.split(",")]
    if parts[-1] == "":
        parts.pop()
    if not all(part.isascii() and part.isdigit() and len(part) <= 19 for part in parts):
        raise DataError(f"The shape in the header of {quoted(name)} is damaged.")
    shape = tuple(int(part) for part in parts)
    if len(shape) > _MAX_RANK:
        raise DataError(f"{quoted(name)} has {len(shape)} axes; at most {_MAX_RANK} are read.")
    if 0 in shape and math.prod(n for n in shape if n) > MAX_TOTAL:
        raise DataError(f"The shape in the header of {quoted(name)} is not possible.")
    return shape


def _fill(content: NDArray[np.uint8], first: bytes, pieces: Iterator[bytes], name: str) -> None:
    """Copy the pieces, in order, into `content`; `pieces` itself checks their total."""
    position = 0
    while True:
        end = position + len(first)
        if end > len(content):
            raise DataError(f"{quoted(name)} holds more bytes than its header says.")
        content[position:end] = np.frombuffer(first, dtype=np.uint8)
        position = end
        if (piece := next(pieces, None)) is None:
            return
        first = piece


def _texts(content: NDArray[np.uint8], dtype: np.dtype[Any], name: str) -> Array:
    """Texts decoded strictly: NumPy itself would accept code points that do not exist."""
    encoding = "utf-32-be" if dtype.byteorder == ">" else "utf-32-le"
    try:
        letters = content.tobytes().decode(encoding)
    except UnicodeDecodeError:
        raise DataError(f"{quoted(name)} holds text that is not valid Unicode.") from None
    width = dtype.itemsize // 4
    texts = [letters[i : i + width].rstrip("\0") for i in range(0, len(letters), width)]
    return np.array(texts, dtype=f"U{width}")
