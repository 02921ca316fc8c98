"""Lock files that say which process holds something: from a path to a hold on it, or to the news that it is held."""

import contextlib
import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LARGEST_LOCK = 65_536
_FAR = 1 << 30
_REFUSED = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


class Lock:
    """A hold on `path` until it is released or the process ends, however it ends.

    The file names the process by its number and the moment it started, since numbers are used again; the kernel's own
    lock covers what numbers cannot tell: processes of another computer or sandbox, and the instant before they are
    written. Where a folder has no such locks, the process alone decides.
    """

    def __init__(self, path: Path, handle: int):
        self.path, self._handle = path, handle

    @classmethod
    def take(cls, path: Path, subject: str | None = None) -> Self | None:
        """Hold `path`, and say for the sake of which `subject`; None where a living process does. Raises OSError."""
        if _lives(_read(path)):
            return None
        for _ in range(8):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            if not _granted(handle):
                os.close(handle)
                return None
            if _is_at(handle, path):
                lock = cls(path, handle)
                lock.write(subject)
                return lock
            os.close(handle)  # whoever held it before has just removed the file
        raise OSError(errno.ENOLCK, "the folder keeps no locks", str(path))

    def write(self, subject: str | None) -> None:
        """Say for the sake of what the lock is held. Raises OSError."""
        pid = os.getpid()
        content = json.dumps({"pid": pid, "started": started(pid), "subject": subject}).encode()
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, content)
        os.ftruncate(self._handle, len(content))

    def release(self, *, remove: bool = True) -> None:
        """Let go. What the lock stood for is gone too where the file is to be removed; else others may take it."""
        with contextlib.suppress(OSError):
            if remove and sys.platform != "win32":  # while it is still held, so that nobody else's is removed
                self.path.unlink(missing_ok=True)
            os.ftruncate(self._handle, 0)
        os.close(self._handle)
        with contextlib.suppress(OSError):
            if remove and sys.platform == "win32":  # which removes no open file
                self.path.unlink(missing_ok=True)


def subject(path: Path) -> str | None:
    """For the sake of what the lock at `path` was taken, where it says so."""
    found = _read(path).get("subject")
    return found if isinstance(found, str) else None


def started(pid: int) -> str | None:
    """When a living process started, as text to compare; None where it is dead or, as on Windows, nobody says."""
    if sys.platform == "win32":
        return None
    try:
        if sys.platform == "linux":
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            state, moment = fields[0], f"{boot} {fields[19]}"
        else:
            command = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
            world = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
            said = subprocess.run(command, capture_output=True, text=True, timeout=5, env=world).stdout
            state, _, moment = said.strip().partition(" ")
    except (OSError, IndexError, subprocess.SubprocessError):
        return None
    return moment.strip() or None if state[:1] not in ("Z", "X", "") else None


def _lives(owner: dict[str, Any]) -> bool:
    pid, moment = owner.get("pid"), owner.get("started")
    return type(pid) is int and 0 < pid < 2**31 and moment is not None and started(pid) == moment


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return dict(json.loads(file.read(LARGEST_LOCK)))
    except (OSError, TypeError, ValueError, RecursionError):
        return {}


def _granted(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(handle, _FAR, os.SEEK_SET)  # beyond what is written there, which others may read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _REFUSED
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False
