"""From numbers of a report to the words panels show: digits grouped, units chosen, workings set out line by line."""

import re

from netbuilder.analysis import LayerReport, Report
from netbuilder.layers import ImageShape, Input, Order, Shape, Working

LONGEST_WORD, PIECE = 24, 12
UNKNOWN = "—"


def thousands(number: int) -> str:
    """'61,706'."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """'1 layer', '2 layers', '1,568 numbers'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def signed(number: int) -> str:
    """'+544', '−2,320', with a true minus."""
    return f"{'−' if number < 0 else '+'}{abs(number):,}"


def compact(number: int) -> str:
    """Exact below a million, then three digits as '86.7 M' or '1.85 G': for columns that have no room for ten."""
    if number < 1_000_000:
        return thousands(number)
    value, unit = (number / 1e6, "M") if number < 999_500_000 else (number / 1e9, "G")
    return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"


def memory(size: int) -> str:
    """Bytes in the decimal unit a person would choose: '784 B', '18.8 kB', '1.2 MB'."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:,.1f} TB"


def breakable(text: str) -> str:
    """Text whose overlong words may wrap anywhere: they get invisible break points, which change nothing to read."""
    if all(len(word) <= LONGEST_WORD for word in text.split()):
        return text
    return " ".join("\u200b".join(_pieces(word)) for word in text.split(" "))


def _pieces(word: str) -> list[str]:
    if len(word) <= LONGEST_WORD:
        return [word]
    return [word[i : i + PIECE] for i in range(0, len(word), PIECE)]


# ---- shapes ----------------------------------------------------------------------------------------------------------


def spaced(shape: Shape | None, order: Order) -> str:
    """'10 × 10 × 16', with air around the crosses; '4,704' for a flat list."""
    if shape is None:
        return UNKNOWN
    return shape.text(order).replace("×", " × ") if isinstance(shape, ImageShape) else thousands(shape.size)


def in_order(sentence: str, order: Order) -> str:
    """A sentence with its shapes, written 14×14×32, in the order of the day; names in “…” stay as they are."""
    if order == "hwc":
        return sentence
    parts = re.split("(“[^”]*”)", sentence)
    return "".join(part if part.startswith("“") else _MAP.sub(r"\3×\1×\2", part) for part in parts)


_MAP = re.compile(r"(?<![\d×])(\d[\d,]*)×(\d[\d,]*)×(\d[\d,]*\d|\d)(?![\d×])")


def shape_working(layer: LayerReport) -> str:
    """How every axis of the shape came about, from the very terms that computed it; '' where nothing is known.

    '⌊(14 + 0 − 5) / 1⌋ + 1 = 10 each way; 16 filters', or a line for each axis where height and width differ.
    """
    if layer.facts is None:
        return ""
    axes = dict(layer.facts.axes)
    lines: list[str] = []
    if "height" in axes and "width" in axes:
        height, width = axes.pop("height"), axes.pop("width")
        if _plain(height) and _plain(width):
            lines += _named(("height", height), ("width", width))
        elif height.substituted == width.substituted:
            lines.append(f"{worked(height)} each way")
        else:
            lines += [f"height {worked(height)}", f"width {worked(width)}"]
    rest = _named(*axes.items())
    if not lines and not rest:
        return "as the data comes" if isinstance(layer.node.layer, Input) else "the shape of its input, unchanged"
    separator = "; " if len(lines) == 1 else "\n"
    return separator.join(lines + rest)


def worked(working: Working) -> str:
    """'16 · (6 · 5 · 5 + 1) = 2,416'; a number that took no arithmetic stands alone."""
    result = thousands(working.result)
    return result if _plain(working) else f"{working.substituted} = {result}"


def _plain(working: Working) -> bool:
    return working.substituted == str(working.result)


def _named(*axes: tuple[str, Working]) -> list[str]:
    """'16 filters' for an axis a setting decides, its arithmetic for one that is computed, nothing for one kept."""
    found: list[str] = []
    for axis, working in axes:
        if not _plain(working):
            found.append(worked(working) if axis == "features" else f"{axis} {worked(working)}")
        elif working.formula not in (axis, str(working.result)):
            found.append(counted(working.result, working.formula.removesuffix("s")))
    return found


def receptive_field(layer: LayerReport, report: Report) -> str:
    """'14 × 14 of 28 × 28', 'the whole image' where an output sees it all, '' where the question makes no sense."""
    seen = layer.receptive_field
    image = next(
        (
            each.shape
            for each in report.layers.values()
            if isinstance(each.node.layer, Input) and isinstance(each.shape, ImageShape)
        ),
        None,
    )
    if seen is None or image is None:
        return ""
    if seen[0] >= image.height and seen[1] >= image.width:
        return "the whole image"
    return f"{seen[0]} × {seen[1]} of {image.height} × {image.width}"


# ---- totals ----------------------------------------------------------------------------------------------------------


def so_far(report: Report) -> str:
    """'61,706', or '31,530 so far, 2 layers unknown' for a design that is broken somewhere."""
    totals = report.totals
    known = thousands(totals.parameters)
    return f"{known} so far, {counted(totals.unknown, 'layer')} unknown" if totals.unknown else known


def share(part: int | None, whole: int) -> float:
    """The part a number has in a total, from 0 to 1."""
    return (part or 0) / whole if whole else 0.0
