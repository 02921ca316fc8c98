"""Exported PyTorch code is code an engineer would write, made of known calls alone, whatever the layers are called."""

import ast
import keyword
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

import netbuilder as nb
from netbuilder.engine import compile
from netbuilder.graph import Graph
from netbuilder.interop.code import CodeError, export_code, source_code
from netbuilder.interop.code.names import MODULE_ATTRIBUTES
from netbuilder.layers import PALETTE, Add, Conv2D, Dense, Flatten, Input, ReLU
from netbuilder.storage import FileError
from tests.designs import valid_design
from tests.interop.code.style import ruff

EXAMPLES = sorted(Path("resources/examples").glob("*.netb"))
HOSTILE = (
    "__import__('os').system('true')",
    '"""); import os; os.abort()  # """',
    "class",
    "print",
    "forward",
    "self",
    "nn",
    "_modules",
    "__init__",
    "x",
    "F",
    "第一",
    "é",
    "e",
    "1conv",
    "a b",
    "a.b",
    "a_b",
    "\\",
    "'",
    "<img src=x onerror=alert(1)>",
    "match",
    "Net",
    "softmax",
    "training",
    "ﬁ",
)
CALLS = {
    "super",
    "nn.AdaptiveAvgPool2d",
    "nn.AdaptiveMaxPool2d",
    "nn.AvgPool2d",
    "nn.BatchNorm1d",
    "nn.BatchNorm2d",
    "nn.ChannelShuffle",
    "nn.Conv2d",
    "nn.ConvTranspose2d",
    "nn.Dropout",
    "nn.Dropout2d",
    "nn.ELU",
    "nn.GELU",
    "nn.Hardsigmoid",
    "nn.Hardswish",
    "nn.Hardtanh",
    "nn.LayerNorm",
    "nn.LeakyReLU",
    "nn.Linear",
    "nn.LocalResponseNorm",
    "nn.LogSoftmax",
    "nn.MaxPool2d",
    "nn.Mish",
    "nn.PReLU",
    "nn.ReLU",
    "nn.ReLU6",
    "nn.Sequential",
    "nn.SiLU",
    "nn.Sigmoid",
    "nn.Softmax",
    "nn.Softplus",
    "nn.Tanh",
    "nn.Upsample",
    "OrderedDict",
    "PartialAvgPool2d",
    "F.pad",
    "torch.cat",
    "torch.ones_like",
}
METHODS = {"__init__", "flatten", "reshape", "movedim", "clamp"}


def called(tree: ast.Module) -> set[str]:
    """Everything a source calls, except its own layers."""
    found = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {name for name in found if not name.startswith("self.")}


def strange(tree: ast.Module) -> set[str]:
    """Calls that no layer is written with."""
    return {name for name in called(tree) - CALLS if name.rpartition(".")[2] not in METHODS}


def hostile() -> Graph:
    """A chain of layers, one for each evil name."""
    graph, node = Graph().add(Input(height=6, width=6, channels=2), "input")
    for index, name in enumerate(HOSTILE):
        layer = Conv2D(2, 1) if index % 2 else ReLU()
        graph, following = graph.add(layer, name)
        graph, node = graph.connect(node.id, following.id), following
    graph, last = graph.add(Flatten(), "end")
    return graph.connect(node.id, last.id)


def named(graph: Graph, name: str) -> Graph:
    """A small design of one convolution called so."""
    graph, entry = Graph().add(Input(height=6, width=6, channels=2), "input")
    graph, node = graph.add(Conv2D(2, 1), name)
    return graph.connect(entry.id, node.id)


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_random_designs_are_made_of_known_calls(first: int):
    for seed in range(first, first + 30):
        tree = ast.parse(source_code(valid_design(seed)).source)
        assert not strange(tree), seed


def test_a_call_that_is_not_known_is_noticed():
    tree = ast.parse(source_code(valid_design(0)).source + "\nimport os\nos.system('true')\n")
    assert strange(tree) == {"os.system"}


def test_every_layer_of_the_palette_has_a_row():
    from netbuilder.interop.code.pytorch_layers import row

    missing = [cls.__name__ for cls in PALETTE if cls is not Input and row.dispatch(cls) is row.dispatch(object)]
    assert missing == []


def test_evil_names_are_neither_code_nor_lost():
    code = source_code(hostile(), title='"""; import os', weights="a'b.safetensors")
    tree = ast.parse(code.source)
    assert not strange(tree)
    assert all(imported in ("torch", "torch.nn.functional", "collections") for imported in imports(tree))
    for name in HOSTILE:
        assert code.plan.identifiers[name].isascii()
        assert code.plan.identifiers[name].isidentifier()
        assert not keyword.iskeyword(code.plan.identifiers[name])
        assert code.plan.identifiers[name] not in MODULE_ATTRIBUTES
        assert not code.plan.identifiers[name].startswith("_")
    assert len(set(code.plan.identifiers.values())) == len(code.plan.identifiers)
    assert "1conv" in code.source  # a comment says what became of it
    assert code.plan.identifiers["e"] == "e"
    assert code.plan.identifiers["a_b"] == "a_b"


def imports(tree: ast.Module) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_evil_name_alone_gives_code_that_parses(name: str):
    assert not strange(ast.parse(source_code(named(Graph(), name)).source))


def test_names_that_are_identifiers_are_the_weights_names_unchanged():
    code = source_code(nb.load("resources/examples/lenet-5.netb"))
    assert all(full == other for full, other in code.plan.keys.items())
    assert set(code.plan.keys) == set(compile(nb.load("resources/examples/lenet-5.netb")).weights)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_written_as_ruff_and_black_would(path: Path, tmp_path: Path):
    check_style(tmp_path, {path.stem: nb.load(path)})


def test_random_designs_are_written_as_ruff_and_black_would(tmp_path: Path):
    check_style(tmp_path, {f"design{seed}": valid_design(seed) for seed in range(40)})


def test_evil_names_do_not_spoil_the_style(tmp_path: Path):
    (tmp_path / "net.py").write_text(source_code(hostile()).source, "utf-8")
    assert ruff("check", tmp_path) == ""


def test_a_longer_line_is_noticed(tmp_path: Path):
    (tmp_path / "net.py").write_text("x = [1,2]\nimport os\n", "utf-8")
    assert ruff("format", "--check", tmp_path) != ""
    assert ruff("check", tmp_path) != ""


def check_style(folder: Path, designs: dict[str, Graph]) -> None:
    for name, graph in designs.items():
        (folder / f"{name}.py").write_text(
            source_code(graph, title=name, weights=f"{name}.safetensors").source, "utf-8"
        )
    assert ruff("check", folder) == ""
    assert ruff("format", "--check", folder) == ""


# ---- files -----------------------------------------------------------------------------------------------------------


def net() -> Graph:
    return Graph.chain(Input(height=4, width=4, channels=1), Conv2D(2, 3), Flatten(), Dense(3))


def test_code_alone_is_one_file(tmp_path: Path):
    assert export_code(net(), tmp_path / "net") == [tmp_path / "net.py"]
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


def test_weights_lie_beside_it_under_the_names_they_have_there(tmp_path: Path):
    graph = nb.load("resources/examples/resnet-20.netb")
    weights = compile(graph).init(0)
    code, beside = export_code(graph, tmp_path / "net.py", weights=weights)
    with safe_open(beside, framework="numpy") as file:  # pyright: ignore
        assert set(file.keys()) == {key.replace(".", "_", key.count(".") - 1) for key in weights}
        assert (file.get_tensor("conv1_1a.weight") == weights["conv1.1a.weight"]).all()
    assert "underscores" in code.read_text("utf-8")


def test_exporting_again_replaces_what_an_export_wrote(tmp_path: Path):
    weights = compile(net()).init(0)
    first = export_code(net(), tmp_path / "net.py", weights=weights)
    assert export_code(net(), tmp_path / "net.py", weights=weights) == first


@pytest.mark.parametrize("name", ["net.py", "net.safetensors"])
def test_files_of_others_are_left_alone(name: str, tmp_path: Path):
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(CodeError, match=name):
        export_code(net(), tmp_path / "net.py", weights=compile(net()).init(0))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"mine"
    assert len(export_code(net(), tmp_path / "net.py", weights=compile(net()).init(0), replace=True)) == 2


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path):
    with pytest.raises(FileError, match=r"“net.py” cannot be written"):
        export_code(net(), tmp_path / "none" / "net.py")


def test_invalid_designs_and_foreign_weights_are_refused(tmp_path: Path):
    with pytest.raises(CodeError, match="needs a flat list"):
        export_code(Graph.chain(Input(height=4, width=4, channels=1), Dense(3)), tmp_path / "net.py")
    with pytest.raises(CodeError, match="lack"):
        export_code(net(), tmp_path / "net.py", weights={"other": np.zeros(3)})
    with pytest.raises(CodeError, match="needs 2 × 1 × 3 × 3"):
        export_code(net(), tmp_path / "net.py", weights=dict.fromkeys(compile(net()).weights, np.zeros((1, 1))))
    assert not list(tmp_path.iterdir())


def test_values_read_twice_have_names_of_their_own():
    graph = Graph.chain(Input(height=4, width=4, channels=2), Conv2D(2, 1), ReLU())
    graph, node = graph.add(Add(), "sum")
    graph = graph.connect("conv2d_1", node.id, 0).connect("relu_1", node.id, 1)
    lines = source_code(graph).source.splitlines()
    assert "        conv2d_1 = self.conv2d_1(x)" in lines
    assert "        x = conv2d_1 + x" in lines
