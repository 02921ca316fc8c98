"""3-D boxes: sides that follow log₂, rows that fit a page, wires that pass over no box, labels that can be read."""

from itertools import combinations, pairwise

import pytest

import netbuilder as nb
from netbuilder.drawing.colours import LIGHT
from netbuilder.drawing.faces import faces
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.interop.figures import draw_figure, rows
from netbuilder.interop.figures.picture import Bounds
from netbuilder.interop.figures.rows import PAGE, Rows, broken
from netbuilder.interop.figures.stacks import sides, stacks
from netbuilder.layers import ImageShape, VectorShape
from tests.interop.figures import designs
from tests.interop.figures.designs import NAMES, inception, of_kind, overlap


def built(graph: Graph) -> Rows:
    report = nb.analyze(graph)
    made = stacks(graph, report, faces(graph, report, "hwc"), "hwc")
    number = {key: index for index, stack in enumerate(made) for key in (stack.head, *stack.sheets)}
    return Rows(made, [(edge, number[edge.source], number[edge.target]) for edge in sorted(graph.edges)])


def outline(made: Rows, index: int) -> Bounds:
    stack, place = made.stacks[index], made.place(index)
    return place.x, place.y + stack.top, place.x + stack.front + stack.back[0], place.y - stack.top


def pierced(graph: Graph) -> int:
    """How often a wire passes through a solid other than those it joins."""
    made = built(graph)
    number = {key: i for i, stack in enumerate(made.stacks) for key in (stack.head, *stack.sheets)}
    boxes = {index: outline(made, index) for index in range(len(made.stacks))}
    return sum(
        min(ax, bx) < right and max(ax, bx) > left and min(ay, by) < bottom and max(ay, by) > top
        for edge, way in made.ways().items()
        for (ax, ay), (bx, by) in pairwise(way)
        for index, (left, top, right, bottom) in boxes.items()
        if index not in (number[edge.source], number[edge.target])
    )


GRAPHS = {**{name: lambda name=name: example(name) for name in NAMES}, "inception": inception}


@pytest.mark.parametrize("name", GRAPHS)
def test_no_wire_passes_through_a_box_and_no_box_lies_on_another(name: str):
    graph = GRAPHS[name]()
    made = built(graph)
    boxes = [outline(made, index) for index in range(len(made.stacks))]
    assert [(a, b) for a, b in combinations(boxes, 2) if overlap(a, b)] == []
    assert len(made.ways()) == sum(edge in made.ways() for edge in graph.edges) > 0
    assert pierced(graph) == 0


def test_wires_that_run_too_low_would_be_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "ABOVE", -60.0)
    assert pierced(example("resnet-20")) > 0


@pytest.mark.parametrize("name", GRAPHS)
def test_no_text_lies_on_another_or_on_a_box(name: str):
    picture = draw_figure(GRAPHS[name](), style="boxes")
    texts = [text for text in picture.texts if text.text not in "!?"]
    found = [(a.text, b.text) for a, b in combinations(texts, 2) if overlap(a.bounds(), b.bounds(), by=2)]
    assert found == []
    boxes = [front.bounds() for front in of_kind(picture, "front")]
    assert [text.text for text in texts for box in boxes if overlap(text.bounds(), box)] == []


@pytest.mark.parametrize("name", GRAPHS)
def test_every_layer_is_a_box_or_a_sheet_with_its_name(name: str):
    graph = GRAPHS[name]()
    picture = draw_figure(graph, style="boxes")
    fronts, texts = of_kind(picture, "front"), {text.text for text in picture.texts}
    assert len(fronts) == len(graph.nodes)
    assert {node.name for node in graph.nodes.values()} <= texts
    assert {layer.shape.text() for layer in nb.analyze(graph).layers.values() if layer.shape} <= texts


def test_doubling_a_side_adds_the_same_to_its_box_whatever_its_size():
    def added(first: ImageShape, second: ImageShape) -> list[float]:
        return [round(b - a, 9) for a, b in zip(sides(first), sides(second), strict=True)]

    assert added(ImageShape(8, 4, 7), ImageShape(16, 8, 14)) == added(
        ImageShape(256, 112, 50), ImageShape(512, 224, 100)
    )
    assert sides(ImageShape(1, 28, 14))[1] > sides(ImageShape(1, 28, 14))[2]
    assert sides(VectorShape(1000))[1] > sides(VectorShape(10))[1]


def test_activations_and_normalisations_are_sheets_unless_the_data_forks_before_them():
    graph = Graph.chain(nb.Input(), nb.Conv2D(4, 1), nb.BatchNorm(), nb.ReLU(), nb.Add(), names=list("icbra"))
    assert [(s.head, s.sheets) for s in built(graph.connect("i", "a", 1)).stacks] == [(1, ()), (2, (3, 4)), (5, ())]
    assert [(s.head, s.sheets) for s in built(graph.connect("c", "a", 1)).stacks] == [
        (1, ()),
        (2, ()),
        (3, (4,)),
        (5, ()),
    ]


def test_rows_fit_a_page_and_are_broken_where_few_wires_are_cut():
    for name in NAMES:
        made = built(example(name))
        for row in broken([stack.column for stack in made.stacks], []):
            assert sum(made.stacks[index].column for index in row) <= PAGE
    chain = [(index, index + 1) for index in range(9)]
    assert broken([100.0] * 10, chain, 520.0) == [range(5), range(5, 10)]
    assert broken([100.0] * 10, [*chain, (1, 5), (2, 5), (3, 5)], 620.0) == [range(6), range(6, 10)]
    assert broken([900.0, 900.0], chain[:1], 520.0) == [range(1), range(1, 2)]
    assert broken([], [], 520.0) == []


def test_what_is_not_known_is_an_outline_with_a_question_mark():
    picture = draw_figure(designs.broken(), style="boxes")
    texts = [text.text for text in picture.texts]
    unknown = [face for face in of_kind(picture, "front") if face.dash]
    assert len(unknown) == 5
    assert texts.count("!") == 1
    assert texts.count("?") == 2 * len(unknown)
    assert [wire.stroke for wire in of_kind(picture, "wire")].count(LIGHT.error) == 1
