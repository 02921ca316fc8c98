"""Where new layers go and how others make room for them."""

from itertools import combinations

import pytest

from netbuilder.drawing.routing import Wiring, wirings
from netbuilder.examples import example
from netbuilder.graph import Edge, Graph, Point
from netbuilder.gui.canvas.placement import (
    Above,
    Below,
    Into,
    Target,
    appended,
    moved_into,
    placed,
    removed,
    target,
    wire_near,
)
from netbuilder.layers import Add, BatchNorm, Conv2D, Dropout, Input
from tests.gui.canvas.hand import chain, edge, wires


def ways(graph: Graph) -> dict[Edge, Wiring]:
    return wirings(graph, {key: node.position for key, node in graph.nodes.items()})


def drop(graph: Graph, at: Point) -> Target:
    return target(graph, ways(graph), Dropout(), at)


def assert_apart(graph: Graph) -> None:
    for a, b in combinations([node.position for node in graph.nodes.values()], 2):
        assert abs(a[0] - b[0]) >= 216 or abs(a[1] - b[1]) >= 44


def test_a_drop_aims_at_what_is_near() -> None:
    graph = chain()
    assert drop(graph, (10, 108)) == Into(edge(graph, "conv", "relu"))
    assert drop(graph, (30, 108)) is None
    assert drop(graph, (50, 300)) == Below(graph["pool"].id)
    assert drop(graph, (0, 400)) is None
    assert target(graph.remove("input"), {}, Input(), (20, 20)) == Above(graph["conv"].id)
    assert target(graph, ways(graph), Input(), (10, 108)) is None


def test_the_nearest_of_several_wires_is_meant() -> None:
    graph = chain()
    assert wire_near(ways(graph), (3, 36)) == edge(graph, "input", "conv")
    assert wire_near(ways(graph), (3, 36), without=[graph["conv"].id]) is None


def test_splicing_moves_what_follows_down_and_only_that() -> None:
    graph = chain()
    after, node = placed(graph, ways(graph), Dropout(), Into(edge(graph, "conv", "relu")), (0, 0))
    positions = {n.name: n.position[1] for n in after.nodes.values()}
    assert positions == {"input": 0, "conv": 72, node.name: 144, "relu": 216, "pool": 288}


def test_where_there_is_room_nothing_moves() -> None:
    graph = chain().move({3: (0.0, 216.0), 4: (0.0, 288.0)})
    after, node = placed(graph, ways(graph), Dropout(), Into(edge(graph, "conv", "relu")), (0, 0))
    assert node.position == (0, 144)
    assert after["relu"].position == (0, 216)


def test_another_column_stays_where_it_is() -> None:
    graph = chain().move({4: (264.0, 0.0)})
    after, _ = placed(graph, ways(graph), Dropout(), Into(edge(graph, "input", "conv")), (0, 0))
    assert after["pool"].position == (264, 0)
    assert after["relu"].position == (0, 216)


@pytest.mark.parametrize("name", ["lenet-5", "resnet-20"])
def test_any_wire_of_a_design_takes_a_layer_without_blocks_lying_on_each_other(name: str) -> None:
    graph = example(name)
    for wire in graph.edges:
        after, node = placed(graph, ways(graph), BatchNorm(), Into(wire), (0, 0))
        assert (wire.source, node.id) in {edge[:2] for edge in after.edges}
        assert_apart(after)


def test_a_layer_put_into_a_skip_stands_beside_the_chain() -> None:
    graph, add = chain().add(Add(), "add")
    graph = graph.connect("pool", add.id).connect("input", add.id, 1)
    after, node = placed(graph, ways(graph), Conv2D(6, 1), Into(edge(graph, "input", "add", 1)), (0, 0))
    assert node.position[0] == 264
    assert 72 <= node.position[1] <= 216
    assert_apart(after)


def test_append_prefers_the_branch_straight_below() -> None:
    graph, add = chain().add(Add(), "add")
    graph = graph.connect("pool", add.id).connect("conv", add.id, 1)
    after, node = appended(graph, ways(graph), Dropout(), graph["conv"].id)
    assert {("conv", node.name, 0), (node.name, "relu", 0), ("conv", "add", 1)} < wires(after)


def test_removing_closes_holes_but_never_pushes_blocks_together() -> None:
    graph = example("resnet-20")
    for key in graph.nodes:
        after = removed(graph, [key], heal=True)
        assert_apart(after)
        before_rising = {e[:2] for e in graph.edges if graph[e.source].position[1] >= graph[e.target].position[1]}
        rising = {e[:2] for e in after.edges if after[e.source].position[1] >= after[e.target].position[1]}
        assert all(key in graph.inputs(target) or (source, target) in before_rising for source, target in rising)


def test_inserting_and_deleting_come_back_to_the_same_places() -> None:
    graph = chain()
    after, node = placed(graph, ways(graph), Dropout(), Into(edge(graph, "conv", "relu")), (0, 0))
    back = removed(after, [node.id], heal=True)
    assert {key: n.position for key, n in back.nodes.items()} == {key: n.position for key, n in graph.nodes.items()}
    assert back.edges == graph.edges


def test_a_moved_layer_leaves_its_chain_closed_behind_it() -> None:
    graph = chain()
    after = moved_into(graph, graph["relu"].id, edge(graph, "input", "conv"), ways(graph))
    assert wires(after) == {("input", "relu", 0), ("relu", "conv", 0), ("conv", "pool", 0)}
    assert_apart(after)
