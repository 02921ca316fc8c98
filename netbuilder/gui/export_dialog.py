"""The dialog that writes the design as ONNX: which file, which weights, and whether the result computes the same."""

import multiprocessing
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.gui.document import Document
from netbuilder.gui.export_verdict import Verdict
from netbuilder.gui.exporting import Message, Order, Refused, Stage, Written, carry_out
from netbuilder.gui.filing import ask_where, file_name
from netbuilder.gui.training.choices import Offer
from netbuilder.gui.training.session import Trained

WIDTH, POLL, PATIENCE = 496, 40, 2.0
INITIAL = "Initial, untrained"


class ExportDialog(QDialog):
    """Writes and verifies in a process of its own, so that the window stays quick and Cancel works at once."""

    def __init__(self, document: Document, trained: Trained | None, offer: Offer | None, folder: Path, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export ONNX")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self._graph, self._offer = document.graph, offer
        suits = trained is not None and trained.suits(document.graph)
        self._trained = trained if suits else None
        name = f"{file_name(document.title)}.onnx"
        self.path = QLineEdit(str((document.path.parent if document.path else folder) / name), self)
        self.choose = QPushButton("Choose…", self)
        self.learned, self.initial = QRadioButton(self), QRadioButton(INITIAL, self)
        self.note = QLabel(_why_initial(trained, suits), self)
        self.softmax = QCheckBox("End with a softmax: probabilities instead of scores", self)
        self.verify = QCheckBox("Run the file on real samples and compare", self)
        self.verdict = Verdict(self)
        self.folder, self.cancel = QPushButton("Open folder", self), QPushButton("Cancel", self)
        self.export = QPushButton("Export", self)
        self._replaced: Path | None = None
        """A file that is there already and may be overwritten."""
        self._process: BaseProcess | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._listen)
        self._lay_out()
        self._connect()

    # ---- doing -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Write the file; where there is one already, only once it is clear that it may go."""
        target = Path(self.path.text().strip()).expanduser()
        target = target if target.suffix.lower() == ".onnx" else target.with_name(f"{target.name}.onnx")
        if target.exists() and target != self._replaced:
            self._replaced = target
            self.export.setText("Replace")
            self.verdict.show_refusal(f"{target.name} is there already. Replace it?")
            return
        chosen = self._trained if self.learned.isChecked() else None
        offer = chosen.choices.offer if chosen else self._offer
        order = Order(
            self._graph,
            target,
            chosen.weights if chosen else None,
            self.softmax.isChecked(),
            self.verify.isChecked(),
            offer.source if offer else None,
            bool(offer and offer.resized),
            _metadata(chosen),
        )
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe(duplex=False)
        process = context.Process(target=carry_out, args=(order, theirs), name="netbuilder export", daemon=True)
        process.start()
        self._process = process
        theirs.close()
        self._rest(True)
        self.verdict.show_stage("Starting …")
        self._timer.start(POLL)

    def _listen(self) -> None:
        process = self._process
        if process is None:
            return
        alive = process.is_alive()  # asked first, so that its last message is never overlooked
        message: Message | None = None
        try:
            while self._pipe.poll():
                message = self._pipe.recv()
        except (EOFError, OSError):
            alive = False
        if isinstance(message, Written | Refused):
            self._finish(message)
        elif isinstance(message, Stage):
            self.verdict.show_stage(message.text)
        elif not alive:
            self._finish(Refused(f"The export ended unexpectedly (exit code {process.exitcode}); nothing was written."))

    def _finish(self, message: Written | Refused) -> None:
        self._abandon()
        self._rest(False)
        self.verdict.show_message(message)
        self.export.setText("Export")
        (self.cancel if isinstance(message, Written) else self.export).setFocus()
        if isinstance(message, Written):
            self.cancel.setText("Close")
            self.folder.show()
            self.folder.setToolTip(str(message.path.parent))

    def _abandon(self) -> None:
        """Let go of the process; a file it had not finished is not there."""
        self._timer.stop()
        if self._process is not None:
            self._process.terminate()
            self._process.join(PATIENCE)
            self._pipe.close()
            self._process = None

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def done(self, arg__1: int) -> None:
        self._abandon()
        super().done(arg__1)

    def closeEvent(self, arg__1: QCloseEvent) -> None:
        self._abandon()
        super().closeEvent(arg__1)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _rest(self, resting: bool) -> None:
        fields = (self.path, self.choose, self.initial, self.softmax, self.verify, self.export)
        for field in fields:
            field.setDisabled(resting)
        self.learned.setEnabled(not resting and self._trained is not None)

    def _choose(self) -> None:
        chosen = ask_where(self, "Export ONNX", Path(self.path.text()), "ONNX files (*.onnx)")
        if chosen is not None:
            self.path.setText(str(chosen))
            self._replaced = chosen  # that dialog has asked

    def _path_changed(self, text: str) -> None:
        self.export.setEnabled(bool(text.strip()))
        self.export.setText("Export")
        self._replaced = None

    def _connect(self) -> None:
        self.choose.clicked.connect(self._choose)
        self.export.clicked.connect(self.start)
        self.cancel.clicked.connect(self.reject)
        self.folder.clicked.connect(self._open_folder)
        self.path.textChanged.connect(self._path_changed)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.path.text()).expanduser().parent)))

    def _lay_out(self) -> None:
        self._name_parts()
        group = QButtonGroup(self)
        group.addButton(self.learned)
        group.addButton(self.initial)
        (self.learned if self._trained else self.initial).setChecked(True)
        self.verify.setChecked(True)
        form = QGridLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        form.addWidget(_label("File"), 0, 0)
        form.addWidget(self.path, 0, 1)
        form.addWidget(self.choose, 0, 2)
        form.setRowMinimumHeight(1, 8)
        form.addWidget(_label("Weights"), 2, 0)
        if self._trained:
            form.addWidget(self.learned, 2, 1, 1, 2)
        form.addWidget(self.initial, 3 if self._trained else 2, 1, 1, 2)
        form.addWidget(self.note, 4, 1, 1, 2)
        form.setRowMinimumHeight(5, 8)
        form.addWidget(_label("Output"), 6, 0)
        form.addWidget(self.softmax, 6, 1, 1, 2)
        form.addWidget(_label("Check"), 7, 0)
        form.addWidget(self.verify, 7, 1, 1, 2)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.folder)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addWidget(self.verdict)
        column.addLayout(foot)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)

    def _name_parts(self) -> None:
        names = ("path", "choose", "learned", "initial", "softmax", "verify", "folder", "cancel", "export")
        for name in names:
            getattr(self, name).setObjectName(f"export_{name}")
        self.path.setAccessibleName("File to write")
        self.path.setToolTip("Where the file goes; .onnx is added where it is left out")
        self.learned.setVisible(self._trained is not None)
        self.learned.setText(_learned(self._trained) if self._trained else "Trained")
        self.note.setProperty("role", "secondary")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setVisible(bool(self.note.text()))
        self.export.setProperty("role", "primary")
        self.export.setDefault(True)
        self.folder.hide()


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "secondary")
    return label


def _learned(trained: Trained) -> str:
    record = trained.record
    if record.folder is None and record.note:
        return f"Trained ({record.note})"
    when = (
        f"{record.began:%H:%M}" if record.began.date() == datetime.now().date() else f"{record.began:%Y-%m-%d, %H:%M}"
    )
    told = f"{record.test_accuracy * 100:.1f} % on test" if record.test_accuracy is not None else record.note.lower()
    return f"Trained (run of {when}, {told})"


def _why_initial(trained: Trained | None, suits: bool) -> str:
    if suits:
        return ""
    if trained is None:
        return "Nothing has been trained yet, so the file will hold random initial weights."
    return "The last run was of another design: its weights do not fit this one."


def _metadata(trained: Trained | None) -> dict[str, object]:
    if trained is None:
        return {"seed": 0, "trained": False}
    record = trained.record
    found: dict[str, object] = {"seed": record.settings.get("seed", 0), "trained": True, "dataset": record.data}
    if record.test_accuracy is not None:
        found["accuracy"] = record.test_accuracy
    return found
