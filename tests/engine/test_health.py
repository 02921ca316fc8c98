"""Looking at a training's numbers shows what is there, changes nothing, and costs next to nothing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import SGD, Adam, Health, Job, Optimizer, RMSProp, Updates, health, prepare, train
from netbuilder.engine.health import Monitor, dead
from netbuilder.engine.learning import learn
from netbuilder.engine.state import State
from netbuilder.engine.updates import BLOCK
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Flatten, Input, ReLU
from tests.engine.designs import with_everything_random
from tests.engine.test_training import same

JOB = Job(with_everything_random(), "digits", 2, optimizer=Adam(3e-3), seed=5)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at every update."""
    monkeypatch.setattr(health, "EVERY", -1.0)
    monkeypatch.setattr(health, "SHARE", 1e9)


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(), RMSProp(momentum=0.5)])
def test_a_watched_update_has_the_same_bits_and_tells_its_lengths(optimizer: Optimizer):
    draw = np.random.default_rng(0)
    start = {"a": draw.normal(size=(3, 5)).astype(np.float32), "b": draw.normal(size=2 * BLOCK + 7).astype(np.float32)}
    plain, watched = Updates(optimizer, start), Updates(optimizer, start)
    for _ in range(3):
        gradients = {key: draw.normal(size=array.shape).astype(np.float32) for key, array in start.items()}
        before = {key: array.copy() for key, array in watched.weights.items()}
        plain.step(gradients)
        watched.gather(gradients)
        told = watched.watch()
        assert same(plain.weights, watched.weights)
        for key, movement in told.items():
            change = np.linalg.norm((watched.weights[key] - before[key]).ravel())
            assert movement.gradient == pytest.approx(np.linalg.norm(gradients[key].ravel()), rel=1e-5)
            assert movement.weight == pytest.approx(np.linalg.norm(before[key].ravel()), rel=1e-5)
            assert movement.change == pytest.approx(change, rel=1e-4)


def test_looking_changes_no_bit(always: None):
    *events, watched = train(JOB)
    assert sum(isinstance(event, Health) for event in events) == 40
    health.EVERY = 1e9
    *events, plain = train(JOB)
    assert not any(isinstance(event, Health) for event in events)
    assert same(plain.weights, watched.weights)  # pyright: ignore[reportAttributeAccessIssue]


def test_every_layer_that_learns_is_told_of(always: None):
    told = next(event for event in train(JOB) if isinstance(event, Health))
    assert [layer.layer for layer in told.layers] == ["conv2d_1", "batchnorm_1", "relu_1", "dense_1"]
    for layer in told.layers:
        assert (layer.dead is None) == (layer.layer != "relu_1")
        assert (layer.ratio is None) == (layer.layer == "relu_1")
    assert told.layers[0].gradient is not None
    assert told.layers[0].gradient > 0
    assert told.layers[0].ratio is not None
    assert 1e-4 < told.layers[0].ratio < 0.1
    assert told.not_finite is None


def test_a_relu_is_dead_where_no_sample_gets_through():
    output = np.zeros((5, 4, 2, 2))
    output[3, 1, 0, 1] = output[0, 2] = 1.0
    assert dead(output) == 0.5
    assert dead(output[:, :, 0, 1]) == 0.5
    assert dead(output[:2]) == 0.75


def seen(spoil: Any) -> Health:
    """What a look shows of a network with weights spoilt."""
    graph = Graph.chain(
        Input(height=8, width=8, channels=1), Flatten(), Dense(6), ReLU(), Dense(10), names=["x", "f", "a", "r", "b"]
    )
    ready = prepare(replace(JOB, graph=graph))
    state = State(ready, ready.program.init(0))
    learned = learn(state, np.arange(64), watched=True)
    spoil(state.weights)
    return Monitor(state).look(learned)


def test_dead_units_and_burst_layers_are_found():
    def kill(weights: Any) -> None:
        weights["a.bias"][:3] = -1e6

    def burst(weights: Any) -> None:
        weights["b.bias"][0] = np.inf

    (_, relu, _) = seen(kill).layers
    assert relu.dead is not None
    assert relu.dead >= 0.5
    assert seen(lambda _: None).not_finite is None
    assert seen(burst).not_finite == "b"


def test_health_is_one_line_of_json(always: None):
    told = next(event for event in train(JOB) if isinstance(event, Health)).to_dict()
    assert told["event"] == "health"
    assert told["layers"][0].keys() == {"layer", "gradient", "ratio", "dead"}
