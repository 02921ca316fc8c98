"""From a report to its sums on the panel: weights large, then layers, cost and memory; of all layers or of some."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from netbuilder.analysis import LayerReport, Report
from netbuilder.analysis.memory import Memory
from netbuilder.gui import wording
from netbuilder.gui.labels import Line
from netbuilder.gui.layer_numbers import FactRows, Figure

ROWS = ("Layers", "Multiply-adds", "Memory, batch", "Training, batch", "Remembered")
TIPS = {
    "Multiply-adds": "Multiplications with their additions, for one example.",
    "Memory, batch": "What one pass forward takes, weights included, in float32.",
    "Training, batch": "What training takes: outputs, gradients, unfolded windows, weights and their copies.",
    "Remembered": "Numbers kept from the batches that passed, such as means; they are not trained.",
}


class DesignTotals(QWidget):
    """Sums over the design, or over the layers that are selected."""

    def __init__(self) -> None:
        super().__init__()
        self.weights, self.rows = Figure("Weights"), FactRows(ROWS, TIPS)
        self.weights.number.setObjectName("figure_total")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Line())
        column.addWidget(self.weights)
        column.addWidget(self.rows)

    def show_totals(self, report: Report, ids: Sequence[int] = (), before: Report | None = None) -> None:
        """Show the sums over these layers, over all of them where none is named; `before` is the report of the
        committed design while a preview is shown."""
        old = before or report
        _layers, unknown = _known(report, ids)
        note = f"so far; {wording.counted(unknown, 'layer')} unknown" if unknown else ""
        if ids and not unknown:
            note = f"of the design's {wording.thousands(report.totals.parameters)}"
        new_sum, old_sum = (sum(layer.parameters or 0 for layer in _known(each, ids)[0]) for each in (report, old))
        change = "" if unknown or _known(old, ids)[1] else wording.signed(new_sum - old_sum)
        self.weights.show_number(wording.thousands(new_sum), note, wording.thousands(old_sum), change)
        self.rows.show_values(_sums(report, ids), _sums(old, ids))

    def show_memory(
        self, batch: int, needs: Memory | None, before: Memory | None = None, ids: Sequence[int] = ()
    ) -> None:
        """Show what these layers take for a batch, all of them where none is named; … where it is being counted."""
        names = ("Memory, batch", "Training, batch")
        for name, now, old in zip(names, _taken(needs, ids), _taken(before or needs, ids), strict=True):
            self.rows.show_value(name, now, old, f"{name} {batch}")


def _taken(needs: Memory | None, ids: Sequence[int]) -> tuple[str, str]:
    """What layers take forward and in training, in words."""
    if needs is None:
        return "…", "…"
    layers = [needs.layers[key] for key in ids or needs.layers if key in needs.layers]
    if not layers:
        return "", ""
    if not ids:  # layers take turns with some of it, so the whole is less than the sum of its parts
        return wording.memory(needs.forward), wording.memory(needs.training)
    forward = sum(layer.forward.result for layer in layers)
    return wording.memory(forward), wording.memory(sum(layer.training.result for layer in layers))


def _known(report: Report, ids: Sequence[int]) -> tuple[list[LayerReport], int]:
    """The layers of which something is known, and how many there are of which nothing is."""
    layers = [report.layers[key] for key in ids if key in report.layers] if ids else list(report.layers.values())
    known = [layer for layer in layers if layer.facts]
    return known, len(layers) - len(known)


def _sums(report: Report, ids: Sequence[int]) -> dict[str, str]:
    known, unknown = _known(report, ids)
    statistics = sum(layer.statistics or 0 for layer in known)
    return {
        "Layers": wording.thousands(len(known) + unknown) if known or unknown else "",
        "Multiply-adds": wording.thousands(sum(layer.macs or 0 for layer in known)),
        "Remembered": wording.counted(statistics, "number") if statistics else "",
    }
