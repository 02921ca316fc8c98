"""Outputs, losses, gradients and whole trainings are PyTorch's, on random designs; skipped without it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import SGD, Adam, AdamW, Optimizer, Program, RMSProp, Updates, compile, heads
from netbuilder.engine.lanes import Lane
from netbuilder.graph import Graph
from netbuilder.layers import Dropout, Output, Softmax
from tests.architectures import SMALL
from tests.designs import valid_design

torch = pytest.importorskip("torch")
from tests.torch_peer import Peer  # noqa: E402 - it needs PyTorch, which was just found

DESIGNS = 300
LOSSES = ("cross_entropy", "cross_entropy", "cross_entropy + 0.5 mse", "mse")
FLOAT32_OUTPUT, FLOAT32_GRADIENT, FLOAT64, STEPS = 1e-5, 1e-4, 1e-9, 1e-9


def deterministic(seed: int) -> Graph:
    """A random design whose dropout drops nothing: the two engines draw different random numbers."""
    graph = valid_design(seed)
    for node in graph.nodes.values():
        if isinstance(node.layer, Dropout):
            graph = graph.set(node.id, rate=0.0)
    return graph


def samples(program: Program, seed: int, count: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    count = count or int(draw.integers(2, 6))
    x = draw.standard_normal((count, *program.input_shape.array)).astype(program.dtype)
    return x, draw.integers(0, program.output_shape.size, count)


def apart(ours: np.ndarray, theirs: Any) -> float:
    """The largest difference, relative to the largest number."""
    other = theirs.detach().numpy().reshape(ours.shape)
    return float(np.abs(ours - other).max(initial=0) / max(np.abs(other).max(initial=0), 1e-3))


def disagreement(
    graph: Graph, seed: int, dtype: str, *, training: bool, spoil: Callable[[dict[str, Any]], None] = lambda _: None
) -> tuple[float, float]:
    """How far outputs and gradients of both engines lie apart; `spoil` may falsify ours."""
    program = compile(graph, dtype)
    weights = program.init(seed)
    x, labels = samples(program, seed)
    peer = Peer(graph, weights).train(training)
    theirs, chosen = peer.outputs(torch.from_numpy(x)), LOSSES[seed % len(LOSSES)]
    found = program.predict_outputs(weights, x)
    assert list(found) == list(theirs)
    output = 0.0 if training else max(apart(found[name], theirs[name]) for name in found)
    loss = loss_of(graph, theirs, labels, chosen)
    loss.backward()
    ours, gradients = program.loss_and_gradients(weights, x, labels, chosen, training=training)
    spoil(gradients)
    output = max(output, abs(ours - loss.item()) / max(abs(ours), 1))
    scale = max(float(p.grad.abs().max()) for p in peer.learned.values())
    worst = max(
        float(np.abs(gradients[key] - p.grad.numpy()).max()) / max(float(p.grad.abs().max()), 1e-2 * scale)
        for key, p in peer.learned.items()
    )
    return output, worst


def loss_of(graph: Graph, outputs: Mapping[str, Any], labels: np.ndarray, chosen: str = "cross_entropy") -> Any:
    """The losses of all outputs, each with its weight, by PyTorch."""
    whole: Any = 0.0
    for name, scores in outputs.items():
        layer, key = graph[name].layer, graph[name].id
        weight = layer.weight if isinstance(layer, Output) else 1.0
        while isinstance(graph.nodes[key].layer, Output):
            key = graph.inputs(key)[0]
        closed = isinstance(graph.nodes[key].layer, Softmax)
        whole = whole + weight * single_loss(scores, labels, chosen, closed=closed)
    return whole


def single_loss(scores: Any, labels: np.ndarray, chosen: str, *, closed: bool) -> Any:
    functional, wanted = torch.nn.functional, torch.from_numpy(labels)
    squared = 0.5 * (scores - functional.one_hot(wanted, scores.shape[1])).square().sum() / len(labels)
    entropy = functional.nll_loss(torch.log(scores), wanted) if closed else functional.cross_entropy(scores, wanted)
    return {"cross_entropy": entropy, "mse": squared, "cross_entropy + 0.5 mse": entropy + 0.5 * squared}[chosen]


@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
@pytest.mark.parametrize("first", range(0, DESIGNS, 20))
def test_double_precision_agrees(first: int, training: bool) -> None:
    for seed in range(first, first + 20):
        output, gradients = disagreement(deterministic(seed), seed, "float64", training=training)
        assert output <= FLOAT64, seed
        assert gradients <= FLOAT64, seed


def in_single_precision(seed: int) -> tuple[float, float, bool]:
    """How far output and gradients lie apart, and whether other samples were taken, as where rounding moved a number
    across a ReLU's kink: there both gradients are right."""
    output, gradients = disagreement(deterministic(seed), seed, "float32", training=False)
    if gradients <= FLOAT32_GRADIENT:
        return output, gradients, False
    return output, disagreement(deterministic(seed), seed + DESIGNS, "float32", training=False)[1], True


@pytest.mark.parametrize("first", range(0, DESIGNS, 20))
def test_single_precision_agrees(first: int) -> None:
    for seed in range(first, first + 20):
        output, gradients, _ = in_single_precision(seed)
        assert output <= FLOAT32_OUTPUT, seed
        assert gradients <= FLOAT32_GRADIENT, seed


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_known_architectures_agree(name: str, training: bool) -> None:
    output, gradients = disagreement(SMALL[name](), 5, "float64", training=training)
    assert max(output, gradients) <= FLOAT64


def test_the_designs_have_several_outputs_now_and_then() -> None:
    heads = [compile(deterministic(seed)).heads for seed in range(60)]
    assert sum(len(each) > 1 for each in heads) >= 6
    assert sum(each[0].softmax or each[-1].softmax for each in heads if len(each) > 1) >= 2


def test_an_output_whose_weight_is_ignored_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [seed for seed in range(60) if any(head.weight != 1 for head in compile(deterministic(seed)).heads)]
    assert len(several) >= 3
    read = heads.Head.readings
    monkeypatch.setattr(heads.Head, "readings", lambda head, loss: read(replace(head, weight=1.0), loss))
    for seed in several:
        assert max(disagreement(deterministic(seed), seed, "float64", training=False)) > 1e-3, seed


def test_an_output_whose_gradient_is_dropped_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [seed for seed in range(60) if len(compile(deterministic(seed)).heads) > 1]
    back = Lane.backward
    monkeypatch.setattr(Lane, "backward", lambda lane, steps, read: back(lane, steps, dict(list(read.items())[:1])))
    for seed in several:
        with pytest.raises((AssertionError, KeyError)):
            assert max(disagreement(deterministic(seed), seed, "float64", training=False)) <= 1e-3, seed


def test_a_gradient_a_thousandth_off_is_noticed() -> None:
    def spoil(gradients: dict[str, Any]) -> None:
        key = next(iter(gradients))
        gradients[key] = gradients[key] * 1.001

    for seed in range(10):
        _, gradients = disagreement(deterministic(seed), seed, "float64", training=False, spoil=spoil)
        assert gradients > FLOAT64


# ---- a hundred steps of every optimizer ------------------------------------------------------------------------------

OPTIMIZERS: dict[str, tuple[Optimizer, Callable[[Any], Any]]] = {
    "sgd": (SGD(0.05), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (SGD(0.02, momentum=0.9), lambda p: torch.optim.SGD(p, 0.02, momentum=0.9)),
    "nesterov": (
        SGD(0.02, momentum=0.9, nesterov=True, weight_decay=1e-3),
        lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, nesterov=True, weight_decay=1e-3),
    ),
    "rmsprop": (RMSProp(1e-3), lambda p: torch.optim.RMSprop(p, 1e-3)),
    "adam": (Adam(1e-3), lambda p: torch.optim.Adam(p, 1e-3)),
    "adamw": (AdamW(1e-3, weight_decay=0.05), lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.05)),
}


def steps_apart(name: str, count: int = 100) -> float:
    """The largest relative difference of both engines' losses, step by step from the same weights and batches."""
    ours, theirs = OPTIMIZERS[name]
    graph = deterministic(3)
    program = compile(graph, "float64")
    weights = program.init(1)
    peer = Peer(graph, weights).eval()
    optimizer = theirs(peer.parameters())
    updates = Updates(ours, {key: weights[key].copy() for key in peer.learned})
    bound = program.bind({**weights, **updates.weights})
    x, labels = samples(program, 7, 20)
    worst = 0.0
    for step in range(count):
        rows = slice(step % 4 * 5, step % 4 * 5 + 5)
        loss = loss_of(graph, peer.outputs(torch.from_numpy(x[rows])), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        outcome = program.step(bound, x[rows], labels[rows], "cross_entropy", False)
        worst = max(worst, abs(outcome.loss / loss.item() - 1))
        updates.step(outcome.gradients)
    return worst


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hundred_steps_lose_alike(name: str) -> None:
    assert steps_apart(name) <= STEPS
