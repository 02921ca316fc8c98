"""The design is a value: edits return new graphs, refuse what is no network, and heal what they cut."""

import copy
import random

import pytest

from netbuilder.graph import Edge, Graph, GraphError
from netbuilder.layers import Add, Concat, Conv2D, Dense, Flatten, Input, ReLU, SettingError


def lenet_like() -> Graph:
    return Graph.chain(Input(), Conv2D(6, 5), ReLU(), Flatten(), Dense(10))


def test_a_chain_names_its_layers_and_wires_them() -> None:
    graph = Graph.chain(Input(), Conv2D(6, 5), ReLU(), Conv2D(16, 5), ReLU())
    assert [node.name for node in graph.nodes.values()] == ["input_1", "conv2d_1", "relu_1", "conv2d_2", "relu_2"]
    assert graph.edges == {Edge(1, 2), Edge(2, 3), Edge(3, 4), Edge(4, 5)}


def test_edits_leave_the_old_graph_as_it_was() -> None:
    before = lenet_like()
    kept = copy.deepcopy(before)
    before.set("conv2d_1", filters=9)
    before.remove("relu_1")
    before.rename("dense_1", "scores")
    before.move({1: (5, 5)})
    before.paste(before)
    assert before == kept


def test_layers_are_found_by_name_or_id() -> None:
    graph = lenet_like()
    assert graph["relu_1"] is graph[3]
    with pytest.raises(GraphError, match="no layer 'pool'"):
        graph["pool"]


def test_removing_heals_the_chain() -> None:
    graph = lenet_like().remove(["conv2d_1", "relu_1"])
    assert graph.inputs("flatten_1") == (graph["input_1"].id,)
    assert lenet_like().remove("relu_1", heal=False).inputs("flatten_1") == ()


def test_healing_keeps_every_port_of_a_merge() -> None:
    graph, _ = lenet_like().add(Add(), "sum")
    graph = graph.connect("conv2d_1", "sum", 0).connect("relu_1", "sum", 1)
    healed = graph.remove("relu_1")
    assert healed.inputs("sum") == (healed["conv2d_1"].id,) * 2


def test_a_wire_displaces_the_one_in_its_port() -> None:
    graph = lenet_like().connect("input_1", "flatten_1")
    assert graph.inputs("flatten_1") == (graph["input_1"].id,)
    assert len(graph.edges) == 4


@pytest.mark.parametrize(
    ("source", "target", "port", "reason"),
    [
        ("dense_1", "conv2d_1", 0, "cannot feed back"),
        ("relu_1", "relu_1", 0, "cannot feed back"),
        ("relu_1", "input_1", 0, "has no input"),
        ("input_1", "relu_1", 1, "has 1 input; there is no input 2"),
        ("input_1", "relu_1", -1, "there is no input 0"),
    ],
)
def test_an_impossible_wire_is_refused_with_its_reason(source: str, target: str, port: int, reason: str) -> None:
    with pytest.raises(GraphError, match=reason):
        lenet_like().connect(source, target, port)


def test_splicing_puts_a_layer_into_a_wire() -> None:
    graph, node = lenet_like().insert(Edge(2, 3), Conv2D(4), position=(1, 2))
    assert graph.inputs(node.id) == (2,)
    assert graph.inputs(3) == (node.id,)
    with pytest.raises(GraphError, match="end of this wire"):
        graph.splice(Edge(node.id, 3), node.id)


def test_a_spliced_layer_cannot_close_a_circle() -> None:
    graph = lenet_like().disconnect(Edge(3, 4))
    graph, merge = graph.add(Concat(), "join")
    graph = graph.connect("dense_1", "join")
    with pytest.raises(GraphError):
        graph.connect("join", "flatten_1").splice(Edge(4, 5), merge.id)


def test_names_stay_unique_and_printable() -> None:
    graph = lenet_like()
    for name, reason in (("relu_1", "already"), (" ", "printable"), ("a\nb", "printable"), ("x" * 81, "81")):
        with pytest.raises(GraphError, match=reason):
            graph.rename("conv2d_1", name)
    assert graph.rename("conv2d_1", "<b>conv</b>")["<b>conv</b>"].id == 2
    assert graph.rename("conv2d_1", "conv2d_1") is graph


def test_a_wrong_setting_is_refused_with_layer_and_limits() -> None:
    with pytest.raises(SettingError, match=r"Conv2D: filters must be from 1 to 1,000,000, not 0\."):
        lenet_like().set("conv2d_1", filters=0)
    with pytest.raises(SettingError, match="is not one of its settings"):
        lenet_like().set("conv2d_1", filtres=3)


def test_an_id_is_never_used_again() -> None:
    graph = lenet_like().remove("dense_1")
    _, node = graph.add(Dense(3))
    assert node.id == 6


def test_a_copy_can_be_pasted_beside_the_original() -> None:
    graph = lenet_like()
    graph, copies = graph.paste(graph.selected(["conv2d_1", "relu_1"]), offset=(24, 24))
    assert [graph[key].name for key in copies] == ["conv2d_2", "relu_2"]
    assert graph.inputs(copies[1]) == (copies[0],)
    assert graph.inputs(copies[0]) == ()
    assert graph[copies[0]].position == (24, 96)


def test_free_ports_of_merges_never_run_out() -> None:
    graph, _ = lenet_like().add(Add(), "sum")
    assert graph.free_port("sum") == 0
    graph = graph.connect("relu_1", "sum", 0).connect("conv2d_1", "sum", 2)
    assert graph.free_port("sum") == 1
    assert graph.free_port("relu_1") is None
    assert graph.free_port("input_1") is None


# ---- any sequence of edits keeps the promises ------------------------------------------------------------------------


def faults(graph: Graph) -> list[str]:
    """Promises of a graph that this one breaks; written without the graph's own methods."""
    found: list[str] = []
    names = [node.name for node in graph.nodes.values()]
    if len(set(names)) < len(names):
        found.append("a name is used twice")
    if any(edge.source not in graph.nodes or edge.target not in graph.nodes for edge in graph.edges):
        found.append("a wire ends nowhere")
    ports = [(edge.target, edge.port) for edge in graph.edges]
    if len(set(ports)) < len(ports):
        found.append("two wires share a port")
    left = {(edge.source, edge.target) for edge in graph.edges}
    waiting = set(graph.nodes)
    while free := {key for key in waiting if not any(t == key and s in waiting for s, t in left)}:
        waiting -= free
    if waiting:
        found.append("the wires go round in a circle")
    place = {} if found or waiting else {key: index for index, key in enumerate(graph.order)}
    if place and (len(place) != len(graph.nodes) or any(place[s] > place[t] for s, t in left)):
        found.append("the order does not follow the wires")
    return found


def random_edit(graph: Graph, rng: random.Random) -> Graph:
    keys = list(graph.nodes)
    layer = rng.choice([Conv2D(4), ReLU(), Add(), Concat(), Dense(3), Input()])
    match rng.randrange(8) if keys else 0:
        case 0:
            return graph.add(layer)[0]
        case 1:
            return graph.remove(rng.sample(keys, min(len(keys), rng.randint(1, 2))), heal=rng.random() < 0.7)
        case 2 | 3:
            return graph.connect(rng.choice(keys), rng.choice(keys), rng.randrange(3))
        case 4:
            return graph.disconnect(rng.choice(sorted(graph.edges))) if graph.edges else graph
        case 5:
            return graph.insert(rng.choice(sorted(graph.edges)), layer)[0] if graph.edges else graph
        case 6:
            return graph.paste(graph.selected(rng.sample(keys, min(3, len(keys)))))[0]
        case _:
            return graph.rename(rng.choice(keys), rng.choice("abcdef"))


@pytest.mark.parametrize("seed", range(60))
def test_random_edits_always_leave_a_network(seed: int) -> None:
    rng, graph = random.Random(seed), Graph()
    for _ in range(60):
        try:
            graph = random_edit(graph, rng)
        except GraphError:
            continue
        if len(graph.nodes) > 40:
            graph = graph.remove(list(graph.nodes)[:20])
        assert faults(graph) == []


def test_the_check_notices_a_circle_a_lost_end_and_a_shared_port() -> None:
    graph = lenet_like()
    assert faults(Graph(graph.nodes, graph.edges | {Edge(5, 2, 1)}))
    assert faults(Graph(graph.nodes, graph.edges | {Edge(9, 2, 1)}))
    assert faults(Graph(graph.nodes, graph.edges | {Edge(1, 3)}))


# ---- groups and notes ------------------------------------------------------------------------------------------------


def test_a_group_is_a_name_for_some_layers() -> None:
    graph, group = lenet_like().group(["conv2d_1", "relu_1"], "features")
    assert graph.group_of("relu_1") == group
    assert graph.group_of("dense_1") is None
    assert (graph.nodes, graph.edges) == (lenet_like().nodes, lenet_like().edges)


def test_a_layer_is_in_one_group_at_most() -> None:
    graph, first = lenet_like().group(["conv2d_1", "relu_1", "flatten_1"], "first")
    graph, second = graph.group(["flatten_1", "dense_1"], "second")
    assert graph.groups[first.id].members == {2, 3}
    assert graph.group_of("flatten_1") == second
    graph, _ = graph.group(["relu_1", "dense_1"], "third")
    assert [group.name for group in graph.groups.values()] == ["third"]


def test_a_group_shrinks_with_its_layers_and_ends_with_the_last_two() -> None:
    graph, group = lenet_like().group(["conv2d_1", "relu_1", "flatten_1"])
    graph = graph.remove("relu_1")
    assert graph.groups[group.id].members == {2, 4}
    assert graph.remove("flatten_1").groups == {}


def test_groups_are_renamed_collapsed_and_dissolved() -> None:
    graph, group = lenet_like().group(["conv2d_1", "relu_1"])
    assert graph.change_group(group.id, name="stem", collapsed=True).groups[group.id].collapsed
    assert graph.ungroup(group.id) == lenet_like()
    with pytest.raises(GraphError, match="printable"):
        graph.change_group(group.id, name="")
    with pytest.raises(GraphError, match="at least two"):
        graph.group(["relu_1"])
    with pytest.raises(GraphError, match="no longer"):
        graph.ungroup(99)


def test_a_copied_group_brings_its_name_and_its_layers() -> None:
    graph, _ = lenet_like().group(["conv2d_1", "relu_1"], "stem", collapsed=True)
    graph, copies = graph.paste(graph.selected(["conv2d_1", "relu_1", "flatten_1"]))
    copied = graph.group_of(copies[0])
    assert copied is not None
    assert (copied.name, copied.members, copied.collapsed) == ("stem", set(copies[:2]), True)
    assert graph.selected(["conv2d_1"]).groups == {}


def test_notes_are_plain_text_that_comes_and_goes() -> None:
    graph, note = lenet_like().write_note("<b>why 150?</b>", (10, 20))
    graph = graph.change_note(note.id, text="because", position=(1, 2))
    assert (graph.notes[note.id].text, graph.notes[note.id].position) == ("because", (1, 2))
    assert graph.change_note(note.id, text="  ") == lenet_like()
    with pytest.raises(GraphError, match="at most 10,000"):
        graph.write_note("x" * 10_001, (0, 0))


def test_another_layer_takes_a_place_only_with_enough_inputs() -> None:
    graph, _ = lenet_like().add(Add(), "sum")
    graph = graph.connect("conv2d_1", "sum", 0).connect("relu_1", "sum", 1)
    assert graph.exchange("sum", Concat()).inputs("sum") == graph.inputs("sum")
    with pytest.raises(GraphError, match="more wires than a ReLU takes"):
        graph.exchange("sum", ReLU())


def test_the_end_is_that_of_the_network_which_begins_at_the_input() -> None:
    graph = lenet_like()
    last = graph.end
    graph, _ = graph.add(ReLU(), "apart")
    assert graph.end == last
    graph, behind = graph.add(ReLU(), "behind")
    assert graph.connect(last, "behind").end == behind.id
    with pytest.raises(GraphError, match="no layer"):
        Graph().end  # noqa: B018


def test_of_several_wires_the_one_straight_below_goes_on() -> None:
    graph = lenet_like()
    straight = graph.onward("conv2d_1")
    graph, aside = graph.add(ReLU(), "aside", (500.0, 0.0))
    graph = graph.connect("conv2d_1", "aside")
    assert graph.onward("conv2d_1") == straight
    assert graph.onward(aside.id) is None
    moved = graph.move({straight.target: (900.0, 900.0)}) if straight else graph
    assert moved.onward("conv2d_1") == (graph["conv2d_1"].id, aside.id, 0)
