"""What is seen of a design whose groups are collapsed, and the way back to its layers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbuilder.arrangement import fold, loop
from netbuilder.graph import Edge, Graph
from netbuilder.layers import Add, Concat, Conv2D, Input, ReLU


def residual(*, collapsed: bool = True) -> Graph:
    """input → conv → relu → sum → end with a skip from input to sum; conv, relu and sum are one group."""
    graph = Graph.chain(Input(), Conv2D(1), ReLU(), Add(), ReLU(), names=("input", "conv", "relu", "sum", "end"))
    graph = graph.connect("input", "sum", 1)
    return graph.group(("conv", "relu", "sum"), "block", collapsed=collapsed)[0]


def block(graph: Graph) -> int:
    return next(iter(graph.groups))


def test_an_open_group_changes_nothing() -> None:
    graph = residual(collapsed=False)
    assert fold(graph).seen is graph


def test_a_collapsed_group_is_one_node_and_one_wire_for_each_source() -> None:
    graph = residual()
    folding, key = fold(graph), block(graph)
    first, last = graph["input"].id, graph["end"].id
    assert set(folding.seen.nodes) == {first, key, last}
    assert folding.seen.edges == {Edge(first, key, 0), Edge(key, last, 0)}
    assert folding.behind(Edge(first, key, 0)) == (
        Edge(first, graph["conv"].id),
        Edge(first, graph["sum"].id, 1),
    )
    assert folding.seen[key].position == graph["conv"].position


def test_what_leaves_and_enters_a_block_is_known() -> None:
    graph = residual()
    folding, key = fold(graph), block(graph)
    assert folding.output(key) == graph["sum"].id
    assert folding.entries(key, 0) == ((graph["conv"].id, 0), (graph["sum"].id, 1))
    assert (folding.entries(key, 1), folding.free_port(key)) == ((), None)
    loose = fold(graph.disconnect(Edge(graph["relu"].id, graph["sum"].id, 0)))
    assert loose.free_port(key) == 1
    assert loose.entries(key, 1) == ((graph["sum"].id, 0),)


def test_a_block_moves_with_all_it_hides() -> None:
    graph = residual()
    places = fold(graph).spread({block(graph): (100.0, 0.0)})
    moved = graph.move(places)
    assert {moved[name].position for name in ("conv", "relu", "sum")} == {(100, 0), (100, 72), (100, 144)}


def test_a_group_that_feeds_itself_through_another_layer_stays_open() -> None:
    graph = Graph.chain(Input(), Conv2D(1), ReLU(), Conv2D(1), names=("input", "a", "between", "b"))
    graph, group = graph.group(("a", "b"), collapsed=True)
    assert fold(graph).seen is graph
    assert loop(graph, group) == graph["between"].id


def test_of_two_groups_that_feed_each_other_one_stays_open() -> None:
    graph, source = Graph().add(Input())
    for name in ("a", "b", "c", "d"):
        graph, _ = graph.add(Concat(), name)
    for start, end in ((source.id, "a"), ("a", "b"), (source.id, "c"), ("c", "d")):
        graph = graph.connect(start, end)
    graph, first = graph.group(("a", "d"), collapsed=True)
    graph, second = graph.group(("b", "c"), collapsed=True)
    assert first.id in fold(graph).members
    assert second.id not in fold(graph).members


@st.composite
def grouped(draw: st.DrawFn) -> Graph:
    """Anything, with groups of anything, collapsed or not."""
    graph = Graph()
    for index in range(draw(st.integers(2, 14))):
        graph, node = graph.add(Concat())
        for port, source in enumerate(draw(st.lists(st.integers(1, index), max_size=3)) if index else []):
            graph = graph.connect(source, node.id, port)
    keys = st.sampled_from(sorted(graph.nodes))
    for members in draw(st.lists(st.sets(keys, min_size=2, max_size=6), max_size=3)):
        graph, _ = graph.group(members, collapsed=draw(st.booleans()))
    return graph


@given(grouped())
def test_every_layer_is_seen_once_and_every_wire_between_blocks_too(graph: Graph) -> None:
    folding = fold(graph)
    assert not folding.seen.cycle()
    assert sorted(key for block in folding.seen.nodes for key in folding.layers(block)) == sorted(graph.nodes)
    real = [edge for wire in folding.seen.edges for edge in folding.behind(wire)]
    inside = {edge for edge in graph.edges if folding.block(edge.source) == folding.block(edge.target)}
    assert sorted(real) == sorted(graph.edges - inside)
    assert folding.spread({block: node.position for block, node in folding.seen.nodes.items()}) == {
        key: node.position for key, node in graph.nodes.items()
    }


def test_a_circle_of_blocks_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netbuilder.arrangement.folding.loop", lambda *_: None)
    graph = Graph.chain(Input(), Conv2D(1), ReLU(), Conv2D(1), names=("input", "a", "between", "b"))
    assert fold(graph.group(("a", "b"), collapsed=True)[0]).seen.cycle()
