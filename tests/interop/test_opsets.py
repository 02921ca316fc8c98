"""Every layer is written in a form that is valid at every opset offered, and computes the same at each."""

from pathlib import Path

import numpy as np
import onnx
import pytest

import netbuilder as nb
from netbuilder.interop.onnx_export import to_model
from netbuilder.interop.options import OPSETS
from netbuilder.interop.verification import verify
from netbuilder.layers import PALETTE, Input, Layer, Output
from tests.designs import valid_design
from tests.interop.test_onnx_export import weights_of
from tests.layers.contract import check_onnx
from tests.layers.rows import cases

LAYERS = [layer for layer in PALETTE if layer not in (Input, Output)]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_a_layer_computes_the_same_at_every_opset(layer: type[Layer]):
    """Checked in full by onnx, run by its evaluator and by onnxruntime; other settings at every opset."""
    found = cases(layer, 2 * len(OPSETS))
    for index, opset in enumerate(OPSETS):
        for case in found[2 * index : 2 * index + 2]:
            check_onnx(case, opset)


def test_the_check_notices_an_operator_that_an_opset_does_not_have(monkeypatch: pytest.MonkeyPatch):
    """Negative control: one operator for GELU, which is there from opset 20 on, at all of them."""
    case = cases(nb.GELU, 1)[0]
    monkeypatch.setattr(nb.GELU, "onnx", lambda self, graph, _weights, x: graph.Gelu(x, approximate=self.approximation))
    check_onnx(case, 20)  # as it is written there in any case
    with pytest.raises(onnx.checker.ValidationError, match="Gelu"):
        check_onnx(case, 19)


@pytest.mark.parametrize("opset", OPSETS)
def test_whole_networks_say_their_opset_and_compute_the_same(opset: int, tmp_path: Path):
    seeds = range(4 * (opset - OPSETS[0]), 4 * (opset - OPSETS[0]) + 4)
    for seed in seeds:
        graph = valid_design(seed)
        program = nb.compile(graph)
        own = program.init(seed)
        path = nb.export_onnx(graph, own, tmp_path / "net.onnx", options=nb.ExportOptions(opset=opset))
        assert onnx.load(path).opset_import[0].version == opset
        samples = np.random.default_rng(seed).standard_normal((3, *program.input_shape.array), np.float32)
        assert verify(path, program, own, samples).passed, seed


def test_the_ir_version_is_the_oldest_that_an_opset_goes_with():
    """onnx's own table (VERSIONING.md): a runtime of that time opens the file."""
    graph = nb.Graph.chain(nb.Input(features=3), nb.Dense(units=2))
    versions = {o: to_model(graph, weights_of(graph), options=nb.ExportOptions(opset=o)).ir_version for o in OPSETS}
    assert versions == {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10}
