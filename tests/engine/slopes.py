"""Gradients of whole networks held against central differences of the loss, in double precision."""

from collections.abc import Callable
from typing import Any

import numpy as np

from netbuilder.engine import Loss, compile
from netbuilder.engine.program import Program
from netbuilder.graph import Graph
from netbuilder.layers import AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D, Tanh
from tests.designs import valid_design
from tests.engine.designs import random_design

STEP = 1e-5
STEPS = (1e-4, 3e-5, 1e-5, 3e-6)
DOUBTFUL = 1e-7
LEAST = 1e-3
"""Gradients shorter than this are taken for as long: differences of a loss of about 1 know no more digits of them."""
BENT = ("ReLU", "LeakyReLU", "PReLU", "ReLU6", "ELU", "HardSigmoid", "HardSwish", "HardTanh")
"""Activations with a kink, or whose slope has one: there a difference says nothing of the gradient."""


def smooth_design(seed: int) -> Graph:
    """A random network without a kink anywhere: of two kinds in turn, small and tangled, or as people draw them."""
    return random_design(seed // 2) if seed % 2 == 0 else smoothed(valid_design(seed // 2))


def smoothed(graph: Graph) -> Graph:
    """The design with smooth activations, and means in place of largest numbers."""
    for node in graph.nodes.values():
        if type(node.layer).__name__ in BENT:
            graph = graph.exchange(node.id, Tanh())
        elif isinstance(node.layer, MaxPool2D):
            layer = node.layer
            graph = graph.exchange(
                node.id, AveragePool2D(layer.pool_size, layer.stride, layer.padding, layer.ceil_mode)
            )
        elif isinstance(node.layer, GlobalMaxPool2D):
            graph = graph.exchange(node.id, GlobalAveragePool2D())
    return graph


def batch(program: Program, seed: int, count: int = 3) -> tuple[Any, Any]:
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((count, *program.input_shape.array))
    return x, draw.integers(0, program.output_shape.size, count)


def slope(value: Callable[[float], float], step: float = STEP) -> float:
    """Central differences of fourth order: products of products bend too much for the second."""
    near, far = (value(h) - value(-h) for h in (step, 2 * step))
    return (8 * near - far) / (12 * step)


def steadiest_slope(value: Callable[[float], float]) -> float:
    """The slope at the step that changes it least: larger ones bend, smaller ones round. Of the gradient it knows
    nothing."""
    found = [slope(value, step) for step in STEPS]
    index = min(range(len(found) - 1), key=lambda i: abs(found[i] - found[i + 1]))
    return (found[index] + found[index + 1]) / 2


def largest_error(graph: Graph, seed: int, loss: Loss = "cross_entropy", training: bool = True) -> float:
    """The largest error of the gradient along a random direction of each weight array, relative to its length: what a
    direction of this kind, whose numbers are about 1, sees of it on average."""
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

        def moved(h: float, key: str = key, direction: Any = direction) -> float:
            there = weights | {key: weights[key] + h * direction}
            return program.loss_and_gradients(there, x, labels, loss, training, seed=7)[0]

        told, scale = float((gradient * direction).sum()), max(LEAST, float(np.linalg.norm(gradient)))
        error = abs(slope(moved) - told) / scale
        errors.append(error if error <= DOUBTFUL else abs(steadiest_slope(moved) - told) / scale)
    return max(errors)
