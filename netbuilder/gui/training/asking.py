"""What is asked of a training beyond the form's rows, kept for each design: from a dialog, or from an earlier run."""

from PySide6.QtCore import QObject, Signal

from netbuilder.gui.document import Document
from netbuilder.gui.training.choices import Options, choices_of, input_shape
from netbuilder.gui.training.form import Form
from netbuilder.gui.training.record import Record

NO_DATA = "No built-in data suits this input: open a .npz file under Data, or change the input."


class Asking(QObject):
    """Fills in the form. `said` carries a sentence, `refused` one that says why it cannot be."""

    said = Signal(str)
    refused = Signal(str)

    def __init__(self, document: Document, form: Form, parent: QObject):
        super().__init__(parent)
        self._document, self._form = document, form
        self._options: dict[object, Options] = {}
        form.options_wanted.connect(self.ask)

    @property
    def _design(self) -> object:
        """What options are remembered for while the window is open."""
        return self._document.path or self._document.title

    def look_back(self) -> None:
        """Another design is open: take its options up again."""
        self._form.options = self._options.get(self._design, Options())

    def ask(self) -> None:
        """Let a person choose a schedule, augmentation and the rest."""
        from netbuilder.gui.training.options_dialog import OptionsDialog
        from netbuilder.gui.training.wishes import automatic_threads

        choices = self._form.choices()
        if choices is None:
            self.refused.emit(NO_DATA)
            return
        graph = self._document.graph
        per_epoch = -(-(choices.offer.samples or 100 * choices.batch) // choices.batch)
        method, shape, threads = self._form.chosen_method, input_shape(graph), automatic_threads(graph)
        dialog = OptionsDialog(choices, method, shape, per_epoch, threads, self._form.window())
        dialog.chosen.connect(self._take)
        dialog.open()

    def repeat(self, record: Record) -> None:
        """Fill in what a run was asked, so that it can be trained again."""
        from netbuilder.engine import Job

        try:
            choices = choices_of(Job.from_dict(record.graph, record.settings))
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self._form.take(choices)
        self._take(choices.options)
        self.said.emit(f"The form asks for what {record.name} was trained with.")

    def _take(self, options: Options) -> None:
        self._options[self._design] = options
        self._form.options = options
