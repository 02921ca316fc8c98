"""The top of the inspector's first tab: what is selected, by icon, name and type; one layer can be renamed there."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from netbuilder.graph import GraphError, Node
from netbuilder.gui.document import Document
from netbuilder.gui.labels import LayerIcon, NameField, Text

HINT = "Click a block to see and edit it, or several to edit what they share."
MOST_NAMES = 6


class LayerHead(QWidget):
    """Shows nodes; renaming is a step of the document."""

    def __init__(self, document: Document):
        super().__init__()
        self._document = document
        self._nodes: Sequence[Node] = ()
        self._icon, self.name, self._type = LayerIcon(), NameField(), Text("", "secondary", wrap=False)
        self._hint, self.refusal = Text("", "secondary"), Text("", "error")
        self.refusal.setObjectName("name_refusal")
        self.refusal.hide()
        row = QHBoxLayout()
        row.setSpacing(10)
        for widget, stretch in ((self._icon, 0), (self.name, 1), (self._type, 0)):
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.refusal)
        column.addWidget(self._hint)
        self.name.renamed.connect(self._rename)

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show which layers are selected; none: the design's title."""
        if [node.id for node in nodes] != [node.id for node in self._nodes]:
            self.refuse("")
        self._nodes = nodes
        types = {type(node.layer).__name__ for node in nodes}
        self._type.say(types.pop() if len(types) == 1 else "")
        self._icon.setVisible(len(nodes) == 1)
        if len(nodes) == 1:
            self._icon.show_class(type(nodes[0].layer))
            self.name.show_name(nodes[0].name)
        else:
            self.name.show_name(f"{len(nodes)} layers" if nodes else self._document.title, editable=False)
        hint = "" if nodes or not self._document.graph.nodes else HINT
        if len(nodes) > 1:
            rest = f" and {len(nodes) - MOST_NAMES} more" if len(nodes) > MOST_NAMES else ""
            hint = ", ".join(node.name for node in nodes[:MOST_NAMES]) + rest
        self._hint.say(hint)
        self._hint.setVisible(bool(hint))

    def refuse(self, sentence: str) -> None:
        """Say why a name cannot be; '' takes it back."""
        self.refusal.say(sentence)
        self.refusal.setVisible(bool(sentence))

    def _rename(self, name: str) -> None:
        if len(self._nodes) != 1:
            return
        try:
            graph = self._document.graph.rename(self._nodes[0].id, name)
        except GraphError as refused:
            self.refuse(str(refused))
            return
        self.refuse("")
        self._document.commit("Rename", graph)
