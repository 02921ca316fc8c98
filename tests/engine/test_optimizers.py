"""Every optimizer follows its published rule, number by number, and can be cut off and taken up again."""

import json
from collections.abc import Callable
from dataclasses import fields
from math import sqrt
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Optimizer,
    OptimizerError,
    RMSProp,
    Updates,
    optimizer_from_dict,
)
from netbuilder.engine.updates import BLOCK

# The rules once more, for a single number and in plain words of Python: w, gradient, memory of earlier steps, step.
Rule = Callable[[Any, float, float, dict[str, float], int], float]


def sgd(o: SGD, w: float, g: float, memory: dict[str, float], step: int) -> float:
    g += o.weight_decay * w
    if o.momentum:
        memory["b"] = g if step == 1 else o.momentum * memory["b"] + g
        g = g + o.momentum * memory["b"] if o.nesterov else memory["b"]
    return w - o.lr * g


def rmsprop(o: RMSProp, w: float, g: float, memory: dict[str, float], step: int) -> float:
    g += o.weight_decay * w
    memory["v"] = o.alpha * memory.get("v", 0.0) + (1 - o.alpha) * g**2
    move = g / (sqrt(memory["v"]) + o.epsilon)
    memory["b"] = o.momentum * memory.get("b", 0.0) + move
    return w - o.lr * memory["b"]


def adam(o: Adam, w: float, g: float, memory: dict[str, float], step: int) -> float:
    first, second = o.betas
    if isinstance(o, AdamW):
        w -= o.lr * o.weight_decay * w
    else:
        g += o.weight_decay * w
    memory["m"] = first * memory.get("m", 0.0) + (1 - first) * g
    memory["v"] = second * memory.get("v", 0.0) + (1 - second) * g**2
    mean, square = memory["m"] / (1 - first**step), memory["v"] / (1 - second**step)
    return w - o.lr * mean / (sqrt(square) + o.epsilon)


ROWS: list[tuple[Optimizer, Rule]] = [
    (SGD(), sgd),
    (SGD(0.05, momentum=0.9), sgd),
    (SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01), sgd),
    (RMSProp(), rmsprop),
    (RMSProp(0.02, alpha=0.9, momentum=0.5, weight_decay=0.1, epsilon=1e-3), rmsprop),
    (Adam(), adam),
    (Adam(0.02, betas=(0.5, 0.9), weight_decay=0.1, epsilon=1e-3), adam),
    (AdamW(), adam),
    (AdamW(0.02, betas=(0.5, 0.9), weight_decay=0.3), adam),
]


def start(seed: int = 0, dtype: str = "float64") -> dict[str, Any]:
    draw = np.random.default_rng(seed)
    shapes = {"a.weight": (3, 2), "a.bias": (3,), "b.weight": (BLOCK // 4, 5)}
    return {key: draw.standard_normal(shape).astype(dtype) for key, shape in shapes.items()}


def run(updates: Updates, steps: range, dtype: str = "float64") -> dict[str, Any]:
    for step in steps:
        updates.step(start(100 + step, dtype))
    return {key: array.copy() for key, array in updates.weights.items()}


def test_every_optimizer_has_its_rule():
    assert {type(optimizer) for optimizer, _ in ROWS} == set(OPTIMIZERS.values())


@pytest.mark.parametrize(("optimizer", "rule"), ROWS)
def test_an_optimizer_follows_its_rule_to_the_last_digits(optimizer: Optimizer, rule: Rule):
    found = run(Updates(optimizer, start()), range(1, 8))
    gradients = {step: start(100 + step) for step in range(1, 8)}
    for key, first in start().items():
        for place in (0, first.size // 2, first.size - 1):
            w, memory = float(first.flat[place]), dict[str, float]()
            for step, each in gradients.items():
                w = rule(optimizer, w, float(each[key].flat[place]), memory, step)
            assert found[key].flat[place] == pytest.approx(w, rel=1e-12, abs=1e-14)


def test_momentum_on_a_constant_slope_gathers_the_geometric_series():
    updates = Updates(SGD(0.1, momentum=0.5), {"w": np.zeros(1)})
    for _ in range(4):
        updates.step({"w": np.ones(1)})
    assert updates.weights["w"][0] == pytest.approx(-0.1 * (1 + 1.5 + 1.75 + 1.875))


def test_adams_first_step_has_the_length_of_the_learning_rate():
    updates = Updates(Adam(0.01), {"w": np.zeros(2)})
    updates.step({"w": np.array([1e-3, -50.0])})
    np.testing.assert_allclose(updates.weights["w"], [-0.01, 0.01], rtol=1e-4)


@pytest.mark.parametrize(("optimizer", "rule"), ROWS)
def test_an_optimizer_taken_up_again_goes_on_with_the_same_bits(optimizer: Optimizer, rule: Rule):
    whole = run(Updates(optimizer, start(dtype="float32")), range(1, 7), "float32")
    first = Updates(optimizer, start(dtype="float32"))
    halfway = run(first, range(1, 4), "float32")
    second = Updates(optimizer, halfway)
    second.restore(first.export(), first.steps, first.lr)
    again = run(second, range(4, 7), "float32")
    assert all(np.array_equal(whole[key], again[key]) for key in whole)


def test_forgetting_the_optimizers_memory_is_noticed():
    optimizer = Adam()
    whole = run(Updates(optimizer, start()), range(1, 7))
    forgetful = Updates(optimizer, run(Updates(optimizer, start()), range(1, 4)))
    assert not np.array_equal(run(forgetful, range(4, 7))["a.weight"], whole["a.weight"])


def test_a_memory_of_other_weights_is_refused():
    updates = Updates(Adam(), start())
    with pytest.raises(OptimizerError, match=r"mean of “a\.weight” is missing"):
        updates.restore({}, 3, 0.1)


def test_gradients_and_first_weights_are_left_as_they_were():
    first, gradients = start(), start(1)
    kept = [array.copy() for array in (*first.values(), *gradients.values())]
    updates = Updates(SGD(momentum=0.9, nesterov=True, weight_decay=0.1), first)
    updates.step(gradients)
    assert all(np.array_equal(a, b) for a, b in zip((*first.values(), *gradients.values()), kept, strict=True))
    assert not np.array_equal(updates.weights["a.bias"], first["a.bias"])


def test_a_changed_learning_rate_counts_from_the_next_step():
    updates = Updates(SGD(1.0), {"w": np.zeros(1)})
    updates.step({"w": np.ones(1)})
    updates.lr = 0.5
    updates.step({"w": np.ones(1)})
    assert updates.weights["w"][0] == -1.5


@pytest.mark.parametrize(("optimizer", "rule"), ROWS)
def test_an_optimizer_survives_json(optimizer: Optimizer, rule: Rule):
    assert optimizer_from_dict(json.loads(json.dumps(optimizer.to_dict()))) == optimizer


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: SGD(0), "SGD: learning rate must be above 0, not 0."),
        (lambda: SGD(float("nan")), "SGD: learning rate must be above 0, not nan."),
        (lambda: SGD(momentum=1), "SGD: momentum must be at least 0 and below 1, not 1."),
        (lambda: SGD(nesterov=True), "Nesterov's look-ahead needs a momentum above 0"),
        (lambda: RMSProp(alpha=-1), "RMSProp: alpha must be at least 0 and below 1, not -1."),
        (lambda: Adam(betas=(0.9, 1)), "Adam: betas must be at least 0 and below 1, not 1."),
        (lambda: Adam(betas=(0.9,)), "Adam: betas are two numbers."),  # pyright: ignore[reportArgumentType]
        (lambda: AdamW(weight_decay=-1), "AdamW: weight decay must be at least 0, not -1."),
        (lambda: AdamW(epsilon=0), "AdamW: epsilon must be above 0, not 0."),
        (lambda: optimizer_from_dict({"name": "Lion"}), "There is no optimizer 'Lion'"),
        (
            lambda: optimizer_from_dict({"name": "SGD", "speed": 1}),
            "SGD cannot be made of these settings: {'speed': 1}.",
        ),
    ],
)
def test_settings_beyond_their_limits_are_refused_in_a_sentence(make: Any, sentence: str):
    with pytest.raises(OptimizerError) as refusal:
        make()
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("cls", OPTIMIZERS.values())
def test_every_setting_of_an_optimizer_is_declared_with_help(cls: type[Optimizer]):
    settings = cls.settings()
    assert settings[0].name == "lr"
    assert {each.name for each in settings} == {f.name for f in fields(cls)}
    assert all(each.help.endswith(".") for each in settings)
    defaults: dict[str, Any] = {each.name: each.default for each in settings}
    assert cls(**defaults) == cls()
