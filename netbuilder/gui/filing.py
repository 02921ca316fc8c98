"""Between the open design and files: the dialogs for opening and saving, unsaved work, recent files, dropped files."""

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from netbuilder.files import SUFFIX, FileError
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.importing import Model, ModelReader
from netbuilder.gui.preferences import Preferences

PATTERN, READABLE = f"Designs (*{SUFFIX})", f"Designs and networks (*{SUFFIX} *.onnx)"


class Filing(QObject):
    """Opens and saves the document. Whatever fails is said in a sentence, and the open design stays as it was."""

    shown = Signal()
    """Another design is open now."""
    recent_changed = Signal()
    imported = Signal(object)
    """It was read from an ONNX file, as this Model."""
    said = Signal(str)

    def __init__(self, document: Document, preferences: Preferences, window: QWidget):
        super().__init__(window)
        self._document, self._preferences, self._window = document, preferences, window
        self._reader = ModelReader(window)
        self._reader.read.connect(self._take)
        self._reader.refused.connect(lambda sentence: self._refuse("The network was not opened", sentence))

    # ---- opening -----------------------------------------------------------------------------------------------------

    def show(self, graph: Graph, name: str = "Untitled") -> bool:
        """Show a design that has no file yet, such as an example; False where the user would rather not."""
        if not self.may_leave():
            return False
        self._document.replace(graph, name=name)
        self.shown.emit()
        return True

    def open(self, path: Path) -> bool:
        """Show the design in a file; False where it cannot be read or the user would rather not.

        An ONNX file is read in the background, and shown when it is there.
        """
        if not self.may_leave():
            return False
        if path.suffix.lower() == ".onnx":
            self._reader.open(path)
            return True
        try:
            self._document.open(path)
        except FileError as error:
            return self._refuse("The file was not opened", str(error))
        self._remember(path)
        self.shown.emit()
        return True

    def choose(self) -> bool:
        """Ask which file to open, and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open a design", str(self.folder()), READABLE)
        return bool(chosen) and self.open(Path(chosen))

    def choose_other(self, title: str) -> Path | None:
        """Ask for a file beside the open one; None where cancelled."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, str(self.folder()), READABLE)
        return Path(chosen) if chosen else None

    # ---- saving ------------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write the design to its file, or ask for one; False where that failed or was cancelled."""
        return self.save_to(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Ask where to, and write the design there. A name without extension gets .netb."""
        proposal = self._document.path or self.folder() / f"{file_name(self._document.title)}{SUFFIX}"
        chosen = ask_where(self._window, "Save the design", proposal, PATTERN)
        return chosen is not None and self.save_to(chosen)

    def save_to(self, path: Path) -> bool:
        """Write the design to a file; False, and the design stays unsaved, where that fails."""
        try:
            self._document.save(path)
        except FileError as error:
            return self._refuse("The design was not saved", str(error))
        self._remember(path)
        self.said.emit(f"Saved {path.name}.")
        return True

    # ---- leaving -----------------------------------------------------------------------------------------------------

    def may_leave(self) -> bool:
        """Whether the open design may go: it is saved, or the user saves it or lets it go."""
        if self._document.saved:
            return True
        buttons = QMessageBox.StandardButton
        question = self._box("Unsaved work", f"Save the changes to “{self._document.title}”?")
        question.setInformativeText("What you changed since the last save is lost otherwise.")
        question.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        question.setDefaultButton(buttons.Save)
        answer = question.exec()
        question.deleteLater()
        return answer == buttons.Discard or (answer == buttons.Save and self.save())

    def forget_recent(self) -> None:
        """Empty the list of recent files."""
        self._preferences.forget()
        self.recent_changed.emit()

    def folder(self) -> Path:
        """Where the dialogs begin: beside the open design, the newest file, or among the documents."""
        if self._document.path:
            return self._document.path.parent
        if recent := self._preferences.recent:
            return recent[0].parent
        documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        return documents if documents.is_dir() else Path.home()

    def end(self) -> None:
        """Give up what is being read: the window closes."""
        self._reader.forget()

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _take(self, model: Model) -> None:
        """An ONNX file is read; the design may have been edited before the dialog came."""
        if not self.may_leave():
            return
        self._document.replace(model.graph, name=model.path.stem)
        self.shown.emit()
        self.imported.emit(model)
        self.said.emit(f"{model.path.name} is a design now, with its weights; save it as {SUFFIX} to keep it.")

    def _remember(self, path: Path) -> None:
        self._preferences.remember(path)
        self.recent_changed.emit()

    def _refuse(self, title: str, sentence: str) -> bool:
        message = self._box(title, sentence)
        message.setIcon(QMessageBox.Icon.Warning)
        message.exec()
        message.deleteLater()
        return False

    def _box(self, title: str, text: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setWindowTitle(title)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        return box


def ask_where(parent: QWidget, title: str, proposal: Path, pattern: str) -> Path | None:
    """Ask for a file to write, and add the proposal's extension where it is left out; None where cancelled."""
    dialog = QFileDialog(parent, title, str(proposal.parent), pattern)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(proposal.suffix)  # added before the dialog asks whether to overwrite
    dialog.selectFile(proposal.name)
    accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
    chosen = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(chosen[0]) if accepted and chosen else None


def file_name(title: str) -> str:
    """A title as a file name every system takes: letters, figures, and a few signs."""
    kept = "".join(sign if sign.isalnum() or sign in "-_. ()" else "-" for sign in title).strip(" .")
    return kept[:80] or "Untitled"


def dropped_file(event: QDropEvent) -> Path | None:
    """The file of this machine that is being dropped, where it is one that netbuilder knows; None otherwise."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in (".netb", ".onnx", ".npz") else None
