"""The inspector's first tab: what is selected, its settings, its numbers and its problems."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from netbuilder.analysis import LayerReport, Report
from netbuilder.graph import GraphError, Node
from netbuilder.gui.document import Document
from netbuilder.gui.fields import Padding
from netbuilder.gui.form import SettingsForm, form_for
from netbuilder.gui.form_edits import FormEdits
from netbuilder.gui.labels import LayerIcon, NameField, Text
from netbuilder.gui.layer_numbers import LayerNumbers
from netbuilder.gui.problem_cards import ProblemCards
from netbuilder.gui.totals import DesignTotals
from netbuilder.layers import Layer, Order

EDGE = 16
CALM = "No problems. Everything downstream is known."
CALM_DESIGN = "No problems. The design can be trained and exported."
EMPTY = "Nothing here yet. Drag an Input from the left, or choose an example."
HINT = "Click a block to see and edit it, or several to edit what they share."
CALM_HERE = "No problems here; one further on has a problem."
PARTIAL = "Nothing to repair here, but an earlier layer has a problem."


class LayerPage(QScrollArea):
    """One layer, several, or none. An edit is previewed while it is made and kept as one undo step."""

    layer_clicked = Signal(int)

    def __init__(self, document: Document):
        super().__init__()
        self.setObjectName("layer_page")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._document = document
        self._ids: tuple[int, ...] = ()
        self._classes: tuple[type[Layer], ...] = ()
        self.form: SettingsForm | None = None
        self.edits = FormEdits(document, self)
        self._icon, self.name, self._type = LayerIcon(), NameField(), Text("", "secondary", wrap=False)
        self._hint = Text("", "secondary")
        self.refusal = Text("", "error")
        self.refusal.setObjectName("name_refusal")
        self.numbers, self.totals, self.problems = LayerNumbers(), DesignTotals(), ProblemCards(document)
        self._place = QVBoxLayout()
        self._lay_out()
        self.name.renamed.connect(self._rename)
        self.problems.layer_clicked.connect(self.layer_clicked)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setProperty("role", "surface")
        head = QHBoxLayout()
        head.setSpacing(10)
        for widget, stretch in ((self._icon, 0), (self.name, 1), (self._type, 0)):
            head.addWidget(widget, stretch)
        self._place.setContentsMargins(0, 4, 0, 4)
        column = QVBoxLayout(body)
        column.setContentsMargins(EDGE, 12, EDGE, EDGE)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.refusal)
        column.addWidget(self._hint)
        column.addLayout(self._place)
        for part in (self.numbers, self.totals, self.problems):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(body)

    # ---- showing -----------------------------------------------------------------------------------------------------

    def show_layers(self, ids: Collection[int], order: Order, batch: int) -> None:
        """Show these layers of the design, or of the preview where there is one. An unchanged selection keeps its
        form; only values change."""
        self.edits.forget_outdated()
        graph, report = self._document.preview or (self._document.graph, self._document.report)
        if any(key not in graph.nodes for key in ids):
            graph, report = self._document.graph, self._document.report
        shown = tuple(key for key in ids if key in graph.nodes)
        if shown != self._ids:
            self.refusal.say("")
            self.verticalScrollBar().setValue(0)
            self.edits.finish()
        self._ids = self.edits.ids = shown
        nodes = [graph.nodes[key] for key in shown]
        self._show_head(nodes)
        self._show_form([node.layer for node in nodes])
        self._show_numbers(nodes, report, order, batch)
        self._show_problems(order)
        self.refusal.setVisible(bool(self.refusal.text()))

    def _show_head(self, nodes: Sequence[Node]) -> None:
        names = {type(node.layer).__name__ for node in nodes}
        self._type.say(names.pop() if len(names) == 1 else "")
        self._icon.setVisible(len(nodes) == 1)
        if len(nodes) == 1:
            self._icon.show_class(type(nodes[0].layer))
            self.name.show_name(nodes[0].name)
        else:
            self.name.show_name(f"{len(nodes)} layers" if nodes else self._document.title, editable=False)
        hint = "" if nodes or not self._document.graph.nodes else HINT
        if len(nodes) > 1:
            hint = ", ".join(node.name for node in nodes[:6]) + (
                f" and {len(nodes) - 6} more" if len(nodes) > 6 else ""
            )
        self._hint.say(hint)
        self._hint.setVisible(bool(hint))

    def _show_form(self, layers: Sequence[Layer]) -> None:
        classes = tuple(dict.fromkeys(type(layer) for layer in layers))
        if classes != self._classes:
            self._classes = classes
            if self.form is not None:
                self.edits.follow(None)
                self.form.hide()
                self._place.removeWidget(self.form)
                self.form.deleteLater()
                self.form = None
            if classes:
                self.form = form_for(layers)
                self.edits.follow(self.form)
                self._place.addWidget(self.form)
        if self.form is not None:
            self.form.show_layers(layers)
            self.form.setVisible(bool(self.form.settings))

    def _show_numbers(self, nodes: Sequence[Node], report: Report, order: Order, batch: int) -> None:
        one = len(nodes) == 1
        self.numbers.setVisible(one)
        self.totals.setVisible(not one and bool(report.layers))
        if one:
            self._offer_sides(report.layers[nodes[0].id], report)
            before = self._document.report.layers.get(nodes[0].id) if self._document.preview else None
            self.numbers.show_layer(report.layers[nodes[0].id], report, order, batch, before)
        else:
            self.totals.show_totals(report, [node.id for node in nodes])

    def _offer_sides(self, layer: LayerReport, report: Report) -> None:
        """Let explicit padding begin with what the present rule adds at each side."""
        editor = self.form.editors.get("padding") if self.form else None
        slide: Any = getattr(layer.node.layer, "slide", None)
        if isinstance(editor, Padding) and slide and layer.facts:
            editor.sides = slide(report.layers[layer.inputs[0]].shape).pads

    def _show_problems(self, order: Order) -> None:
        report = self._document.report
        if not self._document.graph.nodes:
            self.problems.show_problems((), order, EMPTY)
            return
        if not self._ids:
            self.problems.show_problems(report.problems, order, CALM_DESIGN, linked=True)
            return
        found = [problem for key in self._ids if key in report.layers for problem in report.at(key)]
        self.problems.show_problems(found, order, self._calm(report), linked=len(self._ids) > 1)

    def _calm(self, report: Report) -> str:
        """What to say of layers that have no problem of their own."""
        if report.totals.unknown == 0:
            return CALM
        known = [key for key in self._ids if key in report.layers]
        if any(report.layers[key].facts is None for key in known):
            return PARTIAL
        downstream = self._document.graph.downstream(known[0]) if len(known) == 1 else frozenset(report.layers)
        return CALM if all(report.layers[key].facts for key in downstream) else CALM_HERE

    def _rename(self, name: str) -> None:
        try:
            graph = self._document.graph.rename(self._ids[0], name)
        except GraphError as refused:
            self.refusal.say(str(refused))
            self.refusal.show()
            return
        self.refusal.say("")
        self.refusal.hide()
        self._document.commit("Rename", graph)
