"""The open document's unsaved edits to its journal, and what a crash left in other journals back into the window."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from netbuilder import files
from netbuilder.files import FileError
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.filing import Filing
from netbuilder.journal import Journal, Recovered, abandoned, journal_folder
from netbuilder.storage import reason

PATIENCE = 0.03
"""Seconds a commit may wait for the one before to be on the disk; longer, and the newer stands for both."""
REST = 1000
"""Milliseconds after the last edit at which it is flushed to the disk, if it was not at once."""
LONGEST_NAME = 60


class Recovery(QObject):
    """Keeps a journal of what is unsaved, written by a thread of its own, and offers in `banner` what others left.

    At most one edit is on its way to the disk at a time, so that a crash costs no more. `said` has a sentence for the
    status line. What the window asks of it: `offer` when it is up, `discard` once the user has let the design go, and
    `close` however it ends.
    """

    said = Signal(str)
    _failed = Signal(str)
    _found = Signal(list)

    def __init__(self, document: Document, filing: Filing, folder: Path | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self._document, self._filing = document, filing
        self._folder = folder or journal_folder()
        self._offers: list[Recovered] = []
        self._earlier = 0
        self._recorded = self._troubled = False
        self._path = document.path
        self._pending: Future[None] | None = None
        self._writer = ThreadPoolExecutor(1, "journal")
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self.banner = RecoveryBanner()
        self._failed.connect(self._tell)
        self._found.connect(self._show)
        self.banner.restore_chosen.connect(self.restore)
        self.banner.decline_chosen.connect(self.decline)
        self._journal = self._started()
        if self._journal is not None:
            document.history.indexChanged.connect(self._edited)
            document.changed.connect(self._changed)
            self._rest.timeout.connect(self._flush)

    # ---- offering ----------------------------------------------------------------------------------------------------

    def offer(self) -> None:
        """Look for what a crash left, and show the banner where there is something."""
        if self._journal is not None:
            self._writer.submit(lambda: self._found.emit(abandoned(self._folder, self._journal)))

    def restore(self) -> None:
        """Open the offered design as it was, unsaved, unless the user would rather not; undoing that gives its file."""
        if not self._offers or not self._filing.may_leave():
            return
        recovered = self._offers.pop(0)
        base = Graph()
        if recovered.path is not None:
            with contextlib.suppress(FileError):
                base = files.load(recovered.path)
        self._document.replace(base, path=recovered.path, name=recovered.name)
        self._earlier = recovered.edits - 1
        self._document.commit("Restore", recovered.graph)
        self._filing.shown.emit()
        self._writer.submit(self._let_go, recovered, self._pending)
        self.said.emit(f"Restored {shortened(recovered.name)}. It is not saved yet.")
        self._show_next()

    def decline(self) -> None:
        """Put the offered design into the trash."""
        if self._offers:
            kept = self._offers.pop(0).decline()
            self.said.emit(f"It is kept for 30 days as {kept}." if kept else "It could not be moved, and stays.")
            self._show_next()

    def _let_go(self, recovered: Recovered, recorded: Future[None] | None) -> None:
        """In the writer's thread, after it was recorded anew: its old journal can go, or is needed still."""
        if self._troubled or (recorded is not None and recorded.cancelled()):
            recovered.release()
        else:
            with contextlib.suppress(OSError):
                recovered.accept()

    def _show(self, found: list[Recovered]) -> None:
        self._offers += found
        if self._journal is None:  # the window closed meanwhile
            self._release_offers()
        self._show_next()

    def _release_offers(self) -> None:
        for recovered in self._offers:
            recovered.release()
        self._offers.clear()

    def _show_next(self) -> None:
        self.banner.show_sentence(sentence(self._offers[0], datetime.now().astimezone()) if self._offers else "")

    # ---- recording ---------------------------------------------------------------------------------------------------

    def discard(self) -> None:
        """The user has saved the open design or let it go: leave nothing of it behind."""
        self._end(Journal.discard)

    def close(self) -> None:
        """Stop; what is unsaved now is offered at the next start."""
        self._end(Journal.close)

    def _end(self, way: Callable[[Journal], None]) -> None:
        self._rest.stop()
        self._writer.shutdown()
        journal, self._journal = self._journal, None
        if journal is not None:
            with contextlib.suppress(OSError):
                way(journal)
        self._release_offers()
        self._show_next()

    def _started(self) -> Journal | None:
        try:
            return Journal.start(self._folder, self._path)
        except OSError as error:
            QTimer.singleShot(0, self, partial(self._tell, reason(error)))
            return None

    def _edited(self) -> None:
        """The history stands elsewhere; graph, index and saved state belong together now."""
        document, history = self._document, self._document.history
        if self._journal is None or document.saved:
            return
        clean = history.cleanIndex()
        edits = max(1, self._earlier + (abs(history.index() - clean) if clean >= 0 else history.index()))
        self._recorded, self._path = True, document.path
        self._hand_over(partial(self._journal.record, document.graph, document.path, document.title, edits))
        self._rest.start()

    def _changed(self) -> None:
        if self._journal is not None and self._document.saved and (self._recorded or self._document.path != self._path):
            self._earlier, self._recorded, self._path = 0, False, self._document.path
            self._hand_over(partial(self._journal.saved, self._path))

    def _flush(self) -> None:
        if self._journal is not None:
            self._writer.submit(self._carefully, self._journal.flush)

    def _hand_over(self, work: Callable[[], None]) -> None:
        """Let the writer do it, once what it was given before is done; on a stalled disk, instead of that."""
        before, self._pending = self._pending, None
        if before is not None:
            try:
                before.result(PATIENCE)
            except TimeoutError:
                before.cancel()
        self._pending = self._writer.submit(self._carefully, work)

    def _carefully(self, work: Callable[[], None]) -> None:
        """In the writer's thread: do the work; the first of several failures is told."""
        try:
            work()
        except (OSError, FileError) as error:
            if not self._troubled:
                self._failed.emit(reason(error))
            self._troubled = True
        else:
            self._troubled = False

    def _tell(self, why: str) -> None:
        self.said.emit(f"Unsaved edits cannot be kept safe from a crash: {why.rstrip('.')}. Save often.")


class RecoveryBanner(QFrame):
    """A line that offers unsaved work, with two answers; hidden while there is nothing to offer."""

    restore_chosen = Signal()
    decline_chosen = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("recovery")
        self.setProperty("role", "banner")
        self.sentence = QLabel(self)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.restore = QPushButton("Restore", self)
        self.restore.setProperty("role", "primary")
        self.restore.setToolTip("Open the work that was not saved")
        self.restore.clicked.connect(self.restore_chosen)
        self.decline = QPushButton("Not now", self)
        self.decline.setToolTip("Keep it for 30 days, and do not ask again")
        self.decline.clicked.connect(self.decline_chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.restore)
        row.addWidget(self.decline)
        self.hide()

    def show_sentence(self, text: str) -> None:
        """Offer this; hide where it is empty."""
        self.sentence.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


def sentence(recovered: Recovered, now: datetime) -> str:
    """What is offered, and from when: the time of today's work, the date of older."""
    when = recovered.when.astimezone(now.tzinfo)
    moment = f"{when:%H:%M}" if when.date() == now.date() else f"{when:%Y-%m-%d, %H:%M}"
    edits = f"{recovered.edits:,} unsaved edit{'' if recovered.edits == 1 else 's'}"
    name = shortened(recovered.name)
    return f"netbuilder did not close properly. {name} with {edits} from {moment} can be restored."


def shortened(name: str) -> str:
    """A document's name in quotation marks, on one line whatever it is."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in name)
    return f"“{shown}”" if len(shown) <= LONGEST_NAME else f"“{shown[:LONGEST_NAME]}…”"
