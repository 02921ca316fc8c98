"""A network of several outputs learns as PyTorch's, step by step: weighted losses, mixtures, BatchNorm on both ways."""

from collections.abc import Iterator

import numpy as np
import pytest

from netbuilder.engine import SGD, Adam, Optimizer, Updates, compile
from netbuilder.graph import Graph
from netbuilder.layers import Softmax
from tests.engine.designs import with_several_outputs

torch = pytest.importorskip("torch")
from tests.test_torch_agreement import loss_of  # noqa: E402 - it needs PyTorch, which was just found
from tests.torch_peer import Peer  # noqa: E402

STEPS, BATCH = 100, 16


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Threads that wait for each other make small products slow where others compute, too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network() -> Graph:
    """Nothing random, and a softmax at the end of the auxiliary output."""
    graph = with_several_outputs(marked=True).set("dropout_1", rate=0.0)
    edge = next(edge for edge in graph.edges if edge.target == graph["aux"].id)
    return graph.insert(edge, Softmax(), "shares")[0]


def losses(optimizer: Optimizer, loss: str) -> list[float]:
    """Ours, step by step, with batch statistics."""
    program = compile(network(), "float64")
    weights = program.init(1)
    learned = {key: array.copy() for key, array in weights.items() if program.weights[key].trainable}
    updates, kept, found = Updates(optimizer, learned), dict(weights), list[float]()
    x, labels = samples()
    for step in range(STEPS):
        rows = slice(step % 4 * BATCH, step % 4 * BATCH + BATCH)
        outcome = program.step(program.bind({**kept, **updates.weights}), x[rows], labels[rows], loss)
        kept |= {key: array.copy() for key, array in outcome.remembered.items()}
        updates.step(outcome.gradients)
        found.append(outcome.loss)
    return found


def theirs(make: object, loss: str) -> list[float]:
    graph, found = network(), list[float]()
    peer = Peer(graph, compile(graph, "float64").init(1)).train()
    optimizer = make(peer.parameters())  # pyright: ignore[reportCallIssue]
    x, labels = samples()
    for step in range(STEPS):
        rows = slice(step % 4 * BATCH, step % 4 * BATCH + BATCH)
        value = loss_of(graph, peer.outputs(torch.from_numpy(x[rows])), labels[rows], loss)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        found.append(value.item())
    return found


def samples() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    return draw.standard_normal((4 * BATCH, 1, 8, 8)), draw.integers(0, 10, 4 * BATCH)


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy + 0.5 mse"])
@pytest.mark.parametrize(
    ("optimizer", "make"),
    [
        (SGD(0.05, momentum=0.9), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
        (Adam(1e-3), lambda p: torch.optim.Adam(p, 1e-3)),
    ],
    ids=["momentum", "adam"],
)
def test_a_hundred_steps_lose_alike(optimizer: Optimizer, make: object, loss: str) -> None:
    ours, others = losses(optimizer, loss), theirs(make, loss)
    assert ours[-1] < 0.9 * ours[0]
    np.testing.assert_allclose(ours, others, rtol=1e-6)
