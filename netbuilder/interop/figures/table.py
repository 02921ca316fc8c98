"""A report -> the table every textbook prints, set beside or below a drawing."""

from collections.abc import Sequence

from netbuilder.analysis import Report
from netbuilder.drawing.colours import Colours
from netbuilder.layers import Order

from .lettering import elided, width
from .picture import Anchor, Mark, Path, Text, bounds

HEADS = ("Layer", "Type", "Activation shape", "Weights", "MACs")
SIZE, LINE, GAP, AWAY = 12.0, 20.0, 24.0, 40.0
WIDEST = 200.0


def beside(marks: Sequence[Mark], report: Report, colours: Colours, order: Order) -> list[Mark]:
    """The marks with the table at their right where they are taller than wide, else below."""
    left, top, right, bottom = bounds(marks)
    corner = (right + AWAY, top) if bottom - top > right - left else (left, bottom + AWAY)
    return [*marks, *(mark.shifted(corner) for mark in table(report, colours, order))]


def table(report: Report, colours: Colours, order: Order) -> list[Mark]:
    """One row a layer and one of totals, from the origin; what is not known is '?'."""
    rows = [list(HEADS), *_rows(report, order), _totals(report)]
    widths = [max(width(row[column], SIZE, "SemiBold") for row in rows) for column in range(len(HEADS))]
    whole = sum(widths) + GAP * (len(HEADS) - 1)
    found: list[Mark] = []
    for index, row in enumerate(rows):
        strong = index in (0, len(rows) - 1)
        baseline = LINE * (index + 1) - 6
        left = 0.0
        for column, (text, room) in enumerate(zip(row, widths, strict=True)):
            at, anchor = _place(column, left, room)
            colour = colours.text if column == 0 or strong else colours.secondary
            found.append(Text((at, baseline), text, SIZE, colour, "SemiBold" if strong else "Regular", anchor))
            left += room + GAP
    for line in (1, len(rows) - 1):
        ends = (0.0, LINE * line), (whole, LINE * line)
        found.append(Path(ends, None, colours.border, 1.0, closed=False, kind="rule"))
    return found


def _place(column: int, left: float, room: float) -> tuple[float, Anchor]:
    """Words start at the left of their column, numbers end at its right."""
    return (left, "start") if column < 2 else (left + room, "end")


def _rows(report: Report, order: Order) -> list[list[str]]:
    return [
        [
            elided(layer.node.name, WIDEST, SIZE),
            type(layer.node.layer).__name__,
            layer.shape.text(order) if layer.shape else "?",
            _count(layer.parameters),
            _count(layer.macs),
        ]
        for layer in report.layers.values()
    ]


def _count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}" if number else "–"


def _totals(report: Report) -> list[str]:
    totals = report.totals
    unknown = f"{totals.unknown} unknown" if totals.unknown else ""
    return ["Total", "", unknown, f"{totals.parameters:,}", f"{totals.macs:,}"]
