"""Layers write themselves as expressions, and whatever they are called, no two tensors get the same name."""

import numpy as np
import pytest

from netbuilder.interop.emitter import Emitter, Value
from netbuilder.layers import GELU, Conv2D, Dropout, ImageShape, Multiply, ReLU
from netbuilder.layers.merge import Add

SHAPE = ImageShape(2, 4, 4)


def names(emitter: Emitter) -> list[str]:
    outputs = [output for node in emitter.nodes for output in node.output]
    return outputs + [tensor.name for tensor in emitter.initializers]


def test_an_operator_is_a_method_that_appends_a_node_and_returns_its_output():
    emitter = Emitter()
    x = emitter.input("x", SHAPE)
    y = emitter.Clip(x, None, emitter.constant("high", 6.0))
    (node,) = emitter.nodes
    assert (node.op_type, list(node.input), list(node.output)) == ("Clip", ["x", "", "high"], [y.name])


def test_what_is_no_operator_is_no_attribute():
    with pytest.raises(AttributeError):
        _ = Emitter().conv


def test_a_layer_names_its_last_node_its_output_and_its_weights():
    emitter = Emitter()
    x = emitter.input("x", SHAPE)
    layer = Conv2D(filters=3, kernel_size=1)
    y = emitter.write("conv", layer, {"weight": np.ones((3, 2, 1, 1)), "bias": np.ones(3)}, [x], ImageShape(3, 4, 4))
    assert y == Value("conv", ImageShape(3, 4, 4))
    assert (emitter.nodes[-1].name, list(emitter.nodes[-1].input)) == ("conv", ["x", "conv.weight", "conv.bias"])


def test_a_layer_of_several_operators_ends_in_its_own_name():
    emitter = Emitter()
    y = emitter.write("soft", GELU(), {}, [emitter.input("x", SHAPE)], SHAPE)
    assert len(emitter.nodes) > 1
    assert y.name == emitter.nodes[-1].name == emitter.nodes[-1].output[0] == "soft"
    assert all(name.startswith("soft") for name in names(emitter))


def test_a_layer_that_changes_nothing_still_has_an_output_of_its_own():
    emitter = Emitter()
    x = emitter.input("x", SHAPE)
    y = emitter.write("alone", Add(), {}, [x], SHAPE)
    assert y.name == "alone"
    assert emitter.nodes[-1].op_type == "Identity"


def test_weights_keep_their_names_and_a_layer_called_like_one_makes_way():
    emitter = Emitter()
    emitter.reserve(["a", "a.weight"], ["a.weight"])
    x = emitter.input("x", SHAPE)
    a = emitter.write("a", Conv2D(filters=2, kernel_size=1, bias=False), {"weight": np.ones((2, 2, 1, 1))}, [x], SHAPE)
    b = emitter.write("a.weight", ReLU(), {}, [a], SHAPE)
    assert emitter.initializers[0].name == "a.weight"
    assert b.name == "a.weight_1"
    assert emitter.nodes[-1].name == "a.weight", "nodes and tensors are named apart"


@pytest.mark.parametrize("first", ["a", "a/Erf", "a/half", "a/Mul", "a/Mul_1", ""])
def test_names_never_collide_whatever_the_layers_are_called(first: str):
    emitter = Emitter()
    layers = [first, "a", "a_1", "a/Mul_2", "x"]
    emitter.reserve([*dict.fromkeys(layers)], [])
    value = emitter.input("input", SHAPE)
    for name in dict.fromkeys(layers):
        value = emitter.write(name, GELU(), {}, [value], SHAPE)
    value = emitter.write("last", Multiply(), {}, [value, value], SHAPE)
    value = emitter.write("drop", Dropout(), {}, [value], SHAPE)
    assert len(set(names(emitter))) == len(names(emitter))
    assert len({node.name for node in emitter.nodes}) == len(emitter.nodes)


def test_numbers_are_stored_as_float32_and_indices_as_int64():
    emitter = Emitter()
    emitter.constant("real", 0.5)
    emitter.constant("whole", [1, -1])
    emitter.weight("w", np.zeros((2, 3)))
    assert [tensor.data_type for tensor in emitter.initializers] == [1, 7, 1]
    assert [list(tensor.dims) for tensor in emitter.initializers] == [[], [2], [2, 3]]
