"""Inception, DenseNet, ShuffleNet and U-Net can be built: counted as in their papers, differentiated and exported."""

from pathlib import Path

import numpy as np
import pytest

from netbuilder.analysis import Report, analyze
from netbuilder.engine import compile
from netbuilder.files import dumps, loads
from netbuilder.graph import Graph
from netbuilder.interop.onnx_export import export_onnx
from netbuilder.interop.verification import verify
from netbuilder.layers import ImageShape
from tests import architectures
from tests.architectures import SMALL


def counted(graph: Graph, until: str) -> tuple[Report, int]:
    """A design's report, and the weights of all layers up to one of them."""
    report = analyze(graph)
    assert report.problems == ()
    total = 0
    for layer in report.layers.values():
        total += layer.parameters or 0
        if layer.node.name == until:
            break
    return report, total


def test_inception_3a_has_the_weights_of_googlenet():
    report, weights = counted(architectures.inception(), "module")
    assert report["module"].shape == ImageShape(256, 28, 28)
    assert weights == 163_696  # the paper's 159 K count 1,024 each and leave out 368 biases
    assert sum(layer.macs or 0 for layer in report.layers.values()) == 28 * 28 * 163_328 + 256 * 3  # its 128 M
    assert report["module"].receptive_field == (5, 5)


def test_a_dense_block_has_the_weights_of_densenet_121():
    report, weights = counted(architectures.densenet(), "block")
    assert report["block"].shape == ImageShape(256, 56, 56)
    assert weights == 335_040
    assert report["transition"].shape == ImageShape(128, 28, 28)
    assert report["block"].receptive_field == (13, 13)


def test_shuffle_units_have_the_weights_of_both_shufflenets():
    one, weights = counted(architectures.shuffle_one(), "unit")
    assert (one["unit"].shape, weights) == (ImageShape(240, 28, 28), 10_860)
    two, weights = counted(architectures.shuffle_two(), "unit")
    assert (two["unit"].shape, weights) == (ImageShape(116, 28, 28), 7_598)
    assert two["unit"].receptive_field == (3, 3)


@pytest.mark.parametrize("learned", [True, False])
def test_a_u_net_comes_back_to_the_size_it_began_with(learned: bool):
    report, _ = counted(architectures.u_net(learned=learned), "map")
    assert report["map"].shape == ImageShape(2, 32, 32)
    assert report["bottom"].shape == ImageShape(32, 8, 8)
    assert report["bottom"].receptive_field == (32, 32)
    assert report["top"].receptive_field == ((44, 44) if learned else (52, 52))


@pytest.mark.parametrize("name", SMALL)
def test_they_learn_by_the_right_gradients(name: str):
    """Along a random direction of all weights, the loss changes as its gradients say."""
    graph = SMALL[name]()
    program = compile(graph, "float64")
    weights = {key: w + 0.1 for key, w in program.init(1).items()}
    rng = np.random.default_rng(2)
    x, labels = rng.standard_normal((4, *program.input_shape.array)), rng.integers(0, 3, 4)
    _, gradients = program.loss_and_gradients(weights, x, labels)
    for _ in range(3):
        along = {key: rng.standard_normal(g.shape) / g.size**0.5 for key, g in gradients.items()}

        ahead, behind = (
            program.loss_and_gradients({key: w + step * along.get(key, 0) for key, w in weights.items()}, x, labels)[0]
            for step in (1e-6, -1e-6)
        )
        numeric = (ahead - behind) / 2e-6
        assert numeric == pytest.approx(sum(float((g * along[key]).sum()) for key, g in gradients.items()), rel=1e-5)


@pytest.mark.parametrize("reference", [False, True], ids=["onnxruntime", "reference"])
@pytest.mark.parametrize("name", SMALL)
def test_they_are_exported_and_saved(name: str, reference: bool, tmp_path: Path):
    graph = SMALL[name]()
    assert loads(dumps(graph)) == graph
    program = compile(graph)
    weights = program.init(3)
    samples = np.random.default_rng(4).standard_normal((5, *program.input_shape.array)).astype(np.float32)
    found = verify(export_onnx(graph, weights, tmp_path / "net.onnx"), program, weights, samples, reference=reference)
    assert found.passed, found.sentence()
