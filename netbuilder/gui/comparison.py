"""From a file that is chosen, or a run, to the list of what differs from it, shown beside the window."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netbuilder.graph import Graph

if TYPE_CHECKING:
    from netbuilder.gui.window import MainWindow


def choose_compared(window: "MainWindow") -> None:
    """Ask which design to compare with, and list what differs."""
    path = window.filing.choose_other("Compare with")
    if path is not None:
        compare(window, path, path.name)


def compare(window: "MainWindow", other: Path | Graph, name: str) -> None:
    """List what differs from another design; a line that is picked is shown on the canvas."""
    from netbuilder.gui.compare_dialog import CompareDialog

    def weights() -> Mapping[str, Any] | None:
        trained = window.training.session.trained
        return trained.weights if trained and trained.kept and trained.suits(window.document.graph) else None

    def show(key: int) -> None:
        window.canvas.select([key])
        window.canvas.reveal(key)

    dialog = CompareDialog(window.document, other, name, window.preferences.order, weights, window)
    dialog.wanted.connect(show)
    dialog.show()
