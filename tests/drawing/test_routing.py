"""Wires run round blocks, in lanes of their own, with their text where it can be read."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH, arrange
from netbuilder.drawing import routing
from netbuilder.drawing.routing import Wiring, wirings
from netbuilder.examples import example
from netbuilder.graph import Edge, Graph, Point
from netbuilder.layers import Add, Concat, Conv2D, Input, MaxPool2D, ReLU


def chain() -> Graph:
    names = ["input", "conv", "relu", "pool"]
    return Graph.chain(Input(), Conv2D(6, 5, padding="same"), ReLU(), MaxPool2D(2), names=names)


def edge(graph: Graph, source: str, target: str) -> Edge:
    return Edge(graph[source].id, graph[target].id)


def drawn(graph: Graph, height: float | None = None) -> tuple[Graph, dict[Edge, Wiring]]:
    graph = graph.move(arrange(graph, height=height))
    return graph, wirings(graph, {key: node.position for key, node in graph.nodes.items()})


def pierced(graph: Graph, ways: dict[Edge, Wiring]) -> list[tuple[Edge, str]]:
    """Wires that run through a block, with its name."""
    found = []
    for key, way in ways.items():
        for (ax, ay), (bx, by) in pairwise(way.points):
            for node in graph.nodes.values():
                x, y = node.position
                across = min(ax, bx) < x + BLOCK_WIDTH / 2 and max(ax, bx) > x - BLOCK_WIDTH / 2
                if across and min(ay, by) < y + BLOCK_HEIGHT / 2 and max(ay, by) > y - BLOCK_HEIGHT / 2:
                    found.append((key, node.name))
    return found


@pytest.mark.parametrize("name", ["lenet-5", "vgg-16", "resnet-20"])
@pytest.mark.parametrize("height", [None, 434.0])
def test_no_wire_of_an_arranged_design_runs_through_a_block(name: str, height: float | None) -> None:
    assert pierced(*drawn(example(name), height)) == []


def test_wires_that_do_not_look_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing._Router, "clear", lambda *_: True)
    assert pierced(*drawn(example("resnet-20"))) != []


points = st.tuples(st.integers(-40, 40).map(lambda x: x * 8.0), st.integers(-40, 40).map(lambda y: y * 8.0))


@given(st.lists(points, min_size=4, max_size=4))
def test_every_wire_goes_at_right_angles_from_output_to_input(places: list[Point]) -> None:
    graph = chain()
    graph = graph.move(dict(zip(graph.nodes, places, strict=True)))
    for key, way in wirings(graph, dict(zip(graph.nodes, places, strict=True))).items():
        (sx, sy), (tx, ty) = graph[key.source].position, graph[key.target].position
        assert way.points[0] == (sx, sy + BLOCK_HEIGHT / 2)
        assert way.points[-1] == (tx, ty - BLOCK_HEIGHT / 2)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(way.points))


def test_neighbours_in_a_column_are_joined_straight() -> None:
    _, ways = drawn(chain())
    assert {len(way.points) for way in ways.values()} == {2}


def skips(count: int) -> Graph:
    """A chain whose every early layer also feeds a late one: skips inside skips."""
    graph = Graph.chain(Input(), *(ReLU() for _ in range(count)), *(Concat() for _ in range(count)))
    for index in range(count):
        graph = graph.connect(index + 2, 2 * count + 1 - index, 1)
    return graph


def test_skips_beside_the_same_blocks_have_lanes_of_their_own() -> None:
    _graph, ways = drawn(skips(4))
    lanes = []
    for key, way in ways.items():
        (x, top), (_, bottom) = max(pairwise(way.points), key=lambda ends: abs(ends[1][1] - ends[0][1]))
        if key.port == 1 and len(way.points) > 3:
            lanes.append((x, top, bottom))
    assert len(lanes) >= 3
    assert all(abs(a[0] - b[0]) >= 10 for a, b in combinations(lanes, 2))


def test_a_wire_to_the_next_column_runs_between_the_columns() -> None:
    _graph, ways = drawn(example("lenet-5"), 434)
    wraps = [way.points for way in ways.values() if way.points[0][1] > way.points[-1][1]]
    assert [{x for x, _ in points} for points in wraps] == [{0.0, 132.0, 264.0}, {264.0, 396.0, 528.0}]


def merged() -> Graph:
    graph, add = chain().add(Add(), "add")
    return graph.connect("pool", add.id).connect("conv", add.id, 1)


def test_the_straight_wire_has_the_middle_of_a_merge_whichever_port_it_is_in() -> None:
    for graph in (merged(), merged().connect("conv", "add", 0).connect("pool", "add", 1)):
        graph, ways = drawn(graph)
        ports = {
            graph[key.source].name: way.points[-1][0] for key, way in ways.items() if key.target == graph["add"].id
        }
        assert ports == {"pool": 0.0, "conv": 20.0}


def test_texts_do_not_lie_on_each_other() -> None:
    _, ways = drawn(example("resnet-20"), 434)
    places = [(w.label[0] + w.side * 55, w.label[1]) for w in ways.values() if w.side]
    assert len(places) > 70
    assert not [(a, b) for a, b in combinations(places, 2) if abs(a[0] - b[0]) < 90 and abs(a[1] - b[1]) < 14]


def test_kept_wires_stay_as_they_are() -> None:
    graph, _ways = drawn(chain())
    moved = {key: node.position for key, node in graph.nodes.items()} | {graph["pool"].id: (400.0, 216.0)}
    kept = {edge(graph, "input", "conv"): Wiring(((1.0, 2.0), (3.0, 4.0)), (5.0, 6.0))}
    again = wirings(graph, moved, kept)
    assert again[edge(graph, "input", "conv")] == kept[edge(graph, "input", "conv")]
    assert again[edge(graph, "relu", "pool")].points[-1] == (400.0, 194.0)
