"""The form beside the curves: which data, which optimizer, which rate; a sensible choice is always already made."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from netbuilder.gui.labels import ShortenedText, tip
from netbuilder.gui.number_box import PADDING
from netbuilder.gui.training.choices import METHODS, Choices, Method, Offer, Options, from_file, offers
from netbuilder.layers import Shape

OPEN, RESIZED = "Open .npz…", " · resized"
ROW, LINE = 22, 18
MORE = "More options…"
LARGEST_BATCH, MOST_EPOCHS = 65_536, 100_000


class Form(QWidget):
    """Five rows, and a line that sums up what else is asked for. Data, optimizer and batch size rest while a run is on;
    rate and epochs may change during it."""

    changed = Signal()
    rate_changed = Signal(float)
    epochs_changed = Signal(int)
    options_wanted = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._shape: Shape | None = None
        self._file: Offer | None = None
        self._chosen: str | None = None
        self._offers: tuple[Offer, ...] = ()
        self._options = Options()
        self.data, self.method = DataBox(self), QComboBox(self)
        self.rate, self.batch, self.epochs = RateBox(self), QSpinBox(self), QSpinBox(self)
        self.summary, self.more = ShortenedText("secondary"), QPushButton(MORE, self)
        self._lay_out()
        for method in METHODS:
            self.method.addItem(method.title, method.name)
            self.method.setItemData(self.method.count() - 1, method.help, Qt.ItemDataRole.ToolTipRole)
        self.method.setCurrentIndex(1)
        self.rate.setValue(METHODS[1].rate)
        self.batch.setRange(1, LARGEST_BATCH)
        self.batch.setValue(64)
        self.epochs.setRange(1, MOST_EPOCHS)
        self.epochs.setValue(8)
        self._connect()
        self.suit(None)

    # ---- reading -----------------------------------------------------------------------------------------------------

    @property
    def offer(self) -> Offer | None:
        """The data set chosen; None where nothing suits the design."""
        index = self.data.currentIndex()
        return self._offers[index] if 0 <= index < len(self._offers) else None

    def choices(self) -> Choices | None:
        """All that is filled in; None where no data set suits the design."""
        offer = self.offer
        if offer is None:
            return None
        fields = self.method.currentData(), self.rate.value(), self.batch.value(), self.epochs.value()
        return Choices(offer, *fields, self._options)

    @property
    def chosen_method(self) -> Method:
        """The optimizer chosen."""
        return METHODS[self.method.currentIndex()]

    @property
    def options(self) -> Options:
        """What is asked for beyond the rows."""
        return self._options

    @options.setter
    def options(self, options: Options) -> None:
        self._options = options
        text = options.text()
        self.summary.say(text)
        self.summary.setToolTip(tip(text))
        self.more.setText("Options…" if text else MORE)
        self.changed.emit()

    # ---- following ---------------------------------------------------------------------------------------------------

    def suit(self, shape: Shape | None, preferred: str | None = None) -> None:
        """Offer what suits an input shape; `preferred` wins among equals until the user has chosen by hand."""
        found = offers(shape)
        fitting = [offer for offer in found if not offer.resized]
        if preferred and any(offer.source == preferred for offer in fitting):
            found = tuple(sorted(found, key=lambda offer: offer.source != preferred))
        if self._file is not None:
            found = (self._file, *found)
        if shape == self._shape and found == self._offers:
            return
        if shape != self._shape and self._file is None:
            self._chosen = None
        self._shape = shape
        self._offer(found)

    def open(self, path: Path) -> None:
        """Choose a file of the user's."""
        self._file = from_file(path)
        self._chosen = self._file.source
        self._offer((self._file, *(offer for offer in self._offers if Path(offer.source).suffix != ".npz")))

    def take(self, choices: Choices) -> None:
        """Fill in what another training was asked; data that does not suit the design stays unchosen."""
        known = next((each.source for each in self._offers if each.source == choices.offer.source), None)
        if known is not None:
            self._chosen = known
            self._offer(self._offers)
        elif Path(choices.offer.source).suffix == ".npz":
            self.open(Path(choices.offer.source))
        self.method.setCurrentIndex(self.method.findData(choices.method))
        self.rate.setValue(choices.rate)
        self.batch.setValue(choices.batch)
        self.epochs.setValue(choices.epochs)
        self.options = choices.options

    def rest(self, resting: bool) -> None:
        """While a run is on, what cannot change during it rests."""
        if resting and (focus := self.focusWidget()) in (self.data, self.method, self.batch, self.more):
            focus.clearFocus()  # or it would go to the button that stops the run
        for field in (self.data, self.method, self.batch, self.more):
            field.setDisabled(resting)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _offer(self, found: tuple[Offer, ...]) -> None:
        self._offers = found
        with QSignalBlocker(self.data):
            self.data.clear()
            for offer in found:
                self.data.addItem(f"{offer.title}{RESIZED}" if offer.note else offer.title)
                self.data.setItemData(self.data.count() - 1, offer.note, Qt.ItemDataRole.ToolTipRole)
            self.data.addItem(OPEN)
            sources = [offer.source for offer in found]
            self.data.setCurrentIndex(sources.index(self._chosen) if self._chosen in sources else 0 if found else -1)
        self.changed.emit()

    def _data_activated(self, index: int) -> None:
        if index < len(self._offers):
            self._chosen = self._offers[index].source
            self.changed.emit()
            return
        chosen, _ = QFileDialog.getOpenFileName(self.window(), "Open data", "", "NumPy archives (*.npz)")
        if chosen:
            self.open(Path(chosen))
        else:
            self._offer(self._offers)

    def _method_activated(self, index: int) -> None:
        if self._options.optimizer:
            self.options = replace(self._options, optimizer={})  # they were the other one's
        self.rate.setValue(METHODS[index].rate)
        self.changed.emit()

    def _connect(self) -> None:
        self.data.activated.connect(self._data_activated)
        self.method.activated.connect(self._method_activated)
        self.rate.valueChanged.connect(self.rate_changed)
        self.epochs.valueChanged.connect(self.epochs_changed)
        self.more.clicked.connect(self.options_wanted)
        for box in (self.rate, self.batch, self.epochs):
            box.valueChanged.connect(lambda _value: self.changed.emit())

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnMinimumWidth(0, 72)
        grid.setColumnStretch(1, 1)
        rows = (
            ("Data", self.data, "training_data", "What the network learns from"),
            ("Optimizer", self.method, "training_method", "How weights follow from gradients"),
            ("Learning rate", self.rate, "training_rate", "Length of a step; may change during a run"),
            ("Batch size", self.batch, "training_batch", "Images a step"),
            ("Epochs", self.epochs, "training_epochs", "Passes over the training part; may change during a run"),
        )
        for row, (text, field, name, help_) in enumerate(rows):
            label = QLabel(text, self)
            label.setProperty("role", "secondary")
            label.setBuddy(field)
            field.setObjectName(name)
            field.setAccessibleName(text)
            field.setToolTip(help_)
            field.setProperty("compact", True)
            field.setFixedHeight(ROW)
            if isinstance(field, QAbstractSpinBox):
                field.lineEdit().setTextMargins(PADDING, 0, 0, 0)  # a style sheet's padding does not reach this field
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        self.more.setObjectName("training_more")
        self.more.setProperty("role", "link")
        self.more.setFixedHeight(LINE)
        self.more.setToolTip("Schedule of the rate, augmentation, weight decay, patience and more")
        self.summary.setObjectName("training_options")
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.summary, 1)
        line.addWidget(self.more)
        grid.addLayout(line, len(rows), 0, 1, 2)


class DataBox(QComboBox):
    """Data sets by name; that one is resized stands in its list, and beneath the form, where there is room for it."""

    def paintEvent(self, e: QPaintEvent) -> None:
        option, painter = QStyleOptionComboBox(), QStylePainter(self)
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        title, mode = self.currentText().removesuffix(RESIZED), Qt.TextElideMode.ElideMiddle
        option.currentText = self.fontMetrics().elidedText(title, mode, field.width() - 4)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def showPopup(self) -> None:
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + 32)
        super().showPopup()


class RateBox(QDoubleSpinBox):
    """A learning rate: written as briefly as it can be, stepped through 1, 2, 5, 10."""

    STEPS = (1.0, 2.0, 5.0)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setDecimals(8)
        self.setRange(1e-7, 100.0)
        self.setKeyboardTracking(False)
        self.setCorrectionMode(QDoubleSpinBox.CorrectionMode.CorrectToNearestValue)

    def textFromValue(self, val: float) -> str:
        return f"{val:.8f}".rstrip("0").rstrip(".")

    def stepBy(self, steps: int) -> None:
        marks = [mark * 10.0**power for power in range(-7, 3) for mark in self.STEPS]
        value = self.value()
        for _ in range(abs(steps)):
            above = [mark for mark in marks if mark > value * 1.001]
            below = [mark for mark in marks if mark < value * 0.999]
            value = (above[0] if above else value) if steps > 0 else (below[-1] if below else value)
        self.setValue(value)
