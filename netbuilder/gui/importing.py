"""From an ONNX file to a design with its weights, read in a process of its own that can be given up at any time."""

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget

from netbuilder.files import FileError, loads
from netbuilder.graph import Graph
from netbuilder.gui.errand import Errand

WEIGHTS = "weights.safetensors"
PATIENCE_MS = 400
"""How long reading may take before a dialog offers to give it up."""


@dataclass(frozen=True)
class Model:
    """What a file held: its design, and where its weights lie now."""

    path: Path
    graph: Graph
    weights: Path


def read(pipe: "Connection[Any, Any]") -> None:
    """Read one file: (path, folder for the weights) in; (design as text, "") or ("", sentence) out."""
    from netbuilder.interop.importing import converted
    from netbuilder.interop.onnx_file import file_bytes

    with suppress(EOFError, OSError):
        path, folder = pipe.recv()
        try:
            text, weights = converted(file_bytes(path), path.name)
            (folder / WEIGHTS).write_bytes(weights)
            pipe.send((text, ""))
        except (ValueError, MemoryError) as error:  # all of this program's own errors are ValueErrors
            pipe.send(("", str(error) or f"There is not enough memory for {path.name}."))


class ModelReader(QObject):
    """Reads one file at a time. `read` carries a Model, `refused` a sentence; the weights stay until the next one."""

    read = Signal(object)
    refused = Signal(str)

    def __init__(self, window: QWidget):
        super().__init__(window)
        self._window, self._path = window, Path()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._errand = Errand(read, self)
        self._errand.told.connect(self._hear)
        self._errand.ended.connect(lambda: self._refuse(f"Reading {self._path.name} ended unexpectedly."))
        self._waiting: QProgressDialog | None = None

    def open(self, path: Path) -> None:
        """Begin to read a file."""
        self.forget()
        self._path = path
        self._folder = tempfile.TemporaryDirectory(prefix="netbuilder-", ignore_cleanup_errors=True)
        self._waiting = QProgressDialog(f"Reading {path.name} …", "Cancel", 0, 0, self._window)
        self._waiting.setWindowTitle("Open ONNX")
        self._waiting.setWindowModality(Qt.WindowModality.WindowModal)
        self._waiting.setMinimumDuration(PATIENCE_MS)
        self._waiting.setValue(0)
        self._waiting.canceled.connect(self.end)
        self._errand.send((path, Path(self._folder.name)))

    def end(self) -> None:
        """Give up what is being read."""
        self._errand.end()
        if self._waiting is not None:
            self._waiting.canceled.disconnect(self.end)
            self._waiting.close()
            self._waiting.deleteLater()
            self._waiting = None

    def forget(self) -> None:
        """Give up what is being read, and the weights of what was read last."""
        self.end()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _hear(self, found: tuple[str, str]) -> None:
        text, sentence = found
        self.end()
        if sentence or self._folder is None:
            self.refused.emit(sentence)
            return
        try:
            graph = loads(text, self._path.name)
        except FileError as error:
            self.refused.emit(str(error))
        else:
            self.read.emit(Model(self._path, graph, Path(self._folder.name) / WEIGHTS))

    def _refuse(self, sentence: str) -> None:
        self.end()
        self.refused.emit(sentence)
