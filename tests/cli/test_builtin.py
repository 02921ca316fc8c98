"""What is built in can be listed, and a built-in design written."""

from pathlib import Path

import pytest

from netbuilder.data import catalogue
from netbuilder.examples import EXAMPLES, example
from netbuilder.files import load
from netbuilder.layers import PALETTE


def test_templates_lists_every_design_that_ships(netbuilder):
    code, out, _ = netbuilder("templates")
    assert code == 0
    assert all(entry.name in out for entry in EXAMPLES)


def test_datasets_lists_every_data_set_with_shape_and_licence(netbuilder):
    code, out, _ = netbuilder("datasets")
    assert code == 0
    for info in catalogue():
        (line,) = [line for line in out.splitlines() if line.startswith(info.name)]
        assert info.shape.text() in line
        assert info.licence in line


def test_layers_lists_the_whole_palette_in_its_order(netbuilder):
    code, out, _ = netbuilder("layers")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == [cls.__name__ for cls in PALETTE]


@pytest.mark.parametrize("cls", PALETTE)
def test_layers_explains_the_settings_of_each(netbuilder, cls):
    code, out, _ = netbuilder("layers", cls.__name__.lower())
    assert code == 0
    for setting in cls.settings():
        assert setting.name in out
        assert setting.help in out


def test_an_unknown_layer_is_answered_with_the_nearest(netbuilder):
    assert netbuilder("layers", "conv2").err == "There is no layer “conv2”. Did you mean “Conv2D”?\n"


@pytest.mark.parametrize("name", [entry.name for entry in EXAMPLES])
def test_new_writes_a_design_that_reads_back(netbuilder, tmp_path: Path, name: str):
    code, out, _ = netbuilder("new", name, "-o", tmp_path / "net")
    assert (code, out) == (0, f"{tmp_path / 'net.netb'}\n")
    assert load(tmp_path / "net.netb") == example(name)


def test_new_never_replaces_a_file_unasked(netbuilder, tmp_path: Path):
    path = tmp_path / "net.netb"
    path.write_text("precious")
    refused = netbuilder("new", "mlp", "-o", path)
    assert (refused.code, path.read_text()) == (1, "precious")
    assert "--force" in refused.err
    assert netbuilder("new", "mlp", "-o", path, "--force").code == 0


def test_an_unknown_template_is_answered_with_the_nearest(netbuilder, tmp_path: Path):
    outcome = netbuilder("new", "lenet", "-o", tmp_path / "net.netb")
    assert outcome.code == 1
    assert "Did you mean “lenet-5”?" in outcome.err
