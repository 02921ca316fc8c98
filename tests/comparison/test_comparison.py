"""What is told of two designs is what was done to one of them: all of it, nothing else, from either side the same."""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

import netbuilder as nb
from netbuilder.comparison import Difference, Pair, compare, matching
from netbuilder.examples import EXAMPLES, example
from netbuilder.files import dumps, loads
from netbuilder.graph import Edge, Graph
from netbuilder.layers import Layer
from tests.designs import valid_design

SEEDS = range(16)
CURVES: tuple[type[Layer], ...] = (nb.ReLU, nb.Tanh, nb.GELU, nb.SiLU, nb.Sigmoid)


def renumbered(graph: Graph) -> Graph:
    """The same design as somebody else would have drawn it: other ids, other places."""
    keys = {key: 1000 - 3 * number for number, key in enumerate(graph.nodes)}
    nodes = {keys[key]: replace(node, id=keys[key], position=(7.0, 3.0 * key)) for key, node in graph.nodes.items()}
    edges = frozenset(Edge(keys[edge.source], keys[edge.target], edge.port) for edge in graph.edges)
    return replace(graph, nodes=nodes, edges=edges, next_id=2000)


def edits(found: Difference) -> set[tuple[str, ...]]:
    """What was done, as short words; what follows from it is left out."""
    told = {("added", layer.node.name) for layer in found.added}
    told |= {("removed", layer.node.name) for layer in found.removed}
    for pair in found.changed:
        name = pair.after.node.name
        told |= {("renamed", pair.before.node.name, name)} if pair.renamed else set()
        told |= {("retyped", name)} if pair.retyped else {("set", name, setting) for setting in pair.settings}
        told |= {("wired", name, each.before or "", each.after or "") for each in pair.rewired}
    return told


def mirrored(words: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The same edits undone."""
    other = {"added": "removed", "removed": "added"}
    return {
        (other.get(word, word), *(reversed(rest) if word == "renamed" else rest))
        if word != "wired"
        else (word, rest[0], rest[2], rest[1])
        for word, *rest in words
    }


# ---- nothing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_design_does_not_differ_from_itself(seed: int):
    graph = valid_design(seed)
    for other in (graph, loads(dumps(graph)), renumbered(graph)):
        found = compare(graph, other)
        assert found.same
        assert edits(found) == set()
        assert all(before == after for before, after in found.totals.values())


def test_positions_notes_and_groups_are_no_difference():
    graph = valid_design(3)
    drawn, _ = graph.write_note("hello", (0, 0))
    drawn, _ = drawn.group(list(graph.nodes)[:3])
    assert compare(graph, drawn.move(dict.fromkeys(graph.nodes, (5.0, 5.0)))).same


# ---- one edit --------------------------------------------------------------------------------------------------------


def renamed(graph: Graph, key: int, rng: random.Random) -> tuple[Graph, set[tuple[str, ...]]]:
    return graph.rename(key, f"other {rng.random()}"), {("renamed", graph[key].name, "?")}


def set_(graph: Graph, key: int, rng: random.Random) -> tuple[Graph, set[tuple[str, ...]]]:
    for name, value in {"filters": 48, "units": 51, "rate": 0.77, "epsilon": 0.25, "slope": 0.4, "bias": True}.items():
        known = graph[key].layer.values()
        if name in known and known[name] != value:
            return graph.set(key, **{name: value}), {("set", graph[key].name, name)}
    return graph, set()


def exchanged(graph: Graph, key: int, rng: random.Random) -> tuple[Graph, set[tuple[str, ...]]]:
    if type(graph[key].layer) not in CURVES:
        return graph, set()
    others = [kind for kind in CURVES if not isinstance(graph[key].layer, kind)]
    return graph.exchange(key, rng.choice(others)()), {("retyped", graph[key].name)}


def inserted(graph: Graph, key: int, rng: random.Random) -> tuple[Graph, set[tuple[str, ...]]]:
    if not graph.incoming(key):
        return graph, set()
    edge, name = graph.incoming(key)[0], f"new {rng.random()}"
    graph, _ = graph.insert(edge, rng.choice(CURVES)(), name)
    return graph, {("added", name), ("wired", graph[key].name, graph[edge.source].name, name)}


def removed(graph: Graph, key: int, rng: random.Random) -> tuple[Graph, set[tuple[str, ...]]]:
    if not graph.incoming(key) or not graph.outgoing(key):
        return graph, set()
    source = graph[graph.inputs(key)[0]].name
    fed = {("wired", graph[edge.target].name, graph[key].name, source) for edge in graph.outgoing(key)}
    return graph.remove(key), {("removed", graph[key].name), *fed}


def cut(graph: Graph, key: int, rng: random.Random) -> tuple[Graph, set[tuple[str, ...]]]:
    if not graph.incoming(key):
        return graph, set()
    edge = graph.incoming(key)[0]
    return graph.disconnect(edge), {("wired", graph[key].name, graph[edge.source].name, "")}


KINDS = (renamed, set_, exchanged, inserted, removed, cut)


def named(words: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """New names are drawn at random: they are not looked at."""
    return {("renamed", word[1], "?") if word[0] == "renamed" else word for word in words}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_edit_is_told_exactly_and_undone_from_the_other_side(seed: int, kind):
    rng, graph = random.Random(seed), valid_design(seed)
    tried = 0
    for key in rng.sample(list(graph.nodes), len(graph.nodes)):
        edited, expected = kind(graph, key, rng)
        if expected and tried < 6:
            tried += 1
            found = compare(graph, renumbered(edited))
            assert named(edits(found)) == expected
            back = compare(renumbered(edited), graph)
            assert edits(back) == mirrored(edits(found))
            assert not found.same
            assert not back.same
    assert tried or kind in (set_, exchanged, removed)


@pytest.mark.parametrize("seed", SEEDS)
def test_several_edits_apart_from_each_other_are_all_told(seed: int):
    rng, graph = random.Random(seed), valid_design(seed)
    edited, expected, near = graph, set[tuple[str, ...]](), set[int]()
    keys = list(graph.nodes)
    rng.shuffle(keys)
    for key in keys:
        around = {key, *graph.inputs(key), *(edge.target for edge in graph.outgoing(key))}
        if near & around:
            continue
        edited, words = rng.choice(KINDS)(edited, key, rng)
        expected |= words
        near |= around
    found = compare(graph, edited)
    assert named(edits(found)) == expected
    assert edits(compare(edited, graph)) == mirrored(edits(found))


def test_these_tests_would_notice_a_layer_paired_with_another(monkeypatch: pytest.MonkeyPatch):
    """Negative control: pairing by place alone."""

    def by_place(a: Graph, b: Graph) -> matching.Matching:
        return matching.Matching(dict(zip(a.order, b.order, strict=False)), frozenset())

    monkeypatch.setattr("netbuilder.comparison.difference.match", by_place)
    with pytest.raises(AssertionError):
        test_an_edit_is_told_exactly_and_undone_from_the_other_side(0, inserted)


# ---- pairing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [entry.name for entry in EXAMPLES])
def test_a_design_whose_layers_all_have_other_names_is_recognised(name: str):
    graph = example(name)
    other = graph
    for number, key in enumerate(graph.nodes):
        other = other.rename(key, f"α{number * 7919 % 1000}-{number}")
    found = compare(graph, renumbered(other))
    assert not found.added
    assert not found.removed
    assert all(pair.renamed and not (pair.settings or pair.rewired or pair.places) for pair in found.changed)
    assert len(found.changed) == len(graph.nodes)


def test_a_renamed_layer_with_other_settings_is_still_the_same_layer():
    graph = example("lenet-5")
    key = next(node.id for node in graph.nodes.values() if isinstance(node.layer, nb.Conv2D))
    found = compare(graph, graph.rename(key, "first").set(key, filters=9))
    pair = found.changed[0]
    assert (pair.renamed, pair.settings) == (True, {"filters": (6, 9)})


def test_a_layer_that_went_elsewhere_is_told_to_have_moved():
    layers = {
        "in": nb.Input(8, 8, 2),
        "conv": nb.Conv2D(3),
        "act": nb.ReLU(),
        "pool": nb.MaxPool2D(2),
        "flat": nb.Flatten(),
    }
    before = Graph.chain(*layers.values(), names=list(layers))
    order = ["in", "conv", "pool", "flat", "act"]
    after = Graph.chain(*[layers[name] for name in order], names=order)
    found, back = compare(before, after), compare(after, before)
    assert [(pair.after.node.name, pair.places) for pair in found.changed if pair.places] == [("act", (3, 5))]
    assert [(pair.after.node.name, pair.places) for pair in back.changed if pair.places] == [("act", (5, 3))]


def towers(*names: str, ports: tuple[str, str] = ("a", "b")) -> Graph:
    """Two layers side by side, drawn in this order, that meet."""
    graph, _ = Graph().add(nb.Input(features=3), "in")
    for name in names:
        graph, _ = graph.add(nb.Dense(4), name)
        graph = graph.connect("in", name)
    graph, _ = graph.add(nb.Concat(), "both")
    return graph.connect(ports[0], "both", 0).connect(ports[1], "both", 1)


def test_branches_drawn_in_another_order_have_not_moved():
    one, two = towers("a", "b"), towers("b", "a")
    assert [one[key].name for key in one.order] != [two[key].name for key in two.order]
    assert compare(one, two).same


def test_inputs_of_a_merge_in_another_order_are_a_difference():
    found = compare(towers("a", "b"), towers("a", "b", ports=("b", "a")))
    assert edits(found) == {("wired", "both", "a", "b"), ("wired", "both", "b", "a")}


# ---- consequences ----------------------------------------------------------------------------------------------------


def changed(found: Difference) -> Mapping[str, Pair]:
    return {pair.after.node.name: pair for pair in found.changed}


def test_what_follows_from_an_edit_is_told_apart_from_it():
    graph = example("lenet-5")
    conv = next(node.name for node in graph.nodes.values() if isinstance(node.layer, nb.Conv2D))
    found = changed(compare(graph, graph.set(conv, filters=9)))
    assert found[conv].edited
    after = graph.set(conv, filters=9)
    reports = nb.analyze(graph), nb.analyze(after)
    others = {
        layer.node.name
        for layer in reports[0].layers.values()
        if (layer.shape, layer.parameters, layer.macs)
        != (lambda now: (now.shape, now.parameters, now.macs))(reports[1][layer.node.name])
    }
    assert found.keys() == others
    assert len(others) > 3
    assert not any(pair.edited for name, pair in found.items() if name != conv)


def test_a_design_that_breaks_is_compared_as_far_as_it_is_known():
    graph = example("lenet-5")
    flat = next(node.id for node in graph.nodes.values() if isinstance(node.layer, nb.Flatten))
    found = compare(graph, graph.remove(flat))
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["valid"] == {"before": True, "after": False}
    assert document["totals"]["parameters"]["after"] < document["totals"]["parameters"]["before"]
    assert any(entry["consequence"] and entry["parameters"]["after"] is None for entry in document["changed"])


# ---- size ------------------------------------------------------------------------------------------------------------


def test_a_thousand_layers_under_other_names_take_seconds_at_most():
    before = Graph.chain(
        nb.Input(8, 8, 4), *[kind for _ in range(500) for kind in (nb.Conv2D(4, 3, padding="same"), nb.ReLU())]
    )
    after = before
    for key in list(before.nodes)[1:]:
        after = replace(after, nodes={**after.nodes, key: replace(after[key], name=f"layer {key}")})
    after = after.remove([300, 301]).set(700, filters=5)
    began = time.perf_counter()
    found = compare(before, after)
    assert time.perf_counter() - began < 20
    assert len(found.removed) == 2
    assert not found.added
