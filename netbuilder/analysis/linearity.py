"""All layers' reports -> pairs of learned layers with nothing but linear layers between, which equal a single one."""

from collections.abc import Mapping

from netbuilder.graph import Graph
from netbuilder.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, ImageShape
from netbuilder.layers.base import Window

from .report import LayerReport, Problem

LEARNED = (Conv2D, Dense)
PASSING = (BatchNorm, Dropout, Flatten)
"""Layers that leave a linear map linear once training is over."""


def linear_pairs(graph: Graph, layers: Mapping[int, LayerReport]) -> list[Problem]:
    """A warning at the second of each two learned layers that could as well be one.

    It is a warning, not a remark, since such a pair costs weights and learns nothing that one layer could not. So that
    it never meets a design that is meant, it is given only where the claim is certain and nothing is gained: not for
    a bottleneck (fewer channels between than on either side: MobileNetV2's linear blocks, low-rank factors), not for
    grouped, depthwise or separable convolutions, not for 1×k followed by k×1, not where the first layer's output is
    also read elsewhere, and not across a pooling or a merge.
    """
    found: list[Problem] = []
    for row in layers.values():
        if isinstance(row.node.layer, LEARNED) and row.facts:
            first = preceding(graph, layers, row)
            if first and (one := _equivalent(layers, first, row)):
                message = (
                    f"“{first.node.name}” and “{row.node.name}” have no activation between them; "
                    f"together they equal one {one}."
                )
                found.append(Problem("no-activation", "warning", row.node.id, row.node.name, message))
    return found


def preceding(graph: Graph, layers: Mapping[int, LayerReport], row: LayerReport) -> LayerReport | None:
    """The learned layer whose output alone reaches this one, and reaches nothing else, through linear layers."""
    while row.inputs:
        row = layers[row.inputs[0]]
        if not isinstance(row.node.layer, (*LEARNED, *PASSING)) or len(graph.outgoing(row.node.id)) > 1:
            return None
        if isinstance(row.node.layer, LEARNED):
            return row
    return None


def _equivalent(layers: Mapping[int, LayerReport], first: LayerReport, second: LayerReport) -> str | None:
    """The one layer that a pair equals, in words; None where the pair is a factorisation that saves."""
    before = layers[first.inputs[0]].shape
    between, after = first.shape, second.shape
    if before is None or between is None or after is None:
        return None
    one, two = first.node.layer, second.node.layer
    if isinstance(one, Conv2D) and isinstance(two, Conv2D):
        assert isinstance(before, ImageShape)
        if one.groups > 1 or two.groups > 1 or one.filters < min(before.channels, two.filters) or _crossed(one, two):
            return None
        return _convolution(first, second)
    if isinstance(one, Conv2D) and one.groups > 1:
        return None
    return None if between.size < min(before.size, after.size) else f"Dense layer of {after.size:,} units"


def _crossed(one: Conv2D, two: Conv2D) -> bool:
    """Whether one window is a column and the other a row, which together make a rectangle for less."""
    return any(a[0] > a[1] == 1 and b[1] > b[0] == 1 for a, b in _both_ways(one.kernel_size, two.kernel_size))


def _both_ways(a: tuple[int, int], b: tuple[int, int]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(a, b), (b, a)]


def _convolution(first: LayerReport, second: LayerReport) -> str:
    """'5×5 convolution with stride 2, edges aside': extents join as e₁ + (e₂ − 1)·s₁, strides multiply; zeros between
    the two make a difference at the edges only."""
    assert first.facts is not None
    assert second.facts is not None
    assert first.facts.reach is not None
    assert second.facts.reach is not None
    pairs = list(zip(first.facts.reach, second.facts.reach, strict=True))
    height, width = (a.extent + (b.extent - 1) * a.stride for a, b in pairs)
    down, across = (a.stride * b.stride for a, b in pairs)
    stride = "" if down == across == 1 else f" with stride {down if down == across else f'{down}×{across}'}"
    edges = ", edges aside" if _padded(first, second) else ""
    return f"{height}×{width} convolution{stride}{edges}"


def _padded(first: LayerReport, second: LayerReport) -> bool:
    """Whether the second layer's windows reach beyond the first one's map."""
    sizes, places = first.shape, second.shape
    assert isinstance(sizes, ImageShape)
    assert isinstance(places, ImageShape)
    assert second.facts is not None
    assert second.facts.reach is not None

    def beyond(window: Window, size: int, count: int) -> bool:
        return window.begin > 0 or (count - 1) * window.stride + window.extent > size

    down, across = second.facts.reach
    return beyond(down, sizes.height, places.height) or beyond(across, sizes.width, places.width)
