"""Numbers measured along a training run -> a picture of their curves, side by side, drawn without a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from netbuilder.resources import resource

SURFACE, GRID, AXIS, TEXT, SECONDARY = "#FFFFFF", "#E9ECF0", "#C4CBD3", "#1B2027", "#5A6572"
TRAINING, VALIDATION = "#2563EB", "#D97706"
FINE = 3
"""Drawn this much larger and brought down, which smooths every line and letter."""

Point = tuple[float, float]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Series:
    """One line: 'training' is drawn thin with its running mean over it, 'validation' with a mark at each value.

    `x` counts epochs; values that are not finite leave a gap.
    """

    label: str
    kind: Literal["training", "validation"]
    x: Sequence[float]
    y: Sequence[float]

    @property
    def points(self) -> list[Point]:
        return [(x, y) for x, y in zip(self.x, self.y, strict=True) if isfinite(y)]


@dataclass(frozen=True)
class Panel:
    """One pair of axes. `percent` writes shares of 0…1 as percentages and never shows more than 100 %; `logarithmic`
    gives every power of ten the same room, so that a loss stays readable as it falls."""

    title: str
    series: Sequence[Series]
    percent: bool = False
    logarithmic: bool = False


class Frame(NamedTuple):
    """Where a panel's axes lie, in fine pixels, and what they span."""

    left: float
    top: float
    right: float
    bottom: float
    x_ticks: list[float]
    y_ticks: list[float]
    logarithmic: bool

    def place(self, point: Point) -> Point:
        """Fine pixels of a pair of values."""
        x0, x1 = self.x_ticks[0], self.x_ticks[-1]
        y0, y1, y = self.y_ticks[0], self.y_ticks[-1], point[1]
        if self.logarithmic:
            y0, y1, y = log10(y0), log10(y1), log10(max(y, y0))
        across = self.left + (point[0] - x0) / (x1 - x0) * (self.right - self.left)
        up = self.bottom - (y - y0) / (y1 - y0) * (self.bottom - self.top)
        return across, max(self.top, min(self.bottom, up))


def draw_curves(title: str, panels: Sequence[Panel], *, width: int = 1000, height: int = 420) -> Image.Image:
    """The panels side by side under a title, `width` × `height` pixels."""
    picture = Image.new("RGB", (width * FINE, height * FINE), SURFACE)
    pen = ImageDraw.Draw(picture)
    pen.text((28 * FINE, 20 * FINE), title, TEXT, _font(16, bold=True))
    each = width / len(panels)
    for index, panel in enumerate(panels):
        _panel(pen, panel, index * each * FINE, each * FINE, height * FINE)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def smoothed(values: Sequence[float]) -> list[float]:
    """Exponential running mean over some fortieth of the curve, free of its bias towards the start (Kingma and Ba
    2015, section 3)."""
    memory = 1 - 1 / max(2.0, min(20.0, len(values) / 40))
    mean, weight, found = 0.0, 0.0, list[float]()
    for value in values:
        mean = memory * mean + (1 - memory) * value
        weight = memory * weight + (1 - memory)
        found.append(mean / weight)
    return found


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values, evenly spaced by 1, 2 or 5 times a power of ten, that enclose `low` to `high`."""
    if not high > low:
        low, high = low - 0.5, low + 0.5
    raw = (high - low) / about
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten that enclose `low` to `high`; their double and fivefold, too, where there would be few."""
    high = max(high, 1e-12)
    low = min(max(low, high * 1e-6), high / 2)
    first, last = floor(log10(low) + 1e-9), ceil(log10(high) - 1e-9)
    factors = (1, 2, 5) if last - first <= 3 else (1,)
    found = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
    above = [index for index, tick in enumerate(found) if tick <= low * (1 + 1e-9)][-1]
    below = next(index for index, tick in enumerate(found) if tick >= high * (1 - 1e-9))
    return found[above : below + 1]


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _panel(pen: ImageDraw.ImageDraw, panel: Panel, left: float, width: float, height: float) -> None:
    frame = _frame(panel, left, width, height)
    pen.text((frame.left, frame.top - 14 * FINE), panel.title, SECONDARY, _font(13), anchor="ls")
    _axes(pen, frame, panel.percent)
    end = frame.right
    for series in reversed(panel.series):
        end = _legend(pen, series, end, frame.top - 14 * FINE)
    for series in panel.series:
        _line(pen, series, frame)


def _frame(panel: Panel, left: float, width: float, height: float) -> Frame:
    points = [point for series in panel.series for point in series.points] or [(0.0, 0.0), (1.0, 1.0)]
    low, high = (edge(y for _, y in points) for edge in (min, max))
    if panel.logarithmic:
        # A lucky batch may have hardly any loss; what counts is how far the mean falls.
        means = [y for series in panel.series for y in _mean(series)]
        y_ticks = log_ticks(min(means, default=low), high)
    else:
        y_ticks = ticks(low, 1.0) if panel.percent else ticks(min(0.0, low), high)
    x_ticks = ticks(0.0, max(1.0, *(x for x, _ in points)), 6)
    margin_left, margin_right = (62 * FINE, 28 * FINE)
    return Frame(
        left + margin_left,
        92 * FINE,
        left + width - margin_right,
        height - 58 * FINE,
        x_ticks,
        y_ticks,
        panel.logarithmic,
    )


def _mean(series: Series) -> list[float]:
    values = [y for _, y in series.points]
    return smoothed(values) if series.kind == "training" else values


def _axes(pen: ImageDraw.ImageDraw, frame: Frame, percent: bool) -> None:
    font = _font(12)
    for y in frame.y_ticks:
        _, at = frame.place((0, y))
        pen.line([(frame.left, at), (frame.right, at)], AXIS if y == frame.y_ticks[0] else GRID, FINE)
        pen.text(
            (frame.left - 10 * FINE, at),
            f"{y:g}" if frame.logarithmic else _label(y, frame.y_ticks, percent),
            SECONDARY,
            font,
            anchor="rm",
        )
    for x in frame.x_ticks:
        at, _ = frame.place((x, frame.y_ticks[0]))
        pen.line([(at, frame.bottom), (at, frame.bottom + 5 * FINE)], AXIS, FINE)
        pen.text((at, frame.bottom + 10 * FINE), _label(x, frame.x_ticks), SECONDARY, font, anchor="ma")
    middle = (frame.left + frame.right) / 2
    pen.text((middle, frame.bottom + 46 * FINE), "epoch", SECONDARY, font, anchor="ms")


def _label(value: float, all_ticks: Sequence[float], percent: bool = False) -> str:
    if percent:
        return f"{100 * value:.0f} %"
    step = all_ticks[1] - all_ticks[0]
    if step >= 10_000 or step < 1e-4:
        return f"{value:.1e}"
    return f"{value:,.{max(0, -floor(log10(step) + 1e-9))}f}"


def _line(pen: ImageDraw.ImageDraw, series: Series, frame: Frame) -> None:
    points = series.points
    places = [frame.place(point) for point in points]
    if series.kind == "training":
        if len(places) > 1:
            pen.line(places, _mixed(TRAINING, 0.72), FINE, joint="curve")
        mean = [frame.place((x, y)) for (x, _), y in zip(points, _mean(series), strict=True)]
        _stroke(pen, mean, TRAINING)
        return
    _stroke(pen, places, VALIDATION)
    for place in places:
        _mark(pen, place)


def _stroke(pen: ImageDraw.ImageDraw, places: Sequence[Point], colour: str) -> None:
    """A line two pixels wide with round joints; Pillow's own joints break at sharp turns."""
    width, radius = 2 * FINE, FINE - 0.5
    for a, b in pairwise(places):
        pen.line([a, b], colour, width)
    for x, y in places:
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], colour)


def _mark(pen: ImageDraw.ImageDraw, place: Point) -> None:
    (x, y), radius = place, 3.6 * FINE
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], SURFACE, VALIDATION, 2 * FINE)


def _legend(pen: ImageDraw.ImageDraw, series: Series, right: float, baseline: float) -> float:
    """A sample of the line and its label, ending at `right`; where the next one to the left may end."""
    font, colour = _font(12), TRAINING if series.kind == "training" else VALIDATION
    text_width, middle = pen.textlength(series.label, font), baseline - 4.5 * FINE
    start = right - text_width - 30 * FINE
    pen.text((right, baseline), series.label, SECONDARY, font, anchor="rs")
    _stroke(pen, [(start, middle), (start + 22 * FINE, middle)], colour)
    if series.kind == "validation":
        _mark(pen, (start + 11 * FINE, middle))
    return start - 18 * FINE


def _mixed(colour: str, white: float) -> str:
    """The colour, paled by a share of white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * white):02X}" for part in parts)


def _font(size: int, *, bold: bool = False) -> Font:
    """Inter where it ships, Pillow's own otherwise."""
    try:
        path = resource(f"fonts/Inter-{'SemiBold' if bold else 'Regular'}.otf")
        return ImageFont.truetype(str(path), size * FINE)
    except OSError:  # no such resource, or a Pillow without FreeType
        return ImageFont.load_default(size * FINE)
