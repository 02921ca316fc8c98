"""Cards lie where the design has them, wires go round them, and what is wrong is seen."""

from itertools import combinations, pairwise

import pytest

import netbuilder as nb
from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH
from netbuilder.drawing import routing
from netbuilder.drawing.colours import LIGHT
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.interop.figures import draw_figure
from netbuilder.interop.figures.picture import Path, Picture
from tests.interop.figures.designs import NAMES, broken, inception, of_kind, overlap

ARRANGED = pytest.mark.parametrize("arrange", [False, True], ids=["as it lies", "arranged"])


def pierced(picture: Picture) -> list[tuple[Path, Path]]:
    """Wires that run through cards."""
    cards = [(card, card.bounds()) for card in of_kind(picture, "card")]
    return [
        (wire, card)
        for wire in of_kind(picture, "wire")
        for a, b in pairwise(wire.points)
        for card, bounds in cards
        if overlap((min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])), bounds, by=-0.0)
        and _enters(a, b, bounds)
    ]


def _enters(a, b, bounds) -> bool:
    """Whether a stretch has more than its end on the edge of a card."""
    left, top, right, bottom = bounds
    low, high = min(a[1], b[1]), max(a[1], b[1])
    return min(a[0], b[0]) < right - 1 and max(a[0], b[0]) > left + 1 and low < bottom - 1 and high > top + 1


@ARRANGED
@pytest.mark.parametrize("name", NAMES)
def test_no_card_of_an_example_lies_on_another_and_no_wire_runs_through_one(name: str, arrange: bool):
    graph = example(name)
    picture = draw_figure(graph, arrange=arrange)
    cards = of_kind(picture, "card")
    assert len(cards) == len(graph.nodes)
    assert [(a, b) for a, b in combinations(cards, 2) if overlap(a.bounds(), b.bounds())] == []
    outputs = sum(not graph.outgoing(key) for key in graph.nodes)
    assert len(of_kind(picture, "wire")) == len(graph.edges) + outputs
    assert pierced(picture) == []


def test_wires_that_do_not_look_would_be_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(routing._Router, "clear", lambda *_: True)
    assert pierced(draw_figure(example("resnet-20"), arrange=True)) != []


@ARRANGED
@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_an_example_lies_on_another(name: str, arrange: bool):
    texts = draw_figure(example(name), arrange=arrange).texts
    found = [(a.text, b.text) for a, b in combinations(texts, 2) if overlap(_core(a), _core(b))]
    assert found == []


def _core(text):
    """Where letters are painted, without the room above and below them."""
    left, _, right, _ = text.bounds()
    return left, text.at[1] - 0.75 * text.size, right, text.at[1]


def test_cards_lie_where_the_design_has_them():
    graph = Graph.chain(nb.Input(features=4), nb.Dense(3), nb.ReLU()).move({2: (300.0, 40.0), 3: (-500.0, 900.0)})
    cards = [card.bounds() for card in of_kind(draw_figure(graph), "card")]
    middles = [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in cards]
    (x, y), *others = middles
    assert [(ox - x, oy - y) for ox, oy in others] == [(300.0, 40.0), (-500.0, 900.0)]
    assert {(right - left, bottom - top) for left, top, right, bottom in cards} == {(BLOCK_WIDTH, BLOCK_HEIGHT)}


def test_a_wire_that_does_not_fit_is_dashed_red_and_its_layer_has_a_badge():
    picture = draw_figure(broken())
    wrong = [wire for wire in of_kind(picture, "wire") if wire.stroke == LIGHT.error]
    assert [bool(wire.dash) for wire in wrong] == [True]
    assert [card.tip for card in of_kind(picture, "card") if card.stroke == LIGHT.error] == ["Dense “fc1”"]
    assert [text.text for text in picture.texts].count("!") == 1
    assert "?" in [text.text for text in picture.texts]
    sound = draw_figure(example("lenet-5"))
    assert not [path for path in sound.paths if LIGHT.error in (path.fill, path.stroke)]
    assert not [wire for wire in of_kind(sound, "wire") if wire.dash]


def test_names_that_do_not_fit_are_cut_on_the_card_and_whole_in_its_tip():
    name = "a name that goes on and on, as long as a name may be, and then a little longer"
    graph = example("lenet-5").rename("fc1", name)
    picture = draw_figure(graph)
    (shown,) = [text for text in picture.texts if text.text.startswith("a name")]
    (count,) = [text for text in picture.texts if text.text == "48,120"]
    assert shown.text.endswith("…")
    assert shown.left + shown.width < count.left
    assert any(name in card.tip for card in of_kind(picture, "card"))


def test_a_bar_shows_each_layer_its_share_of_the_weights():
    picture = draw_figure(example("lenet-5"))
    lengths = sorted(path.bounds()[2] - path.bounds()[0] for path in of_kind(picture, "share"))
    assert len(lengths) == 5
    assert lengths[-1] == pytest.approx(160 * 48_120 / 61_706)


def test_groups_have_a_frame_or_are_one_card_and_notes_are_drawn():
    graph = inception(1)
    inside = [name for name in (graph.nodes[key].name for key in graph.nodes) if name.startswith("0")]
    open_, group = graph.group(inside, "Inception <A>")
    open_, _ = open_.write_note("Plain <b>text</b>,\nin lines.", (1600.0, 0.0))
    picture = draw_figure(open_, arrange=True)
    (frame,) = of_kind(picture, "group")
    within = [card for card in of_kind(picture, "card") if overlap(card.bounds(), frame.bounds())]
    assert len(within) == len(inside)
    assert {"Inception <A>", "Plain <b>text</b>,", "in lines."} <= {text.text for text in picture.texts}

    folded = draw_figure(open_.change_group(group.id, collapsed=True), arrange=True)
    assert len(of_kind(folded, "card")) == len(graph.nodes) - len(inside) + 1
    assert f"{len(inside)} layers" in {text.text for text in folded.texts}
    weights = sum(nb.analyze(graph)[name].parameters or 0 for name in inside)
    assert f"{weights:,}" in {text.text for text in folded.texts}
    assert pierced(folded) == []
