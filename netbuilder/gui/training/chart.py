"""One quantity over the epochs of a run: every batch thin, smoothed bold, validation marked, past runs dashed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPen
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme import font, theme
from netbuilder.gui.training.record import Change, Curve, Numbers, Series

VALIDATION = {False: "#D97706", True: "#D9821E"}
"""The validation curve's orange on light and on dark ground."""
TICKS = 11
LEFT_AXIS, BOTTOM_AXIS, OVERHANG = 44, 22, 32
MOST_RATES = 600
"""Points of the line that shows the learning rate."""
FLOOR = 1e-12
"""What a logarithmic axis shows for a loss of 0."""


@dataclass(frozen=True)
class Overlay:
    """A past run on the same axes."""

    name: str
    colour: str
    curve: Curve


class Axis(pg.AxisItem):
    """Ticks in small tabular figures, without the line and the little strokes; the highest of a share says %."""

    def __init__(self, orientation: str, *, share: bool = False):
        super().__init__(orientation, showValues=True)
        self._share = share
        self.enableAutoSIPrefix(False)
        self.setStyle(tickLength=0, tickTextOffset=6, tickFont=font(TICKS), autoExpandTextSpace=False, maxTickLevel=0)

    def boundingRect(self) -> QRectF:
        """Room for the labels at both ends, which pyqtgraph forgets once there is a grid."""
        return super().boundingRect().adjusted(-OVERHANG, -OVERHANG, OVERHANG, OVERHANG)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.orientation == "bottom":
            found = super().tickStrings(values, scale, spacing)
            return ["epoch 0", *found[1:]] if len(values) and values[0] == 0 else found
        if self.logMode or not self._share or not len(values):
            return super().tickStrings(values, scale, spacing)
        plain = [f"{value * 100:.{max(0, -math.floor(math.log10(spacing * 100)))}f}" for value in values]
        return [*plain[:-1], f"{plain[-1]} %"]


class Chart(pg.PlotWidget):
    """A plot of one Curve. `hovered` tells the epoch under the mouse, None when it leaves."""

    hovered = Signal(object)
    looked = Signal()
    """The user moved or zoomed, or asked to see everything again."""

    def __init__(self, *, share: bool = False, parent: QWidget | None = None):
        axes = {"left": Axis("left", share=share), "bottom": Axis("bottom")}
        super().__init__(parent, axisItems=axes, enableMenu=False)
        self._axes, self._share = axes, share
        self._curve, self._epochs, self._log = Curve(), 1.0, False
        self._overlays: list[pg.PlotDataItem] = []
        self._marks: list[pg.InfiniteLine] = []
        self.following = True
        self._bounds = 0.0, 1.0
        self._sharpness = 1.0
        plot: Any = self.getPlotItem()  # pyqtgraph has few types
        self._plot = plot
        plot.hideButtons()
        plot.setContentsMargins(0, 8, 12, 0)
        for axis in axes.values():
            axis.setZValue(-100)  # or the grid would be drawn over the curves
        axes["left"].setWidth(LEFT_AXIS)
        axes["bottom"].setHeight(BOTTOM_AXIS)
        self._batches, self._smoothed, self._validation = (self._line() for _ in range(3))
        self._smoothed.setZValue(1)
        self._validation.setZValue(2)
        self._validation.opts["useCache"] = False  # drawn, not stamped, so that an SVG has no pixels in it
        self._rates, self._rate_points = pg.PlotCurveItem(), (np.empty(0), np.empty(0))
        self._rates.setZValue(-2)
        plot.addItem(self._rates, ignoreBounds=True)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        plot.addItem(self._cross, ignoreBounds=True)
        plot.getViewBox().sigRangeChangedManually.connect(self._moved)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing here for keys; the menu beside it has them
        self.restyle()

    # ---- showing -----------------------------------------------------------------------------------------------------

    def show_curve(self, curve: Curve, epochs: float, changes: Sequence[Change]) -> None:
        """Show what a run has told so far; the epoch axis runs to its last epoch."""
        self._curve, self._epochs = curve, max(epochs, 1.0)
        self._batches.setData(curve.training.x, self._visible(curve.training.y))
        self._smoothed.setData(curve.smoothed.x, self._visible(curve.smoothed.y))
        self._validation.setData(curve.validation.x, self._visible(curve.validation.y))
        if len(changes) != len(self._marks):
            self._mark(changes)
        if self.following:
            self._frame()

    def show_rates(self, rates: Series | None) -> None:
        """Show how the learning rate went, quietly behind the curves: its highest reaches almost to the top."""
        count = len(rates) if rates else 0
        places = np.unique(np.linspace(0, max(count - 1, 0), min(count, MOST_RATES)).astype(int))
        self._rate_points = (rates.x[places], rates.y[places]) if rates and count else (np.empty(0), np.empty(0))
        self._place_rates()

    def show_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Show past runs: smoothed training dashed, validation as thin dots."""
        for line in self._overlays:
            self.removeItem(line)
        self._overlays = []
        for overlay in overlays:
            line = self._line()
            line.setPen(_dashed(QColor(overlay.colour), 1.5 * self._thickness))
            shown = overlay.curve.smoothed
            line.setData(shown.x, self._visible(shown.y))
            line.setZValue(-1)
            self._overlays.append(line)
        if self.following:
            self._frame()

    def show_log(self, log: bool) -> None:
        """Draw the values on a logarithmic axis, or not."""
        self._log = log
        self._plot.setLogMode(y=log)
        self.look_at_all()

    def look_at_all(self) -> None:
        """Show everything, and go on doing so as points come."""
        self.following = True
        self._frame()

    def stay(self) -> None:
        """Stop following new points: the user looks at something."""
        self.following = False

    def cross(self, epoch: float | None) -> None:
        """Put the cross-hair at an epoch, or take it away."""
        self._cross.setVisible(epoch is not None)
        if epoch is not None:
            self._cross.setPos(epoch)

    def restyle(self) -> None:
        """Take over the colours in force."""
        c = theme.colours
        self.setBackground(c.surface)
        for name, axis in self._axes.items():
            axis.setPen(pg.mkPen(c.border if name == "bottom" else QColor(0, 0, 0, 0)))
            axis.setTickPen(pg.mkPen(c.grid))
            axis.setTextPen(pg.mkPen(c.tertiary))
        self._plot.showGrid(x=False, y=True, alpha=1.0)
        pale = QColor(c.accent)
        pale.setAlpha(130 if theme.dark else 90)
        self._batches.setPen(self._pen(pale, 1))
        self._smoothed.setPen(self._pen(c.accent, 2))
        orange = VALIDATION[theme.dark]
        self._validation.setPen(self._pen(orange, 1.5))
        self._validation.setSymbol("o")
        self._validation.setSymbolSize(7)
        self._validation.setSymbolBrush(orange)
        self._validation.setSymbolPen(None)
        self._cross.setPen(self._pen(c.tertiary, 1))
        self._rates.setPen(self._pen(c.tertiary, 1, style=Qt.PenStyle.DashLine))
        for mark in self._marks:
            mark.setPen(self._pen(c.secondary, 1, style=Qt.PenStyle.DotLine))
            mark.label.setColor(c.secondary)

    def sharpen(self, factor: float) -> None:
        """For a picture with so many pixels for each one on the screen: lines as thick in it as they look here."""
        self._sharpness = factor
        self.restyle()
        for line in self._overlays:
            line.setPen(_dashed(line.opts["pen"].color(), 1.5 * self._thickness))

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        super().mouseMoveEvent(ev)
        box = self._plot.getViewBox()
        place = self.mapToScene(ev.position().toPoint())
        inside = box.sceneBoundingRect().contains(QPointF(place))
        epoch = box.mapSceneToView(QPointF(place)).x() if inside else None
        self.hovered.emit(epoch)

    def leaveEvent(self, ev: QEvent) -> None:
        super().leaveEvent(ev)
        self.hovered.emit(None)

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        self.look_at_all()
        self.looked.emit()

    # ---- parts -------------------------------------------------------------------------------------------------------

    @property
    def _thickness(self) -> float:
        """What a pen's width must be multiplied by, as pyqtgraph's pens are in pixels of the device."""
        return self.devicePixelRatioF() * self._sharpness

    def _pen(self, colour: QColor | str, width: float, **more: Any) -> QPen:
        return pg.mkPen(colour, width=width * self._thickness, **more)

    def _line(self) -> pg.PlotDataItem:
        line = self.plot(antialias=True)
        line.setDownsampling(auto=True, method="peak")
        line.setClipToView(True)
        return line

    def _visible(self, values: Numbers) -> Numbers:
        return values.clip(min=FLOOR) if self._log else values

    def _moved(self) -> None:
        self.following = False
        self.looked.emit()

    def _mark(self, changes: Sequence[Change]) -> None:
        for mark in self._marks:
            self.removeItem(mark)
        self._marks = []
        for change in changes:
            # Where the curve seldom is: a loss falls, an accuracy rises.
            place = {"position": 0.16 if self._share else 0.98, "anchors": [(0, 0), (0, 0)]}
            mark = pg.InfiniteLine(change.epoch, angle=90, label=change.text, labelOpts=place)
            mark.label.setFont(font(TICKS))
            self._plot.addItem(mark, ignoreBounds=True)
            self._marks.append(mark)
        self.restyle()

    def _frame(self) -> None:
        """The epochs of the run by the values worth seeing: the first steps' spikes may leave the frame."""
        ends = [float(line.xData[-1]) for line in self._overlays if line.xData is not None and len(line.xData)]
        epochs = max([self._epochs, *ends])
        low, high = (self._share_frame if self._share else self._loss_frame)()
        box = self._plot.getViewBox()
        # A hair more than asked, so that rounding does not drop the ticks at the ends, and the last mark is whole.
        hair = (high - low) * 1e-4
        self._bounds = low, high
        self._place_rates()
        box.setRange(QRectF(-hair, low - hair, epochs * 1.012, high - low + 2 * hair), padding=0, disableAutoRange=True)

    def _place_rates(self) -> None:
        x, rates = self._rate_points
        low, high = self._bounds
        # In the units of the axis, which are logarithms of values or values.
        self._rates.setData(x, low + (high - low) * 0.96 * rates / max(float(rates.max(initial=0.0)), 1e-30))

    def _loss_frame(self) -> tuple[float, float]:
        values = self._framed_values()
        top = max((float(series.max()) for series in values), default=1.0)
        if not self._log:
            return 0.0, max(top * 1.05, 1e-9)
        bottom = min((float(series.min()) for series in values), default=0.1)
        return math.log10(max(bottom, FLOOR)) - 0.1, math.log10(max(top, 2 * FLOOR)) + 0.1

    def _share_frame(self) -> tuple[float, float]:
        bottom = min((float(series.min()) for series in self._framed_values()), default=0.0)
        return max(0.0, math.floor(bottom * 20 - 0.5) / 20), 1.0

    def _framed_values(self) -> list[Numbers]:
        own = [self._curve.smoothed.y, self._curve.validation.y]
        others = [line.yData for line in self._overlays if line.yData is not None]
        return [series for series in (*own, *others) if len(series)]


def _dashed(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setDashPattern([3, 2])
    return pen
