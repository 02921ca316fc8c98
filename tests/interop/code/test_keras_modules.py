"""Exported Keras code is made of known calls, laid out as ruff and black would, and its weights are PyTorch's."""

import ast
from pathlib import Path

import pytest
from safetensors import safe_open

import netbuilder as nb
from netbuilder.engine import compile
from netbuilder.graph import Graph
from netbuilder.interop.code import CodeError, export_code, source_code
from netbuilder.interop.code.keras_layers import FAMILIES
from netbuilder.interop.code.keras_rows import keras_row
from netbuilder.layers import PALETTE, ConvTranspose2D, Flatten, Input, MaxPool2D, Output, ReLU
from tests.designs import valid_design
from tests.interop.code.style import ruff
from tests.interop.code.test_modules import HOSTILE, called, hostile, imports, named

EXAMPLES = sorted(Path("resources/examples").glob("*.netb"))
KNOWN = {
    "keras.Input",
    "keras.Model",
    "ops.average_pool",
    "ops.clip",
    "ops.gelu",
    "ops.ones_like",
    "ops.pad",
    "ops.square",
    "build",
    "average",
    "by_channel",
    "converted",
    "load_file",
    "load_weights",
    "local_response_norm",
    "ValueError",
    "isinstance",
    "range",
    "sum",
    "zip",
}
METHODS = {"append", "get", "get_weights", "items", "removeprefix", "reshape", "set_weights", "startswith", "transpose"}


def strange(source: str) -> set[str]:
    """Calls that no layer is written with."""
    found = {name for name in called(ast.parse(source)) - KNOWN if name.rpartition(".")[2] not in METHODS}
    return {name for name in found if not name.startswith("layers.") or not name.split("(")[0][7:].isidentifier()}


def writable(seed: int) -> Graph | None:
    """A random design, if Keras has all of it."""
    graph = valid_design(seed)
    try:
        source_code(graph, "keras")
    except CodeError:
        return None
    return graph


def test_every_layer_of_the_palette_has_a_row():
    assert len(FAMILIES) == 1
    without = [c for c in PALETTE if c not in (Input, Output) and keras_row.dispatch(c) is keras_row.dispatch(object)]
    assert without == []


def test_random_designs_are_made_of_known_calls():
    graphs = [graph for seed in range(80) if (graph := writable(seed))]
    assert len(graphs) > 60
    for graph in graphs:
        assert not strange(source_code(graph, "keras").source)
    assert strange(source_code(graphs[0], "keras").source + "\nimport os\nos.system('true')\n") == {"os.system"}


def test_code_is_written_as_ruff_and_black_would(tmp_path: Path):
    designs = {path.stem: nb.load(path) for path in EXAMPLES}
    designs |= {f"design{seed}": graph for seed in range(40) if (graph := writable(seed))}
    for name, graph in designs.items():
        code = source_code(graph, "keras", title=name, weights=f"{name}.safetensors")
        (tmp_path / f"{name}.py").write_text(code.source, "utf-8")
    assert ruff("check", tmp_path) == ""
    assert ruff("format", "--check", tmp_path) == ""


def test_evil_names_are_neither_code_nor_lost(tmp_path: Path):
    code = source_code(hostile(), "keras", title='"""; import os', weights="a'b.safetensors")
    assert not strange(code.source)
    assert imports(ast.parse(code.source)) <= {"keras", "math", "safetensors.numpy"}
    (tmp_path / "net.py").write_text(code.source, "utf-8")
    assert ruff("check", tmp_path) == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_each_evil_name_alone_gives_code_that_parses(name: str):
    assert not strange(source_code(named(Graph(), name), "keras").source)


def test_parts_of_a_layer_never_take_anothers_name():
    graph, entry = Graph().add(Input(height=4, width=4, channels=2), "input")
    graph, pool = graph.add(MaxPool2D(2, padding=(1, 0, 0, 0)), "pool")
    graph, other = graph.add(ReLU(), "pool_pad")
    graph, end = graph.add(Flatten(), "flat")
    for source, target in ((entry, pool), (pool, other), (other, end)):
        graph = graph.connect(source.id, target.id)
    source = source_code(graph, "keras").source
    names = [k.value.value for k in ast.walk(ast.parse(source)) if isinstance(k, ast.keyword) and k.arg == "name"]  # pyright: ignore
    assert len(set(names)) == len(names)
    assert {"pool", "pool_pad", "pool_pad_2"} <= set(names)


def test_weights_lie_beside_it_as_for_pytorch(tmp_path: Path):
    graph = nb.load("resources/examples/resnet-20.netb")
    weights = compile(graph).init(0)
    _, beside = export_code(graph, tmp_path / "net.py", weights=weights, framework="keras")
    with safe_open(beside, framework="numpy") as file:  # pyright: ignore
        assert (file.get_tensor("conv1_1a.weight") == weights["conv1.1a.weight"]).all()


def test_what_keras_has_not_is_refused_in_a_sentence():
    entry = Input(height=4, width=4, channels=2)
    with pytest.raises(CodeError, match="Keras has no transposed convolutions in groups"):
        source_code(Graph.chain(entry, ConvTranspose2D(2, groups=2)), "keras")
    with pytest.raises(CodeError, match="strided or dilated"):
        source_code(Graph.chain(entry, ConvTranspose2D(2, stride=2, dilation=2)), "keras")
    with pytest.raises(CodeError, match="no framework"):
        source_code(Graph.chain(entry, ReLU()), "caffe")  # pyright: ignore
