"""Shapes are written in one way everywhere: maps as textbooks print them, lists with separators between thousands."""

from netbuilder.analysis import analyze
from netbuilder.graph import Graph
from netbuilder.layers import Add, Dense, Flatten, ImageShape, Input, VectorShape


def test_a_list_is_written_with_separators():
    assert VectorShape(25088).text() == VectorShape(25088).text("chw") == "25,088"
    assert VectorShape(10).text() == "10"


def test_a_map_is_written_in_either_order():
    assert ImageShape(512, 7, 7).text() == "7×7×512"
    assert ImageShape(512, 7, 7).text("chw") == "512×7×7"


def test_sentences_write_lists_alike():
    graph = Graph.chain(Input(height=7, width=7, channels=512), Flatten(), Dense(4096), Add()).connect(2, 4, 1)
    (problem,) = analyze(graph).problems
    assert "“dense_1” 4,096, “flatten_1” 25,088. They differ in length (4,096≠25,088)." in problem.message
