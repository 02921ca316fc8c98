"""Unsaved work: every committed graph goes into a journal on disk, and after a crash comes back out of it."""

import contextlib
import json
import os
import re
import secrets
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import platformdirs

from netbuilder import files
from netbuilder.files import FileError
from netbuilder.graph import Graph
from netbuilder.lock import Lock, subject

LARGEST_JOURNAL, MOST_ENTRIES = 2_000_000, 500  # beyond, a journal is written anew with its newest two entries
LARGEST_READ, MOST_JOURNALS = 48_000_000, 100  # nothing this writes comes near
CHEAP, OFTEN = 0.005, 1.0  # seconds: a flush to disk that takes less is done at every commit, a slower one this often
KEPT = 30 * 24 * 3600  # seconds that a declined recovery stays in the trash
TRASH = "trash"
_SUFFIX, _LOCK = ".journal", ".lock"
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_ENTRY = re.compile(rb'\{"length": (\d{1,9}), "crc": (\d{1,10}), "entry": ')


def journal_folder() -> Path:
    """Where this person's journals are."""
    return Path(platformdirs.user_data_dir("netbuilder", appauthor=False)) / "journals"


class Journal:
    """The unsaved generations of one open document, in a file that only this process writes.

    A line is `{"length": …, "crc": …, "entry": {"generation": …, "design": "the text of a .netb file", …}}`; length and
    CRC-32 are those of the entry's bytes. It is handed to the system whole, so that a killed process loses at most the
    edit it was writing, and flushed to the disk as often as that is cheap, for the sake of power cuts. There is a file
    only while something is unsaved; the lock beside it says all the time that the document is open.
    """

    def __init__(self, file: Path, lock: Lock, subject: str | None):
        self.file, self._lock, self._subject = file, lock, subject
        self._handle: int | None = None
        self._generation = self._size = self._count = 0
        self._last = b""
        self._cost, self._flushed, self._waiting = 0.0, 0.0, False

    @classmethod
    def start(cls, folder: Path, path: Path | None = None) -> Self:
        """A journal for the document open from `path`, under a name no other has. Raises OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        subject = _subject(path)
        while True:
            file = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
            if (lock := Lock.take(file.with_suffix(_LOCK), subject)) is not None:
                return cls(file, lock, subject)

    def record(self, graph: Graph, path: Path | None, name: str, edits: int = 1) -> None:
        """Write down a committed graph, `edits` edits away from what is saved. Raises OSError or FileError."""
        self._generation += 1
        entry = {
            "generation": self._generation,
            "name": name,
            "path": None if path is None else str(path),
            "when": datetime.now().astimezone().isoformat(timespec="seconds"),
            "edits": edits,
            "design": files.dumps(graph),
        }
        line = _line(entry)
        if self._count >= MOST_ENTRIES or self._size + len(line) > max(LARGEST_JOURNAL, 4 * len(line)):
            self._compact(line)
        else:
            self._append(line)
        self._last = line
        self._concern(path)

    def flush(self) -> None:
        """Put on the disk what was recorded too soon after the last time. Raises OSError."""
        if self._waiting and self._handle is not None:
            begin = time.monotonic()
            os.fsync(self._handle)
            self._flushed, self._waiting = time.monotonic(), False
            self._cost = self._flushed - begin

    def saved(self, path: Path | None = None) -> None:
        """Nothing is unsaved now: forget what was recorded; the document is open from `path`. Raises OSError."""
        self._let_go()
        self.file.unlink(missing_ok=True)
        self._size, self._count, self._last = 0, 0, b""
        self._concern(path)

    def discard(self) -> None:
        """The document is gone, deliberately, and all it had unsaved. Raises OSError."""
        self.saved()
        self._lock.release()

    def close(self) -> None:
        """Let go of the journal. What is unsaved in it can be recovered. Raises OSError."""
        try:
            self.flush()
        finally:
            self._let_go()
            self._lock.release(remove=not self.file.exists())

    def _concern(self, path: Path | None) -> None:
        if (subject := _subject(path)) != self._subject:
            self._lock.write(subject)
            self._subject = subject

    def _append(self, line: bytes) -> None:
        if self._handle is None:
            self._handle = os.open(self.file, _APPEND, 0o600)
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError:
            with contextlib.suppress(OSError):  # a full disk: take back the half of a line
                os.ftruncate(self._handle, self._size)
            raise
        self._size += len(line)
        self._count += 1
        self._waiting = True
        if self._cost < CHEAP or time.monotonic() - self._flushed >= OFTEN:
            self.flush()

    def _compact(self, line: bytes) -> None:
        self._let_go()  # Windows replaces no open file
        files.write_atomic(self.file, self._last + line)
        self._size, self._count = len(self._last) + len(line), 2

    def _let_go(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self._waiting = None, False


# ---- after a crash ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recovered:
    """Work that a process did not live to save. It is kept from all others until one of the three methods is called.

    `name` is the document's title, `path` its file or None, `when` the time of the last of `edits` unsaved edits.
    """

    name: str
    path: Path | None
    graph: Graph
    when: datetime
    edits: int
    file: Path
    _lock: Lock = field(repr=False, compare=False)

    def accept(self) -> None:
        """It is open again, and in a journal of its own: this one can go. Raises OSError."""
        self.file.unlink(missing_ok=True)
        self._lock.release()

    def decline(self) -> Path | None:
        """Put it into the trash, as journal and as a design to open, and return that; None where the disk refuses."""
        kept = _trash(self.file)
        if kept is not None:
            title = re.sub(r"[^\w ()-]", "-", self.name)[:60].strip() or "Untitled"
            with contextlib.suppress(FileError):
                kept = files.save(self.graph, kept.with_name(f"{title} {self.when:%Y-%m-%d %H.%M} {kept.stem[:6]}"))
        self._lock.release(remove=not self.file.exists())
        return kept

    def release(self) -> None:
        """Leave it for another time."""
        self._lock.release(remove=False)


def abandoned(folder: Path, own: Journal | None = None) -> list[Recovered]:
    """What can be recovered, the newest work first. Sweeps what is over and puts what is damaged in the trash.

    Left alone are the journals of living processes, and those of a file that one of them has open; what the asking
    document itself, with its `own` journal, has open does not count. Never raises, whatever it finds.
    """
    claims, open_files = _claims(folder, own)
    found: list[Recovered] = []
    for file, lock in claims.items():
        recovered = _newest(file, lock)
        if recovered is None:
            _trash(file)
            lock.release(remove=not file.exists())
        elif _subject(recovered.path) in open_files:
            recovered.release()
        elif _is_saved(recovered):
            with contextlib.suppress(OSError):
                recovered.accept()
        else:
            found.append(recovered)
    _sweep_trash(folder / TRASH)
    return sorted(found, key=lambda recovered: recovered.when, reverse=True)


def _claims(folder: Path, own: Journal | None) -> tuple[dict[Path, Lock], set[str]]:
    """The journals of the dead, now held by this process, and the files the living have open; sweeps other remains."""
    claims: dict[Path, Lock] = {}
    open_files: set[str] = set()
    for token, parts in _tokens(folder).items():
        file, path = folder / f"{token}{_SUFFIX}", folder / f"{token}{_LOCK}"
        if own is not None and file == own.file:
            continue
        with contextlib.suppress(OSError):
            lock = Lock.take(path)
            if lock is None:
                open_files.add(subject(path) or "")
                continue
            for part in parts:
                part.unlink(missing_ok=True)
            if file.exists() and len(claims) < MOST_JOURNALS:
                claims[file] = lock
            else:
                lock.release(remove=not file.exists())
    return claims, open_files


def _tokens(folder: Path) -> dict[str, list[Path]]:
    """The names journals in a folder have or had, each with its temporary files."""
    found: dict[str, list[Path]] = {}
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            token = path.name.removeprefix(".").partition(".")[0]
            if path.suffix in (_SUFFIX, _LOCK):
                found.setdefault(token, [])
            elif path.suffix == ".part":
                found.setdefault(token, []).append(path)
    return found


def _newest(file: Path, lock: Lock) -> Recovered | None:
    """The valid entry with the highest generation."""
    for entry in sorted(_entries(file), key=lambda entry: entry["generation"], reverse=True):
        with contextlib.suppress(FileError, ValueError, TypeError, KeyError, OverflowError, OSError):
            path = None if entry["path"] is None else Path(entry["path"])
            _subject(path)
            when = datetime.fromisoformat(entry["when"]).astimezone()
            graph = files.loads(entry["design"])
            return Recovered(str(entry["name"]), path, graph, when, int(entry["edits"]), file, lock)
    return None


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    """The entries that are as they were written, wherever in the file they are and whatever is between them."""
    with contextlib.suppress(OSError), file.open("rb") as opened:
        data = opened.read(LARGEST_READ)
        for mark in _ENTRY.finditer(data):
            length, crc = int(mark[1]), int(mark[2])
            raw = data[mark.end() : mark.end() + length]
            if len(raw) == length and zlib.crc32(raw) == crc:
                with contextlib.suppress(ValueError, TypeError, RecursionError):
                    entry: dict[str, Any] = dict(json.loads(raw))
                    if type(entry.get("generation")) is int:
                        yield entry


def _line(entry: dict[str, Any]) -> bytes:
    raw = json.dumps(entry).encode("ascii")
    return b'{"length": %d, "crc": %d, "entry": %b}\n' % (len(raw), zlib.crc32(raw), raw)


def _is_saved(recovered: Recovered) -> bool:
    """Whether its file holds the same: the process ended between saving and saying so."""
    try:
        return recovered.path is not None and files.load(recovered.path) == recovered.graph
    except FileError:
        return False


def _subject(path: Path | None) -> str | None:
    return None if path is None else os.path.normcase(os.path.realpath(path))


def _trash(file: Path) -> Path | None:
    """Move a journal to the trash, where its time is that of the move; None where that is not possible."""
    with contextlib.suppress(OSError):
        kept = file.parent / TRASH / file.name
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        os.utime(file)
        return file.replace(kept)
    return None


def _sweep_trash(trash: Path) -> None:
    for old in trash.glob("*"):
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > KEPT:
                old.unlink()
