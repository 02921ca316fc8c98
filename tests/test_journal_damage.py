"""A killed process loses at most one edit, and damage to a journal at most the generations it hit."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netbuilder import files, journal
from netbuilder.journal import TRASH, abandoned
from tests.crashes import design, edits_in, entry, left_by_a_crash, the_one

# ---- damage ----------------------------------------------------------------------------------------------------------

Damage = Callable[[bytes, int], bytes]
DAMAGES: dict[str, Damage] = {
    "one bit": lambda data, at: data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :],
    "another bit": lambda data, at: data[:at] + bytes([data[at] ^ 1 << (at * 5 + 3) % 8]) + data[at + 1 :],
    "a missing byte": lambda data, at: data[:at] + data[at + 1 :],
    "a line break": lambda data, at: data[:at] + b"\n" + data[at:],
    "a block of zeros": lambda data, at: data[:at] + bytes(64) + data[at + 64 :],
    "the end cut off": lambda data, at: data[:at],
}


def wrongly_recovered(folder: Path, damage: Damage) -> int:
    """How often, over damage at every position, something else came back than the newest untouched generation."""
    file, wrong = left_by_a_crash(folder), 0
    data = file.read_bytes()
    spans = [match.span() for match in re.finditer(rb"[^\n]+", data)]
    for at in range(len(data)):
        harmed = damage(data, at)
        file.unlink(missing_ok=True)  # quicker than overwriting, which some file systems flush
        file.write_bytes(harmed)
        untouched = [edit for edit, (begin, end) in enumerate(spans, 1) if data[begin : end - 1] in harmed]
        found = abandoned(folder)
        try:
            wrong += [edits_in(each.graph) for each in found] != untouched[-1:]
        except (AssertionError, ValueError):
            wrong += 1
        for each in found:
            each.release()
    return wrong


@pytest.mark.parametrize("kind", DAMAGES)
def test_wherever_a_journal_is_damaged_the_newest_untouched_generation_wins(tmp_path: Path, kind: str) -> None:
    assert wrongly_recovered(tmp_path, DAMAGES[kind]) == 0


def test_a_journal_without_checksums_would_be_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_data: bytes) -> int:
        return 0

    monkeypatch.setattr(journal.zlib, "crc32", nothing)
    assert wrongly_recovered(tmp_path, DAMAGES["one bit"]) > 10


def test_the_counter_decides_and_neither_order_nor_time(tmp_path: Path) -> None:
    file = left_by_a_crash(tmp_path, 3)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[2] + lines[0] + lines[1])
    assert edits_in(the_one(tmp_path).graph) == 3


def test_the_handmade_entry_is_otherwise_valid(tmp_path: Path) -> None:
    (tmp_path / "a.journal").write_bytes(entry())
    assert edits_in(the_one(tmp_path).graph) == 9


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": "10"},
        {"generation": True},
        {"path": 7},
        {"path": "a\0b"},
        {"when": "yesterday"},
        {"when": "0001-01-01T00:00:00"},
        {"when": 0},
        {"edits": "many"},
        {"edits": float("inf")},
        {"design": "{}"},
        {"design": 5},
        {"design": "[" * 50_000},
        {"design": files.dumps(design(8)).replace("Dense", "System")},
    ],
)
def test_an_entry_that_makes_no_sense_is_passed_over(tmp_path: Path, changes: dict[str, object]) -> None:
    file = left_by_a_crash(tmp_path, 2)
    file.write_bytes(file.read_bytes() + entry(**changes))
    assert edits_in(the_one(tmp_path).graph) == 2


def test_damaged_journals_go_to_the_trash_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGEST_READ", 10_000)
    rng = random.Random(0)
    for index in range(20):
        (tmp_path / f"{index}.journal").write_bytes(rng.randbytes(300))
    (tmp_path / "nested.journal").write_bytes(b'{"length": 50000, "crc": 0, "entry": ' + b"[" * 50_000)
    (tmp_path / "empty.journal").touch()
    (tmp_path / "late.journal").write_bytes(bytes(10_000) + entry())
    left_by_a_crash(tmp_path, 3)
    assert edits_in(the_one(tmp_path).graph) == 3
    assert len(list((tmp_path / TRASH).iterdir())) == 23


def test_a_folder_that_is_none_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.journal").mkdir()
    assert abandoned(tmp_path / "missing") == []
    assert abandoned(tmp_path / "file") == []
    assert abandoned(tmp_path) == []


# ---- kill ------------------------------------------------------------------------------------------------------------

KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from netbuilder import journal
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Input

folder, trials, careless = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "careless"
journal.MOST_ENTRIES = 7  # so that many kills meet a compaction
os.fsync = lambda handle: None  # a kill, unlike a power cut, does not ask for it; else most kills would meet it
rng, held = random.Random(int(sys.argv[4])), []
before = Graph.chain(Input(features=4, height=None, width=None, channels=None), Dense(1))

def put_off(self, line, append=journal.Journal._append):
    held.append(line)
    if len(held) == 5:
        append(self, b"".join(held))
        held.clear()

if careless:
    journal.Journal._append, journal.MOST_ENTRIES = put_off, 10_000

def work(place):
    made, marks, edits = journal.Journal.start(place), os.open(place / "begun", os.O_WRONLY | os.O_CREAT), 0
    while True:
        edits += 1
        os.pwrite(marks, edits.to_bytes(8, "big"), 0)
        made.record(before.set("dense_1", units=edits), None, "net", edits)

def begun(place):
    marks = place / "begun"
    return int.from_bytes(marks.read_bytes(), "big") if marks.exists() else 0

for trial in range(trials):
    place = folder / str(trial)
    place.mkdir()
    child = os.fork()
    if child == 0:
        work(place)
    enough = rng.randint(1, 30)
    while begun(place) < enough:
        time.sleep(0.0002)
    time.sleep(rng.random() * 0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def lost_edits(folder: Path, trials: int, way: str, seed: int = 0) -> list[int]:
    """Of writers killed at random instants: how many of the edits each had begun did not come back."""
    subprocess.run([sys.executable, "-c", KILLER, str(folder), str(trials), way, str(seed)], check=True)
    lost: list[int] = []
    for trial in range(trials):
        begun = int.from_bytes((folder / str(trial) / "begun").read_bytes(), "big")
        found = abandoned(folder / str(trial))
        lost.append(begun - max((edits_in(each.graph) for each in found), default=0))
        if way == "careful":
            assert not (folder / str(trial) / TRASH).exists() or begun <= 1
        for each in found:
            each.release()
    return lost


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills at random instants need fork to be quick")
def test_a_killed_process_loses_at_most_one_edit(tmp_path: Path) -> None:
    lost = lost_edits(tmp_path, 40, "careful")
    assert len(lost) == 40
    assert set(lost) <= {0, 1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills at random instants need fork to be quick")
def test_a_journal_that_puts_writing_off_would_be_caught(tmp_path: Path) -> None:
    for attempt in range(3):
        (tmp_path / str(attempt)).mkdir()
    assert any(max(lost_edits(tmp_path / str(attempt), 20, "careless", attempt)) > 1 for attempt in range(3))
