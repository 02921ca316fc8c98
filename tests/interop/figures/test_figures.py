"""A figure is the whole design in any of three formats, refused in a sentence, written whole, and always the same."""

import subprocess
import sys
from pathlib import Path

import pytest

import netbuilder as nb
from netbuilder.drawing.colours import DARK, LIGHT
from netbuilder.examples import example
from netbuilder.files import FileError
from netbuilder.graph import Graph
from netbuilder.interop.figures import FigureError, Style, draw_figure, export_figure
from tests.interop.figures.designs import HOSTILE, broken, hostile, inception

STYLES: list[Style] = ["cards", "boxes"]
STARTS = {"svg": b"<?xml", "png": b"\x89PNG\r\n", "pdf": b"%PDF-"}


@pytest.mark.parametrize("ending", STARTS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("design", [inception, broken, hostile])
def test_every_design_is_drawn_in_every_format_and_twice_the_same(tmp_path: Path, design, style, ending):
    first, again, dark = (tmp_path / f"{name}.{ending.upper()}" for name in ("first", "again", "dark"))
    assert export_figure(design(), first, style=style, table=True, arrange=True) == first
    export_figure(design(), again, style=style, table=True, arrange=True)
    export_figure(design(), dark, style=style, table=True, arrange=True, dark=True)
    assert first.read_bytes().startswith(STARTS[ending])
    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != dark.read_bytes()


@pytest.mark.parametrize("name", ["net.jpg", "net", "net.svgz", ".svg"])
def test_an_unknown_format_is_refused_by_name(tmp_path: Path, name: str):
    with pytest.raises(FigureError, match=r"cannot be drawn: the name of a figure ends in \.svg, \.png or \.pdf\."):
        export_figure(example("mlp"), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_design_and_an_unknown_style_are_refused(tmp_path: Path):
    with pytest.raises(FigureError, match="without layers"):
        export_figure(Graph(), tmp_path / "net.svg")
    with pytest.raises(FigureError, match="no style “cubist”"):
        export_figure(example("mlp"), tmp_path / "net.svg", style="cubist")  # pyright: ignore
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named_and_what_was_there_stays(tmp_path: Path):
    with pytest.raises(FileError, match=r"“net\.svg” cannot be written"):
        export_figure(example("mlp"), tmp_path / "none" / "net.svg")
    (tmp_path / "old.svg").write_text("old")
    with pytest.raises(FigureError):
        export_figure(Graph(), tmp_path / "old.svg")
    assert (tmp_path / "old.svg").read_text() == "old"


@pytest.mark.parametrize("style", STYLES)
def test_all_marks_lie_within_the_margin(style):
    for graph in (inception(), broken(), example("resnet-20")):
        picture = draw_figure(graph, style=style, table=True)
        for left, top, right, bottom in (mark.bounds() for mark in picture.marks):
            assert left >= 23.9
            assert top >= 23.9
            assert right <= picture.width - 23.9
            assert bottom <= picture.height - 23.9


@pytest.mark.parametrize("style", STYLES)
def test_shapes_are_written_in_either_order_on_either_ground(style):
    plain = draw_figure(example("lenet-5"), style=style)
    other = draw_figure(example("lenet-5"), style=style, order="chw", dark=True)
    assert {"28×28×6", "10×10×16"} <= {text.text for text in plain.texts}
    assert {"6×28×28", "16×10×10"} <= {text.text for text in other.texts}
    assert (plain.background, other.background) == (LIGHT.surface, DARK.canvas)


@pytest.mark.parametrize("style", STYLES)
def test_the_table_holds_every_layer_and_the_totals(style):
    alone, picture = (draw_figure(example("lenet-5"), style=style, table=table) for table in (False, True))
    report = nb.analyze(example("lenet-5"))
    added = [text.text for text in picture.texts[len(alone.texts) :]]
    assert added[:5] == ["Layer", "Type", "Activation shape", "Weights", "MACs"]
    rows = [added[i : i + 5] for i in range(5, len(added), 5)]
    assert len(rows) == len(report.layers) + 1
    assert rows[1] == ["conv1", "Conv2D", "28×28×6", "156", "117,600"]
    assert rows[-1] == ["Total", "", "", "61,706", "416,520"]


def test_names_are_written_as_they_are():
    for style in STYLES:
        texts = [text.text for text in draw_figure(hostile(), style=style, table=True).texts]
        assert set(HOSTILE) <= set(texts)


def test_no_window_is_needed(tmp_path: Path):
    script = (
        "import sys, netbuilder as nb\n"
        "g = nb.Graph.chain(nb.Input(features=4), nb.Dense(2))\n"
        f"for ending in ('svg', 'png', 'pdf'): nb.export_figure(g, {str(tmp_path / 'net.')!r} + ending)\n"
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'onnx'))]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PATH": ""}, cwd=Path(nb.__file__).parents[1])
    assert len(list(tmp_path.iterdir())) == 3
