"""The one door for edits: every commit is one step, and undoing them all gives the first file back, byte for byte."""

import random
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from netbuilder.examples import example
from netbuilder.files import FileError, dumps, load
from netbuilder.graph import Graph, GraphError
from netbuilder.gui.document import Document
from netbuilder.layers import Add, Conv2D, Dense, Flatten, Input, ReLU

pytestmark = pytest.mark.usefixtures("qapp")


def random_edit(graph: Graph, rng: random.Random) -> tuple[str, Graph]:
    keys = list(graph.nodes)
    match rng.randrange(7) if keys else 0:
        case 0:
            return "Add", graph.add(rng.choice([Conv2D(4), ReLU(), Add(), Dense(3)]))[0]
        case 1:
            return "Delete", graph.remove(rng.choice(keys), heal=rng.random() < 0.5)
        case 2:
            return "Connect", graph.connect(rng.choice(keys), rng.choice(keys), rng.randrange(2))
        case 3:
            return "Rename", graph.rename(rng.choice(keys), f"n{rng.randrange(9)}")
        case 4:
            return "Move", graph.move({rng.choice(keys): (rng.randrange(99), rng.randrange(99))})
        case 5:
            return "Paste", graph.paste(graph.selected(keys[:2]))[0]
        case _:
            key = rng.choice(keys)
            wide = "filters" if "filters" in graph[key].layer.values() else "units"
            return "Set", graph.set(key, **{wide: rng.randrange(1, 99)})


def play(document: Document, rng: random.Random, edits: int) -> list[str]:
    """Commit random edits; the texts of every state, from the first on, one for each step of undo."""
    states = [dumps(document.graph)]
    for _ in range(edits):
        try:
            text, graph = random_edit(document.graph, rng)
        except (GraphError, ValueError):
            continue
        document.commit(text, graph)
        if (now := dumps(document.graph)) != states[-1]:
            states.append(now)
    return states


@pytest.mark.parametrize("seed", range(40))
def test_undo_and_redo_walk_through_every_state(seed: int) -> None:
    rng = random.Random(seed)
    document = Document(Graph.chain(Input(), Conv2D(6, 5), ReLU(), Flatten(), Dense(10)))
    states = play(document, rng, 40)
    for state in reversed(states[:-1]):
        document.history.undo()
        assert dumps(document.graph) == state
    assert not document.history.canUndo()
    for state in states[1:]:
        document.history.redo()
        assert dumps(document.graph) == state
    assert not document.history.canRedo()


def test_an_edit_behind_the_documents_back_would_be_noticed() -> None:
    document = Document(example("mlp"))
    first = dumps(document.graph)
    document.graph = document.graph.set("fc1", units=7)
    document.commit("Set", document.graph.set("fc2", units=7))
    document.history.undo()
    assert dumps(document.graph) != first


def test_a_spree_with_one_key_is_one_step() -> None:
    document = Document(example("lenet-5"))
    first = dumps(document.graph)
    for filters in (7, 8, 9):
        document.commit("Filters", document.graph.set("conv1", filters=filters), merge=("conv1", "filters"))
    assert document.history.count() == 1
    document.seal()
    document.commit("Filters", document.graph.set("conv1", filters=10), merge=("conv1", "filters"))
    document.commit("Bias", document.graph.set("conv1", bias=False), merge=("conv1", "bias"))
    assert document.history.count() == 3
    while document.history.canUndo():
        document.history.undo()
    assert dumps(document.graph) == first


def test_a_spree_that_comes_back_leaves_no_step() -> None:
    document = Document(example("lenet-5"))
    for filters in (7, 6):
        document.commit("Filters", document.graph.set("conv1", filters=filters), merge="filters")
    assert document.history.count() == 0
    assert document.saved


def test_a_commit_that_changes_nothing_is_no_step() -> None:
    document = Document(example("lenet-5"))
    document.commit("Nothing", document.graph.set("conv1", filters=6))
    assert document.history.count() == 0


def test_a_new_edit_clears_what_was_undone() -> None:
    document = Document(example("lenet-5"))
    document.commit("Filters", document.graph.set("conv1", filters=7))
    document.history.undo()
    document.commit("Filters", document.graph.set("conv1", filters=8))
    assert not document.history.canRedo()


def test_a_preview_is_no_edit(qtbot: QtBot) -> None:
    document = Document(example("lenet-5"))
    with qtbot.waitSignal(document.preview_changed):
        document.show_preview(document.graph.set("conv1", filters=7))
    assert document.preview is not None
    assert document.preview[1].totals.parameters != document.report.totals.parameters
    assert document.saved
    with qtbot.waitSignal(document.preview_changed):
        document.show_preview(None)
    assert document.preview is None


def test_saving_marks_the_document_saved(tmp_path: Path, qtbot: QtBot) -> None:
    document = Document(example("lenet-5"))
    document.commit("Filters", document.graph.set("conv1", filters=7))
    assert not document.saved
    with qtbot.waitSignal(document.changed):
        document.save(tmp_path / "mine")
    assert document.saved
    assert document.title == "mine"
    assert load(tmp_path / "mine.netb") == document.graph
    document.history.undo()
    assert not document.saved


def test_a_file_that_cannot_be_opened_or_written_changes_nothing(tmp_path: Path) -> None:
    document = Document(example("lenet-5"))
    document.commit("Filters", document.graph.set("conv1", filters=7))
    graph = document.graph
    (tmp_path / "bad.netb").write_text("{")
    with pytest.raises(FileError):
        document.open(tmp_path / "bad.netb")
    with pytest.raises(FileError):
        document.save(tmp_path / "nowhere" / "net.netb")
    assert document.graph is graph
    assert not document.saved
    assert document.path is None
