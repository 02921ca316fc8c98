"""From what a person does in a form to previews of the design and single steps of its history."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.form import SettingsForm
from netbuilder.gui.wording import counted
from netbuilder.layers import Layer, SettingError


@dataclass(frozen=True)
class Visit:
    """What one editor did to the design since it got the focus: one step, which Escape can still take back."""

    text: str
    key: tuple[tuple[int, ...], str]
    before: Graph
    after: Graph


class FormEdits(QObject):
    """Tries, keeps and gives up what is done in a form, for all layers the form stands for.

    While a value is tried, a press, a shortcut or closing anywhere else keeps it first, so that nothing that is in
    sight is ever lost or left out of a file.
    """

    def __init__(self, document: Document, parent: QObject):
        super().__init__(parent)
        self.ids: tuple[int, ...] = ()
        self._document = document
        self._form: SettingsForm | None = None
        self._base: Graph | None = None
        self._visit: Visit | None = None

    @property
    def pending(self) -> bool:
        """Whether something is tried that is not kept yet."""
        return self._base is not None

    def follow(self, form: SettingsForm | None) -> None:
        """Listen to another form, or to none."""
        self._end()
        self.finish()
        self._form = form
        if form is not None:
            form.previewed.connect(self._preview)
            form.withdrawn.connect(self._withdraw)
            form.edited.connect(self._keep)
            form.abandoned.connect(self._abandon)
            form.replaced.connect(self._replace)
            form.finished.connect(self.finish)

    def settle(self) -> None:
        """Keep what is being tried, as one step."""
        if self._form is not None and self._form.pending:
            self._form.settle()
            self.finish()

    def forget_outdated(self) -> None:
        """Give up what is being tried where the design has changed under it."""
        if self._base is not None and self._base is not self._document.graph:
            self._end()
            if self._form is not None:
                self._form.forget()

    def finish(self) -> None:
        """The visit is over: what comes next is a step of its own."""
        self._visit = None
        self._document.seal()

    # ---- trying ------------------------------------------------------------------------------------------------------

    def _preview(self, name: str, value: object) -> None:
        assert self._form is not None
        if self._form.pending and self._base is None:
            self._base = self._document.graph
            application().installEventFilter(self)
        try:
            graph = self._edited(name, value)
        except SettingError as refused:
            self._form.refuse(name, str(refused))
            graph = None
        self._document.show_preview(graph)

    def _withdraw(self) -> None:
        if self._form is not None and not self._form.pending:
            self._end()
        self._document.show_preview(None)

    def _abandon(self) -> None:
        self._end()
        self._document.show_preview(None)
        visit = self._visit
        if visit and self._document.graph is visit.after:
            self._document.commit(visit.text, visit.before, visit.key)  # merges into nothing, and leaves no step
        self.finish()

    def _end(self) -> None:
        if self._base is not None:
            self._base = None
            application().removeEventFilter(self)

    # ---- keeping -----------------------------------------------------------------------------------------------------

    def _edited(self, name: str, value: object) -> Graph:
        graph = self._document.graph
        for key in self.ids:
            graph = graph.set(key, **{name: value})
        return graph

    def _keep(self, name: str, value: object) -> None:
        assert self._form is not None
        self._end()
        before = self._document.graph
        try:
            graph = self._edited(name, value)
        except SettingError as refused:
            self._document.show_preview(None)
            self._form.show_layers([before.nodes[key].layer for key in self.ids])
            self._form.refuse(name, str(refused))
            return
        text, key = self._named(name.replace("_", " ").capitalize()), (self.ids, name)
        self._document.commit(text, graph, key)
        if self._document.graph is not before:
            went_on = self._visit and self._visit.key == key and self._visit.after is before
            start = self._visit.before if self._visit and went_on else before
            self._visit = Visit(text, key, start, self._document.graph)

    def _replace(self, layer: Layer) -> None:
        graph = self._document.graph
        for key in self.ids:
            graph = graph.exchange(key, layer)
        self._document.commit(self._named("Data"), graph)

    def _named(self, text: str) -> str:
        return f"{text} of {counted(len(self.ids), 'layer')}" if len(self.ids) > 1 else text

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whatever is done elsewhere finds the value kept."""
        kind, form = event.type(), self._form
        if form is None or kind not in (QEvent.Type.MouseButtonPress, QEvent.Type.Shortcut, QEvent.Type.Close):
            return False
        elsewhere = isinstance(watched, QWidget) and not form.isAncestorOf(watched)
        closing = kind != QEvent.Type.Close or watched is form.window()
        if kind == QEvent.Type.Shortcut or (elsewhere and closing):
            self.settle()
        return False


def application() -> QApplication:
    """The one there is."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
