"""The main window: the panels around one document, and what each command does to them."""

import gc
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QMainWindow, QStackedWidget, QWidget

from netbuilder.arrangement import arrange
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph
from netbuilder.gui.actions import Actions
from netbuilder.gui.availability import Availability
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.viewport import MARGIN
from netbuilder.gui.commands import CommandPalette, PanelWalk
from netbuilder.gui.comparison import compare
from netbuilder.gui.document import Document
from netbuilder.gui.filing import Filing, dropped_file
from netbuilder.gui.fitting import Fitting
from netbuilder.gui.gallery import Gallery
from netbuilder.gui.handlers import handlers
from netbuilder.gui.inspector import Inspector
from netbuilder.gui.layout import SIZE, Layout
from netbuilder.gui.menus import Menus, toolbar
from netbuilder.gui.palette import Palette
from netbuilder.gui.preferences import Preferences
from netbuilder.gui.recovery import Recovery
from netbuilder.gui.status import StatusBar
from netbuilder.gui.theme import Scheme, theme
from netbuilder.gui.training.dock import TrainingDock
from netbuilder.layers import Layer, Order


class MainWindow(QMainWindow):
    """One design in one window. `filing` opens and saves, `training` trains; the rest are views of `document`."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("window")
        self.setAcceptDrops(True)
        self.preferences = preferences
        self.document = Document(parent=self)
        self.filing = Filing(self.document, preferences, self)
        self.layers, self.canvas = Palette(), CanvasView(self.document)
        self.fitting = Fitting(self.canvas)
        self.inspector, self.training = Inspector(self.document), TrainingDock(self.document)
        self.gallery = Gallery(preferences.recent)
        self.recovery = Recovery(self.document, self.filing, parent=self)
        self.status = StatusBar(self.document, self.inspector.estimates)
        self.stage = QStackedWidget()
        self.panels = Layout(self.recovery.banner, self.layers, self.stage, self.training, self.inspector)
        self.commands = Actions(self, handlers(self))
        self.menus = Menus(self, self.commands)
        self.search = CommandPalette(
            self.document, self.canvas, self.commands, self.show_example, preferences, self.stage, self
        )
        self.walk = PanelWalk((self.layers, self.stage, self.inspector, self.training, self.status))
        self._lay_out()
        self.availability = Availability(self.commands, self.document, self.canvas, self.training.session)
        self._connect()
        self._take_over_preferences()
        self._sync_title()
        self.show_gallery()
        QTimer.singleShot(0, self.training.prepare)

    def come_up(self) -> None:
        """Show the window where it was; the first time filling a small screen, and at its own size on a large one."""
        room = self.screen().availableSize()
        if self.preferences.layout("window") is None and room.width() < SIZE.width() * 1.2:
            self.showMaximized()
        else:
            self.show()
        self.recovery.offer()
        # What is loaded by then stays: without it a full collection of garbage takes no 80 milliseconds any more.
        self.training.prepared.connect(gc.freeze)

    # ---- designs -----------------------------------------------------------------------------------------------------

    def show_example(self, name: str) -> bool:
        """Open a design that ships, arranged for this window; False where the user would rather keep the open one."""
        title = next(known.title for known in EXAMPLES if known.name == name)
        self.panels.give_room(False)  # or it would be arranged for more room than it will have
        shown = self.filing.show(self._arranged(example(name)), title)
        self.panels.give_room(not shown and self.stage.currentWidget() is self.gallery)
        return shown

    def show_blank(self) -> bool:
        """Begin an empty design."""
        return self.filing.show(Graph())

    def show_gallery(self) -> None:
        """Show recent files and examples in the canvas's place."""
        self.gallery.show_recent(self.preferences.recent)
        self.panels.give_room(True)
        self.stage.setCurrentWidget(self.gallery)
        self.gallery.cards[0].setFocus()

    def close_design(self) -> None:
        """Put the open design away and offer others."""
        if self.filing.show(Graph()):
            self.show_gallery()

    def export(self) -> None:
        """Ask how to write the design for other tools, and write it."""
        from netbuilder.gui.export_dialog import ExportDialog

        trained, choices = self.training.session.trained, self.training.form.choices()
        dialog = ExportDialog(self.document, trained, choices, self.filing.folder(), self)
        dialog.figure_wanted.connect(self.export_figure)
        dialog.open()

    def export_figure(self) -> None:
        """Ask how to draw the design, or the selected layers, and draw it."""
        from netbuilder.gui.figure_dialog import FigureDialog

        chosen = self.canvas.selected()
        dialog = FigureDialog(self.document, chosen, self.preferences.order, self.filing.folder(), self)
        dialog.said.connect(self.status.say)
        dialog.open()

    def end(self) -> None:
        """Let go of the training process and the journal, however the window ends."""
        self.filing.end()
        self.training.end()
        self.recovery.close()

    # ---- preferences -------------------------------------------------------------------------------------------------

    def choose_scheme(self, scheme: Scheme) -> None:
        """Light, dark or as the desktop says, now and at the next start."""
        self.preferences.scheme = scheme
        theme.apply(scheme)

    def choose_order(self, order: Order) -> None:
        """How shapes are written, now and at the next start."""
        self.preferences.order = order
        self.commands[f"order_{order}"].setChecked(True)
        for view in (self.canvas, self.inspector, self.status):
            view.set_order(order)

    def show_legend(self, shown: bool) -> None:
        """Explain the cuboids beside the wires, or not, now and at the next start."""
        self.preferences.keep_shown("legend", shown)
        self.commands["legend"].setChecked(shown)
        self.canvas.show_legend(shown)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.filing.may_leave():
            event.ignore()
            return
        self.preferences.keep_layout("window", self.saveGeometry())
        self.panels.keep(self.preferences)
        self.preferences.sync()
        self.recovery.discard()
        self.end()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focus = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self._show_canvas()  # from the gallery, and from any panel
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focus, QAbstractButton):
            focus.click()  # elsewhere than in dialogs Qt presses buttons with Space alone
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event)
        if path is None:
            return
        event.acceptProposedAction()
        # The drop must be over for the other program before a question is asked here.
        QTimer.singleShot(0, lambda: self._take(path))

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _take(self, path: Path) -> None:
        """A file was dropped on the window."""
        if path.suffix.lower() == ".npz":
            self.training.form.open(path)
            self.status.say(f"{path.name} is now the data to train on.")
        else:
            self.filing.open(path)

    def _shown(self) -> None:
        self._show_canvas()
        self.fitting.fit()
        self._sync_title()
        self.training.look_back()

    def _show_canvas(self) -> None:
        self.panels.give_room(False)
        self.stage.setCurrentWidget(self.canvas)
        self.canvas.setFocus()

    def _changed(self) -> None:
        self._sync_title()
        if self.document.graph.nodes and self.stage.currentWidget() is self.gallery and not self.document.saved:
            self._show_canvas()

    def _sync_title(self) -> None:
        self.setWindowTitle(f"{self.document.title.replace('[*]', '[*][*]')}[*] — netbuilder")
        self.setWindowModified(not self.document.saved)

    def _sync_cost(self, *_: object) -> None:
        """Everywhere the memory and the time of the training that the form describes."""
        form, seconds = self.training.form, self.training.expected_seconds
        self.inspector.set_batch_size(form.batch.value(), form.chosen_method.slots)
        self.status.show_training(form.batch.value(), seconds)

    def _sync_recent(self) -> None:
        self.menus.show_recent(self.preferences.recent, self.filing.open, self.filing.forget_recent)
        self.gallery.show_recent(self.preferences.recent)

    def _arranged(self, graph: Graph) -> Graph:
        room = self.stage.size()
        return graph.move(arrange(graph, width=room.width() - 2 * MARGIN, height=room.height() - 3 * MARGIN))

    def _lay_out(self) -> None:
        self.addToolBar(toolbar(self, self.commands))
        self.setStatusBar(self.status)
        self.stage.addWidget(self.gallery)
        self.stage.addWidget(self.canvas)
        self.setCentralWidget(self.panels)
        self.resize(SIZE)

    def _connect(self) -> None:
        self.document.changed.connect(self._changed)
        self.filing.shown.connect(self._shown)
        self.filing.imported.connect(self.training.take_weights)
        self.filing.recent_changed.connect(self._sync_recent)
        self.training.runs.difference_requested.connect(lambda record: compare(self, record.graph, record.name))
        self.layers.layer_chosen.connect(self._append)
        self.layers.example_chosen.connect(self.show_example)
        self.gallery.example_chosen.connect(self.show_example)
        self.gallery.file_chosen.connect(self.filing.open)
        self.gallery.blank_chosen.connect(self.show_blank)
        self.gallery.open_chosen.connect(self.filing.choose)
        self.status.order_chosen.connect(self.choose_order)
        self.status.problem_clicked.connect(lambda problem: problem.node and self._point_out(problem.node))
        self.status.problem_clicked.connect(self.inspector.show_problem)
        self.canvas.selection_changed.connect(lambda *_: self.inspector.show_selection(self.canvas.selected()))
        self.canvas.inspect_requested.connect(self._inspect)
        self.canvas.layer_wanted.connect(self.search.open_at)
        self.canvas.search_wanted.connect(self.search.open)
        self.inspector.layer_clicked.connect(self._point_out)
        self.training.form.changed.connect(self._sync_cost)
        self.training.column.forecast.changed.connect(self._sync_cost)
        self.training.session.begun.connect(self._sync_cost)
        for speaker in (self.filing, self.canvas, self.training, self.recovery):
            speaker.said.connect(self.status.say)
        examples = [(known.name, known.title) for known in EXAMPLES]
        self.menus.fill_network(examples, self._append, self.show_example)
        self._sync_recent()

    def _append(self, kind: type[Layer]) -> None:
        self._show_canvas()
        self.canvas.append(kind)

    def _inspect(self) -> None:
        """Show the selected layer's settings and give the keyboard to the first of them."""
        self.inspector.show()
        self.commands["panel_inspector"].setChecked(True)
        form = self.inspector.layer_page.form
        self.walk.enter(self.inspector.layer_page if form is None else form)

    def _point_out(self, node: int) -> None:
        self.canvas.select([node])
        self.canvas.reveal(node)

    def _take_over_preferences(self) -> None:
        """Everything as it was when the window was last closed."""
        kept = self.preferences
        if (geometry := kept.layout("window")) is not None:
            self.restoreGeometry(geometry)
        self.panels.restore(kept)
        for name in self.panels.panels:
            self.commands[f"panel_{name}"].setChecked(kept.shown(name))
        self.commands[f"theme_{kept.scheme}"].setChecked(True)
        self.choose_order(kept.order)
        self.show_legend(kept.shown("legend"))
        self._sync_cost()
