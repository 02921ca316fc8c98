"""From a report to its sums on the panel: weights large, then layers, cost and memory; of all layers or of some."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from netbuilder.analysis import Report
from netbuilder.gui import wording
from netbuilder.gui.labels import Line
from netbuilder.gui.layer_numbers import FactRows, Figure

ROWS = ("Layers", "Multiply-adds", "Activations", "Remembered")
TIPS = {
    "Multiply-adds": "Multiplications with their additions, for one example.",
    "Activations": "What all outputs take together for one example, in float32.",
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

    def show_totals(self, report: Report, ids: Sequence[int] = ()) -> None:
        """Show the sums over these layers; over all of them where none is named."""
        layers = [report.layers[key] for key in ids] if ids else list(report.layers.values())
        known = [layer for layer in layers if layer.facts]
        unknown = len(layers) - len(known)
        note = f"so far; {wording.counted(unknown, 'layer')} unknown" if unknown else ""
        if ids and not unknown:
            note = f"of the design's {wording.thousands(report.totals.parameters)}"
        self.weights.show_number(wording.thousands(sum(layer.parameters or 0 for layer in known)), note)
        statistics = sum(layer.statistics or 0 for layer in known)
        self.rows.show_values(
            {
                "Layers": wording.thousands(len(layers)) if layers else "",
                "Multiply-adds": wording.thousands(sum(layer.macs or 0 for layer in known)),
                "Activations": wording.memory(sum(layer.activation_bytes or 0 for layer in known)),
                "Remembered": wording.counted(statistics, "number") if statistics else "",
            }
        )
