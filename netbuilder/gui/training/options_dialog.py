"""What may be asked of a training beyond its form: a schedule, augmentation, and the rest, generated from what the
engine declares."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from netbuilder.engine import AUGMENTATIONS, OPTIMIZERS, SCHEDULES, Augmentation, Constant, Job, Schedule
from netbuilder.gui.boxes import Tick, WordBox
from netbuilder.gui.form import SettingsForm
from netbuilder.gui.labels import Line, Text
from netbuilder.gui.training.choices import Choices, Method, Options
from netbuilder.gui.training.contact_sheet import VERSIONS, ContactSheet
from netbuilder.gui.training.rate_drawing import RateDrawing
from netbuilder.layers import Shape
from netbuilder.layers.settings import Real, Setting

COLUMN, GAP, SHEET = 292, 28, QSize(292, 166)
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
OFFERED = ("patience", "label_smoothing", "clip_norm", "accumulate", "init", "seed", "threads")
"""Settings of a Job that are shown, in order."""


class OptionsDialog(QDialog):
    """`chosen` carries the Options that are to be used. Every change shows at once in the drawing and the sheet."""

    chosen = Signal(object)

    def __init__(self, choices: Choices, method: Method, shape: Shape | None, per_epoch: int, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("options_dialog")
        self.setWindowTitle("Training options")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choices, self._method, self._per_epoch = choices, method, per_epoch
        self._schedules: dict[str, Schedule] = {name: kind() for name, kind in SCHEDULES.items()}
        self._changes: dict[str, Augmentation] = {name: kind() for name, kind in AUGMENTATIONS.items()}
        self._forms: dict[str, SettingsForm] = {}
        self._places: dict[str, QVBoxLayout] = {}
        self.schedule = WordBox(WORDS)
        self.ticks = {name: Tick(words) for name, words in CHANGES.items()}
        self.drawing = RateDrawing(self)
        self.sheet = ContactSheet(choices.offer, shape, SHEET, self)
        self._settings = {each.name: each for each in (*self._optimizer_settings(), *_job_settings())}
        self._values: dict[str, Any] = {}
        self.numbers = SettingsForm(tuple(self._settings.values()))
        self.use, self.reset = QPushButton("Use these", self), QPushButton("Back to usual", self)
        self.cancel = QPushButton("Cancel", self)
        self._lay_out()
        self._connect()
        self.show_options(choices.options)

    # ---- reading and showing -----------------------------------------------------------------------------------------

    def options(self) -> Options:
        """What is chosen now, as far as it is not as usual."""
        schedule = self._schedules[self.schedule.currentData()]
        changed = {name: value for name, value in self._values.items() if value != self._settings[name].default}
        own = [each.name for each in self._optimizer_settings()]
        return Options(
            None if schedule == Constant() else schedule,
            tuple(self._changes[name] for name, tick in self.ticks.items() if tick.isChecked()),
            {name: value for name, value in changed.items() if name in own},
            {name: value for name, value in changed.items() if name not in own},
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
        given = {**options.optimizer, **options.job}
        self._values = {name: given.get(name, each.default) for name, each in self._settings.items()}
        for name, value in self._values.items():
            self.numbers.editors[name].set_value(value)
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
        self.reset.setEnabled(options != Options())

    # ---- editing -----------------------------------------------------------------------------------------------------

    def _edit(self, among: dict[str, Any], name: str, setting: str, value: object) -> None:
        try:
            among[name] = replace(among[name], **{setting: value})
        except ValueError as error:
            self._forms[name].refuse(setting, str(error))
        else:
            self._sync()

    def _number(self, name: str, value: object) -> None:
        self._values[name] = value
        self._sync()

    def _accept(self) -> None:
        for form in (self.numbers, *self._forms.values()):
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

    def _optimizer_settings(self) -> tuple[Setting, ...]:
        """What the optimizer has beside its rate, where it has it."""
        usual = OPTIMIZERS[self._method.kind](**self._method.settings)
        decay = Setting(
            "weight_decay", Real(0, 10), usual.weight_decay, "", "How strongly weights are drawn towards 0."
        )
        if "momentum" not in self._method.settings:
            return (decay,)
        momentum = Setting(
            "momentum", Real(0, 1, low_open=True, high_open=True), self._method.settings["momentum"], "",
            "The share of its speed that a step keeps.",
        )  # fmt: skip
        return momentum, decay

    def _connect(self) -> None:
        self.schedule.edited.connect(lambda _name: self._sync())
        for tick in self.ticks.values():
            tick.edited.connect(lambda _on: self._sync())
        self.numbers.edited.connect(self._number)
        self.use.clicked.connect(self._accept)
        self.cancel.clicked.connect(self.reject)
        self.reset.clicked.connect(lambda: self.show_options(Options()))

    def _lay_out(self) -> None:
        self.schedule.setObjectName("options_schedule")
        self.schedule.setAccessibleName("Schedule of the learning rate")
        left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(8)
        left.addWidget(_title("Learning rate"))
        left.addWidget(self.schedule)
        for name in self._schedules:
            left.addLayout(self._place(name))
        left.addWidget(self.drawing)
        left.addWidget(Line())
        left.addWidget(_title("Training"))
        left.addWidget(self.numbers)
        left.addStretch(1)
        right.addWidget(_title("Augmentation"))
        for name, tick in self.ticks.items():
            tick.setObjectName(f"options_{name.lower()}")
            tick.setToolTip((AUGMENTATIONS[name].__doc__ or "").split(". ")[0].split("\n")[0])
            right.addWidget(tick)
            right.addLayout(self._place(name))
        right.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        whole.setSpacing(12)
        across = QHBoxLayout()
        across.setSpacing(GAP)
        across.addWidget(_scrolling(left, "options_left"))
        beside = QVBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(_scrolling(right, "options_right"), 1)
        beside.addWidget(self.sheet)
        beside.addWidget(Text(f"Left as it is, then as {VERSIONS} epochs would show it", "tertiary"))
        across.addLayout(beside)
        whole.addLayout(across, 1)
        whole.addLayout(self._foot())
        self.resize(self.sizeHint().width(), 560)

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
        return self._forms[name]


def _job_settings() -> tuple[Setting, ...]:
    known = {each.name: each for each in Job.settings()}
    return tuple(known[name] for name in OFFERED)


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


def _scrolling(column: QVBoxLayout, name: str) -> QScrollArea:
    inner, area = QWidget(), QScrollArea()
    inner.setObjectName(name)
    column.setContentsMargins(0, 0, 12, 0)
    inner.setLayout(column)
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setFixedWidth(COLUMN + 12)
    return area
