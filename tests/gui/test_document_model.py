"""A thousand histories of edits through the document, step by step beside a model that knows nothing of graphs."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from netbuilder.files import dumps
from netbuilder.graph import Edge, Graph, GraphError
from netbuilder.gui.document import Document
from netbuilder.layers import Add, Concat, Conv2D, Dense, Flatten, Input, Layer, MaxPool2D, ReLU, SettingError

pytestmark = pytest.mark.usefixtures("qapp")

SEQUENCES, EDITS, LARGEST = 1000, 60, 16
LAYERS: tuple[Layer, ...] = (Conv2D(4, 3), ReLU(), MaxPool2D(2), Dense(3), Flatten(), Add(), Add(), Concat(), Input())
PORTS = {"Input": 0, "Add": 99, "Concat": 99}


@dataclass
class Model:
    """The simplest thing that could be a design: lists that are searched. Edits say False where they are refused."""

    blocks: list[dict[str, Any]] = field(default_factory=list)
    wires: list[tuple[str, str, int]] = field(default_factory=list)
    refused = False

    def block(self, name: str) -> dict[str, Any]:
        return next(block for block in self.blocks if block["name"] == name)

    def names(self) -> list[str]:
        return [block["name"] for block in self.blocks]

    def reaches(self, start: str, end: str) -> bool:
        return start == end or any(self.reaches(t, end) for s, t, _ in self.wires if s == start)

    def add(self, layer: Layer, name: str) -> bool:
        if name in self.names():
            return False
        self.blocks.append({"name": name, "layer": layer, "at": (0.0, 0.0)})
        return True

    def connect(self, source: str, target: str, port: int) -> bool:
        most = PORTS.get(type(self.block(target)["layer"]).__name__, 1)
        if port >= most or self.reaches(target, source):
            return False
        self.wires = [wire for wire in self.wires if wire[1:] != (target, port)] + [(source, target, port)]
        return True

    def remove(self, name: str, heal: bool) -> bool:
        feeding = sorted((port, source) for source, target, port in self.wires if target == name)
        fed = [(target, port) for source, target, port in self.wires if source == name]
        self.blocks = [block for block in self.blocks if block["name"] != name]
        self.wires = [wire for wire in self.wires if name not in wire[:2]]
        if heal and feeding:
            self.wires += [(feeding[0][1], target, port) for target, port in fed]
        return True

    def splice(self, wire: tuple[str, str, int], layer: Layer, name: str) -> bool:
        if name in self.names() or PORTS.get(type(layer).__name__, 1) == 0:
            return False
        self.add(layer, name)
        self.wires.remove(wire)
        self.wires += [(wire[0], name, 0), (name, wire[1], wire[2])]
        return True

    def rename(self, name: str, new: str) -> bool:
        if new != name and new in self.names():
            return False
        self.block(name)["name"] = new
        self.wires = [(new if s == name else s, new if t == name else t, p) for s, t, p in self.wires]
        return True

    def change(self, name: str, setting: str, value: int) -> bool:
        block = self.block(name)
        if setting not in block["layer"].values():
            return False
        block["layer"] = block["layer"].using(**{setting: value})
        return True

    def move(self, name: str, at: tuple[float, float]) -> bool:
        self.block(name)["at"] = at
        return True

    def picture(self) -> tuple[dict[str, Any], set[tuple[str, str, int]]]:
        return {block["name"]: (block["layer"], block["at"]) for block in self.blocks}, set(self.wires)


def picture(graph: Graph) -> tuple[dict[str, Any], set[tuple[str, str, int]]]:
    """A graph, told by names as the model tells itself."""
    name = {key: node.name for key, node in graph.nodes.items()}
    return (
        {node.name: (node.layer, node.position) for node in graph.nodes.values()},
        {(name[edge.source], name[edge.target], edge.port) for edge in graph.edges},
    )


Edit = tuple[Callable[[Graph], Graph], Callable[[Model], bool]]


def random_edit(graph: Graph, rng: random.Random) -> Edit:
    """One edit, told to the graph and to the model, each in its own words."""
    names = [node.name for node in graph.nodes.values()]
    layer, new = rng.choice(LAYERS), f"b{rng.randrange(40)}"
    if not names or (len(names) < LARGEST and rng.random() < 0.25):
        return lambda g: g.add(layer, new, (0.0, 0.0))[0], lambda m: m.add(layer, new)
    one, other, number = rng.choice(names), rng.choice(names), rng.randrange(1, 9)
    match rng.randrange(8) if len(names) < LARGEST else 0:
        case 0:
            heal = rng.random() < 0.6
            return lambda g: g.remove(one, heal=heal), lambda m: m.remove(one, heal)
        case 1 | 2 | 3:
            port = rng.randrange(3)
            return lambda g: g.connect(one, other, port), lambda m: m.connect(one, other, port)
        case 4 if graph.edges:
            edge = rng.choice(sorted(graph.edges))
            wire = graph[edge.source].name, graph[edge.target].name, edge.port
            return lambda g: g.insert(edge, layer, new, (0.0, 0.0))[0], lambda m: m.splice(wire, layer, new)
        case 5:
            return lambda g: g.rename(one, new), lambda m: m.rename(one, new)
        case 6:
            setting = rng.choice(["filters", "units", "stride"])
            value: Any = (number, number) if setting == "stride" else number
            return lambda g: g.set(one, **{setting: value}), lambda m: m.change(one, setting, value)
        case _:
            at = (float(number), 8.0 * number)
            return lambda g: g.move({g[one].id: at}), lambda m: m.move(one, at)


def play(seed: int) -> str | None:
    """One history: every state against the model, then all undone and redone. What went wrong, or None."""
    rng, document, model = random.Random(seed), Document(), Model()
    texts = [dumps(document.graph)]
    for _ in range(EDITS):
        edit, told = random_edit(document.graph, rng)
        try:
            edited, allowed = edit(document.graph), True
        except (GraphError, SettingError):
            edited, allowed = document.graph, False
        if told(model) != allowed:
            return f"{seed}: one allowed what the other refused"
        document.commit("Edit", edited)
        if picture(document.graph) != model.picture():
            return f"{seed}: document and model differ"
        if (text := dumps(document.graph)) != texts[-1]:
            texts.append(text)
    return walked(document, texts, seed)


def walked(document: Document, texts: list[str], seed: int) -> str | None:
    """All undone, state by state, and redone."""
    for text in reversed(texts[:-1]):
        document.history.undo()
        if dumps(document.graph) != text:
            return f"{seed}: an undo did not give back the bytes"
    if document.history.canUndo():
        return f"{seed}: there is more to undo than was done"
    while document.history.canRedo():
        document.history.redo()
    return None if dumps(document.graph) == texts[-1] else f"{seed}: a redo did not give back the bytes"


@pytest.mark.parametrize("first", range(0, SEQUENCES, 50))
def test_every_history_agrees_with_the_model(first: int) -> None:
    assert [fault for seed in range(first, first + 50) if (fault := play(seed))] == []


# ---- bugs that it must notice ----------------------------------------------------------------------------------------


def forgets_to_displace(graph: Graph, source: Any, target: Any, port: int = 0) -> Graph:
    graph.check_connect(source, target, port)
    return replace(graph, edges=graph.edges | {Edge(graph[source].id, graph[target].id, port)})


def heals_with_the_wrong_branch(graph: Graph, key: int, gone: Any) -> int | None:
    while key in gone:
        sources = graph.inputs(key)
        if not sources:
            return None
        key = sources[-1]
    return key


def loses_a_state(document: Document, _text: str, graph: Graph, _merge: Any = None) -> None:
    document._show(graph)


@pytest.mark.parametrize(
    ("where", "name", "bug"),
    [
        (Graph, "connect", forgets_to_displace),
        (Graph, "_surviving_source", heals_with_the_wrong_branch),
        (Graph, "check_connect", lambda *_: None),
        (Document, "commit", loses_a_state),
    ],
)
def test_a_seeded_bug_is_noticed(monkeypatch: pytest.MonkeyPatch, where: type, name: str, bug: Any) -> None:
    def faulty(seed: int) -> bool:
        try:
            return play(seed) is not None
        except (RecursionError, KeyError, ValueError):
            return True

    monkeypatch.setattr(where, name, bug)
    assert any(faulty(seed) for seed in range(60))
