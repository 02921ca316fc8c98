"""Zeros padded before a largest number count, in every interpreter: none may take the padding for the pool's own."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import netbuilder as nb
from netbuilder.interop.backends import onnxruntime_backend
from netbuilder.interop.importing import imported
from netbuilder.interop.onnx_export import to_model

BETWEEN = {"nothing": (), "dropout": (nb.Dropout(),), "two dropouts": (nb.Dropout(), nb.Dropout())}


def design(*between: nb.Dropout) -> nb.Graph:
    layers = nb.Input(height=6, width=6, channels=2), nb.ZeroPad2D((1, 2, 1, 0)), *between, nb.MaxPool2D(3, 1)
    return nb.Graph.chain(*layers, nb.GlobalAveragePool2D())


def negative(count: int = 3) -> np.ndarray:
    return -1 - np.random.default_rng(0).random((count, 2, 6, 6), np.float32)


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("reference", [False, True], ids=["onnxruntime", "reference"])
def test_an_exported_file_computes_what_the_design_does(tmp_path: Path, between: str, reference: bool):
    graph = design(*BETWEEN[between])
    program = nb.compile(graph)
    path = nb.export_onnx(graph, {}, tmp_path / "net.onnx")
    found = nb.verify(path, program, {}, negative(), reference=reference)
    assert found.passed, found.sentence()
    assert (program.predict({}, negative()) > -1).all(), "zeros at the edges win"


@pytest.mark.parametrize("between", BETWEEN)
def test_it_comes_back_as_the_same_design(between: str):
    graph = design(*BETWEEN[between])
    found = imported(to_model(graph, {}).SerializeToString(), "net.onnx").graph
    assert [(node.name, node.layer) for node in found.nodes.values()] == [
        (node.name, node.layer) for node in graph.nodes.values()
    ]


@pytest.mark.skipif(
    [int(part) for part in onnxruntime.__version__.split(".")[:2]] > [1, 31], reason="it may have been repaired since"
)
def test_without_what_keeps_them_apart_onnxruntime_computes_something_else():
    """Negative control: this is what the detour is for."""
    nodes = [
        helper.make_node("Pad", ["x", "pads"], ["padded"]),
        helper.make_node("MaxPool", ["padded"], ["y"], kernel_shape=[3, 3]),
    ]
    values = [helper.make_tensor_value_info(name, 1, ["N", 2, 6, 6]) for name in ("x", "y")]
    pads = numpy_helper.from_array(np.array([0, 0, 1, 1, 0, 0, 1, 1]), "pads")
    model = helper.make_model(
        helper.make_graph(nodes, "g", values[:1], values[1:], [pads]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    y = onnxruntime_backend(model.SerializeToString(), "x", "y").run(negative())
    assert (y < -1).all()
