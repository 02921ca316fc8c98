"""From a layer's report to its numbers on the panel: shape and weights large with their workings, then its cost."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from netbuilder.analysis import LayerReport, Report
from netbuilder.analysis.memory import LayerMemory
from netbuilder.gui import wording
from netbuilder.gui.difference import arrow
from netbuilder.gui.document import Document
from netbuilder.gui.labels import Line, ShareBar, Text
from netbuilder.gui.size_field import Numeral, SizeField
from netbuilder.gui.sizes import editable
from netbuilder.gui.theme import FAMILIES
from netbuilder.layers import Order

ROWS = ("Multiply-adds", "Memory, batch", "Training, batch", "Receptive field", "Remembered")
TIPS = {
    "Multiply-adds": "Multiplications with their additions, for one example.",
    "Receptive field": "How much of the image one output can see, height × width.",
    "Remembered": "Numbers kept from the batches that passed, such as means; they are not trained.",
}
FORWARD = "What this layer takes in one pass forward, its weights included"
TRAINING = (
    "What this layer takes while training: outputs, gradients, unfolded windows, weights and what is kept beside them"
)


class Figure(QWidget):
    """One large number: what it is, the number, its working. During a preview it reads old → new, with the change."""

    def __init__(self, name: str, number: Text | None = None):
        super().__init__()
        self._name, self._note = Text(name, "secondary"), Text("", "accent", wrap=False)
        self.before, self.number = Text("", "secondary", wrap=False), number or Text("", "large", selectable=True)
        self.working = Text("", "secondary", selectable=True)
        self._folded = False
        self.number.setObjectName(f"figure_{name.split()[-1].lower()}")
        self.number.setAccessibleDescription(name)
        self.working.setObjectName(f"working_{name.split()[-1].lower()}")
        self._note.setObjectName(f"change_{name.split()[-1].lower()}")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(3)
        head, row = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._note)
        row.setSpacing(0)
        row.addWidget(self.before, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.number, 1)
        self.column.addLayout(head)
        self.column.addLayout(row)
        self.column.addWidget(self.working)

    def show_number(self, number: str, working: str, before: str = "", change: str = "") -> None:
        """Show number and working; where the number was another `before`, that too, and by how much it changes."""
        changed = bool(before) and before != number
        self.number.say(number)
        self.number.setAccessibleName(f"{number}, was {before}" if changed else number)
        self.number.mark(changed)
        old = f"{before} → \u2002" if changed else ""
        room = self.width() - self.number.fontMetrics().horizontalAdvance(number) - 12
        beside = changed and self.before.fontMetrics().horizontalAdvance(old) <= room
        self.before.say(old if beside else "")
        self._note.say("" if not changed else change if beside else f"was {before}")
        self.working.say(working)
        self.fold(self._folded)

    def fold(self, folded: bool) -> None:
        """Hide the number, in whose place another is asked for."""
        self._folded = folded
        self.before.setVisible(not folded and bool(self.before.text()))
        self.number.setVisible(not folded)
        self.working.setVisible(not folded and bool(self.working.text()))


class LayerNumbers(QWidget):
    """All numbers of one layer. Its output's size can be asked to be another; the rest is only read."""

    def __init__(self, document: Document):
        super().__init__()
        self._numeral, self.wish = Numeral(), SizeField(document)
        self.shape, self.weights = Figure("Activation shape", self._numeral), Figure("Weights")
        self.bar = ShareBar("Share of weights")
        self._shown: tuple[int, Order] = (0, "hwc")
        self.shape.column.addWidget(self.wish)
        self._numeral.opened.connect(self.ask_size)
        self.wish.closed.connect(self._size_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Line())
        column.addWidget(self.shape)
        column.addWidget(self.weights)
        column.addWidget(self.bar)
        self.rows = FactRows(ROWS, TIPS)
        column.addWidget(self.rows)

    def show_layer(self, layer: LayerReport, report: Report, order: Order, before: LayerReport | None = None) -> None:
        """Show a layer of a report; `before` is the same layer in the committed design while a preview is shown."""
        old = before or layer
        if self._shown[0] != layer.node.id or self.wish.outdated:
            self.wish.end()
        self._shown = layer.node.id, order
        self._numeral.allow(layer.shape is not None and editable(layer.node.layer))
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
            "" if known is None or old_known is None else wording.signed(known - old_known),
        )
        part = wording.share(known, report.totals.parameters)
        self.bar.show_share(part, FAMILIES[layer.node.layer.family])
        self.bar.setToolTip(f"{part:.1%} of the design's {report.totals.parameters:,} weights")
        self.bar.setVisible(bool(known))
        facts = _facts(layer, report)
        self.rows.show_values(facts, _facts(old, report) if before else facts)

    def ask_size(self) -> None:
        """Let a person type the size this layer's output should have."""
        if self._numeral.open_to_wishes:
            self.shape.fold(True)
            self.wish.begin(*self._shown)

    def _size_asked(self, focused: bool) -> None:
        self.shape.fold(False)
        if focused:
            self._numeral.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_memory(
        self, batch: int, needs: LayerMemory | None, before: LayerMemory | None = None, *, awaited: bool = False
    ) -> None:
        """Show what the layer takes for a batch; nothing where it is unknown, … where it is being counted."""
        for name, tip, need, old in (
            ("Memory, batch", FORWARD, needs and needs.forward, before and before.forward),
            ("Training, batch", TRAINING, needs and needs.training, before and before.training),
        ):
            now = wording.memory(need.result) if need else "…" if awaited else ""
            self.rows.show_value(name, now, wording.memory(old.result) if old else now, f"{name} {batch}")
            self.rows.explain(name, f"{tip}: {need.text} bytes." if need else "")


def _facts(layer: LayerReport, report: Report) -> dict[str, str]:
    """The small facts of a layer, by name; '' where one makes no sense."""
    return {
        "Multiply-adds": "" if layer.macs is None else wording.thousands(layer.macs),
        "Receptive field": wording.receptive_field(layer, report),
        "Remembered": wording.counted(layer.statistics, "number") if layer.statistics else "",
    }


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

    def show_values(self, values: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Show some values, and what they were `before` where that differs."""
        for name in values:
            self.show_value(name, values[name], before.get(name, ""))

    def show_value(self, name: str, value: str, before: str, title: str = "") -> None:
        """Show one value, and what it was `before` where that differs; under another title where given."""
        label = self.values[name]
        label.say(arrow(before, value))
        label.mark(before != value)
        label.setVisible(bool(value))
        self.names[name].say(title or name)
        self.names[name].setVisible(bool(value))

    def explain(self, name: str, tip: str) -> None:
        """Say how a value came about."""
        self.names[name].setToolTip(tip)
        self.values[name].setToolTip(tip)


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
