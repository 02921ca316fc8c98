"""Gradients of whole networks agree with central differences, and seeded bugs are caught."""

from typing import Any

import numpy as np
import pytest

from netbuilder.analysis import analyze
from netbuilder.engine import Loss, compile
from netbuilder.engine.buffers import StepBuffers
from netbuilder.engine.lanes import Lane
from netbuilder.graph import Graph
from netbuilder.layers import Add, Dense, Input, Softmax, Tanh
from tests.engine.designs import random_design
from tests.engine.slopes import largest_error, smooth_design

SEEDS = range(24)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_of_a_random_network_agree_with_central_differences(seed: int):
    assert largest_error(random_design(seed), seed, training=seed % 3 > 0) <= 1e-6


@pytest.mark.parametrize("seed", range(1, 24, 2))
def test_gradients_of_a_network_as_people_draw_them_agree_with_central_differences(seed: int):
    assert largest_error(smooth_design(seed), seed, training=seed % 3 > 0) <= 1e-6


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
