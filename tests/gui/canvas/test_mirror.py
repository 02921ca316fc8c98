"""The canvas shows exactly what the document says, whatever happened to it."""

from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from netbuilder.analysis import Report, analyze
from netbuilder.graph import Graph, GraphError
from netbuilder.gui.canvas import mirror
from netbuilder.gui.canvas.block import Block
from netbuilder.gui.canvas.frame import Frame
from netbuilder.gui.canvas.note import Slip
from netbuilder.gui.canvas.scene import Canvas
from netbuilder.gui.canvas.wire import Wire
from netbuilder.gui.document import Document
from netbuilder.layers import Add, Concat, Conv2D, Dense, Flatten, ReLU
from tests.gui.canvas.hand import chain

numbers = st.integers(0, 30)
LAYERS = (Conv2D(4, 3), ReLU(), Flatten(), Dense(5), Add(), Concat())


def edited(graph: Graph, kind: int, a: int, b: int) -> Graph:
    """One of all edits, on layers picked by number. Raises GraphError where it is impossible."""
    keys, wires = list(graph.nodes), sorted(graph.edges)
    if not keys or kind == 0:
        return graph.add(LAYERS[a % len(LAYERS)], position=(a * 40.0, b * 30.0))[0]
    first, second = keys[a % len(keys)], keys[b % len(keys)]
    match kind:
        case 1:
            return graph.remove(first, heal=bool(b % 2))
        case 2:
            return graph.connect(first, second, graph.free_port(second) or 0)
        case 3 if wires:
            return graph.disconnect(wires[a % len(wires)])
        case 4 if wires:
            return graph.insert(wires[a % len(wires)], LAYERS[b % len(LAYERS)])[0]
        case 5:
            return graph.move({first: (b * 24.0, a * 16.0)})
        case 6:
            return graph.rename(first, f"layer {b}")
        case 11:
            return graph.group({keys[(a + step) % len(keys)] for step in range(2 + b % 3)}, f"group {a}")[0]
        case 12 if graph.groups:
            key = list(graph.groups)[a % len(graph.groups)]
            return graph.change_group(key, collapsed=not graph.groups[key].collapsed)
        case 13 if graph.groups:
            return graph.ungroup(list(graph.groups)[a % len(graph.groups)])
        case 14:
            return graph.write_note(f"note {a}", (a * 16.0, b * 16.0))[0]
        case 15 if graph.notes:
            return graph.change_note(list(graph.notes)[a % len(graph.notes)], text="more" * (b % 2), width=80.0 + b)
        case _:
            return graph.exchange(first, LAYERS[b % len(LAYERS)])


def seen_in(graph: Graph) -> dict[int, int]:
    """Layer -> the block it should be seen in: that of its collapsed group, unless blocks then ran in a circle."""
    home = {key: key for key in graph.nodes}
    for key, group in sorted(graph.groups.items()):
        trial = home | dict.fromkeys(group.members, key)
        sources: dict[int, set[int]] = {block: set() for block in trial.values()}
        for edge in graph.edges:
            if trial[edge.source] != trial[edge.target]:
                sources[trial[edge.target]].add(trial[edge.source])
        if group.collapsed:
            with suppress(CycleError):
                TopologicalSorter(sources).prepare()
                home = trial
    return home


def assert_mirrors(canvas: Canvas, graph: Graph) -> None:
    """Items and graph say the same, one for one."""
    report, home = analyze(graph), seen_in(graph)
    blocks = [item for item in canvas.items() if isinstance(item, Block)]
    wires = [item for item in canvas.items() if isinstance(item, Wire)]
    frames = [item for item in canvas.items() if isinstance(item, Frame)]
    slips = [item for item in canvas.items() if isinstance(item, Slip)]
    committed = set(seen_in(canvas.document.graph).values())
    assert sorted(block.key for block in blocks) == sorted(set(home.values()))
    assert {(f.key, f.title.name) for f in frames} == {
        (key, group.name) for key, group in graph.groups.items() if key not in home.values()
    }
    assert {(s.key, s.text, s.size.width(), s.pos().toTuple()) for s in slips} == {
        (key, note.text, note.width, note.position) for key, note in graph.notes.items()
    }
    for block in blocks:
        assert block.ghost == (block.key not in committed)
        assert_shows(block, graph, report, [key for key in graph.order if home[key] == block.key])
    crossing = {e for e in graph.edges if home[e.source] != home[e.target]}
    assert sorted(edge for wire in wires for edge in canvas.folding.behind(wire.edge)) == sorted(crossing)
    for wire in wires:
        edges = canvas.folding.behind(wire.edge)
        (source,) = {edge.source for edge in edges}
        assert {(home[edge.source], home[edge.target]) for edge in edges} == {wire.edge[:2]}
        shape = report[source].shape
        assert wire.text == (shape.text() if shape else "?")
        start, end = wire.wiring.points[0], wire.wiring.points[-1]
        assert start == canvas.blocks[wire.edge.source].port_point(None).toTuple()
        assert end == canvas.blocks[wire.edge.target].port_point(wire.edge.port).toTuple()


def assert_shows(block: Block, graph: Graph, report: Report, layers: list[int]) -> None:
    """A block says what its one layer is, or what a collapsed group has in all."""
    face, group = block.face, graph.groups.get(block.key)
    assert face is not None
    parameters = sum(report[key].parameters or 0 for key in layers)
    told = [problem for key in layers for problem in report.at(key) if problem.severity != "information"]
    worst = min(told, key=lambda problem: problem.severity != "error", default=None)
    assert face.name == (group.name if group else graph[layers[0]].name)
    assert face.layer_class in {type(graph[key].layer) for key in layers}
    assert face.weights == (f"{parameters:,}" if parameters else "")
    assert (face.problem, face.severity) == ((worst.message, worst.severity) if worst else ("", ""))
    assert block.pos().toTuple() in {graph[key].position for key in layers}
    if group:
        assert face.caption == f"{len(layers)} layers"


def play(canvas: Canvas, steps: list[tuple[int, int, int]]) -> None:
    """Edits, undos, redos, previews; after each the canvas must show what is to be seen."""
    document = canvas.document
    for kind, a, b in steps:
        with suppress(GraphError):
            if kind == 8:
                document.history.undo()
            elif kind == 9:
                document.history.redo()
            elif kind == 10:
                document.show_preview(edited(document.graph, a % 16, b, a))
            else:
                document.commit("Edit", edited(document.graph, kind, a, b))
        assert_mirrors(canvas, document.preview[0] if document.preview else document.graph)


STEPS = st.lists(st.tuples(st.integers(0, 15), numbers, numbers), max_size=14)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_history_of_edits_is_mirrored(styled: QApplication, steps: list[tuple[int, int, int]]) -> None:
    play(Canvas(Document(chain())), steps)


@pytest.mark.parametrize(
    ("owner", "method"),
    [
        (Wire, "show_shape"),
        (Wire, "show_way"),
        (Block, "show_face"),
        (Block, "show_ports"),
        (Block, "set_state"),
        (Frame, "show_title"),
        (Slip, "show_note"),
    ],
)
def test_a_canvas_that_forgets_something_is_caught(
    styled: QApplication, monkeypatch: pytest.MonkeyPatch, owner: type, method: str
) -> None:
    canvas = Canvas(Document(chain()))
    monkeypatch.setattr(owner, method, lambda *_args, **_named: None)
    steps = [
        (7, 1, 3),
        (4, 0, 0),
        (6, 1, 7),
        (5, 2, 9),
        (0, 4, 20),
        (2, 1, 5),
        (2, 2, 5),
        (11, 1, 1),
        (14, 2, 2),
        (10, 4, 1),
    ]
    with pytest.raises(AssertionError):
        play(canvas, steps)


def test_only_what_changed_is_touched(styled: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(chain())
    canvas = Canvas(document)
    before = dict(canvas.blocks)
    updated: list[int] = []
    monkeypatch.setattr(Block, "update", lambda block, *_: updated.append(block.key))
    document.commit("Rename", document.graph.rename("relu", "act"))
    assert updated == [document.graph["act"].id]
    assert canvas.blocks == before


def test_names_and_problems_are_shown_as_plain_text(styled: QApplication) -> None:
    name = "<img src=x>&<b>"
    document = Document(chain().rename("conv", name).disconnect(next(iter(chain().incoming("conv")))))
    canvas = Canvas(document)
    block = canvas.blocks[document.graph[name].id]
    assert block.face is not None
    assert block.face.name == name
    block.hoverEnterEvent(None)
    assert "<img" not in block.toolTip()
    assert "&lt;img" in block.toolTip()


def drawn(canvas: Canvas) -> tuple[dict, dict, QRectF]:
    """Where everything is seen."""
    blocks = {key: (block.pos().toTuple(), block.entries) for key, block in canvas.blocks.items()}
    return blocks, {edge: wire.wiring for edge, wire in canvas.wires.items()}, canvas.extent()


def test_what_is_dragged_goes_with_its_wires_and_comes_back(styled: QApplication) -> None:
    graph = chain()
    graph, skip = graph.add(Add(), name="skip", position=(300.0, 400.0))
    for port, source in enumerate(("conv", "relu")):
        graph = graph.connect(source, skip.id, port)
    document = Document(graph)
    canvas = Canvas(document)
    before, conv = drawn(canvas), graph["conv"].id
    canvas.shift({conv: (500.0, 60.0)})
    canvas.shift({conv: (520.0, 90.0)})
    shown = drawn(canvas)
    assert canvas.blocks[conv].pos().toTuple() == (520.0, 90.0)
    assert canvas.extent().contains(520.0, 90.0)
    own = [edge for edge in canvas.wires if conv in edge[:2]]
    assert own
    for edge, wire in canvas.wires.items():
        assert (wire.wiring == before[1][edge]) == (edge not in own)
    canvas.shift({skip.id: (320.0, 420.0)})
    assert canvas.blocks[conv].pos().toTuple() == before[0][conv][0], "another drag leaves no trace of the last"
    canvas.restore()
    assert drawn(canvas) == before
    canvas.shift({conv: (520.0, 90.0)})
    assert drawn(canvas) == shown
    document.commit("Move", graph.move({conv: (520.0, 90.0)}))
    assert drawn(canvas)[0][conv][0] == (520.0, 90.0)


def test_ways_are_found_once_for_a_design(styled: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(chain())
    canvas, found = Canvas(document), []
    wirings = mirror.wirings
    monkeypatch.setattr(mirror, "wirings", lambda *given: found.append(given) or wirings(*given))
    document.commit("Filters", document.graph.set("conv", filters=9))
    assert found == [], "an edit that moves nothing finds no ways"
    document.show_preview(document.graph.remove("relu"))
    assert len(found) == 1
    document.show_preview(None)
    assert len(found) == 1, "the ways of the document are still known"
    assert drawn(canvas) == drawn(Canvas(document))


def test_the_map_is_drawn_anew_only_where_it_would_look_different(styled: QApplication) -> None:
    document = Document(chain())
    canvas, told = Canvas(document), []
    canvas.redrawn.connect(lambda: told.append(True))
    document.commit("Filters", document.graph.set("conv", filters=9))
    assert not told
    for edit in (
        lambda graph: graph.move({graph["conv"].id: (48.0, 24.0)}),
        lambda graph: graph.exchange("relu", Flatten()),
        lambda graph: graph.remove("pool"),
    ):
        told.clear()
        document.commit("Edit", edit(document.graph))
        assert told
