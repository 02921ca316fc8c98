"""The dialog that writes the design for other tools: as what, where, with which weights, and whether it is right."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.gui.boxes import WordBox
from netbuilder.gui.document import Document
from netbuilder.gui.errand import Errand
from netbuilder.gui.export_choices import OnnxChoices, labelled
from netbuilder.gui.export_formats import FORMATS, in_the_way, named, proposed
from netbuilder.gui.export_source import job_of, learned_words, source_of, why_initial
from netbuilder.gui.export_verdict import Verdict
from netbuilder.gui.exporting import (
    CodeOrder,
    Message,
    OnnxOrder,
    Order,
    ProjectOrder,
    Refused,
    Stage,
    Written,
    carry_out,
)
from netbuilder.gui.filing import ask_where
from netbuilder.gui.labels import Text
from netbuilder.gui.training.choices import Choices
from netbuilder.gui.training.session import Trained

ROOM, PATH = 472, 304
"""The least widths that keep the dialog as wide, whatever it shows."""
INITIAL, FIGURE = "Initial, untrained", "figure"
PARTS = ("format", "path", "choose", "learned", "initial", "folder", "cancel", "export")


class ExportDialog(QDialog):
    """Writes and verifies in a process of its own, so that the window stays quick and Cancel works at once.

    `figure_wanted` says that a drawing is wanted instead.
    """

    figure_wanted = Signal()

    def __init__(
        self, document: Document, trained: Trained | None, choices: Choices | None, folder: Path, parent: QWidget
    ):
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._graph, self._title, self._asked = document.graph, document.title, choices
        suits = trained is not None and trained.suits(document.graph)
        self._trained = trained if suits else None
        self._kind, self._folder = "onnx", document.path.parent if document.path else folder
        self.format = WordBox({**{kind: each.title for kind, each in FORMATS.items()}, FIGURE: "Figure…"}, self)
        self.help = Text("", "tertiary")
        self.path = QLineEdit(str(self._folder / proposed("onnx", self._title)), self)
        self.choose = QPushButton("Choose…", self)
        self.learned, self.initial = QRadioButton(self), QRadioButton(INITIAL, self)
        self.note = QLabel(self)
        self._why = lambda kind: why_initial(trained, suits, kind)
        self.onnx = OnnxChoices(self)
        self.verdict = Verdict(self)
        self.folder, self.cancel = QPushButton("Open folder", self), QPushButton("Cancel", self)
        self.export = QPushButton("Export", self)
        self._replaced: Path | None = None
        """What is there already and may be overwritten."""
        self.errand = Errand(carry_out, self)
        self._lay_out()
        self._connect()
        self._choose_format("onnx")

    # ---- doing -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Write; where something is there already, only once it is clear that it may go."""
        target = named(self._kind, self.path.text())
        if in_the_way(self._kind, target) and target != self._replaced:
            self._replaced = target
            self.export.setText("Replace")
            more = " Files of the same names in it are replaced." if self._kind == "project" else " Replace it?"
            self.verdict.show_refusal(f"“{target.name}” is there already.{more}")
            return
        try:
            order = self._order(target)
        except ValueError as error:
            self.verdict.show_refusal(str(error))
            return
        self._rest(True)
        self.verdict.show_stage("Starting …")
        self.errand.send(order)

    def _order(self, target: Path) -> Order:
        """All that is chosen. Raises ValueError, with a sentence, where it cannot be."""
        trained = self._trained if self.learned.isChecked() else None
        source = source_of(self._graph, self._title, trained, self._asked)
        replace = target == self._replaced
        match self._kind:
            case "onnx":
                return OnnxOrder(source, target, self.onnx.options(), self.onnx.verify.isChecked())
            case "project":
                return ProjectOrder(source, target, job_of(self._graph, trained, self._asked), replace)
            case _:
                return CodeOrder(source, target, "keras" if self._kind == "keras" else "pytorch", replace)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Stage):
            self.verdict.show_stage(message.text)
        else:
            self._finish(message)

    def _finish(self, message: Written | Refused) -> None:
        self.errand.end()
        self._rest(False)
        self.verdict.show_message(message)
        self.export.setText("Export")
        (self.cancel if isinstance(message, Written) else self.export).setFocus()
        if isinstance(message, Written):
            self.cancel.setText("Close")
            self.folder.show()
            self.folder.setToolTip(str(message.files[0].parent))

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def done(self, arg__1: int) -> None:
        self.errand.end()
        super().done(arg__1)

    def closeEvent(self, arg__1: QCloseEvent) -> None:
        self.errand.end()
        super().closeEvent(arg__1)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _choose_format(self, kind: str) -> None:
        """Show what belongs to a format, and call its file what it was called before."""
        if kind == FIGURE:
            self.reject()
            self.figure_wanted.emit()
            return
        path = Path(self.path.text())
        usual = path.name == proposed(self._kind, self._title)
        stem = self._title if usual else path.stem if FORMATS[self._kind].ending else path.name
        if kind != self._kind:
            name = proposed(kind, stem) if usual else f"{stem}{FORMATS[kind].ending}"
            self.path.setText(str(path.with_name(name)))
        self._kind = kind
        self.format.show_choice(kind)
        self.help.say(FORMATS[kind].help)
        self.note.setText(self._why(kind))
        self.note.setVisible(bool(self.note.text()))
        self.onnx.setVisible(kind == "onnx")
        self.onnx.show_data(self._asked is not None)
        self.verdict.hide()

    def _rest(self, resting: bool) -> None:
        for field in (self.format, self.path, self.choose, self.initial, self.onnx, self.export):
            field.setDisabled(resting)
        self.learned.setEnabled(not resting and self._trained is not None)

    def _choose(self) -> None:
        path = Path(self.path.text())
        if self._kind == "project":
            parent = QFileDialog.getExistingDirectory(self, "Where the project's folder goes", str(path.parent))
            if parent:
                self.path.setText(str(Path(parent) / path.name))
            return
        ending = FORMATS[self._kind].ending
        chosen = ask_where(self, "Export", path, f"{FORMATS[self._kind].title} (*{ending})")
        if chosen is not None:
            self.path.setText(str(chosen))
            self._replaced = chosen  # that dialog has asked

    def _path_changed(self, text: str) -> None:
        self.export.setEnabled(bool(text.strip()))
        self.export.setText("Export")
        self._replaced = None

    def _connect(self) -> None:
        self.format.edited.connect(self._choose_format)
        self.choose.clicked.connect(self._choose)
        self.export.clicked.connect(self.start)
        self.cancel.clicked.connect(self.reject)
        self.folder.clicked.connect(self._open_folder)
        self.path.textChanged.connect(self._path_changed)
        self.errand.told.connect(self._hear)
        self.errand.ended.connect(
            lambda: self._finish(Refused("The export ended unexpectedly; what it had not finished was not written."))
        )

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.path.text()).expanduser().parent)))

    def _lay_out(self) -> None:
        self._name_parts()
        group = QButtonGroup(self)
        group.addButton(self.learned)
        group.addButton(self.initial)
        (self.learned if self._trained else self.initial).setChecked(True)
        form = QGridLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        form.addWidget(labelled("Format", self.format), 0, 0)
        form.addWidget(self.format, 0, 1, 1, 2)
        form.addWidget(self.help, 1, 1, 1, 2)
        form.addWidget(labelled("File", self.path), 2, 0)
        form.addWidget(self.path, 2, 1)
        form.addWidget(self.choose, 2, 2)
        form.addWidget(labelled("Weights"), 3, 0)
        if self._trained:
            form.addWidget(self.learned, 3, 1, 1, 2)
        form.addWidget(self.initial, 4 if self._trained else 3, 1, 1, 2)
        form.addWidget(self.note, 5, 1, 1, 2)
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
        column.addWidget(self.onnx)
        column.addWidget(self.verdict)
        column.addLayout(foot)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        self.verdict.setMinimumWidth(ROOM)
        self.onnx.setMinimumWidth(ROOM)
        self.path.setMinimumWidth(PATH)

    def _name_parts(self) -> None:
        for name in PARTS:
            getattr(self, name).setObjectName(f"export_{name}")
        self.format.setAccessibleName("Format")
        self.format.setToolTip("What the design is written as")
        self.path.setAccessibleName("File to write")
        self.path.setToolTip("Where it goes; the ending is added where it is left out")
        self.learned.setVisible(self._trained is not None)
        self.learned.setText(learned_words(self._trained) if self._trained else "Trained")
        self.note.setProperty("role", "secondary")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.export.setProperty("role", "primary")
        self.export.setDefault(True)
        self.folder.hide()
