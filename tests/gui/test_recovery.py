"""What is unsaved in a window survives it, and what is saved or let go leaves nothing behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from netbuilder import files, journal
from netbuilder.graph import Graph
from netbuilder.gui import recovery as recovery_module
from netbuilder.gui.document import Document
from netbuilder.journal import Journal, abandoned
from tests.crashes import design, edits_in, left_by_a_crash
from tests.gui.desk import Desk, assert_recoverable, edit, save


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    with Desk(qtbot, tmp_path / "journals") as made:
        yield made


# ---- recording -------------------------------------------------------------------------------------------------------


def test_unsaved_edits_outlive_the_window(desk: Desk) -> None:
    document, recovery = desk.open()
    document.name = "LeNet-5"
    edit(document, 1, 2, 3)
    recovery.close()
    (recovered,) = abandoned(desk.folder)
    assert edits_in(recovered.graph) == 3
    assert (recovered.name, recovered.path, recovered.edits) == ("LeNet-5", None, 3)
    recovered.release()


def least_written_ahead(desk: Desk, document: Document) -> int:
    """Over a quick succession of commits: the fewest generations on the disk, less those committed before."""
    margins: list[int] = []
    for each in range(1, 60):
        edit(document, each)
        margins.append(sum(file.read_bytes().count(b"\n") for file in desk.folder.glob("*.journal")) - (each - 1))
    return min(margins)


def test_a_commit_waits_until_the_one_before_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery_module, "PATIENCE", 10)
    document, recovery = desk.open()
    assert least_written_ahead(desk, document) >= 0
    recovery.discard()


def test_commits_that_did_not_wait_would_be_caught(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery_module, "PATIENCE", 0)
    monkeypatch.setattr(journal, "CHEAP", 1.0)
    flush = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (time.sleep(0.02), flush(handle)))
    document, recovery = desk.open()
    assert least_written_ahead(desk, document) < 0
    assert_recoverable(desk, recovery, 59)  # on a stalled disk the newest stands for those before


def undo_all(document: Document, _folder: Path) -> None:
    document.history.setIndex(0)


def open_another(document: Document, _folder: Path) -> None:
    document.replace(Graph())


@pytest.mark.parametrize("way", [save, undo_all, open_another])
def test_nothing_unsaved_leaves_nothing_behind(
    desk: Desk, tmp_path: Path, way: Callable[[Document, Path], None]
) -> None:
    document, recovery = desk.open()
    edit(document, 1, 2)
    way(document, tmp_path)
    assert document.saved
    recovery.close()
    assert abandoned(desk.folder) == []
    assert list(desk.folder.iterdir()) == []


def test_a_discarded_design_leaves_nothing_behind_and_closing_twice_is_harmless(desk: Desk) -> None:
    document, recovery = desk.open()
    edit(document, 1, 2)
    recovery.discard()
    assert list(desk.folder.iterdir()) == []
    edit(document, 3)
    recovery.close()
    assert list(desk.folder.iterdir()) == []


def test_edits_are_counted_as_undo_counts_them(desk: Desk, tmp_path: Path) -> None:
    document, recovery = desk.open()
    edit(document, 1)
    save(document, tmp_path)
    edit(document, 2, 3)
    for spree in range(4, 9):
        document.commit("Units", design(spree), merge="units")
    document.history.undo()
    recovery.close()
    (recovered,) = abandoned(desk.folder)
    assert (recovered.edits, edits_in(recovered.graph)) == (2, 3)
    recovered.release()


def test_work_on_a_file_open_here_is_not_offered_elsewhere(desk: Desk, tmp_path: Path) -> None:
    path = files.save(design(1), tmp_path / "net")
    document, _recovery = desk.open()
    left_by_a_crash(desk.folder, 3, path)
    document.open(path)
    _other, elsewhere = desk.open()
    assert desk.offered(elsewhere) == ""
    assert "3 unsaved edits" in desk.offered(_recovery)


def test_what_cannot_be_recorded_is_said_once(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    document, recovery = desk.open()
    said: list[str] = []
    recovery.said.connect(said.append)
    with monkeypatch.context() as context:
        context.setattr(Journal, "record", full)
        with qtbot.waitSignal(recovery.said):
            edit(document, 1, 2, 3)
    edit(document, 4)
    assert said == ["Unsaved edits cannot be kept safe from a crash: no space left on device. Save often."]
    assert_recoverable(desk, recovery, 4)


def test_a_window_opens_where_no_journal_can_be_kept(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "journals").touch()
    document, recovery = Desk(qtbot, tmp_path / "journals").open()
    with qtbot.waitSignal(recovery.said) as blocker:
        edit(document, 1)
    assert "cannot be kept safe" in str(blocker.args)
    recovery.offer()
    recovery.discard()


# ---- kill ------------------------------------------------------------------------------------------------------------

WINDOW = """
import os, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication, QWidget
from netbuilder.gui.document import Document
from netbuilder.gui.filing import Filing
from netbuilder.gui.preferences import Preferences
from netbuilder.gui import recovery as recovery_module
from netbuilder.gui import recovery as module
from tests.crashes import design

module.PATIENCE = 10  # a stalled disk is another matter
app, window = QApplication([]), QWidget()
document = Document(parent=window)
recovery = module.Recovery(document, Filing(document, Preferences(), window), Path(sys.argv[1]))
for edits in range(1, 1_000_000):
    document.commit("Units", design(edits))
    os.write(1, b"%d\\n" % edits)
"""


@pytest.mark.parametrize("after", [1, 2, 40, 300])
def test_a_killed_window_loses_at_most_one_edit(tmp_path: Path, after: int) -> None:
    offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", WINDOW, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=offscreen) as window:
        assert window.stdout is not None
        for _ in range(after):
            window.stdout.readline()
        window.kill()
        committed = max([after, *map(int, window.stdout.read().split())])
    assert max((edits_in(each.graph) for each in abandoned(tmp_path)), default=0) in (
        committed - 1,
        committed,
        committed + 1,
    )
