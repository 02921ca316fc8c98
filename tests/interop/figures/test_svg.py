"""SVG: XML that holds every name and every shape as text, whatever they are."""

from xml.etree import ElementTree

import pytest

import netbuilder as nb
from netbuilder.examples import example
from netbuilder.interop.figures import draw_figure
from netbuilder.interop.figures.picture import Path, Picture, Text
from netbuilder.interop.figures.svg import number, to_svg
from tests.interop.figures.designs import HOSTILE, NAMES, hostile

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)


def words(root: ElementTree.Element) -> set[str]:
    return {element.text or "" for element in root.iter(f"{SPACE}text")}


@pytest.mark.parametrize("style", ["cards", "boxes"])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_and_every_shape_of_an_example_is_text(name: str, style):
    graph = example(name)
    root = parsed(to_svg(draw_figure(graph, style=style)))
    assert root.tag == f"{SPACE}svg"
    found = words(root)
    assert {node.name for node in graph.nodes.values()} <= found
    assert {layer.shape.text() for layer in nb.analyze(graph).layers.values() if layer.shape} <= found


@pytest.mark.parametrize("style", ["cards", "boxes"])
def test_hostile_names_are_only_text(style):
    data = to_svg(draw_figure(hostile(), style=style))
    root = parsed(data)
    assert {element.tag.removeprefix(SPACE) for element in root.iter()} == {"svg", "rect", "path", "text", "title"}
    tips = [element.text or "" for element in root.iter(f"{SPACE}title")]
    for name in HOSTILE:
        assert name in words(root) or any(word.endswith("…") and name.startswith(word[:-1]) for word in words(root))
        assert any(f"“{name}”" in tip for tip in tips)
    assert b"<img" not in data


def test_what_xml_cannot_hold_becomes_a_mark_and_no_attribute_is_left_open():
    picture = Picture(9, 9, "#FFFFFF", (Text((0, 0), "a\x00\x1b\ufffe\ud800<>&\"'z", 9, "#000000"),))
    assert words(parsed(to_svg(picture))) == {"a\ufffd\ufffd\ufffd\ufffd<>&\"'z"}


def test_the_size_is_the_pictures_and_numbers_are_short():
    picture = draw_figure(example("mlp"))
    root = parsed(to_svg(picture))
    assert (root.get("width"), root.get("height")) == (number(picture.width), number(picture.height))
    assert [number(value) for value in (12.0, 12.5, 1 / 3, -0.001, -2.0, 100.0)] == [
        "12",
        "12.5",
        "0.33",
        "0",
        "-2",
        "100",
    ]


def test_corners_are_rounded_as_far_as_the_shorter_arm_allows():
    path = Path(((0, 0), (0, 10), (4, 10), (4, 40)), None, "#000000", closed=False, radius=8)
    curves = [command for command in path.commands() if command.letter == "C"]
    assert [command.points[-1] for command in curves] == [(2.0, 10.0), (4.0, 12.0)]
    assert [command.letter for command in Path(((0, 0), (1, 0), (1, 1))).commands()] == ["M", "L", "L", "Z"]
