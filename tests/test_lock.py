"""A lock is held as long as its process lives, whatever its number, and by one holder at a time."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netbuilder import lock
from netbuilder.lock import Lock, started, subject

HOLDER = """
import sys
from pathlib import Path
from netbuilder.lock import Lock
print(Lock.take(Path(sys.argv[1]), "theirs") is not None, flush=True)
sys.stdin.read()
"""


def without_kernel_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    held = Lock.take(path, "a subject")
    assert held is not None
    assert subject(path) == "a subject"
    assert Lock.take(path) is None
    assert subject(path) == "a subject"
    held.release(remove=False)
    again = Lock.take(path)
    assert again is not None
    again.release()
    assert not path.exists()


def test_a_subject_may_become_shorter(tmp_path: Path) -> None:
    held = Lock.take(tmp_path / "one.lock", "a long subject")
    assert held is not None
    held.write("short")
    assert subject(tmp_path / "one.lock") == "short"
    held.write(None)
    assert subject(tmp_path / "one.lock") is None
    held.release()


@pytest.mark.parametrize("kernel", [True, False])
@pytest.mark.skipif(os.name == "nt", reason="needs fcntl")
def test_a_lock_dies_with_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel: bool) -> None:
    path = tmp_path / "one.lock"
    if not kernel:
        without_kernel_locks(monkeypatch)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"True"
        assert Lock.take(path) is None
        assert subject(path) == "theirs"
        holder.kill()
        taken, attempts = Lock.take(path), 0
        while taken is None and attempts < 500:  # it is not waited for: soon it is a zombie, which holds nothing
            time.sleep(0.01)
            taken, attempts = Lock.take(path), attempts + 1
        assert taken is not None
        assert holder.returncode is None
        taken.release()


@pytest.mark.parametrize("moment", ["another boot 12345", None])
def test_a_process_that_got_a_dead_ones_number_holds_nothing(tmp_path: Path, moment: str | None) -> None:
    path = tmp_path / "one.lock"
    path.write_text(json.dumps({"pid": os.getpid(), "started": moment, "subject": "x"}))
    taken = Lock.take(path)
    assert taken is not None
    taken.release()


@pytest.mark.skipif(os.name == "nt", reason="Windows relies on its own locks")
def test_the_process_alone_decides_where_the_kernel_gives_no_news(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    path.write_text(json.dumps({"pid": os.getpid(), "started": started(os.getpid())}))
    assert Lock.take(path) is None


def test_the_kernels_lock_alone_is_enough(tmp_path: Path) -> None:
    """As between two sandboxes, where every program is process 2."""
    path = tmp_path / "one.lock"
    held = Lock.take(path)
    assert held is not None
    path.write_text('{"pid": 2, "started": "elsewhere"}')
    assert Lock.take(path) is None
    held.release()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[1]",
        b"7",
        b'{"pid": -1, "started": "x"}',
        b'{"pid": true}',
        b"[" * 60_000,
        b'{"pid": 1e400}',
    ],
)
def test_a_damaged_lock_file_is_taken(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "one.lock"
    path.write_bytes(content)
    assert subject(path) is None
    taken = Lock.take(path)
    assert taken is not None
    taken.release()


def test_a_process_says_the_same_start_every_time_and_a_dead_one_none() -> None:
    if os.name != "nt":
        assert started(os.getpid()) is not None
    assert started(os.getpid()) == started(os.getpid())
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert started(child.pid) is None
