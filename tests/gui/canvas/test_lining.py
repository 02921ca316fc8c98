"""Lining up and spreading blocks, on the grid and in one step each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.canvas.lining import DIRECTIONS, LINES, Direction, Line, aligned, distributed
from netbuilder.gui.canvas.menu import entries, menu
from netbuilder.gui.document import Document
from tests.gui.canvas.hand import Hand, chain

PLACES = {1: (0.0, 0.0), 2: (104.0, 80.0), 3: (300.0, 96.0)}
numbers = st.floats(-1000, 1000)
places = st.dictionaries(st.integers(1, 30), st.tuples(numbers, numbers), min_size=2)


@pytest.mark.parametrize(
    ("line", "axis", "goal"),
    [("left", 0, 0), ("right", 0, 304), ("centre", 0, 152), ("top", 1, 0), ("bottom", 1, 96), ("middle", 1, 48)],
)
def test_blocks_stand_on_one_line(line: Line, axis: int, goal: float) -> None:
    found = aligned(PLACES, line)
    assert {place[axis] for place in found.values()} == {goal}
    assert [found[key][1 - axis] for key in PLACES] == [PLACES[key][1 - axis] for key in PLACES]


def test_steps_between_blocks_become_equal() -> None:
    assert distributed(PLACES, "horizontally") == {1: (0, 0), 2: (152, 80), 3: (304, 96)}
    assert distributed(PLACES, "vertically") == {1: (0, 0), 2: (104, 48), 3: (300, 96)}


@given(places, st.sampled_from(LINES), st.sampled_from(DIRECTIONS))
def test_all_that_moves_lands_on_the_grid(held: dict, line: Line, direction: Direction) -> None:
    axis = 0 if line in ("left", "centre", "right") else 1
    assert all(place[axis] % 8 == 0 for place in aligned(held, line).values())
    spread = distributed(held, direction)
    way = DIRECTIONS.index(direction)
    assert all(place[way] % 8 == 0 for place in spread.values())
    assert all(spread[a][way] <= spread[b][way] for a in held for b in held if held[a][way] < held[b][way])


def test_aligning_is_one_step(document: Document, view: CanvasView) -> None:
    document.replace(chain().move({2: (96, 72), 3: (200, 144)}))
    view.select([2, 3])
    view.align("left")
    assert [document.graph[key].position for key in (2, 3)] == [(96, 72), (96, 144)]
    assert (document.history.count(), document.history.undoText()) == (1, "Align left")


def test_distributing_needs_three(document: Document, view: CanvasView, qtbot: QtBot) -> None:
    view.select([1, 2])
    with qtbot.waitSignal(view.said) as said:
        view.distribute("vertically")
    assert said.args == ["Select at least three blocks first."]
    document.replace(chain().move({2: (0, 200)}))
    view.select([1, 2, 3, 4])
    view.distribute("vertically")
    assert [document.graph[key].position[1] for key in (1, 3, 2, 4)] == [0, 72, 144, 216]


def test_a_collapsed_group_is_aligned_as_one_block(document: Document, view: CanvasView) -> None:
    graph, _ = chain().move({2: (96, 72), 3: (96, 144)}).group([2, 3], collapsed=True)
    document.replace(graph)
    view.select([1, 2, 3])
    view.align("left")
    assert [document.graph[key].position for key in (1, 2, 3)] == [(0, 0), (0, 72), (0, 144)]


def test_the_menu_offers_it_for_several_blocks(document: Document, view: CanvasView, hand: Hand, qtbot: QtBot) -> None:
    view.select([1, 2, 3])
    made = menu(entries(view, view.mapToScene(hand.pixel(hand.at("conv")))), view)
    submenus = {each.title(): [action.text() for action in each.actions()] for each in made.findChildren(QMenu)}
    assert submenus["Align"] == ["Left", "Centre", "Right", "", "Top", "Middle", "Bottom"]
    assert submenus["Distribute"] == ["Horizontally", "Vertically"]
    view.select([1])
    alone = [entry[0] for entry in entries(view, view.mapToScene(hand.pixel(hand.at("input")))) if entry]
    assert "Align" not in alone
