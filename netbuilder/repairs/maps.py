"""Layers that get a map for a list, a list for a map, or too few of something to divide or take -> what to try."""

from math import gcd, prod

from netbuilder.analysis import Report
from netbuilder.analysis.notes import unswapped
from netbuilder.graph import Graph
from netbuilder.layers import (
    ChannelShuffle,
    Conv2D,
    ConvTranspose2D,
    Flatten,
    GlobalAveragePool2D,
    ImageShape,
    Input,
    Reshape,
    SelectChannels,
)

from .placing import inserted
from .proposals import Proposals


def flatten(graph: Graph, report: Report, key: int) -> Proposals:
    """A Dense layer on a map: lay the map out as a list, or take each channel's mean."""
    edge = graph.incoming(key)[0]
    yield "Insert Flatten", lambda: inserted(graph, edge, Flatten())
    shape = report.layers[edge.source].shape
    if isinstance(shape, ImageShape):
        label = f"Insert GlobalAveragePool2D ({shape.channels:,} numbers)"
        yield label, lambda: inserted(graph, edge, GlobalAveragePool2D())


def unflatten(graph: Graph, report: Report, key: int) -> Proposals:
    """A layer of maps on a flat list: take out what made the list, or the layer itself."""
    flat = _flattening(report, graph.inputs(key)[0])
    if flat is not None:
        yield f"Remove “{graph.nodes[flat].name}”", lambda: graph.remove(flat)
    yield f"Remove “{graph.nodes[key].name}”", lambda: graph.remove(key)


def _flattening(report: Report, key: int) -> int | None:
    """The layer at or before this one that made a list of a map."""
    row = report.layers[key]
    while len(row.inputs) == 1:
        before = report.layers[row.inputs[0]]
        if isinstance(before.shape, ImageShape):
            return row.node.id
        row = before
    return None


def channels(graph: Graph, _report: Report, key: int) -> Proposals:
    """An image without a channel count."""
    yield "Treat as 1 channel", lambda: graph.set(key, channels=1)
    yield "Treat as 3 channels", lambda: graph.set(key, channels=3)


def swapped(graph: Graph, _report: Report, key: int) -> Proposals:
    """An image whose axes were given in another order."""
    layer = graph.nodes[key].layer
    meant = unswapped(layer) if isinstance(layer, Input) else None
    if meant:
        height, width, depth = meant
        label = f"Swap to {height}×{width}×{depth}"
        yield label, lambda: graph.set(key, height=height, width=width, channels=depth)


def groups(graph: Graph, report: Report, key: int) -> Proposals:
    """Groups that divide the channels, or filters that the groups divide, or no groups."""
    layer, shape = graph.nodes[key].layer, report.layers[graph.inputs(key)[0]].shape
    if not isinstance(layer, (Conv2D, ConvTranspose2D, ChannelShuffle)) or not isinstance(shape, ImageShape):
        return
    shuffles = isinstance(layer, ChannelShuffle)
    if not shuffles and shape.channels % layer.groups == 0:
        near = max(1, round(layer.filters / layer.groups)) * layer.groups
        yield f"Set filters to {near:,}", lambda: graph.set(key, filters=near)
    common = shape.channels if shuffles else gcd(shape.channels, layer.filters)
    fitting = max((n for n in range(2, min(layer.groups, common) + 1) if common % n == 0), default=1)
    if fitting > 1:
        yield f"Use {fitting} groups", lambda: graph.set(key, groups=fitting)
    yield "Use one group", lambda: graph.set(key, groups=1)


def uncropped(graph: Graph, _report: Report, key: int) -> Proposals:
    """A transposed convolution that cuts everything off."""
    yield "Cut nothing off", lambda: graph.set(key, padding="valid")
    yield "Set padding to same", lambda: graph.set(key, padding="same", output_padding=0)


def selected(graph: Graph, report: Report, key: int) -> Proposals:
    """Channels that are not there: take what is there, or as many from the end."""
    layer, shape = graph.nodes[key].layer, report.layers[graph.inputs(key)[0]].shape
    if not isinstance(layer, SelectChannels) or not isinstance(shape, ImageShape):
        return
    if layer.start < shape.channels:
        yield f"Take channels {layer.start} to the last", lambda: graph.set(key, count=None)
    count = min(layer.count or 1, shape.channels)
    start = shape.channels - count
    yield (
        f"Take the last {count}" if count > 1 else "Take the last one",
        lambda: graph.set(key, start=start, count=count),
    )


def laid_out(graph: Graph, report: Report, key: int) -> Proposals:
    """Numbers that cannot be laid out as is asked: let a size be what is left, or all be channels of one place."""
    layer, shape = graph.nodes[key].layer, report.layers[graph.inputs(key)[0]].shape
    if not isinstance(layer, Reshape) or shape is None:
        return
    if layer.features is not None:
        yield f"Take all {shape.size:,} numbers", lambda: graph.set(key, features=-1)
        return
    sizes = {"channels": layer.channels, "height": layer.height, "width": layer.width}
    for name in sizes:
        known = [size for other, size in sizes.items() if other != name and size not in (None, -1)]
        rest = prod(size for size in known if size)
        if len(known) == 2 and shape.size % rest == 0:
            left = shape.size // rest
            yield f"Set {name} to {left:,}", lambda name=name, left=left: graph.set(key, **{name: left})
    yield f"Make it 1×1×{shape.size}", lambda: graph.set(key, height=1, width=1, channels=-1)
