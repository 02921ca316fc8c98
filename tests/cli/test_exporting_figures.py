"""`export` draws a design or a run when the name of its output ends as a figure's does."""

from pathlib import Path

import pytest

import netbuilder as nb
from netbuilder.interop.figures import export_figure


@pytest.fixture
def design(tmp_path: Path) -> Path:
    return nb.save(nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Dense(units=10)), tmp_path / "net.netb")


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_design_is_drawn_even_where_it_is_not_valid(netbuilder, design: Path, tmp_path: Path, ending: str):
    output = tmp_path / f"net.{ending}"
    code, out, err = netbuilder("export", design, "-o", output)
    assert (code, out, err) == (0, f"Written to {output}\n", "")
    expected = export_figure(nb.load(design), tmp_path / f"same.{ending}")
    assert output.read_bytes() == expected.read_bytes()


def test_every_word_reaches_the_figure(netbuilder, trained: Path, tmp_path: Path):
    graph = nb.load(trained / "design.netb")
    plain = export_figure(graph, tmp_path / "plain.svg").read_bytes()
    words = {
        "--style boxes": {"style": "boxes"},
        "--dark": {"dark": True},
        "--arrange": {"arrange": True},
        "--table": {"table": True},
        "--order chw": {"order": "chw"},
    }
    for word, meant in words.items():
        code, _, _ = netbuilder("export", trained, "-o", tmp_path / "net.svg", *word.split())
        assert code == 0
        written = (tmp_path / "net.svg").read_bytes()
        assert written == export_figure(graph, tmp_path / "same.svg", **meant).read_bytes()
        assert written != plain


def test_words_for_models_and_words_for_figures_are_not_mixed(netbuilder, design: Path, tmp_path: Path):
    code, _, err = netbuilder("export", design, "-o", tmp_path / "net.svg", "--verify")
    assert code == 2
    assert "--verify is for models (.onnx), but “net.svg” is a figure." in err
    code, _, err = netbuilder("export", design, "-o", tmp_path / "net.onnx", "--style", "boxes")
    assert code == 2
    assert "--style is for figures (.svg, .png, .pdf), but “net.onnx” is a model." in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.netb"]


def test_a_picture_of_another_kind_is_refused(netbuilder, design: Path, tmp_path: Path):
    code, _, err = netbuilder("export", design, "-o", tmp_path / "net.JPG")
    assert code == 1
    assert "“net.JPG” cannot be drawn: the name of a figure ends in .svg, .png or .pdf." in err


def test_what_is_no_run_and_no_design_is_refused(netbuilder, tmp_path: Path):
    for source in (tmp_path, tmp_path / "none.netb"):
        code, _, err = netbuilder("export", source, "-o", tmp_path / "net.svg")
        assert code == 1
        assert err.endswith(".\n")
    assert not (tmp_path / "net.svg").exists()
