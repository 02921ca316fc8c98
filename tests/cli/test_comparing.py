"""`netbuilder diff` tells what is different about two designs, models and runs, in tables and as JSON."""

import json
from pathlib import Path

import pytest

import netbuilder as nb
from netbuilder.examples import example
from netbuilder.runs import Run


@pytest.fixture
def designs(tmp_path: Path) -> tuple[Path, Path]:
    """LeNet, and LeNet with an edit of every kind."""
    graph = example("lenet-5")
    kinds = {type(node.layer).__name__: node for node in graph.nodes.values()}
    first = next(node for node in graph.nodes.values() if isinstance(node.layer, nb.Conv2D))
    after = graph.set(first.id, filters=8).rename(kinds["Flatten"].id, "list")
    after, _ = after.insert(after.incoming(kinds["Flatten"].id)[0], nb.Dropout(), "drop")
    return nb.save(graph, tmp_path / "a.netb"), nb.save(after, tmp_path / "b.netb")


def test_two_designs_are_told_apart_in_tables(netbuilder, designs: tuple[Path, Path]):
    code, out, err = netbuilder("diff", *designs)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    flat = next(node.name for node in nb.load(designs[0]).nodes.values() if isinstance(node.layer, nb.Flatten))
    before, after = (nb.analyze(nb.load(path)) for path in designs)
    conv = next(node.name for node in nb.load(designs[0]).nodes.values() if isinstance(node.layer, nb.Conv2D))
    assert f"set {conv} filters 6 8" in lines
    assert f"renamed list name {flat} list" in lines
    assert any(line.startswith("added drop Dropout behind ") for line in lines)
    assert any(line.startswith("wired list input ") and line.endswith(" drop") for line in lines)
    old, new = before[conv].shape, after[conv].shape
    assert old is not None
    assert new is not None
    assert f"{conv} shape {old.text()} {new.text()}" in lines
    total = next(line for line in lines if line.startswith("Weights "))
    assert f"{before.totals.parameters:,} {after.totals.parameters:,}" in total


def test_the_same_design_is_said_to_be_the_same(netbuilder, designs: tuple[Path, Path]):
    code, out, _ = netbuilder("diff", designs[0], designs[0], "--exit-code")
    assert (code, out) == (0, f"The design is the same: {len(nb.load(designs[0]).nodes)} layers.\n")


def test_an_exit_code_tells_scripts_of_a_difference_if_they_ask(netbuilder, designs: tuple[Path, Path]):
    assert netbuilder("diff", *designs).code == 0
    assert netbuilder("diff", *designs, "--exit-code").code == 1


def test_one_json_document_holds_it_all(netbuilder, designs: tuple[Path, Path]):
    code, out, _ = netbuilder("diff", *designs, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["format"], found["same"], found["weights"]) == (1, False, None)
    assert (found["before"], found["after"]) == tuple(map(str, designs))
    assert [layer["name"] for layer in found["added"]] == ["drop"]
    edited = [layer for layer in found["changed"] if not layer["consequence"]]
    assert [layer["settings"] for layer in edited if layer["settings"]] == [{"filters": {"before": 6, "after": 8}}]
    assert found["totals"]["layers"] == {
        "before": len(nb.load(designs[0]).nodes),
        "after": len(nb.load(designs[1]).nodes),
    }


def test_a_run_and_the_model_exported_from_it_differ_in_nothing(netbuilder, trained: Path, tmp_path: Path):
    model = tmp_path / "digits.onnx"
    assert netbuilder("export", trained, "-o", model).code == 0
    code, out, err = netbuilder("diff", trained, model, "--exit-code")
    assert (code, err) == (0, "")
    assert out.startswith("The design and weights are the same")


def test_weights_of_two_trainings_are_compared_number_by_number(netbuilder, trained: Path, tmp_path: Path):
    design, other = trained.parent / "digits.netb", tmp_path / "other"
    words = ("train", design, "--data", "digits", "--epochs", "1", "--seed", "1", "--run", other)
    assert netbuilder(*words).code == 0
    code, out, _ = netbuilder("diff", trained, other)
    assert code == 0
    assert out.startswith("The designs are the same.")
    assert "Largest difference" in out
    found = json.loads(netbuilder("diff", trained, other, "--json").out)["weights"]
    weights = Run.open(trained).weights(), Run.open(other).weights()
    assert {f"{each['layer']}.{each['array']}" for each in found} == weights[0].keys()
    for each in found:
        key = f"{each['layer']}.{each['array']}"
        assert each["largest"] == pytest.approx(float(abs(weights[0][key] - weights[1][key]).max()))
        assert each["relative"] > 0


def test_a_design_without_weights_is_compared_with_a_run_as_far_as_it_goes(netbuilder, trained: Path):
    code, out, err = netbuilder("diff", trained.parent / "digits.netb", trained)
    assert code == 0
    assert out.startswith("The design is the same")
    assert "Weights are not compared: “digits.netb” has none." in err


def test_what_is_no_design_is_refused(netbuilder, designs: tuple[Path, Path], tmp_path: Path):
    assert netbuilder("diff", designs[0], tmp_path / "nowhere.netb").code == 1
    code, _, err = netbuilder("diff", tmp_path, designs[0])
    assert code == 1
    assert "is not a run" in err
    assert netbuilder("diff", designs[0]).code == 2


def test_a_broken_design_is_compared_too(netbuilder, designs: tuple[Path, Path], tmp_path: Path):
    graph = nb.load(designs[0])
    flat = next(node.id for node in graph.nodes.values() if isinstance(node.layer, nb.Flatten))
    path = nb.save(graph.remove(flat), tmp_path / "broken.netb")
    code, out, _ = netbuilder("diff", designs[0], path)
    assert code == 0
    assert "The second design has 1 problem" in out
    assert json.loads(netbuilder("diff", designs[0], path, "--json").out)["valid"]["after"] is False
