"""A design -> a figure of it as SVG, PNG or PDF, with no display: see export_figure."""

import os
from pathlib import Path
from typing import Literal, get_args

from netbuilder.analysis import Report, analyze
from netbuilder.arrangement import arrange as arranged
from netbuilder.drawing.colours import DARK, LIGHT
from netbuilder.graph import Graph
from netbuilder.layers import Order
from netbuilder.storage import write_atomic

from .boxes import draw_boxes
from .cards import draw_cards
from .pdf import to_pdf
from .picture import Picture, framed
from .png import to_png
from .svg import to_svg
from .table import beside

__all__ = ["FORMATS", "PICTURES", "FigureError", "Style", "draw_figure", "export_figure"]

Style = Literal["cards", "boxes"]
FORMATS = {".svg": to_svg, ".png": to_png, ".pdf": to_pdf}
PICTURES = {*FORMATS, ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".eps", ".ps"}
"""Endings that ask for a figure, so that one of another kind is refused and not taken for a model's name."""
MARGIN = 24.0
PAGE = 1000.0, 1400.0
"""What an automatic arrangement of cards is to fit: an upright page, some four cards across."""


class FigureError(ValueError):
    """A figure cannot be drawn; the sentence says why."""


def export_figure(
    graph: Graph,
    path: str | os.PathLike[str],
    *,
    style: Style = "cards",
    dark: bool = False,
    order: Order = "hwc",
    table: bool = False,
    arrange: bool = False,
) -> Path:
    """Write a picture of a whole design and return where; the name's ending, .svg, .png or .pdf, decides the format.

    A design with problems is drawn with them. The same design gives the same bytes. The words mean what they mean to
    `draw_figure`. Raises FigureError, and FileError where the place cannot be written.
    """
    target = Path(path)
    write = FORMATS.get(target.suffix.lower())
    if write is None:
        raise FigureError(f"“{target.name}” cannot be drawn: the name of a figure ends in .svg, .png or .pdf.")
    picture = draw_figure(graph, style=style, dark=dark, order=order, table=table, arrange=arrange)
    write_atomic(target, write(picture))
    return target


def draw_figure(
    graph: Graph,
    report: Report | None = None,
    *,
    style: Style = "cards",
    dark: bool = False,
    order: Order = "hwc",
    table: bool = False,
    arrange: bool = False,
) -> Picture:
    """The picture of a whole design: `cards` in their places on the canvas, or `boxes` as papers draw them.

    `order` writes shapes as H×W×C or C×H×W, `table` adds the layers with their numbers, and `arrange` puts the cards
    where an automatic arrangement would. Raises FigureError for a design without layers or an unknown style.
    """
    if style not in get_args(Style):
        raise FigureError(f"There is no style “{style}” of figures; there are cards and boxes.")
    if not graph.nodes:
        raise FigureError("A design without layers has nothing to draw.")
    report = report or analyze(graph)
    colours = DARK if dark else LIGHT
    ground = colours.canvas if dark else colours.surface
    if style == "cards":
        graph = graph.move(arranged(graph, width=PAGE[0], height=PAGE[1])) if arrange else graph
        marks = draw_cards(graph, report, colours, order, ground)
    else:
        marks = draw_boxes(graph, report, colours, order)
    if table:
        marks = beside(marks, report, colours, order)
    return framed(marks, ground, MARGIN)
