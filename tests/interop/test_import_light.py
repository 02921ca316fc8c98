"""The architectures that ONNX ships without weights become designs with their shapes, weights and numbers."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import ModelProto

import netbuilder as nb
from netbuilder.interop.importing import Imported
from tests.interop.foreign import NAMES, differences, light, opened, randomised, scores, shapes, wrong_shapes

SMALL = ("squeezenet", "densenet121", "inception_v2", "shufflenet")


def numbers_in(model: ModelProto) -> int:
    """Numbers in all weights of the file that anything reads."""
    known, read = shapes(model), {name for node in model.graph.node for name in node.input}
    spread = [known[node.output[0]] for node in model.graph.node if node.op_type == "ConstantOfShape"]
    stored = [tuple(t.dims) for t in model.graph.initializer if t.data_type == 1 and t.name in read]
    return sum(int(np.prod(shape)) for shape in (*spread, *stored))


def merged(model: ModelProto) -> int:
    """Numbers that are in the file twice: a scale and a shift of their own behind those of a batch norm."""
    known = shapes(model)
    return sum(2 * int(np.prod(known[node.input[1]])) for node in model.graph.node if node.op_type == "Mul")


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_and_every_shape_of_a_published_architecture_is_there(name: str):
    model = light(name)
    found = opened(model)
    report = nb.analyze(found.graph)
    assert report.valid
    assert report.totals.parameters + report.totals.statistics == numbers_in(model) - merged(model)
    assert not wrong_shapes(model, found)
    positions = [node.position for node in found.graph.nodes.values()]
    assert len(set(positions)) == len(positions), "blocks lie on each other"


@pytest.mark.parametrize("name", SMALL)
def test_with_random_weights_it_computes_what_onnxruntime_computes(name: str):
    model = scores(randomised(light(name), seed=1))
    assert differences(model, opened(model)) < 1e-5


def test_names_tell_where_weights_came_from():
    names = {node.name for node in opened(light("squeezenet")).graph.nodes.values()}
    assert {"data_0", "conv1", "fire2/squeeze1x1", "conv10", "relu_1"} <= names


# ---- negative controls -----------------------------------------------------------------------------------------------


def squeezenet() -> tuple[ModelProto, Imported]:
    model = scores(randomised(light("squeezenet"), seed=1))
    return model, opened(model)


def test_a_wrong_shape_would_be_found():
    model, found = squeezenet()
    assert not wrong_shapes(model, found)
    found = replace(found, graph=found.graph.set("conv1", padding="same"))
    assert "conv1" in wrong_shapes(model, found)


def test_a_wrong_weight_would_be_found():
    model, found = squeezenet()
    weight = np.array(found.weights["fire2/expand1x1.weight"])
    weight[3] *= 1.1
    found = replace(found, weights={**found.weights, "fire2/expand1x1.weight": weight})
    assert differences(model, found) > 1e-4
