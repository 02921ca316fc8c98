"""Arrangement: rows from top to bottom, a straight main path, columns that fit, nothing on top of anything."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH, STEP, arrange, coordinates, crossings, pieces
from netbuilder.drawing.routing import wirings
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph, Point
from netbuilder.layers import Add, Concat, Conv2D, Dense, Input, Layer, MaxPool2D, ReLU


def chain(length: int) -> Graph:
    return Graph.chain(Input(features=8), *(Dense(8) for _ in range(length - 1)))


def residual(blocks: int) -> Graph:
    """A chain of blocks, each with a skip; every second one with a convolution on the skip."""
    graph, last = Graph().add(Input())
    for index in range(blocks):
        start = last
        for layer in (Conv2D(8), ReLU(), Conv2D(8), Add()):
            graph, node = graph.add(layer)
            graph = graph.connect(last.id, node.id)
            last = node
        skip = start
        if index % 2:
            graph, skip = graph.add(Conv2D(8, 1))
            graph = graph.connect(start.id, skip.id)
        graph = graph.connect(skip.id, last.id, 1)
    return graph


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Anything connected or not, with branches, merges and long wires."""
    graph = Graph()
    for index in range(draw(st.integers(1, 24))):
        graph, node = graph.add(Concat())
        sources = draw(st.lists(st.integers(1, index), max_size=3)) if index else []
        for port, source in enumerate(sources):
            graph = graph.connect(source, node.id, port)
    return graph


def overlapping(positions: Mapping[int, Point]) -> list[tuple[int, int]]:
    placed = sorted(positions.items())
    return [
        (a, b)
        for index, (a, (ax, ay)) in enumerate(placed)
        for b, (bx, by) in placed[index + 1 :]
        if abs(ax - bx) < BLOCK_WIDTH and abs(ay - by) < BLOCK_HEIGHT
    ]


@given(graphs(), st.sampled_from([None, 200.0, 434.0]))
def test_no_block_lies_on_another(graph: Graph, height: float | None) -> None:
    positions = arrange(graph, height=height)
    assert positions.keys() == graph.nodes.keys()
    assert overlapping(positions) == []


def test_blocks_closer_than_their_width_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = residual(4)
    monkeypatch.setattr(coordinates, "_distance", lambda _a, _b: 40.0)
    assert overlapping(arrange(graph)) != []


@given(graphs())
def test_data_flows_down(graph: Graph) -> None:
    positions = arrange(graph)
    assert all(positions[edge.source][1] + STEP <= positions[edge.target][1] for edge in graph.edges)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_same_design_always_looks_the_same(graph: Graph, random) -> None:
    wires = list(graph.edges)
    random.shuffle(wires)
    again = replace(graph, edges=frozenset(wires))
    assert arrange(again, height=434) == arrange(graph, height=434)


def test_a_chain_is_one_straight_column() -> None:
    assert arrange(chain(5)) == {key + 1: (0.0, key * STEP) for key in range(5)}


def test_a_tall_chain_goes_on_at_the_top_of_the_next_column() -> None:
    positions = arrange(chain(12), height=434)
    columns = sorted({x for x, _ in positions.values()})
    assert len(columns) == 2
    assert [positions[7], positions[12]] == [(columns[1], 0.0), (columns[1], 5.0 * STEP)]
    assert max(y for _, y in positions.values()) + BLOCK_HEIGHT <= 434


def test_a_column_ends_where_a_single_wire_leads_on() -> None:
    graph = example("resnet-20")
    positions = arrange(graph, height=434)
    assert len({x for x, _ in positions.values()}) > 5
    rising = [edge for edge in graph.edges if positions[edge.source][1] > positions[edge.target][1]]
    assert all(len(graph.outgoing(edge.source)) == len(graph.incoming(edge.target)) == 1 for edge in rising)


def test_where_every_wire_forks_a_column_ends_behind_a_single_layer() -> None:
    graph = residual(8)
    positions = arrange(graph, height=434)
    assert max(y for _, y in positions.values()) + BLOCK_HEIGHT <= 434
    rising = {edge.source for edge in graph.edges if positions[edge.source][1] > positions[edge.target][1]}
    assert {type(graph[key].layer) for key in rising} == {Add}


def test_the_main_path_is_straight_and_projections_stand_beside_it() -> None:
    graph = residual(4)
    positions = arrange(graph)
    beside = {key for key, node in graph.nodes.items() if node.layer == Conv2D(8, 1)}
    assert {positions[key][0] for key in graph.nodes.keys() - beside} == {0.0}
    assert all(positions[key][0] >= BLOCK_WIDTH for key in beside)


def crossing_branches() -> Graph:
    """Two branches beside the main path whose layers were added so that their wires cross."""
    graph, top = Graph().add(Input())
    graph, a = graph.add(ReLU())
    graph, b = graph.add(ReLU())
    graph, c = graph.add(ReLU())
    graph, under_b = graph.add(ReLU())
    graph, under_a = graph.add(ReLU())
    graph, under_c = graph.add(ReLU())
    graph, last = graph.add(ReLU())
    for source, target in ((top, a), (top, b), (top, c), (a, under_a), (b, under_b), (c, under_c), (under_c, last)):
        graph = graph.connect(source.id, target.id)
    return graph


def crossed(graph: Graph) -> int:
    at = arrange(graph)
    wires = [(at[e.source], at[e.target]) for e in graph.edges]
    return sum(
        a[0][1] == b[0][1] and (a[0][0] - b[0][0]) * (a[1][0] - b[1][0]) < 0
        for i, a in enumerate(wires)
        for b in wires[:i]
    )


def test_branches_are_ordered_so_that_wires_do_not_cross() -> None:
    assert crossed(crossing_branches()) == 0


def test_without_sweeps_the_same_wires_do_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossings, "SWEEPS", 0)
    assert crossed(crossing_branches()) > 0


def test_with_width_and_height_the_whole_is_seen_as_large_as_possible() -> None:
    graph = chain(60)

    def scale(positions: Mapping[int, Point]) -> float:
        xs, ys = zip(*positions.values(), strict=True)
        return min(1, 858 / (max(xs) + BLOCK_WIDTH), 434 / (max(ys) + BLOCK_HEIGHT))

    both = scale(arrange(graph, width=858, height=434))
    assert both > scale(arrange(graph, height=434))
    assert both > scale(arrange(graph))


def test_loose_blocks_are_stacked_beside_the_network() -> None:
    graph = chain(3)
    for _ in range(3):
        graph, _node = graph.add(ReLU())
    positions = arrange(graph, height=434)
    assert {positions[key][0] for key in (4, 5, 6)} == {264.0}
    assert sorted(positions[key][1] for key in (4, 5, 6)) == [0.0, STEP, 2.0 * STEP]


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_positions_lie_on_the_grid(name: str) -> None:
    positions = arrange(example(name), width=858, height=434)
    assert all(x % 8 == 0 and y % 8 == 0 for x, y in positions.values())


def test_an_empty_design_has_no_positions() -> None:
    assert arrange(Graph(), width=858, height=434) == {}


# ---- crossings -------------------------------------------------------------------------------------------------------

FAST_SUGIYAMA = {"resnet-20": 0, "inception": 0}
"""Crossings of fast-sugiyama 0.5.3 on the same wires, with its best settings and counting those it bends."""


def inception(modules: int = 3) -> Graph:
    """GoogLeNet's modules one behind another: four branches of one to three layers that meet in a Concat."""
    graph, last = Graph().add(Input(height=28, width=28, channels=192))
    for _ in range(modules):
        branches: tuple[tuple[Layer, ...], ...] = (
            (Conv2D(64, 1), ReLU()),
            (Conv2D(96, 1), ReLU(), Conv2D(128, 3, padding="same"), ReLU()),
            (Conv2D(16, 1), ReLU(), Conv2D(32, 5, padding="same"), ReLU()),
            (MaxPool2D(3, stride=1, padding="same"), Conv2D(32, 1), ReLU()),
        )
        ends: list[int] = []
        for branch in branches:
            at = last.id
            for layer in branch:
                graph, node = graph.add(layer)
                graph, at = graph.connect(at, node.id), node.id
            ends.append(at)
        graph, last = graph.add(Concat())
        for port, end in enumerate(ends):
            graph = graph.connect(end, last.id, port)
    return graph


def drawn_crossings(graph: Graph, positions: Mapping[int, Point]) -> int:
    """How often wires cross as they are drawn, those that share an end aside."""
    ways = wirings(graph, positions)
    pairs = [(a, b) for a, b in combinations(ways, 2) if a.source != b.source and a.target != b.target]
    legs = {edge: list(pairwise(way.points)) for edge, way in ways.items()}
    return sum(_cross(one, other) for a, b in pairs for one in legs[a] for other in legs[b])


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    if one[0][0] != one[1][0]:
        one, other = other, one
    ((x, a), (x2, b)), ((c, y), (d, y2)) = one, other
    return x == x2 and y == y2 and min(a, b) < y < max(a, b) and min(c, d) < x < max(c, d)


@pytest.mark.parametrize("room", [{}, {"width": 858.0, "height": 434.0}], ids=["one column", "columns"])
@pytest.mark.parametrize("name", list(FAST_SUGIYAMA))
def test_wires_cross_no_more_often_than_fast_sugiyama_lets_them(name: str, room: dict[str, float]) -> None:
    graph = inception() if name == "inception" else example(name)
    assert drawn_crossings(graph, arrange(graph, **room)) <= FAST_SUGIYAMA[name]


def test_branches_in_disorder_are_counted_as_crossing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pieces, "with_few_crossings", lambda rows, *_: [row[::-1] if i % 2 else row for i, row in enumerate(rows)]
    )
    graph = inception()
    assert drawn_crossings(graph, arrange(graph)) > 0


# ---- groups ----------------------------------------------------------------------------------------------------------


def grouped(collapsed: bool) -> Graph:
    """Twelve layers, of which the fifth to the eighth are a group."""
    graph = chain(12)
    return graph.group(graph.order[4:8], "Middle", collapsed=collapsed)[0]


def test_a_collapsed_group_takes_the_room_of_one_block() -> None:
    graph = grouped(collapsed=True)
    positions = arrange(graph)
    seen = [positions[key][1] for key in (*graph.order[:5], *graph.order[8:])]
    assert seen == [STEP * row for row in range(9)]


def test_what_a_collapsed_group_hides_keeps_its_own_arrangement() -> None:
    graph = grouped(collapsed=True)
    before = [graph[key].position for key in graph.order[4:8]]
    positions = arrange(graph.move({key: (500.0, 40.0 * key) for key in graph.order[:4]}))
    after = [positions[key] for key in graph.order[4:8]]
    assert [(x - after[0][0], y - after[0][1]) for x, y in after] == [
        (x - before[0][0], y - before[0][1]) for x, y in before
    ]


def test_a_column_does_not_end_inside_an_open_group() -> None:
    height = 6 * STEP
    apart, together = arrange(chain(12), height=height), arrange(grouped(collapsed=False), height=height)
    assert len({apart[key][0] for key in chain(12).order[4:8]}) == 2
    assert len({together[key][0] for key in chain(12).order[4:8]}) == 1
