"""Loss and accuracy side by side: the current run growing, past runs behind it, a read-out under the mouse, export."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget, QWidgetAction

from netbuilder.files import FileError
from netbuilder.gui.filing import ask_where
from netbuilder.gui.glyphs import glyph
from netbuilder.gui.theme import theme
from netbuilder.gui.training import figure
from netbuilder.gui.training.chart import VALIDATION, Chart, Overlay
from netbuilder.gui.training.legend import Entry, Legend
from netbuilder.gui.training.record import Curve, Record

SMOOTHEST = 100
"""Where the slider of smoothing ends."""
REST = 4
"""A redraw is followed by a rest of at least so many times its own length, so that the window stays quick."""


class Curves(QWidget):
    """The Curves tab. `show_record` may be called at any rate; it draws at most once in a while."""

    said = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._record: Record | None = None
        self._compared: tuple[tuple[Record, str], ...] = ()
        self.loss, self.accuracy = Chart(parent=self), Chart(share=True, parent=self)
        self.legend = Legend(self)
        self._log = QToolButton(self)
        self._more = QToolButton(self)
        self._read = {chart: ReadOut(chart) for chart in (self.loss, self.accuracy)}
        self._rested = 0.0
        self._ahead = 1
        self._memory: float | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.timeout.connect(self._draw)
        self._lay_out()
        for chart in (self.loss, self.accuracy):
            chart.hovered.connect(self._hover)
        self.accuracy.getViewBox().setXLink(self.loss.getViewBox())
        self.loss.looked.connect(self._follow_together)
        self.accuracy.looked.connect(self._follow_together)
        theme.changed.connect(self.restyle)
        self.restyle()

    # ---- showing -----------------------------------------------------------------------------------------------------

    def show_record(self, record: Record | None) -> None:
        """Show a run, or what has been added to it."""
        if record is not self._record:
            self._record = record
            if record is not None and self._memory is not None:
                record.smooth(self._memory)
            self.look_at_all()
            self._name()
        if not self._redraw.isActive():
            self._redraw.start(max(0, round((self._rested - time.perf_counter()) * 1000)))

    def show_ahead(self, epochs: int) -> None:
        """Before the first run: axes for so many epochs."""
        self._ahead = epochs
        if self._record is None:
            self._redraw.start(0)

    def show_compared(self, compared: Sequence[tuple[Record, str]]) -> None:
        """Show past runs behind the current one, each in its colour."""
        self._compared = tuple(compared)
        self.loss.show_overlays([Overlay(r.title, colour, r.loss) for r, colour in self._compared])
        self.accuracy.show_overlays([Overlay(r.title, colour, r.accuracy) for r, colour in self._compared])
        self._name()

    def look_at_all(self) -> None:
        """Undo every zoom."""
        self.loss.look_at_all()
        self.accuracy.look_at_all()

    def restyle(self) -> None:
        """Take over the colours in force."""
        self.loss.restyle()
        self.accuracy.restyle()
        self._more.setIcon(glyph("more", theme.colours.secondary))
        self._name()

    def menu(self) -> QMenu:
        """What can be done with the curves."""
        menu = QMenu(self)
        log = menu.addAction("&Logarithmic loss")
        log.setCheckable(True)
        log.setChecked(self._log.isChecked())
        log.toggled.connect(self._log.setChecked)
        menu.addAction("Show &everything").triggered.connect(lambda _checked=False: self.look_at_all())
        menu.addAction(self._smoothing(menu))
        menu.addSeparator()
        for kind, text in (("csv", "Save as &CSV…"), ("png", "Save as &PNG…"), ("svg", "Save as &SVG…")):
            action = menu.addAction(text)
            action.setEnabled(self._record is not None)
            action.triggered.connect(lambda _checked=False, kind=kind: self._ask_export(kind))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def smooth(self, memory: float | None) -> None:
        """Average over more or fewer batches: `memory` is the weight of the past, below 1; None is as suits a run."""
        self._memory = memory
        for record in (*([self._record] if self._record else []), *(r for r, _colour in self._compared)):
            record.smooth(memory)
        self.show_compared(self._compared)
        self.show_record(self._record)

    def _smoothing(self, menu: QMenu) -> QWidgetAction:
        """A slider within the menu: none at its left, a thousand batches at its right."""
        row, slider = QWidget(menu), QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("curves_smoothing")
        slider.setAccessibleName("Smoothing")
        slider.setToolTip("How many batches the bold line averages over; every batch stays visible, thin")
        slider.setRange(0, SMOOTHEST)
        slider.setFixedWidth(120)
        memory = self._record.loss.smoothed.memory if self._record else 0.0
        slider.setValue(round(-math.log10(max(1 - memory, 1e-3)) * SMOOTHEST / 3))
        slider.valueChanged.connect(lambda value: self.smooth(min(1 - 10 ** (-3 * value / SMOOTHEST), 0.999)))
        across = QHBoxLayout(row)
        across.setContentsMargins(16, 6, 16, 6)
        across.setSpacing(12)
        across.addWidget(QLabel("Smoothing"))
        across.addWidget(slider)
        action = QWidgetAction(menu)
        action.setDefaultWidget(row)
        return action

    def export(self, path: Path) -> None:
        """Write the curves as .csv, .png or .svg, by the file's extension. Raises FileError."""
        assert self._record is not None
        self._hover(None)
        if path.suffix == ".csv":
            figure.write_csv(self._record, path)
        else:
            figure.write_picture((("Loss", self.loss), ("Accuracy", self.accuracy)), self.legend.entries, path)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        began = time.perf_counter()
        record = self._record
        changes = record.changes if record else ()
        epochs = float(record.epochs if record else self._ahead)
        self.loss.show_curve(record.loss if record else Curve(), epochs, changes)
        self.accuracy.show_curve(record.accuracy if record else Curve(), epochs, changes)
        self.loss.show_rates(record.rates if record and record.scheduled else None)
        self._rested = time.perf_counter() + (time.perf_counter() - began) * REST

    def _name(self) -> None:
        c = theme.colours
        own = (Entry("training", c.accent), Entry("validation", VALIDATION[theme.dark], marked=True))
        if self._record and self._record.scheduled:
            own = (*own, Entry("learning rate", c.tertiary, dashed=True))
        self.legend.show_entries((*own, *(Entry(r.title, colour, dashed=True) for r, colour in self._compared)))

    def _follow_together(self) -> None:
        """One epoch axis for both charts: moving one moves the other."""
        moved = self.sender()
        other = self.accuracy if moved is self.loss else self.loss
        assert isinstance(moved, Chart)
        if moved.following and not other.following:
            other.look_at_all()
        elif not moved.following:
            other.stay()

    def _hover(self, epoch: float | None) -> None:
        record = self._record
        if record is None or not len(record.loss.training):
            epoch = None
        for chart, curve in ((self.loss, record.loss), (self.accuracy, record.accuracy)) if record else ():
            chart.cross(epoch)
            rate = record.rates.at(epoch) if record and epoch is not None and record.scheduled else None
            self._read[chart].show_values(epoch, curve, share=chart is self.accuracy, rate=rate)

    def _ask_export(self, kind: str) -> None:
        assert self._record is not None
        path = ask_where(self.window(), "Save the curves", Path.home() / f"curves.{kind}", f"*.{kind}")
        if path is None:
            return
        try:
            self.export(path)
        except FileError as error:
            self.said.emit(str(error))
        else:
            self.said.emit(f"Wrote {path.name}.")

    def _lay_out(self) -> None:
        self._log.setObjectName("curves_log")
        self._log.setText("log")
        self._log.setCheckable(True)
        self._log.setToolTip("Draw the loss on a logarithmic axis")
        self._log.toggled.connect(self.loss.show_log)
        self._more.setObjectName("curves_more")
        self._more.setToolTip("Axes and export")
        self._more.setAccessibleName("Axes and export")
        self._more.clicked.connect(lambda: self.menu().popup(self._more.mapToGlobal(QPoint(0, self._more.height()))))
        for button in (self._log, self._more):
            button.setProperty("role", "quiet")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 4, 8, 2)
        grid.setSpacing(0)
        grid.setHorizontalSpacing(8)
        heads = (("Loss", self._log, None), ("Accuracy", self.legend, self._more))
        for column, (title, first, second) in enumerate(heads):
            head = QHBoxLayout()
            head.setSpacing(16 if column else 8)
            label = QLabel(title, self)
            label.setProperty("role", "strong")
            head.addWidget(label)
            head.addWidget(first, 1 if column else 0)
            head.addStretch(0 if column else 1)
            if second is not None:
                head.addWidget(second)
            grid.addLayout(head, 0, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.loss, 1, 0)
        grid.addWidget(self.accuracy, 1, 1)
        grid.setRowStretch(1, 1)


class ReadOut(QLabel):
    """The values under the cross-hair, in a corner of its chart that curves seldom reach."""

    def __init__(self, chart: Chart):
        super().__init__(chart)
        self._chart = chart
        self.setProperty("role", "readout")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_values(self, epoch: float | None, curve: Curve, *, share: bool, rate: float | None = None) -> None:
        """Show what the curves say at an epoch, and the rate where it follows a schedule; hide without one."""
        if epoch is None:
            self.hide()
            return
        lines = [f"epoch {max(epoch, 0.0):.2f}"]
        for name, series in (("training", curve.smoothed), ("validation", curve.validation)):
            value = series.at(epoch)
            if value is not None:
                lines.append(f"{name} {value * 100:.1f} %" if share else f"{name} {value:.4g}")
        if rate is not None and not share:
            lines.append(f"rate {rate:.3g}")
        self.setText("\n".join(lines))
        self.adjustSize()
        right = self._chart.width() - self.width() - 12
        self.move(right, self._chart.height() - self.height() - 32 if share else 4)
        self.show()
