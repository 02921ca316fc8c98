"""What a crash left is offered in a sentence; restored it is unsaved work again, declined it is kept for a while."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from netbuilder import files
from netbuilder.graph import Graph
from netbuilder.gui.filing import Filing
from netbuilder.gui.recovery import sentence, shortened
from netbuilder.journal import TRASH, Journal, abandoned
from tests.crashes import design, edits_in, entry, left_by_a_crash
from tests.gui.desk import Desk, assert_recoverable, edit, save


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    with Desk(qtbot, tmp_path / "journals") as made:
        yield made


def test_nothing_is_offered_where_nothing_was_lost(desk: Desk) -> None:
    assert desk.offered(desk.open()[1]) == ""


def test_the_offer_names_the_design_its_edits_and_their_time(desk: Desk) -> None:
    left_by_a_crash(desk.folder, 3)
    (recovered,) = abandoned(desk.folder)
    today = recovered.when
    assert sentence(recovered, today) == (
        f"netbuilder did not close properly. “LeNet-5” with 3 unsaved edits from {today:%H:%M} can be restored."
    )
    assert f"from {today:%Y-%m-%d, %H:%M} can" in sentence(recovered, today + timedelta(days=2))
    assert "1 unsaved edit from" in sentence(replace(recovered, edits=1), today)
    recovered.release()
    assert desk.offered(desk.open()[1]) == sentence(recovered, datetime.now().astimezone())


def test_names_are_shown_as_they_are_and_on_one_line(desk: Desk) -> None:
    left_by_a_crash(desk.folder, 1, name="<img src=x>\n<b>")
    _document, recovery = desk.open()
    assert "“<img src=x>�<b>”" in desk.offered(recovery)
    assert recovery.banner.sentence.textFormat() == Qt.TextFormat.PlainText
    assert len(shortened("n" * 300)) < 70


def test_restored_work_is_unsaved_and_undoing_it_gives_the_file(desk: Desk, tmp_path: Path) -> None:
    path = files.save(design(1), tmp_path / "net")
    left_by_a_crash(desk.folder, 3, path)
    document, recovery = desk.open()
    desk.offered(recovery)
    desk.press(recovery.banner.restore)
    assert recovery.banner.isHidden()
    assert (edits_in(document.graph), document.path, document.saved) == (3, path, False)
    edit(document, 4)
    recovery.close()
    (recovered,) = abandoned(desk.folder)  # in the journal of this window now, and in no other
    assert (edits_in(recovered.graph), recovered.edits) == (4, 4)
    recovered.accept()
    document.history.setIndex(0)
    assert (edits_in(document.graph), document.saved) == (1, True)


def test_work_whose_file_is_gone_is_restored_too(desk: Desk, tmp_path: Path) -> None:
    left_by_a_crash(desk.folder, 3, tmp_path / "gone.netb")
    document, recovery = desk.open()
    desk.offered(recovery)
    desk.press(recovery.banner.restore)
    assert (edits_in(document.graph), document.title, document.saved) == (3, "gone", False)
    save(document, tmp_path)
    recovery.close()
    assert list(desk.folder.iterdir()) == []


def test_declined_work_is_kept_and_not_offered_again(desk: Desk, qtbot: QtBot) -> None:
    left_by_a_crash(desk.folder, 3)
    document, recovery = desk.open()
    desk.offered(recovery)
    with qtbot.waitSignal(recovery.said) as blocker:
        desk.press(recovery.banner.decline)
    assert recovery.banner.isHidden()
    assert document.graph == Graph()
    (kept,) = (desk.folder / TRASH).glob("*.netb")
    assert str(kept) in str(blocker.args)
    assert edits_in(files.load(kept)) == 3
    assert desk.offered(desk.open()[1]) == ""


def test_several_are_offered_one_after_the_other(desk: Desk) -> None:
    desk.folder.mkdir()
    for day in (3, 9, 5):
        (desk.folder / f"{day}.journal").write_bytes(entry(when=f"2026-01-{day:02}T12:00:00+00:00", name=f"n{day}"))
    _document, recovery = desk.open()
    assert "n9" in desk.offered(recovery)
    desk.press(recovery.banner.decline)
    assert "n5" in recovery.banner.sentence.text()
    recovery.close()
    assert {recovered.name for recovered in abandoned(desk.folder)} == {"n5", "n3"}


def test_work_in_this_window_is_not_replaced_against_the_users_will(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by_a_crash(desk.folder, 3)
    document, recovery = desk.open()
    desk.offered(recovery)
    edit(document, 8)
    monkeypatch.setattr(Filing, "may_leave", lambda _filing: False)
    desk.press(recovery.banner.restore)
    assert edits_in(document.graph) == 8
    assert not recovery.banner.isHidden()


def test_restored_work_keeps_its_old_journal_until_the_new_one_has_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    left_by_a_crash(desk.folder, 3)
    document, recovery = desk.open()
    desk.offered(recovery)
    monkeypatch.setattr(Journal, "record", full)
    desk.press(recovery.banner.restore)
    assert edits_in(document.graph) == 3
    assert_recoverable(desk, recovery, 3)
