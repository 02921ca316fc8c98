"""The inspector's first tab: what is selected, its settings, its numbers and its problems."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from netbuilder.analysis import LayerReport, Report
from netbuilder.graph import Node
from netbuilder.gui.difference import summary
from netbuilder.gui.document import Document
from netbuilder.gui.estimates import Estimates
from netbuilder.gui.fields import Padding
from netbuilder.gui.form import SettingsForm, form_for
from netbuilder.gui.form_edits import FormEdits
from netbuilder.gui.layer_head import LayerHead
from netbuilder.gui.layer_numbers import LayerNumbers
from netbuilder.gui.problem_list import ProblemList
from netbuilder.gui.totals import DesignTotals
from netbuilder.layers import Layer, Order

EDGE = 16
CALM = "No problems. Everything downstream is known."
CALM_DESIGN = "No problems. The design can be trained and exported."
EMPTY = "Nothing here yet. Drag an Input from the left, or choose an example."
CALM_HERE = "No problems here; one further on has a problem."
KEYS = "\nEnter keeps it, Escape takes it back."
PARTIAL = "Nothing to repair here, but an earlier layer has a problem."


class LayerPage(QScrollArea):
    """One layer, several, or none. An edit is previewed while it is made and kept as one undo step."""

    layer_clicked = Signal(int)

    def __init__(self, document: Document, estimates: Estimates):
        super().__init__()
        self.setObjectName("layer_page")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._document = document
        self._ids: tuple[int, ...] = ()
        self._batch = 1
        self._classes: tuple[type[Layer], ...] = ()
        self.form: SettingsForm | None = None
        self.edits = FormEdits(document, self)
        self.head, self._estimates = LayerHead(document), estimates
        self.name = self.head.name
        self.numbers, self.totals, self.problems = LayerNumbers(document), DesignTotals(), ProblemList(document)
        self._place = QVBoxLayout()
        self._lay_out()
        self.numbers.wish.reached.connect(self.ensureWidgetVisible)
        self._estimates.ready.connect(lambda: self._show_memory(self._batch))
        self.problems.layer_clicked.connect(self.layer_clicked)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setProperty("role", "surface")
        self._place.setContentsMargins(0, 4, 0, 4)
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(EDGE, 12, EDGE, EDGE)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addLayout(self._place)
        for part in (self.numbers, self.totals, self.problems):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(body)
        self.verticalScrollBar().rangeChanged.connect(self._make_way)

    def _make_way(self, _low: int, high: int) -> None:
        """A scroll bar takes its room from the margin, so that nothing beside it moves when it comes."""
        taken = self.verticalScrollBar().sizeHint().width() if high else 0
        self._column.setContentsMargins(EDGE, 12, max(4, EDGE - taken), EDGE)

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
            self.verticalScrollBar().setValue(0)
            self.edits.finish()
        self._ids = self.edits.ids = shown
        nodes = [graph.nodes[key] for key in shown]
        self.head.show_nodes(nodes)
        self._show_form([node.layer for node in nodes])
        self._show_numbers(nodes, report, order)
        self._show_memory(batch)
        self._show_problems(order)

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

    def _show_numbers(self, nodes: Sequence[Node], report: Report, order: Order) -> None:
        one = len(nodes) == 1
        before = self._document.report if self._document.preview else None
        self.numbers.setVisible(one)
        self.totals.setVisible(not one and bool(report.layers))
        if one:
            key = nodes[0].id
            self._offer_sides(report.layers[key], report)
            self.numbers.show_layer(report.layers[key], report, order, before.layers.get(key) if before else None)
        else:
            self.totals.show_totals(report, [node.id for node in nodes], before)

    def _show_memory(self, batch: int) -> None:
        """Show what the selected layers take for a batch, as soon as it is known."""
        self._batch = batch
        document = self._document
        needs = self._estimates.of(document.preview[1] if document.preview else document.report, batch)
        before = self._estimates.of(document.report, batch) if document.preview and needs else None
        if len(self._ids) == 1:
            old = before.layers.get(self._ids[0]) if before else None
            need = needs.layers.get(self._ids[0]) if needs else None
            self.numbers.show_memory(batch, need, old, awaited=needs is None)
        else:
            self.totals.show_memory(batch, needs, before, self._ids)

    def _offer_sides(self, layer: LayerReport, report: Report) -> None:
        """Let explicit padding begin with what the present rule adds at each side."""
        editor = self.form.editors.get("padding") if self.form else None
        slide: Any = getattr(layer.node.layer, "slide", None)
        if isinstance(editor, Padding) and slide and layer.facts:
            editor.sides = slide(report.layers[layer.inputs[0]].shape).pads

    def _show_problems(self, order: Order) -> None:
        report, ids = self._document.report, self._ids
        found = [problem for problem in report.problems if not ids or problem.node in ids]
        if not self._document.graph.nodes:
            found, calm = [], EMPTY
        elif self._document.preview is not None:  # beneath the cards, one of which may be pointed at
            calm = summary(report, self._document.preview[1]) + (KEYS if self.edits.pending else "")
        elif any(problem.severity != "information" for problem in found):
            calm = ""
        else:
            calm = self._calm(report) if ids else CALM_DESIGN
        self.problems.show_problems(found, order, calm, linked=len(ids) != 1)

    def _calm(self, report: Report) -> str:
        """What to say of layers that have no problem of their own."""
        if report.totals.unknown == 0:
            return CALM
        known = [key for key in self._ids if key in report.layers]
        if any(report.layers[key].facts is None for key in known):
            return PARTIAL
        downstream = self._document.graph.downstream(known[0]) if len(known) == 1 else frozenset(report.layers)
        return CALM if all(report.layers[key].facts for key in downstream) else CALM_HERE
