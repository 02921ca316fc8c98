"""What outputs are said to see is what they see: NaN in one pixel of the image reaches those outputs and no others."""

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from netbuilder.analysis import LayerReport, analyze, receptive_field
from netbuilder.engine import compile
from netbuilder.graph import Graph
from netbuilder.layers import (
    Add,
    AveragePool2D,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    ImageShape,
    Input,
    Layer,
    MaxPool2D,
    Misfit,
    ReLU,
    Reshape,
    Upsample2D,
    ZeroPad2D,
)
from netbuilder.layers.base import Window
from tests.architectures import u_net
from tests.layers.arithmetic import evaluate

Spans = dict[int, tuple[int, int]]


def layer(rng: random.Random) -> Layer:
    """Any layer with a window that leaves no gaps; those that make maps larger are the likeliest."""
    kernel, stride = rng.randint(1, 4), rng.randint(1, 3)
    return rng.choice(
        [
            lambda: Conv2D(1, kernel, rng.randint(1, 3), rng.choice(["valid", "same", (1, 0, 1, 0)])),
            lambda: AveragePool2D(2, rng.choice([1, 2, 3])),
            lambda: ConvTranspose2D(1, stride + kernel - 1, stride, rng.choice(["valid", "same", (0, 1, 0, 1)])),
            lambda: ConvTranspose2D(1, stride + kernel - 1, stride, rng.choice(["valid", "same"])),
            lambda: Upsample2D(rng.randint(2, 3), "nearest"),
            lambda: Upsample2D(rng.randint(2, 3), "bilinear"),
            lambda: ZeroPad2D((rng.randint(0, 2), 1, 0, 0)),
        ]
    )()


def chain(seed: int) -> Graph:
    """A random chain of such layers on a small image."""
    rng = random.Random(seed)
    layers: list[Layer] = [Input(height=rng.randint(9, 14), width=3, channels=1)]
    while len(layers) < rng.randint(3, 7):
        new = layer(rng)
        report = analyze(Graph.chain(*layers, new))
        shape = report.layers[len(layers) + 1].shape
        if isinstance(shape, ImageShape) and 2 <= shape.height <= 60 and shape.width <= 60:
            layers.append(new)
    return Graph.chain(*layers)


def seen(graph: Graph) -> Spans:
    """For every row of the last map, the first and last row of the image it sees, by trying each of them."""
    program = compile(graph, "float64")
    weights = {key: np.ones_like(w) for key, w in program.init().items()}
    found: Spans = {}
    for row in range(program.input_shape.array[1]):
        x = np.zeros((1, *program.input_shape.array))
        x[:, :, row] = np.nan
        y = program.predict(weights, x)[0]
        for place in np.flatnonzero(np.isnan(y).any((0, 2))):
            found[int(place)] = (found.get(int(place), (row, row))[0], row)
    return found


def said(graph: Graph) -> Spans:
    """The same as the analysis has it, without what lies beside the image."""
    report = analyze(graph)
    last: LayerReport = report.layers[graph.order[-1]]
    assert last.sight is not None
    assert isinstance(last.shape, ImageShape)
    rows = report.layers[graph.order[0]].shape
    assert isinstance(rows, ImageShape)
    spans = ((place, last.sight[0].at(place)) for place in range(last.shape.height))
    return {place: (max(a, 0), min(b, rows.height - 1)) for place, (a, b) in spans if a < rows.height and b >= 0}


@pytest.mark.parametrize("part", range(6))
def test_what_is_said_is_what_is_seen(part: int):
    """Exactly so, but at the edges of maps on the way, where an output may see padding in place of the image."""
    for seed in range(part * 15, part * 15 + 15):
        graph = chain(seed)
        tried, known = seen(graph), said(graph)
        for place, (low, high) in tried.items():
            assert known[place][0] <= low <= high <= known[place][1], (seed, place)
        inner = [place for place, (low, high) in known.items() if low > 0 and high < 8]
        assert [tried.get(place) for place in inner] == [known[place] for place in inner], seed


@pytest.mark.parametrize(("learned", "field"), [(True, 44), (False, 52)])
def test_a_whole_u_net_sees_what_is_said(learned: bool, field: int):
    graph = u_net(60, 1, 1, learned=learned)
    graph = graph.remove([graph.nodes[key].name for key in graph.order[graph.order.index(graph["top"].id) + 1 :]])
    tried = seen(graph)
    assert tried == said(graph)
    assert max(high - low + 1 for low, high in tried.values()) == field
    assert analyze(graph)["top"].receptive_field == (field, field)


def test_the_chains_upsample_and_downsample():
    graphs = [chain(seed) for seed in range(90)]
    sights = [analyze(graph).layers[graph.order[-1]].sight for graph in graphs]
    phases = [len(sight[0].spans) for sight in sights if sight]
    assert max(phases) >= 6
    assert sum(count > 1 for count in phases) > 30


def test_an_upsampling_taken_for_a_stride_is_noticed(monkeypatch: pytest.MonkeyPatch):
    right = receptive_field._through

    def careless(window: Window, below: Any, places: int) -> Any:
        return right(Window(window.extent, window.stride, window.begin), below, places)

    monkeypatch.setattr(receptive_field, "_through", careless)
    assert any(seen(graph) != said(graph) for graph in map(chain, range(5)))


# ---- numbers known by heart ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ((Upsample2D(2),), 1),
        ((Upsample2D(2), Conv2D(1, 3)), 2),
        ((Upsample2D(2), Conv2D(1, 2)), 2),
        ((Upsample2D(2, "bilinear"),), 2),
        ((Upsample2D(3, "bilinear"),), 2),
        ((ConvTranspose2D(1, 2, 2),), 1),
        ((ConvTranspose2D(1, 4, 2, padding=1),), 2),
        ((MaxPool2D(2), Upsample2D(2)), 2),
        ((MaxPool2D(2), Upsample2D(2), Conv2D(1, 3)), 4),
        ((Conv2D(1, 3, 2), Upsample2D(2), Conv2D(1, 3)), 5),
        ((MaxPool2D(2), MaxPool2D(2), Upsample2D(4), Conv2D(1, 5)), 8),
        ((Upsample2D(4), MaxPool2D(4)), 1),
        ((ZeroPad2D(2), Conv2D(1, 3)), 3),
    ],
)
def test_fields_behind_upsampling(layers: tuple[Layer, ...], field: int):
    report = analyze(Graph.chain(Input(height=24, width=24, channels=1), *layers))
    last = list(report.layers.values())[-1]
    assert last.receptive_field == (field, field)
    for working in last.workings()["receptive_field"].values():
        assert evaluate(working["substituted"]) == working["result"] == field


def test_a_skip_beside_an_upsampled_branch_unites_both():
    graph = Graph.chain(Input(height=12, width=12, channels=1), MaxPool2D(2), Upsample2D(2), Concat())
    graph = graph.connect("input_1", "concat_1", 1)
    report = analyze(graph)
    assert report["concat_1"].receptive_field == (2, 2)
    assert report["concat_1"].sight is not None
    assert [report["concat_1"].sight[0].at(place) for place in range(4)] == [(0, 1), (0, 1), (2, 3), (2, 3)]


def test_what_has_seen_everything_sees_no_more():
    graph = Graph.chain(Input(height=8, width=8, channels=1), Flatten(), Dense(16), Reshape(4, 4, 1), Conv2D(1, 3))
    assert [layer.receptive_field for layer in analyze(graph).layers.values()][2:] == [(8, 8)] * 3


def test_more_phases_than_are_followed_end_in_everything():
    layers = [each for _ in range(9) for each in (Upsample2D(7), AveragePool2D(5))]
    graph = Graph.chain(Input(height=9, width=9, channels=1), *layers)
    report = analyze(graph)
    fields = [layer.receptive_field for layer in report.layers.values() if layer.receptive_field]
    assert fields[-1][0] >= 9
    assert all(a[0] <= b[0] for a, b in pairwise(fields))


def test_the_sum_of_branches_that_grow_at_different_rates_is_still_told():
    graph = Graph.chain(Input(height=6, width=6, channels=1), Conv2D(1, 3, padding="same"), ReLU(), Add())
    graph = graph.connect("input_1", "add_1", 1)
    assert analyze(graph)["add_1"].receptive_field == (3, 3)
    with pytest.raises(Misfit):
        Add().infer(ImageShape(1, 6, 6), ImageShape(1, 12, 12))
