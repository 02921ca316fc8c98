"""The canvas shows exactly what the document says, whatever happened to it."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from netbuilder.analysis import analyze
from netbuilder.graph import Graph, GraphError
from netbuilder.gui.canvas.block import Block
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
        case _:
            return graph.exchange(first, LAYERS[b % len(LAYERS)])


def assert_mirrors(canvas: Canvas, graph: Graph) -> None:
    """Items and graph say the same, one for one."""
    report = analyze(graph)
    blocks = [item for item in canvas.items() if isinstance(item, Block)]
    wires = [item for item in canvas.items() if isinstance(item, Wire)]
    assert sorted(block.key for block in blocks) == sorted(graph.nodes)
    assert sorted(wire.edge for wire in wires) == sorted(graph.edges)
    for block in blocks:
        node, face = graph[block.key], block.face
        assert face is not None
        parameters = report[block.key].parameters
        errors = [problem.message for problem in report.at(block.key) if problem.severity == "error"]
        assert (block.pos().toTuple(), face.name, face.layer_class) == (node.position, node.name, type(node.layer))
        assert face.count == (f"{parameters:,}" if parameters else "")
        assert face.problem == (errors[0] if errors else "")
        assert block.ghost == (block.key not in canvas.document.graph.nodes)
    for wire in wires:
        source, target, port = wire.edge
        shape = report[source].shape
        assert wire.text == (shape.text() if shape else "?")
        start, end = wire.wiring.points[0], wire.wiring.points[-1]
        assert start == canvas.blocks[source].port_point(None).toTuple()
        assert end == canvas.blocks[target].port_point(port).toTuple()


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
                document.show_preview(edited(document.graph, a % 8, b, a))
            else:
                document.commit("Edit", edited(document.graph, kind, a, b))
        assert_mirrors(canvas, document.preview[0] if document.preview else document.graph)


STEPS = st.lists(st.tuples(st.integers(0, 10), numbers, numbers), max_size=14)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_history_of_edits_is_mirrored(styled: QApplication, steps: list[tuple[int, int, int]]) -> None:
    play(Canvas(Document(chain())), steps)


@pytest.mark.parametrize(
    ("owner", "method"),
    [(Wire, "show_shape"), (Wire, "show_way"), (Block, "show_face"), (Block, "show_ports"), (Block, "set_state")],
)
def test_a_canvas_that_forgets_something_is_caught(
    styled: QApplication, monkeypatch: pytest.MonkeyPatch, owner: type, method: str
) -> None:
    canvas = Canvas(Document(chain()))
    monkeypatch.setattr(owner, method, lambda *_args, **_named: None)
    steps = [(7, 1, 3), (4, 0, 0), (6, 1, 7), (5, 2, 9), (0, 4, 20), (2, 1, 5), (2, 2, 5), (10, 4, 1)]
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
