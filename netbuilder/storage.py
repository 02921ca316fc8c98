"""Bytes to disk, whole or not at all: nobody ever finds half a file."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path


class FileError(ValueError):
    """A file cannot be read or written; the sentence names the file, and the line and layer where there is one."""


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Put `data` at `path` whole or not at all: sibling temporary file, flush to disk, rename, flush the folder.

    Raises FileError with the reason; the old file is then untouched and the temporary one is gone.
    """
    target = Path(path).resolve()
    if target.is_dir():
        raise FileError(f"“{target.name}” cannot be written: it is a folder.")
    if not target.parent.exists():
        raise FileError(f"“{target.name}” cannot be written: there is no folder “{target.parent}”.")
    _sweep(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{time.monotonic_ns()}.part")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o7777)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _flush_folder(target.parent)
    except OSError as error:
        raise FileError(f"“{target.name}” cannot be written: {reason(error)}. Nothing on disk has changed.") from None


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle to flush a folder by
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(target: Path) -> None:
    """Remove temporary files that a killed process left beside this one."""
    for stray in _strays(target):
        with contextlib.suppress(OSError):
            stray.unlink()


def _strays(target: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        prefix = f".{target.name}."
        for found in target.parent.iterdir():
            if found.name.startswith(prefix) and found.suffix == ".part":
                owner = found.name.removeprefix(prefix).partition("-")[0]
                if owner.isdecimal() and not _lives(int(owner), found):
                    yield found


def _lives(process: int, file: Path) -> bool:
    if os.name == "nt":  # os.kill would end it there, so go by age
        return time.time() - file.stat().st_mtime < 24 * 3600
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def reason(error: Exception) -> str:
    """What the system said of a failure, as the tail of a sentence."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]
