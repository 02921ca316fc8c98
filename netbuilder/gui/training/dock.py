"""The training panel: form and progress at the left, curves and runs at the right, and the run between them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from netbuilder.examples import EXAMPLES
from netbuilder.gui import theme as looks
from netbuilder.gui.banner import Banner, Way
from netbuilder.gui.document import Document
from netbuilder.gui.importing import Model
from netbuilder.gui.loading import Loading
from netbuilder.gui.training.advice import Advice
from netbuilder.gui.training.asking import NO_DATA, Asking
from netbuilder.gui.training.choices import input_shape
from netbuilder.gui.training.column import WIDTH, Column
from netbuilder.gui.training.folders import runs_folder
from netbuilder.gui.training.outcomes import Outcome
from netbuilder.gui.training.past import PastRuns
from netbuilder.gui.training.record import Record
from netbuilder.gui.training.runs_list import RunsList
from netbuilder.gui.training.session import Session, State, Trained, same_network

if TYPE_CHECKING:  # brings pyqtgraph, which the first window does without
    from netbuilder.gui.training.curves import Curves

LATER = ("netbuilder.gui.training.curves", "netbuilder.engine", "netbuilder.runs")
"""What the first window does without, loaded behind it."""


class TrainingDock(QWidget):
    """Trains the document's design. `said` carries sentences for the status bar, `prepared` says that everything there
    is to load has been loaded."""

    said = Signal(str)
    prepared = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("training")
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self.session = Session(self)
        self.column = Column(self.session, self)
        self.form, self.progress = self.column.form, self.column.progress
        self._past = PastRuns(self)
        self.banner, self.runs = Banner(self), RunsList(self)
        self.advice = Advice(document, self.session, self.form, self.banner)
        self.asking = Asking(document, self.form, self)
        self._earlier: dict[Record, Trained] = {}
        self.curves: Curves | None = None
        self.tabs = QTabWidget(self)
        self._curves_place = QStackedWidget(self)
        self._stale = self._broken = False
        self._lay_out()
        self._connect()
        self._suit()

    # ---- commands ----------------------------------------------------------------------------------------------------

    def train(self) -> None:
        """What F5 does: start, pause or resume, whichever makes sense."""
        match self.session.state:
            case State.IDLE:
                self.start()
            case State.RUNNING:
                self.session.pause()
            case State.PAUSED:
                self.session.resume()
            case _:
                pass

    def start(self) -> None:
        """Train the design as it is now, ending a run that is on; say what is missing where it cannot be trained."""
        errors = [each.message for each in self._document.report.problems if each.severity == "error"]
        if errors:
            rest = len(errors) - 1
            more = f" And {rest} more problem{'' if rest == 1 else 's'}." if rest else ""
            self._refuse(f"This design cannot be trained yet. {errors[0]}{more}")
            self._broken = True
            return
        choices = self.form.choices()
        if choices is None:
            self._refuse(NO_DATA)
            return
        self.banner.hide()
        try:
            self.session.start(self._document.graph, choices, runs_folder(self._document.path, self._document.title))
        except (ValueError, OSError) as error:
            self._refuse(str(error))

    def stop(self) -> None:
        """End the run after its current batch."""
        self.session.stop()

    def end(self) -> None:
        """Let go of all processes: the window closes."""
        self.session.end()
        self.column.forecast.end()
        self.advice.end()

    def prepare(self) -> None:
        """Load in the background what training needs, and then show the empty axes."""
        loading = Loading(LATER, self)
        loading.finished.connect(self.need_curves)
        loading.finished.connect(self.prepared)
        loading.finished.connect(loading.deleteLater)

    def look_back(self) -> None:
        """Another design is open: read its earlier runs, and take its options up again."""
        self.asking.look_back()
        self._past.read(runs_folder(self._document.path, self._document.title))

    def take_weights(self, model: Model) -> None:
        """The design came with weights: they are what is exported until it is trained."""
        choices = self.form.choices()
        if choices is not None:
            from netbuilder.runs import StoredWeights

            record = Record(model.path.name, model.graph, "", note=f"read from {model.path.name}")
            self.session.trained = Trained(record, StoredWeights(model.weights), choices)

    def need_curves(self) -> "Curves":
        """The Curves tab's content, made when first needed."""
        if self.curves is None:
            from netbuilder.gui.training.curves import Curves

            self.curves = Curves(self)
            self.curves.said.connect(self.said)
            self._curves_place.addWidget(self.curves)
            self._curves_place.setCurrentWidget(self.curves)
            self.curves.show_ahead(self.form.epochs.value())
            self.form.epochs_changed.connect(self.curves.show_ahead)
            self.curves.show_record(self.session.record)
            self.foresee()
        return self.curves

    def foresee(self) -> None:
        """Have predicted what training the design would take, once the engine is there and no run needs the machine."""
        if self.curves is not None and not self.session.active:
            graph = self._document.graph if self._document.report.valid and self._document.graph.nodes else None
            self.column.forecast.want(graph, self.form.choices())

    @property
    def expected_seconds(self) -> float | None:
        """What an epoch will take, by the run that is on or else by what was asked ahead."""
        record, ahead = self.session.record, self.column.forecast.prediction
        if self.session.active and record is not None:
            return record.expected[0]
        return ahead.seconds if ahead else None

    # ---- following ---------------------------------------------------------------------------------------------------

    def _suit(self) -> None:
        """The document changed: offer data for its input, and say when a run no longer belongs to it."""
        preferred = next((known.data for known in EXAMPLES if known.title == self._document.title), None)
        self.form.suit(input_shape(self._document.graph), preferred)
        if self._broken and self._document.report.valid:
            self._broken = False
            self.banner.hide()
        record = self.session.record
        if not self.session.active or record is None:
            return
        stale = not same_network(record.graph, self._document.graph)
        if stale and not self._stale:
            self.banner.say("The design has changed since this run started.", "note", Way("Restart", self.start))
        elif not stale and self._stale:
            self.banner.hide()
        self._stale = stale

    def _began(self, record: Record) -> None:
        self.column.forecast.end()
        self._stale = False
        self.column.show_outcome(None)
        self.tabs.setCurrentIndex(0)
        self.need_curves().show_record(record)
        self.runs.add(record)

    def _changed(self) -> None:
        record = self.session.record
        if record is not None:
            if self.curves is not None:
                self.curves.show_record(record)
            if self.runs.isVisible() or not self.session.active:
                self.runs.refresh(record)

    def _ended(self, outcome: Outcome) -> None:
        self.foresee()
        self.column.show_outcome(outcome)
        if not outcome.well:
            self.advice.ended(outcome)
            return
        if self._stale:
            self.banner.hide()
        self.said.emit(outcome.sentence)

    def _refuse(self, sentence: str) -> None:
        self.banner.say(sentence, "error")
        self.said.emit(sentence)

    def _restore(self, record: Record) -> None:
        self._document.commit(f"Restore {record.name}", record.graph)
        self.said.emit(f"This is the design of {record.name} again; undo brings yours back.")

    def _show_past(self, folder: Path, past: list[Trained]) -> None:
        if folder != runs_folder(self._document.path, self._document.title):
            return  # another design was opened meanwhile
        own = {record.folder for record in self.session.records}
        earlier = [each for each in past if each.record.folder not in own]
        self._earlier = {each.record: each for each in earlier}
        self.runs.show_past([each.record for each in earlier])
        graph, newest = self._document.graph, self.session.trained
        if newest is None or not newest.suits(graph):
            kept = [each for each in earlier if each.kept and each.suits(graph)]
            self.session.trained = kept[-1] if kept else newest

    def _continue(self, record: Record) -> None:
        """Go on with a run of the list."""
        if self.session.active:
            self._refuse("A run is on: stop it first, then continue another.")
            return
        self.banner.hide()
        past = self._earlier.get(record)
        self.session.take_up(record, choices=past.choices if past else None)

    def _repeat(self, record: Record) -> None:
        """Fill in what a run of the list was asked."""
        if self.session.active:
            self._refuse("A run is on: stop it first, then use the settings of another.")
        else:
            self.asking.repeat(record)

    def _compare(self) -> None:
        self.need_curves().show_compared(self.runs.compared())

    # ---- making ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(862, looks.TRAINING)

    def _connect(self) -> None:
        self._document.changed.connect(self._suit)
        self._document.changed.connect(self.foresee)
        self.form.changed.connect(self.foresee)
        self.asking.said.connect(self.said)
        self.asking.refused.connect(self._refuse)
        self.session.began.connect(self._began)
        self.session.changed.connect(self._changed)
        self.session.ended.connect(self._ended)
        self._past.found.connect(self._show_past)
        self.runs.compared_changed.connect(self._compare)
        self.runs.restore_requested.connect(self._restore)
        self.runs.continue_requested.connect(self._continue)
        self.runs.settings_requested.connect(self._repeat)
        self.advice.said.connect(self.said)
        self.column.played.connect(self.train)
        self.column.halted.connect(self.stop)

    def _lay_out(self) -> None:
        self._curves_place.addWidget(QWidget(self))
        self.tabs.setObjectName("training_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleDescription("What is known of the training. Left and Right choose.")
        self.tabs.addTab(self._curves_place, "Curves")
        self.tabs.addTab(self.runs, "Runs")
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.banner)
        right.addWidget(self.tabs, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.column)
        row.addLayout(right, 1)
        self.setMinimumWidth(2 * WIDTH)
