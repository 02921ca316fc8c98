"""Windows that are too large, that leave an edge unread, or pad lopsidedly -> what to try."""

from netbuilder.analysis import Report, analyze
from netbuilder.graph import STEP, Graph
from netbuilder.layers import (
    BatchNorm,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    Layer,
    LocalResponseNorm,
)
from netbuilder.layers.activation import Activation
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool
from netbuilder.layers.settings import Padding

from .proposals import Proposals

ON_MAPS = (Sliding, Pool, Activation, BatchNorm, Dropout, LocalResponseNorm)
ENDING = (Flatten, GlobalAveragePool2D, GlobalMaxPool2D)


# ---- window-too-large ------------------------------------------------------------------------------------------------


def shrunk(graph: Graph, report: Report, key: int) -> Proposals:
    """A window larger than its map: pad, undo what made the map so small, end here, or take a smaller window."""
    node = graph.nodes[key]
    yield "Set padding to same", lambda: graph.set(key, padding="same")
    yield from _larger_map(graph, report, key)
    if rest := _rest(graph, key):
        yield "Replace the rest by GlobalAveragePool2D", lambda: _averaged(graph, rest)
    shape = report.layers[graph.inputs(key)[0]].shape
    if isinstance(node.layer, (Sliding, Pool)) and isinstance(shape, ImageShape):
        window = _fitting(node.layer, shape)
        name = "kernel_size" if isinstance(node.layer, Sliding) else "pool_size"
        yield f"Shrink the window to {window[0]}×{window[1]}", lambda: graph.set(key, **{name: window})
    if isinstance(node.layer, Pool):
        yield f"Remove “{node.name}”", lambda: graph.remove(key)


def _larger_map(graph: Graph, report: Report, key: int) -> Proposals:
    """The nearest layer before this one that halves the map or more, taken out; a convolution keeps the size instead.

    Only the nearest that is enough: `key`'s layer must fit afterwards.
    """
    row = report.layers[graph.inputs(key)[0]]
    while row.inputs:
        layer, name, here = row.node.layer, row.node.name, row.node.id
        edited, label = graph, ""
        if isinstance(layer, Pool) and layer.stride != (1, 1):
            edited, label = graph.remove(here), f"Remove “{name}”"
        elif isinstance(layer, Sliding) and layer.stride != (1, 1):
            edited, label = graph.set(here, stride=1), f"Set the stride of “{name}” to 1"
        if label and _fits(edited, report, key):
            yield label, lambda edited=edited: edited
            return
        row = report.layers[row.inputs[0]]


def _fits(graph: Graph, report: Report, key: int) -> bool:
    return analyze(graph, report).layers[key].facts is not None


def _rest(graph: Graph, key: int) -> list[int]:
    """This layer and those behind it as far as they work on maps, with the layer that makes a list of them, where a
    Dense follows to give the outputs; [] where the way branches or ends."""
    found: list[int] = []
    while isinstance(graph.nodes[key].layer, (*ON_MAPS, *ENDING)) and len(graph.incoming(key)) == 1:
        found.append(key)
        wires = graph.outgoing(key)
        if len(wires) != 1:
            return []
        ended = isinstance(graph.nodes[key].layer, ENDING)
        key = wires[0].target
        if ended:
            break
    return found if _leads_to_dense(graph, key) else []


def _leads_to_dense(graph: Graph, key: int) -> bool:
    while not isinstance(graph.nodes[key].layer, Dense):
        wires = graph.outgoing(key)
        if len(wires) != 1 or not isinstance(graph.nodes[key].layer, (Activation, BatchNorm, Dropout)):
            return False
        key = wires[0].target
    return True


def _averaged(graph: Graph, rest: list[int]) -> Graph:
    """A GlobalAveragePool2D in place of the first of these layers; what comes after them closes up."""
    edge = graph.incoming(rest[0])[0]
    place = graph.nodes[rest[0]].position
    x, bottom = graph.nodes[rest[-1]].position
    lift = (len(rest) - 1) * STEP if bottom - place[1] == (len(rest) - 1) * STEP and x == place[0] else 0.0
    edited = graph.insert(edge, GlobalAveragePool2D(), position=place)[0].remove(rest)
    below = {
        key: (node.position[0], node.position[1] - lift)
        for key, node in edited.nodes.items()
        if key in graph.nodes and node.position[0] == x and node.position[1] > bottom
    }
    return edited.move(below) if lift else edited


def _fitting(layer: Layer, shape: ImageShape) -> tuple[int, int]:
    """The largest window, up to the present one, that fits the padded map."""
    if isinstance(layer, Sliding):
        kernel, dilation = layer.kernel_size, layer.dilation
    else:
        assert isinstance(layer, Pool)
        kernel, dilation = layer.pool_size, (1, 1)
    pads = layer.padding if isinstance(layer.padding, tuple) else (0, 0, 0, 0)
    room = shape.height + sum(pads[:2]), shape.width + sum(pads[2:])
    height, width = (min(k, (n - 1) // d + 1) for k, n, d in zip(kernel, room, dilation, strict=True))
    return height, width


# ---- ragged, same-asymmetric -----------------------------------------------------------------------------------------


def ragged(graph: Graph, report: Report, key: int) -> Proposals:
    """An unread edge: read it with a last, partly padded window."""
    layer, shape = graph.nodes[key].layer, report.layers[graph.inputs(key)[0]].shape
    assert isinstance(layer, (Sliding, Pool))
    assert isinstance(shape, ImageShape)
    pads = layer.padding if isinstance(layer.padding, tuple) else (0, 0, 0, 0)
    extents = [window.extent for window in report.layers[key].facts.reach or ()]  # pyright: ignore
    more = [
        -(size + sum(pads[2 * axis : 2 * axis + 2]) - extents[axis]) % layer.stride[axis]
        for axis, size in enumerate((shape.height, shape.width))
    ]
    padding: Padding = (pads[0], pads[1] + more[0], pads[2], pads[3] + more[1])
    if isinstance(layer, Pool):
        yield "Keep the last window (ceil mode)", lambda: graph.set(key, ceil_mode=True)
    yield f"Set padding to {_sides(padding)}", lambda: graph.set(key, padding=padding)


def explicit(graph: Graph, report: Report, key: int) -> Proposals:
    """Lopsided "same" padding: the very same zeros counted out, or what half the window on each side gives."""
    layer, shape = graph.nodes[key].layer, report.layers[graph.inputs(key)[0]].shape
    assert isinstance(layer, (Sliding, Pool))
    assert isinstance(shape, ImageShape)
    slide = layer.slide(shape)
    pads = slide.pads
    yield f"Make padding explicit: {_sides(pads)}", lambda: graph.set(key, padding=pads)
    down, across = slide.vertical.extent // 2, slide.horizontal.extent // 2
    halves = (down, down, across, across)
    yield f"Pad as PyTorch does: {_sides(halves)}", lambda: graph.set(key, padding=halves)


def _sides(padding: Padding) -> str:
    """'0 + 1 down, 0 + 1 across', or one pair where both axes are alike."""
    top, bottom, left, right = padding if isinstance(padding, tuple) else (0, 0, 0, 0)
    if (top, bottom) == (left, right):
        return f"{top}+{bottom}"
    return f"{top}+{bottom} down, {left}+{right} across"
