"""Unsaved work comes back once, to one window, and what was declined can still be had for a month."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netbuilder import files, journal
from netbuilder.files import FileError
from netbuilder.journal import KEPT, TRASH, Journal, abandoned
from tests.crashes import design, edits_in, entry, left_by_a_crash, the_one

# ---- one document ----------------------------------------------------------------------------------------------------


def test_the_newest_generation_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "nets" / "Ärger \udcff.netb"
    left_by_a_crash(tmp_path / "journals", 3, path)
    recovered = the_one(tmp_path / "journals")
    assert (recovered.name, recovered.path, recovered.edits) == ("LeNet-5", path, 3)
    assert edits_in(recovered.graph) == 3
    assert abs(recovered.when.timestamp() - time.time()) < 60


def test_what_was_accepted_is_gone_and_what_was_released_is_not(tmp_path: Path) -> None:
    left_by_a_crash(tmp_path)
    recovered = the_one(tmp_path)
    assert abandoned(tmp_path) == []  # held by the one who was offered it
    recovered.release()
    the_one(tmp_path).accept()
    assert list(tmp_path.iterdir()) == []


def test_a_saved_document_leaves_only_its_lock_and_a_closed_one_nothing(tmp_path: Path) -> None:
    open_document = Journal.start(tmp_path)
    open_document.record(design(1), None, "net")
    assert open_document.file.exists()
    open_document.saved(tmp_path / "net.netb")
    assert [file.suffix for file in tmp_path.iterdir()] == [".lock"]
    open_document.close()
    assert list(tmp_path.iterdir()) == []


def test_edits_after_a_save_are_kept_and_discarded_ones_are_not(tmp_path: Path) -> None:
    kept, let_go = Journal.start(tmp_path), Journal.start(tmp_path)
    for each in (kept, let_go):
        each.record(design(1), None, "net")
        each.saved()
        each.record(design(2), None, "net")
    kept.close()
    let_go.discard()
    assert edits_in(the_one(tmp_path).graph) == 2


def test_a_process_that_ended_between_saving_and_saying_so_has_nothing_to_recover(tmp_path: Path) -> None:
    path = files.save(design(3), tmp_path / "net")
    journals = tmp_path / "journals"
    left_by_a_crash(journals, 3, path)
    assert abandoned(journals) == []
    assert list(journals.iterdir()) == []
    left_by_a_crash(journals, 4, path)
    assert the_one(journals).path == path


def test_a_long_session_keeps_its_journal_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_ENTRIES", 10)
    long = Journal.start(tmp_path)
    lines: list[int] = []
    for edit in range(1, 36):
        long.record(design(edit), None, "net")
        lines.append(long.file.read_bytes().count(b"\n"))
    assert max(lines) == 10
    monkeypatch.setattr(journal, "LARGEST_JOURNAL", 6 * long.file.stat().st_size // lines[-1])
    for edit in range(36, 60):
        long.record(design(edit), None, "net")
        lines.append(long.file.read_bytes().count(b"\n"))
    assert max(lines[36:]) <= 6
    long.close()
    assert edits_in(the_one(tmp_path).graph) == 59
    assert not list(tmp_path.glob("*.part"))


def test_a_full_disk_costs_the_edit_that_met_it_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Journal.start(tmp_path)
    made.record(design(1), None, "net")
    write = os.write

    def half(handle: int, data: memoryview) -> int:
        if len(data) < 100:
            raise OSError(28, "No space left on device")
        return write(handle, data[: len(data) // 2])

    with monkeypatch.context() as full:
        full.setattr(os, "write", half)
        with pytest.raises(OSError, match="No space left"):
            made.record(design(2), None, "net")
    before = made.file.read_bytes()
    assert before.count(b"\n") == 1
    assert before.endswith(b"\n")
    made.record(design(3), None, "net")
    made.close()
    assert edits_in(the_one(tmp_path).graph) == 3


def test_a_failed_compaction_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MOST_ENTRIES", 2)
    made = Journal.start(tmp_path)
    made.record(design(1), None, "net")
    made.record(design(2), None, "net")

    def full(_path: Path, _data: bytes) -> None:
        raise FileError("“net” cannot be written: no space left on device.")

    with monkeypatch.context() as context:
        context.setattr(files, "write_atomic", full)
        with pytest.raises(FileError):
            made.record(design(3), None, "net")
    assert made.file.read_bytes().count(b"\n") == 2
    made.record(design(4), None, "net")
    made.close()
    assert edits_in(the_one(tmp_path).graph) == 4


def test_a_slow_disk_is_flushed_once_a_second_and_a_quick_one_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, took, flushes = [100.0], 0.0, 0

    def fsync(_handle: int) -> None:
        nonlocal flushes
        flushes += 1
        clock[0] += took

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(journal.time, "monotonic", lambda: clock[0])
    made = Journal.start(tmp_path)
    for edit in range(1, 11):
        made.record(design(edit), None, "net")
    assert flushes == 10
    took = 0.5
    for edit in range(11, 31):  # ten a second
        clock[0] += 0.1
        made.record(design(edit), None, "net")
    assert flushes == 12
    made.flush()
    made.flush()
    assert flushes == 13
    made.close()


# ---- the trash -------------------------------------------------------------------------------------------------------


def test_a_declined_recovery_can_be_opened_for_thirty_days(tmp_path: Path) -> None:
    left_by_a_crash(tmp_path, 3, name="../<b>Net</b> 5%")
    kept = the_one(tmp_path).decline()
    assert kept is not None
    assert kept.parent == tmp_path / TRASH
    assert edits_in(files.load(kept)) == 3
    assert abandoned(tmp_path) == []
    assert [path.name for path in tmp_path.iterdir()] == [TRASH]

    def after(seconds: float) -> int:
        for file in (tmp_path / TRASH).iterdir():
            os.utime(file, (time.time() - seconds, time.time() - seconds))
        assert abandoned(tmp_path) == []
        return len(list((tmp_path / TRASH).iterdir()))

    assert after(KEPT - 3600) == 2
    assert after(KEPT + 3600) == 0


def test_thirty_days_begin_with_the_refusal(tmp_path: Path) -> None:
    file = left_by_a_crash(tmp_path)
    os.utime(file, (0, 0))
    the_one(tmp_path).decline()
    assert abandoned(tmp_path) == []
    assert len(list((tmp_path / TRASH).iterdir())) == 2


def test_the_newest_work_is_offered_first(tmp_path: Path) -> None:
    for day in (3, 9, 5):
        (tmp_path / f"{day}.journal").write_bytes(entry(when=f"2026-01-{day:02}T12:00:00+01:00"))
    assert [recovered.when.day for recovered in abandoned(tmp_path)] == [9, 5, 3]


# ---- other processes -------------------------------------------------------------------------------------------------

WINDOW = """
import sys
from pathlib import Path
from netbuilder.journal import Journal
from netbuilder.layers import Dense, Input
from netbuilder.graph import Graph
folder, path = map(Path, sys.argv[1:])
made = Journal.start(folder, path)
graph = Graph.chain(Input(features=4, height=None, width=None, channels=None), Dense(7))
for word in sys.stdin:
    made.record(graph, path, "net") if word.strip() == "edit" else made.saved(path)
    print("done", flush=True)
"""


class Window:
    """Another process with a document open."""

    def __init__(self, folder: Path, path: Path):
        command = [sys.executable, "-c", WINDOW, str(folder), str(path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("save")

    def ask(self, word: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_a_living_windows_journal_is_left_alone_until_it_dies(tmp_path: Path) -> None:
    theirs = Window(tmp_path, tmp_path / "net.netb")
    mine = Journal.start(tmp_path)
    mine.record(design(3), None, "mine")
    theirs.ask("edit")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(before) == 4  # two journals, two locks
    assert abandoned(tmp_path) == []
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    theirs.kill()
    assert edits_in(the_one(tmp_path).graph) == 7
    mine.discard()


def test_work_on_a_file_that_is_open_in_another_window_waits(tmp_path: Path) -> None:
    journals, path = tmp_path / "journals", tmp_path / "net.netb"
    (tmp_path / "link.netb").symlink_to(path)
    left_by_a_crash(journals, 3, path)
    theirs = Window(journals, tmp_path / "link.netb")
    assert abandoned(journals) == []
    theirs.kill()
    assert the_one(journals).path == path


def test_the_file_a_document_is_saved_to_counts_as_open(tmp_path: Path) -> None:
    journals, path = tmp_path / "journals", tmp_path / "net.netb"
    left_by_a_crash(journals, 3, path)
    window = Journal.start(journals)
    window.saved(path)
    assert abandoned(journals) == []
    window.saved(tmp_path / "other.netb")
    the_one(journals).release()
    window.record(design(4), path, "net")
    assert abandoned(journals) == []
    window.discard()
    assert the_one(journals).path == path


def test_a_window_does_not_stand_in_its_own_way(tmp_path: Path) -> None:
    """Whoever opens the file itself after a crash is offered the work on it too."""
    left_by_a_crash(tmp_path, 3, tmp_path / "net.netb")
    window = Journal.start(tmp_path, tmp_path / "net.netb")
    assert abandoned(tmp_path) == []
    (recovered,) = abandoned(tmp_path, window)
    assert edits_in(recovered.graph) == 3
    recovered.accept()
    window.discard()


def test_a_number_used_again_does_not_protect_a_dead_journal(tmp_path: Path) -> None:
    file = left_by_a_crash(tmp_path)
    file.with_suffix(".lock").write_text(json.dumps({"pid": os.getpid(), "started": "an earlier boot 17"}))
    assert edits_in(the_one(tmp_path).graph) == 3


def test_what_the_dead_left_besides_is_swept(tmp_path: Path) -> None:
    living = Journal.start(tmp_path)
    living.record(design(1), None, "net")
    (tmp_path / "dead.lock").write_text('{"pid": 1, "started": "long ago"}')
    (tmp_path / ".dead.journal.1-2.part").touch()
    kept = tmp_path / f".{living.file.name}.1-2.part"
    kept.touch()
    assert abandoned(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {
        living.file.name,
        living.file.with_suffix(".lock").name,
        kept.name,
    }
    living.discard()
