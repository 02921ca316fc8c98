"""The open design: one graph, its report and its history; every view reads it again when it says `changed`."""

from collections.abc import Hashable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from netbuilder import files
from netbuilder.analysis import Report, analyze
from netbuilder.graph import Graph


class Document(QObject):
    """The one model of the window. All edits go through `commit`; views never write anything else.

    `changed` says that graph, report, title or saved state may differ; views compare for themselves. `preview_changed`
    says that `shown_graph` and `shown_report` differ while nothing is committed: a ghost of an edit in progress.
    """

    changed = Signal()
    preview_changed = Signal()

    graph: Graph
    report: Report

    def __init__(self, graph: Graph | None = None, path: Path | None = None, parent: QObject | None = None):
        super().__init__(parent)
        self.history = QUndoStack(self)
        self.history.cleanChanged.connect(self._tell_saved)
        self.preview: tuple[Graph, Report] | None = None
        self.path = path
        self.name = "Untitled"
        self.report = Report()
        self._show(graph or Graph())

    @property
    def title(self) -> str:
        """What the design is called: its file's name, or the example's it began as."""
        return self.path.stem if self.path else self.name

    @property
    def saved(self) -> bool:
        """Whether nothing would be lost by closing."""
        return self.history.isClean()

    def commit(self, text: str, graph: Graph, merge: Hashable = None) -> None:
        """Make `graph` current, as one undoable step called `text`.

        Successive commits with the same `merge` key become one step, so that turning a spin-box is one undo.
        """
        self.show_preview(None)
        if graph != self.graph:
            self.history.push(_Exchange(self, text, graph, merge))

    def show_preview(self, graph: Graph | None) -> None:
        """Let views show what an edit would give, without making it; None ends the preview."""
        if graph is None and self.preview is None:
            return
        self.preview = None if graph is None or graph == self.graph else (graph, analyze(graph, self.report))
        self.preview_changed.emit()

    def seal(self) -> None:
        """End a merging spree: the next commit is a step of its own."""
        self._spree += 1

    def replace(self, graph: Graph, *, path: Path | None = None, name: str = "Untitled") -> None:
        """Show another design, with a history of its own."""
        self.path, self.name, self.preview = path, name, None
        self.history.clear()
        self._show(graph)

    def open(self, path: Path) -> None:
        """Show a design from a file. Raises FileError, and leaves the open design as it is."""
        self.replace(files.load(path), path=path)

    def save(self, path: Path | None = None) -> None:
        """Write the design to `path` or where it came from. Raises FileError; the design stays unsaved then."""
        target = path or self.path
        if target is None:
            raise ValueError("A design that has no file yet needs a path to be saved to.")
        self.path = files.save(self.graph, target)
        self.history.setClean()
        self.changed.emit()

    _spree = 0

    @Slot(bool)
    def _tell_saved(self, _saved: bool) -> None:
        self.changed.emit()

    def _show(self, graph: Graph) -> None:
        self.report = analyze(graph, self.report)
        self.graph, self.preview = graph, None  # an undo ends a preview too: it showed an edit of what was before
        self.changed.emit()


class _Exchange(QUndoCommand):
    """The only undo command: one graph instead of another."""

    def __init__(self, document: Document, text: str, graph: Graph, merge: Hashable):
        super().__init__(text)
        self._document, self._before, self._after = document, document.graph, graph
        self._merge = None if merge is None else (merge, document._spree)

    def redo(self) -> None:
        self._document._show(self._after)

    def undo(self) -> None:
        self._document._show(self._before)

    def id(self) -> int:
        return -1 if self._merge is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Exchange) or other._merge != self._merge:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True
