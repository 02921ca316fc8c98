"""The summary prints what the analysis knows, as a table and as JSON, also of a design that is half built."""

import json
from pathlib import Path
from typing import Any

import pytest

import netbuilder as nb
from netbuilder.cli.summary import ENDINGS, as_document, as_text
from netbuilder.examples import EXAMPLES, example
from netbuilder.tables import FORMATS, table

SCHEMA = {
    "format": int,
    "valid": bool,
    "layers": [
        {
            "id": int,
            "name": str,
            "type": str,
            "inputs": [int],
            "settings": dict,
            "shape": {"channels": int, "height": int, "width": int},
            "parameters": int,
            "trainable": int,
            "macs": int,
            "activation_bytes": int,
            "receptive_field": {"height": int, "width": int},
            "workings": {"parameters": {"formula": str, "substituted": str, "result": int}, "shape": dict},
        }
    ],
    "totals": {"parameters": int, "trainable": int, "macs": int, "activation_bytes": int},
    "problems": [{"code": str, "severity": str, "layer": str, "message": str, "fixes": [str]}],
}
"""The documented form: these keys, of these types; more may be added beside them."""


def check(value: Any, schema: Any, where: str = "document") -> None:
    """Raise AssertionError, naming the place, where a value is not of the schema."""
    if isinstance(schema, dict):
        assert isinstance(value, dict), where
        for key, part in schema.items():
            assert key in value, f"{where}.{key}"
            check(value[key], part, f"{where}.{key}")
    elif isinstance(schema, list):
        assert isinstance(value, list), where
        for index, each in enumerate(value):
            check(each, schema[0], f"{where}[{index}]")
    else:
        assert type(value) is schema, where


def broken() -> nb.Graph:
    return nb.Graph.chain(
        nb.Input(height=28, width=28, channels=1),
        nb.Conv2D(filters=6, kernel_size=5, padding="same"),
        nb.Dense(units=10),
    )


def whole() -> nb.Graph:
    """Maps only, so that every layer has the image shape and the receptive field of the schema."""
    return nb.Graph.chain(
        nb.Input(height=28, width=28, channels=1), nb.Conv2D(filters=6, kernel_size=5, padding="same"), nb.ReLU()
    )


def saved(graph: nb.Graph, folder: Path) -> Path:
    return nb.save(graph, folder / "net.netb")


# ---- JSON ------------------------------------------------------------------------------------------------------------


def test_the_document_has_the_published_schema(netbuilder, tmp_path: Path):
    code, out, err = netbuilder("summary", saved(whole(), tmp_path), "--json")
    found = json.loads(out)
    check(found, SCHEMA)
    assert (code, err, found["valid"], found["format"]) == (0, "", True, 1)
    conv = found["layers"][1]
    assert (conv["parameters"], conv["macs"], conv["activation_bytes"]) == (156, 117_600, 18_816)
    assert conv["receptive_field"] == {"height": 5, "width": 5}
    assert conv["workings"]["parameters"] == {
        "formula": "filters · (channels · kernel height · kernel width + 1)",
        "substituted": "6 · (1 · 5 · 5 + 1)",
        "result": 156,
    }
    assert found["totals"]["parameters"] == 156


@pytest.mark.parametrize("spoil", ["layers", "workings", "fixes"])
def test_the_schema_check_notices_what_is_missing(spoil: str):
    """Negative control."""
    found = as_document(whole(), nb.analyze(whole()))
    found["problems"] = as_document(broken(), nb.analyze(broken()))["problems"]
    check(found, SCHEMA)
    if spoil == "layers":
        found["layers"][1]["macs"] = "117600"
    elif spoil == "workings":
        del found["layers"][1]["workings"]["parameters"]["formula"]
    else:
        found["problems"][0]["fixes"] = [1]
    with pytest.raises(AssertionError, match=spoil):
        check(found, SCHEMA)


def test_behind_a_broken_edge_the_shape_is_null_and_the_problem_has_fixes(netbuilder, tmp_path: Path):
    code, out, _ = netbuilder("summary", saved(broken(), tmp_path), "--json")
    found = json.loads(out)
    assert (code, found["valid"], found["layers"][-1]["shape"]) == (1, False, None)
    (problem,) = found["problems"]
    assert (problem["code"], problem["severity"], problem["layer"]) == ("needs-flatten", "error", "dense_1")
    assert problem["fixes"][0] == "Insert Flatten"
    assert found["totals"]["parameters"] == 156


def test_a_vector_has_features():
    graph = nb.Graph.chain(nb.Input(features=4), nb.Dense(units=10))
    found = as_document(graph, nb.analyze(graph))
    assert [layer["shape"] for layer in found["layers"]] == [{"features": 4}, {"features": 10}]


@pytest.mark.parametrize("name", [entry.name for entry in EXAMPLES])
def test_the_document_is_the_report_for_every_example(name: str):
    graph = example(name)
    found = as_document(graph, nb.analyze(graph))
    assert found["layers"] == nb.analyze(graph).to_dict()["layers"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


# ---- text ------------------------------------------------------------------------------------------------------------


def test_the_table_shows_shapes_weights_and_totals(netbuilder, tmp_path: Path):
    code, out, err = netbuilder("summary", saved(example("lenet-5"), tmp_path))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["Layer", "Type", "Output", "Weights", "MACs", "Sees"]
    assert any("61,706" in line for line in lines)


def test_shapes_are_shown_in_either_order(netbuilder, tmp_path: Path):
    path = saved(whole(), tmp_path)
    assert "28×28×6" in netbuilder("summary", path).out
    assert "6×28×28" in netbuilder("summary", path, "--order", "chw").out


def test_a_broken_design_keeps_its_partial_totals_and_names_problem_and_fixes(netbuilder, tmp_path: Path):
    code, out, err = netbuilder("summary", saved(broken(), tmp_path))
    assert code == 1
    assert "156 weights so far, 1 layer unknown." in out
    assert "needs a flat list of numbers" in out
    assert "→ Insert Flatten" in out
    assert "1 problem" in err


def test_every_problem_is_named(netbuilder, tmp_path: Path):
    graph = broken()
    for name in ("one", "two"):
        graph, _ = graph.add(nb.MaxPool2D(2), name=name)
    problems = nb.analyze(graph).problems
    out = netbuilder("summary", saved(graph, tmp_path)).out
    assert len(problems) > 2
    assert all(problem.message in out for problem in problems)


def test_where_the_network_branches_the_table_says_what_feeds_what():
    graph = whole()
    graph, _ = graph.add(nb.Concat(), name="both")
    graph = graph.connect("conv2d_1", "both").connect("relu_1", "both", port=1)
    text = as_text(graph, nb.analyze(graph))
    assert "conv2d_1 + relu_1" in text
    assert "From" not in as_text(whole(), nb.analyze(whole()))


def test_what_batchnorm_remembers_is_told_apart_from_what_is_learned():
    text = as_text(example("resnet-20"), nb.analyze(example("resnet-20")))
    assert "272,474 weights" in text
    assert "1,568 more numbers are remembered by BatchNorm" in text


def test_an_empty_design_says_what_to_do(netbuilder, tmp_path: Path):
    code, out, _ = netbuilder("summary", saved(nb.Graph(), tmp_path))
    assert code == 1
    assert "The design is empty" in out


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", '"quoted" \\back', "__import__('os')", "畳み込み層", "e\u0301"]
)
def test_names_are_text_and_columns_stay_straight(netbuilder, tmp_path: Path, name: str):
    from netbuilder.cli.terminal import _width

    path = saved(whole().rename("conv2d_1", name), tmp_path)
    out = netbuilder("summary", path).out
    assert f"\n{name} " in out
    rows = [line for line in out.splitlines() if line.endswith(("×1", "×5"))]
    assert len({_width(row) for row in rows}) == 1
    assert json.loads(netbuilder("summary", path, "--json").out)["layers"][1]["name"] == name


# ---- tables for elsewhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_table_can_be_had_in_the_formats_people_paste(netbuilder, tmp_path: Path, ending: str):
    format = ENDINGS[ending]
    design, out = nb.save(example("lenet-5"), tmp_path / "net.netb"), tmp_path / f"table{ending}"
    printed = netbuilder("summary", design, "--format", format)
    assert (printed.code, printed.err) == (0, "")
    assert netbuilder("summary", design, "-o", out) == (0, f"Written to {out}\n", "")
    assert out.read_text("utf-8") == printed.out
    window = {name.lower(): make for name, make in FORMATS.items()}[format]
    assert printed.out == window(table(nb.analyze(nb.load(design)))), "as the window copies it"
    turned = netbuilder("summary", design, "--format", format, "--order", "chw").out
    assert turned != printed.out


def test_a_table_of_a_broken_design_says_what_is_unknown_and_exits_with_one(netbuilder, tmp_path: Path):
    outcome = netbuilder("summary", nb.save(broken(), tmp_path / "net.netb"), "--format", "csv")
    assert outcome.code == 1
    assert "dense_1,Dense,,," in outcome.out
    assert "1 problem" in outcome.err


def test_a_file_of_no_known_kind_is_wrong_usage_unless_the_format_is_said(netbuilder, tmp_path: Path):
    design = nb.save(example("lenet-5"), tmp_path / "net.netb")
    assert netbuilder("summary", design, "-o", tmp_path / "table.doc").code == 2
    assert netbuilder("summary", design, "-o", tmp_path / "table.doc", "--format", "latex").code == 0
    assert netbuilder("summary", design, "-o", tmp_path / "t.md", "--json").code == 2
    assert netbuilder("summary", design, "--format", "csv", "--json").code == 2
    assert not (tmp_path / "t.md").exists()


@pytest.mark.parametrize("words", [("summary",), ("explain", "conv1"), ("run",), ("train", "--data", "digits")])
def test_of_a_run_folder_the_design_is_named(netbuilder, trained: Path, words: tuple[str, ...]):
    more = ("--weights", "w", "--input", "x", "--output", "y") if words == ("run",) else ()
    code, out, err = netbuilder(words[0], trained, *words[1:], *more)
    assert (code, out) == (1, "")
    assert err == f"“{trained}” is a run folder; the design in it is “{trained / 'design.netb'}”.\n"


def test_the_folder_one_is_in_has_a_name(netbuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    assert netbuilder("summary", ".").err == "“mine” is a folder, not a design.\n"
    assert netbuilder("diff", ".", ".").err.startswith("“mine” is not a run: ")
    assert netbuilder("import", ".", "-o", "x.netb").err == "“.” is not a file.\n"
