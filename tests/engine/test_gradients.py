"""Gradients of whole networks agree with central differences, and seeded bugs are caught."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.analysis import analyze
from netbuilder.engine import Loss, compile
from netbuilder.engine.buffers import StepBuffers
from netbuilder.engine.lanes import Lane
from netbuilder.engine.program import Program
from netbuilder.graph import Graph
from netbuilder.layers import Add, Dense, Input, Softmax, Tanh
from tests.engine.designs import random_design

SEEDS = range(24)
STEP = 3e-6


def batch(program: Program, seed: int, count: int = 3) -> tuple[Any, Any]:
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((count, *program.input_shape.array))
    return x, draw.integers(0, program.output_shape.size, count)


def slope(value: Callable[[float], float]) -> float:
    """Central differences of fourth order: products of products bend too much for the second."""
    near, far = (value(h) - value(-h) for h in (STEP, 2 * STEP))
    return (8 * near - far) / (12 * STEP)


def largest_error(graph: Graph, seed: int, loss: Loss = "cross_entropy", training: bool = True) -> float:
    """The largest relative error of the gradient along a random direction of each weight array."""
    program = compile(graph, "float64")
    x, labels = batch(program, seed)
    weights = program.init(seed)
    draw = np.random.default_rng(seed)
    # Away from the start, where biases are 0 and scales 1, mistakes cannot hide behind zeros.
    weights = {key: w + 0.1 * draw.standard_normal(w.shape) for key, w in weights.items() if "running" not in key} | {
        key: w + 0.5 for key, w in weights.items() if "running" in key
    }
    _, gradients = program.loss_and_gradients(weights, x, labels, loss, training, seed=7)
    assert gradients.keys() == {key for key, weight in program.weights.items() if weight.trainable}
    errors: list[float] = []
    for key, gradient in gradients.items():
        direction = draw.standard_normal(gradient.shape)
        measured = slope(
            lambda h, key=key, direction=direction: program.loss_and_gradients(
                weights | {key: weights[key] + h * direction}, x, labels, loss, training, seed=7
            )[0]
        )
        told = float((gradient * direction).sum())
        errors.append(abs(measured - told) / max(1.0, abs(measured)))
    return max(errors)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_of_a_random_network_agree_with_central_differences(seed: int):
    assert largest_error(random_design(seed), seed, training=seed % 3 > 0) <= 1e-6


def test_the_random_networks_do_branch_merge_and_read_values_again():
    graphs = [random_design(seed) for seed in SEEDS]
    kinds = {type(node.layer).__name__ for graph in graphs for node in graph.nodes.values()}
    assert {"Add", "Concat", "Multiply", "BatchNorm", "Dropout", "SeparableConv2D"} <= kinds
    readers = [len(graph.outgoing(key)) for graph in graphs for key in graph.nodes]
    assert max(readers) >= 3
    assert all(analyze(graph).valid for graph in graphs)


def test_gradients_of_the_squared_error_agree_with_central_differences():
    assert max(largest_error(random_design(seed), seed, "mse") for seed in range(4)) <= 1e-6


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_gradients_through_a_closing_softmax_agree_with_central_differences(loss: Loss):
    graph = Graph.chain(Input(features=4), Dense(units=5), Tanh(), Dense(units=3), Softmax())
    assert largest_error(graph, 1, loss) <= 1e-6


def test_summing_into_an_array_that_another_branch_shares_is_caught(monkeypatch: pytest.MonkeyPatch):
    def careless(self: Lane, into: dict[int, Any], summed: set[int], source: int, dx: Any) -> None:
        if source in into:
            into[source] += dx
        else:
            into[source] = dx

    monkeypatch.setattr(Lane, "_collect", careless)
    assert max(largest_error(random_design(seed), seed) for seed in SEEDS) > 1e-3


def test_a_reader_whose_gradient_is_forgotten_is_caught(monkeypatch: pytest.MonkeyPatch):
    def forgetful(self: Lane, into: dict[int, Any], summed: set[int], source: int, dx: Any) -> None:
        into[source] = dx

    monkeypatch.setattr(Lane, "_collect", forgetful)
    assert max(largest_error(random_design(seed), seed) for seed in range(6)) > 1e-3


def test_dropout_that_draws_anew_in_every_pass_is_caught(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(StepBuffers, "uniform", lambda self, role, shape: np.random.default_rng().random(shape))
    assert max(largest_error(random_design(seed), seed) for seed in SEEDS) > 1e-3


def test_adding_a_value_to_itself_doubles_its_gradient():
    graph, _ = Graph().add(Input(features=2), "x")
    graph, _ = graph.add(Dense(units=2), "dense")
    graph, _ = graph.add(Add(), "sum")
    graph = graph.connect("x", "dense").connect("dense", "sum", 0).connect("dense", "sum", 1)
    program = compile(graph, "float64")
    weights = {"dense.weight": np.eye(2), "dense.bias": np.zeros(2)}
    _, gradients = program.loss_and_gradients(weights, np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]), "mse")
    np.testing.assert_allclose(gradients["dense.bias"], [2 * 2.0, 2 * 4.0])
