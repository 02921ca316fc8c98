"""Outputs, losses, gradients and whole trainings are PyTorch's, on random designs; skipped without it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import SGD, Adam, AdamW, Optimizer, Program, RMSProp, Updates, compile
from netbuilder.graph import Graph
from netbuilder.layers import Dropout
from tests.architectures import SMALL
from tests.designs import valid_design

torch = pytest.importorskip("torch")
from tests.torch_peer import Peer  # noqa: E402 - it needs PyTorch, which was just found

DESIGNS = 300
FLOAT32_OUTPUT, FLOAT32_GRADIENT, FLOAT64 = 1e-5, 1e-4, 1e-9


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
    """How far output and gradients of both engines lie apart; `spoil` may falsify ours."""
    program = compile(graph, dtype)
    weights = program.init(seed)
    x, labels = samples(program, seed)
    peer = Peer(graph, weights).train(training)
    scores = peer(torch.from_numpy(x))
    output = 0.0 if training else apart(program.predict(weights, x), scores)
    loss = loss_of(graph, scores, labels)
    loss.backward()
    ours, gradients = program.loss_and_gradients(weights, x, labels, training=training)
    spoil(gradients)
    output = max(output, abs(ours - loss.item()) / max(abs(ours), 1))
    scale = max(float(p.grad.abs().max()) for p in peer.learned.values())
    worst = max(
        float(np.abs(gradients[key] - p.grad.numpy()).max()) / max(float(p.grad.abs().max()), 1e-2 * scale)
        for key, p in peer.learned.items()
    )
    return output, worst


def loss_of(graph: Graph, scores: Any, labels: np.ndarray) -> Any:
    """Cross-entropy, by PyTorch."""
    functional, wanted = torch.nn.functional, torch.from_numpy(labels)
    if type(graph.nodes[graph.order[-1]].layer).__name__ == "Softmax":
        return functional.nll_loss(torch.log(scores), wanted)
    return functional.cross_entropy(scores, wanted)


@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
@pytest.mark.parametrize("first", range(0, DESIGNS, 20))
def test_double_precision_agrees(first: int, training: bool) -> None:
    for seed in range(first, first + 20):
        output, gradients = disagreement(deterministic(seed), seed, "float64", training=training)
        assert output <= FLOAT64, seed
        assert gradients <= FLOAT64, seed


@pytest.mark.parametrize("first", range(0, DESIGNS, 20))
def test_single_precision_agrees(first: int) -> None:
    for seed in range(first, first + 20):
        output, gradients = disagreement(deterministic(seed), seed, "float32", training=False)
        assert output <= FLOAT32_OUTPUT, seed
        if gradients > FLOAT32_GRADIENT:  # rounding moved a number across a ReLU's kink: other samples have no such
            _, gradients = disagreement(deterministic(seed), seed + DESIGNS, "float32", training=False)
        assert gradients <= FLOAT32_GRADIENT, seed


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_known_architectures_agree(name: str, training: bool) -> None:
    output, gradients = disagreement(SMALL[name](), 5, "float64", training=training)
    assert max(output, gradients) <= FLOAT64


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


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hundred_steps_lose_alike(name: str) -> None:
    ours, theirs = OPTIMIZERS[name]
    graph = deterministic(3)
    program = compile(graph, "float64")
    weights = program.init(1)
    peer = Peer(graph, weights).eval()
    optimizer = theirs(peer.parameters())
    updates = Updates(ours, {key: weights[key].copy() for key in peer.learned})
    bound = program.bind({**weights, **updates.weights})
    x, labels = samples(program, 7, 20)
    for step in range(100):
        rows = slice(step % 4 * 5, step % 4 * 5 + 5)
        loss = loss_of(graph, peer(torch.from_numpy(x[rows])), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        outcome = program.step(bound, x[rows], labels[rows], "cross_entropy", False)
        assert outcome.loss == pytest.approx(loss.item(), rel=1e-7), step
        updates.step(outcome.gradients)
