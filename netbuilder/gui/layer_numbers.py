"""From a layer's report to its numbers on the panel: shape and weights large with their workings, then its cost."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from netbuilder.analysis import LayerReport, Report
from netbuilder.gui import wording
from netbuilder.gui.labels import Line, ShareBar, Text
from netbuilder.gui.theme import FAMILIES
from netbuilder.layers import Order

ROWS = ("Multiply-adds", "Memory", "Memory, batch", "Receptive field", "Remembered")
TIPS = {
    "Multiply-adds": "Multiplications with their additions, for one example.",
    "Memory": "What this layer's output takes for one example, in float32.",
    "Memory, batch": "What this layer's output takes for a whole batch, in float32.",
    "Receptive field": "How much of the image one output can see, height × width.",
    "Remembered": "Numbers kept from the batches that passed, such as means; they are not trained.",
}


class Figure(QWidget):
    """One large number: what it is, the number, its working. A small note tells what it was before a preview."""

    def __init__(self, name: str):
        super().__init__()
        self._name, self._note = Text(name, "secondary"), Text("", "accent", wrap=False)
        self.number, self.working = Text("", "large", selectable=True), Text("", "secondary", selectable=True)
        self.number.setObjectName(f"figure_{name.split()[-1].lower()}")
        self.number.setAccessibleDescription(name)
        self.working.setObjectName(f"working_{name.split()[-1].lower()}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._note)
        column.addLayout(head)
        column.addWidget(self.number)
        column.addWidget(self.working)

    def show_number(self, number: str, working: str, before: str = "") -> None:
        """Show number and working, and beside them what it was where that differs."""
        self.number.say(number)
        self.number.setAccessibleName(number)
        self.working.say(working)
        self.working.setVisible(bool(working))
        self._note.say(f"was {before}" if before and before != number else "")


class LayerNumbers(QWidget):
    """All numbers of one layer. Reads a report and shows it; changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.shape, self.weights, self.bar = Figure("Activation shape"), Figure("Weights"), ShareBar("Share of weights")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Line())
        column.addWidget(self.shape)
        column.addWidget(self.weights)
        column.addWidget(self.bar)
        self.rows = FactRows(ROWS, TIPS)
        column.addWidget(self.rows)

    def show_layer(
        self, layer: LayerReport, report: Report, order: Order, batch: int, before: LayerReport | None = None
    ) -> None:
        """Show a layer of a report; `before` is the same layer in the committed design while a preview is shown."""
        old = before or layer
        self.shape.show_number(
            wording.spaced(layer.shape, order),
            wording.shape_working(layer) or _unknown(layer, report),
            wording.spaced(old.shape, order),
        )
        known, old_known = layer.parameters, old.parameters
        self.weights.show_number(
            wording.UNKNOWN if known is None else wording.thousands(known),
            _weights_working(layer),
            wording.UNKNOWN if old_known is None else wording.thousands(old_known),
        )
        part = wording.share(known, report.totals.parameters)
        self.bar.show_share(part, FAMILIES[layer.node.layer.family])
        self.bar.setToolTip(f"{part:.1%} of the design's {report.totals.parameters:,} weights")
        self.bar.setVisible(bool(known))
        size = layer.activation_bytes
        self.rows.show_values(
            {
                "Multiply-adds": "" if layer.macs is None else wording.thousands(layer.macs),
                "Memory": "" if size is None else wording.memory(size),
                "Memory, batch": "" if size is None else wording.memory(size * batch),
                "Receptive field": wording.receptive_field(layer, report),
                "Remembered": wording.counted(layer.statistics, "number") if layer.statistics else "",
            },
            {"Memory, batch": f"Memory, batch {batch}"},
        )


class FactRows(QWidget):
    """Small facts in rows, name left and value right; one without a value is not shown."""

    def __init__(self, names: tuple[str, ...], tips: dict[str, str]):
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.names: dict[str, Text] = {}
        self.values: dict[str, Text] = {}
        for row, name in enumerate(names):
            title, value = Text(name, "secondary", wrap=False), Text("", "value", selectable=True)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            value.setObjectName(f"fact_{name.lower().replace(', ', '_').replace(' ', '_').replace('-', '_')}")
            value.setAccessibleDescription(name)
            title.setToolTip(tips.get(name, ""))
            value.setToolTip(tips.get(name, ""))
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, row, 1)
            self.names[name], self.values[name] = title, value

    def show_values(self, values: dict[str, str], titles: dict[str, str] | None = None) -> None:
        """Show some values, under other titles where given."""
        for name, label in self.values.items():
            label.say(values.get(name, ""))
            label.setVisible(bool(label.text()))
            self.names[name].say((titles or {}).get(name, name))
            self.names[name].setVisible(bool(label.text()))
        self.setVisible(any(values.values()))


def _unknown(layer: LayerReport, report: Report) -> str:
    """Why nothing is known of a layer."""
    if report.at(layer.node.id):
        return "unknown until its problem is solved"
    return "unknown: a layer before it has a problem"


def _weights_working(layer: LayerReport) -> str:
    """'16 · (6 · 5 · 5 + 1) = 2,416', and words where nothing is learned."""
    if layer.facts is None:
        return ""
    return wording.worked(layer.facts.parameters) if layer.parameters else "nothing to learn here"
