"""What may be asked of a training beyond its form: a schedule, augmentation, and the rest, generated from what the
engine declares."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from netbuilder.data import catalogue
from netbuilder.engine import AUGMENTATIONS, OPTIMIZERS, SCHEDULES, Augmentation, Constant, Schedule
from netbuilder.gui.boxes import Tick, WordBox
from netbuilder.gui.editor import Editor
from netbuilder.gui.fold import Fold
from netbuilder.gui.form import SettingsForm
from netbuilder.gui.labels import Line, Text
from netbuilder.gui.training.choices import Choices, Method, Options, told
from netbuilder.gui.training.class_weights import ClassWeights
from netbuilder.gui.training.contact_sheet import VERSIONS, ContactSheet, Seen
from netbuilder.gui.training.rate_drawing import RateDrawing
from netbuilder.gui.training.wish_form import WishForm
from netbuilder.gui.training.wishes import sections
from netbuilder.layers import Shape

COLUMN, GAP, SHEET, HEIGHT = 340, 28, QSize(292, 166), 624
WORDS = {
    "Constant": "constant",
    "StepDecay": "drops in steps",
    "Exponential": "falls by a factor an epoch",
    "Cosine": "cosine, down to nothing",
    "OneCycle": "one cycle, up and far down",
    "Plateau": "drops when nothing improves",
}
CHANGES = {
    "Shift": "Shift",
    "Flip": "Flip",
    "Rotate": "Rotate",
    "CutOut": "Cut a square out",
    "Noise": "Add noise",
    "Contrast": "Change the contrast",
    "Brightness": "Change the brightness",
}
CLASSES_ONLY = {
    "label_smoothing": "Label smoothing changes cross-entropy, but the loss is to be mean squared error.",
    "class_weights": "Class weights change cross-entropy, but the loss is to be mean squared error.",
}


class OptionsDialog(QDialog):
    """`chosen` carries the Options that are to be used. Every change shows at once in the drawing and the sheet."""

    chosen = Signal(object)

    def __init__(
        self,
        choices: Choices,
        method: Method,
        shape: Shape | None,
        per_epoch: int,
        threads: int | None,
        parent: QWidget,
    ):
        super().__init__(parent)
        self.setObjectName("options_dialog")
        self.setWindowTitle("Training options")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choices, self._per_epoch = choices, per_epoch
        self._schedules: dict[str, Schedule] = {name: kind() for name, kind in SCHEDULES.items()}
        self._changes: dict[str, Augmentation] = {name: kind() for name, kind in AUGMENTATIONS.items()}
        self._forms: dict[str, SettingsForm] = {}
        self._places: dict[str, QVBoxLayout] = {}
        self.schedule = WordBox(WORDS)
        self.ticks = {name: Tick(words) for name, words in CHANGES.items()}
        self.drawing = RateDrawing(self)
        self.sheet = ContactSheet(choices.offer, shape, SHEET, self)
        self._sections = sections(method, threads)
        self._own = {each.name for each in OPTIMIZERS[method.kind].settings()}
        self.forms = {each.name: WishForm(each.wishes, self) for each in self._sections}
        self.folds = {
            each.name: Fold(each.title, f"options_{each.name}", self.forms[each.name], self)
            for each in self._sections
            if each.folded
        }
        self.editors: dict[str, Editor] = {k: v for form in self.forms.values() for k, v in form.editors.items()}
        self.use, self.reset = QPushButton("Use these", self), QPushButton("Back to usual", self)
        self.cancel = QPushButton("Cancel", self)
        self._lay_out()
        self._connect()
        self.show_options(choices.options)
        self._know(Seen("", next((each.classes for each in catalogue() if each.name == choices.offer.source), ())))

    # ---- reading and showing -----------------------------------------------------------------------------------------

    def options(self) -> Options:
        """What is chosen now, as far as it is not as usual."""
        schedule = self._schedules[self.schedule.currentData()]
        changed = {name: value for form in self.forms.values() for name, value in form.changes().items()}
        return Options(
            None if schedule == Constant() else schedule,
            tuple(self._changes[name] for name, tick in self.ticks.items() if tick.isChecked()),
            {name: value for name, value in changed.items() if name in self._own},
            {name: value for name, value in changed.items() if name not in self._own},
        )

    def show_options(self, options: Options) -> None:
        """Show these."""
        schedule = options.schedule or Constant()
        self._schedules[type(schedule).__name__] = schedule
        self.schedule.show_choice(type(schedule).__name__)
        for each in options.augment:
            self._changes[type(each).__name__] = each
        asked = {type(each).__name__ for each in options.augment}
        for name, tick in self.ticks.items():
            tick.show_state(name in asked)
        for name, form in self._forms.items():
            shown: Any = self._schedules.get(name) or self._changes[name]
            form.show_layers([shown])
        for form in self.forms.values():
            form.show_changes({**options.optimizer, **options.job})
        for name, fold in self.folds.items():
            fold.open(bool(self.forms[name].changes()))
        self._sync()

    def _sync(self) -> None:
        """Show the settings of what is chosen, and what comes of them."""
        shown = self.schedule.currentData()
        for name in self._places:
            wanted = name == shown or (name in self.ticks and self.ticks[name].isChecked())
            if wanted or name in self._forms:
                self._form(name).setVisible(wanted)
        options, choices = self.options(), self._choices
        schedule = options.schedule or Constant()
        self.drawing.show_schedule(schedule, choices.rate, choices.epochs, self._per_epoch)
        self.sheet.show_augmented(options.augment)
        for name, fold in self.folds.items():
            fold.say(" · ".join(told(*each) for each in self.forms[name].changes().items()))
        for name, sentence in CLASSES_ONLY.items():
            clash = "cross_entropy" not in options.job.get("loss", "cross_entropy") and name in options.job
            self.forms["overfitting"].refuse(name, sentence if clash else "")
        self.reset.setEnabled(options != Options())

    def _know(self, seen: Seen) -> None:
        """The classes of the data are known."""
        editor = self.editors["class_weights"]
        if seen.classes and isinstance(editor, ClassWeights):
            editor.show_classes(seen.classes, seen.counts)

    # ---- editing -----------------------------------------------------------------------------------------------------

    def _edit(self, among: dict[str, Any], name: str, setting: str, value: object) -> None:
        try:
            among[name] = replace(among[name], **{setting: value})
        except ValueError as error:
            self._forms[name].refuse(setting, str(error))
        else:
            self._sync()

    def _reveal(self, part: QWidget) -> None:
        """Bring what has grown into sight, once it has."""
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(part, 0, 8))

    def _accept(self) -> None:
        for form in (*self.forms.values(), *self._forms.values()):
            form.settle()
        self.chosen.emit(self.options())
        self.accept()

    def done(self, arg__1: int) -> None:
        self.sheet.end()
        super().done(arg__1)

    def closeEvent(self, arg__1: QCloseEvent) -> None:
        self.sheet.end()
        super().closeEvent(arg__1)

    # ---- making ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.schedule.edited.connect(lambda _name: self._sync())
        for tick in self.ticks.values():
            tick.edited.connect(lambda _on: self._sync())
        for form in self.forms.values():
            form.changed.connect(self._sync)
        self.sheet.found.connect(self._know)
        for fold in self.folds.values():
            fold.turned.connect(lambda on, fold=fold: self._reveal(fold) if on else None)
        self.forms["overfitting"].edited.connect(lambda name, _value: self._reveal(self.editors[name]))
        self.use.clicked.connect(self._accept)
        self.cancel.clicked.connect(self.reject)
        self.reset.clicked.connect(lambda: self.show_options(Options()))

    def _lay_out(self) -> None:
        self._area = _scrolling(self._settings_column(), "options_left", COLUMN)
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(_scrolling(self._changes_column(), "options_right", SHEET.width()), 1)
        beside.addWidget(self.sheet)
        beside.addWidget(Text(f"Left as it is, then as {VERSIONS} epochs would show it", "tertiary"))
        across = QHBoxLayout()
        across.setSpacing(GAP)
        across.addWidget(self._area)
        across.addLayout(beside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        whole.setSpacing(12)
        whole.addLayout(across, 1)
        whole.addLayout(self._foot())
        self.resize(self.sizeHint().width(), HEIGHT)

    def _settings_column(self) -> QVBoxLayout:
        """The learning rate over the epochs, then everything by sections."""
        self.schedule.setObjectName("options_schedule")
        self.schedule.setAccessibleName("Schedule of the learning rate")
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(_title("Learning rate"))
        column.addWidget(self.schedule)
        for name in self._schedules:
            column.addLayout(self._place(name))
        column.addWidget(self.drawing)
        column.addWidget(Line())
        for each in self._sections:
            if each.folded:
                column.addWidget(self.folds[each.name])
            else:
                column.addWidget(_title(each.title))
                column.addWidget(self.forms[each.name])
                column.addWidget(Line())
        column.addStretch(1)
        return column

    def _changes_column(self) -> QVBoxLayout:
        """What may be done to training samples."""
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(_title("Augmentation"))
        for name, tick in self.ticks.items():
            tick.setObjectName(f"options_{name.lower()}")
            tick.setToolTip((AUGMENTATIONS[name].__doc__ or "").split(". ")[0].split("\n")[0])
            column.addWidget(tick)
            column.addLayout(self._place(name))
        column.addStretch(1)
        return column

    def _foot(self) -> QHBoxLayout:
        for name in ("use", "reset", "cancel"):
            getattr(self, name).setObjectName(f"options_{name}")
        self.use.setProperty("role", "primary")
        self.use.setDefault(True)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.reset)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.use)
        return foot

    def _place(self, name: str) -> QVBoxLayout:
        """Where the form of a schedule or an augmentation will be, once it is chosen."""
        self._places[name] = QVBoxLayout()
        return self._places[name]

    def _form(self, name: str) -> SettingsForm:
        """The form of a schedule or an augmentation, made when it is first needed."""
        if name not in self._forms:
            among: dict[str, Any] = self._schedules if name in self._schedules else self._changes
            form = SettingsForm(among[name].settings())
            form.show_layers([among[name]])
            form.edited.connect(lambda setting, new: self._edit(among, name, setting, new))
            self._forms[name] = form
            self._places[name].addWidget(form)
            before: QWidget = self.ticks.get(name, self.schedule)
            for box in (box for editor in form.editors.values() for box in editor.boxes):
                self.setTabOrder(before, box)
                before = box
        return self._forms[name]


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


def _scrolling(column: QVBoxLayout, name: str, width: int) -> QScrollArea:
    inner, area = QWidget(), QScrollArea()
    inner.setObjectName(name)
    column.setContentsMargins(0, 0, 12, 0)
    inner.setLayout(column)
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFixedWidth(width + 12)
    return area
