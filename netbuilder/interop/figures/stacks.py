"""A design and its report -> what a row of 3-D boxes is made of: solids with thin sheets on them, and their labels.

An activation or a normalisation that only changes numbers is a sheet on the solid it follows, as papers draw it.
"""

from dataclasses import dataclass
from math import log2

from netbuilder.analysis import LayerReport, Report
from netbuilder.drawing.faces import Face
from netbuilder.graph import Graph
from netbuilder.layers import ImageShape, Order, Shape

from .lettering import Weight, elided, width, wrapped

SHEET = 5.0
TILT = 0.34, -0.26
"""How far right and up the far edge of a solid lies, for each pixel of its depth."""
ROOM = 112.0
NAME, SMALL, LINE = 12.0, 11.0, 15.0
BULLET = 11.0


@dataclass(frozen=True)
class Word:
    """A line below a solid; `family` puts a dot in its colour before it."""

    text: str
    size: float
    weight: Weight
    tone: str
    family: str = ""

    @property
    def width(self) -> float:
        return width(self.text, self.size, self.weight) + (BULLET if self.family else 0.0)


@dataclass(frozen=True)
class Stack:
    """A layer as a solid, `thickness` along the network, its far edges at `back`, and the layers that are its sheets.

    Lengths are pixels; heights, depths and thicknesses follow log₂ of height, width and channels.
    """

    head: int
    sheets: tuple[int, ...]
    thickness: float
    height: float
    back: tuple[float, float]
    words: tuple[Word, ...]

    @property
    def front(self) -> float:
        """How wide solid and sheets are from the front."""
        return self.thickness + SHEET * len(self.sheets)

    @property
    def top(self) -> float:
        """How high its highest edge is above its middle, negative as y goes down."""
        return -(self.height - self.back[1]) / 2

    @property
    def column(self) -> float:
        """The width it takes in its row."""
        label = max(word.width for word in self.words)
        return max(self.front + self.back[0] + 26, label + 16)


def stacks(graph: Graph, report: Report, faces: dict[int, Face], order: Order) -> list[Stack]:
    """One stack for each layer that is not a sheet, in execution order."""
    found: dict[int, list[int]] = {}
    stack_of: dict[int, int] = {}
    for key, layer in report.layers.items():
        below = stack_of.get(layer.inputs[0]) if _is_sheet(graph, layer, report) else None
        if below is not None and (found[below] or [below])[-1] == layer.inputs[0]:
            found[below].append(key)
            stack_of[key] = below
        else:
            found[key] = []
            stack_of[key] = key
    return [_stack(report[head], tuple(sheets), faces, order) for head, sheets in found.items()]


def _is_sheet(graph: Graph, layer: LayerReport, report: Report) -> bool:
    light = layer.node.layer.family in ("activation", "normalisation")
    if not light or len(layer.inputs) != 1 or layer.shape is None:
        return False
    (source,) = layer.inputs
    return report[source].shape == layer.shape and len(graph.outgoing(source)) == 1


def _stack(layer: LayerReport, sheets: tuple[int, ...], faces: dict[int, Face], order: Order) -> Stack:
    thickness, height, depth = sides(layer.shape)
    words = [
        Word(elided(layer.node.name, ROOM, NAME, "SemiBold"), NAME, "SemiBold", "text"),
        Word(layer.shape.text(order) if layer.shape else "?", NAME, "Regular", "secondary"),
        *(Word(line, SMALL, "Regular", "secondary") for line in _caption(faces[layer.node.id].caption)),
        *(
            Word(elided(faces[key].name, ROOM - BULLET, SMALL), SMALL, "Regular", "secondary", _family(faces[key]))
            for key in sheets
        ),
    ]
    return Stack(layer.node.id, sheets, thickness, height, (TILT[0] * depth, TILT[1] * depth), tuple(words))


def _family(face: Face) -> str:
    return face.layer_class.family


def sides(shape: Shape | None) -> tuple[float, float, float]:
    """Thickness, height and depth of a shape's solid; a vector is a thin bar, and what is not known a small cube."""
    if shape is None:
        return 26.0, 36.0, 36.0
    if isinstance(shape, ImageShape):
        return 5 + 5.0 * log2(shape.channels), 12 + 15.0 * log2(shape.height), 12 + 15.0 * log2(shape.width)
    return 9.0, 12 + 11.0 * log2(shape.features), 12.0


def _caption(caption: str) -> list[str]:
    """A layer's settings in short lines, without what its shape says already."""
    parts = [part for part in caption.split(" · ") if not part.endswith((" filters", " filter", " units", " unit"))]
    lines = wrapped(" · ".join(parts), ROOM - 16, SMALL)
    return [line.strip(" ·") for line in lines if line.strip(" ·")]
