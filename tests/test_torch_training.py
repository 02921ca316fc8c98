"""Rates, weighted and smoothed losses and bounded gradients are PyTorch's, update by update; skipped without it."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import (
    SGD,
    Clip,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Place,
    Plateau,
    Schedule,
    StepDecay,
    Updates,
)
from netbuilder.engine.objective import Objective

torch = pytest.importorskip("torch")
schedulers = torch.optim.lr_scheduler
torch.set_num_threads(1)  # small networks, where threads would only wait for each other

PER_EPOCH, EPOCHS, WARM = 5, 12, 3
UPDATES = PER_EPOCH * EPOCHS
Made = Callable[[Any, int], Any]

BY_UPDATE: dict[str, tuple[Schedule, Made]] = {
    "constant": (Constant(), lambda o, n: schedulers.ConstantLR(o, 1.0)),
    "step": (StepDecay(3, 0.5), lambda o, n: schedulers.StepLR(o, 3 * PER_EPOCH, 0.5)),
    "cosine": (Cosine(floor=0.05), lambda o, n: schedulers.CosineAnnealingLR(o, n, eta_min=0.05 * 0.3)),
    "one-cycle": (
        OneCycle(0.4, 20, 500),
        lambda o, n: schedulers.OneCycleLR(
            o, 0.3, total_steps=n, pct_start=0.4, div_factor=20, final_div_factor=500, cycle_momentum=False
        ),
    ),
}


def optimizer() -> Any:
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.3)


def rates(rule: Any, scheduler: Any, count: int) -> list[float]:
    """The rate of every update, as PyTorch's loop would use it."""
    found = []
    for _ in range(count):
        found.append(rule.param_groups[0]["lr"])
        rule.step()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scheduler.step()
    return found


def ours(schedule: Schedule, count: int = UPDATES) -> list[float]:
    return [0.3 * schedule.factor(Place(t, PER_EPOCH, UPDATES)) for t in range(count)]


@pytest.mark.parametrize("name", BY_UPDATE)
def test_a_schedule_gives_the_same_rates(name: str) -> None:
    schedule, make = BY_UPDATE[name]
    rule = optimizer()
    assert ours(schedule) == pytest.approx(rates(rule, make(rule, UPDATES), UPDATES), rel=1e-6)


@pytest.mark.parametrize("name", ["constant", "step", "cosine"])
def test_a_warm_up_is_a_linear_one_followed_by_the_schedule(name: str) -> None:
    schedule, make = BY_UPDATE[name]
    rule, warm = optimizer(), WARM * PER_EPOCH
    rise = schedulers.LinearLR(rule, 1 / warm, total_iters=warm - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        both = schedulers.SequentialLR(rule, [rise, make(rule, UPDATES - warm)], [warm])
    assert ours(type(schedule)(**{**fields(schedule), "warmup": WARM})) == pytest.approx(
        rates(rule, both, UPDATES), rel=1e-6
    )


def fields(schedule: Schedule) -> dict[str, Any]:
    return {each.name: getattr(schedule, each.name) for each in schedule.settings()}


def test_exponential_decay_by_epochs() -> None:
    rule = optimizer()
    per_epoch = rates(rule, schedulers.ExponentialLR(rule, 0.8), EPOCHS)
    assert ours(Exponential(0.8)) == pytest.approx([rate for rate in per_epoch for _ in range(PER_EPOCH)])


@pytest.mark.parametrize("seed", range(20))
def test_a_plateau_lowers_the_same_rates(seed: int) -> None:
    draw = np.random.default_rng(seed)
    losses = (2 * 0.97 ** np.arange(40) + draw.normal(0, 0.1, 40)).tolist()
    patience, cooldown = int(draw.integers(0, 4)), int(draw.integers(0, 3))
    rule = optimizer()
    theirs = schedulers.ReduceLROnPlateau(
        rule, factor=0.5, patience=patience, threshold=0.02, cooldown=cooldown, min_lr=0.3 * 0.01
    )
    schedule = Plateau(0.5, patience, 0.02, cooldown, 0.01)
    for epoch, loss in enumerate(losses, 1):
        theirs.step(loss)
        factor = schedule.factor(Place(0, 1, 1, tuple(losses[:epoch])))
        assert 0.3 * factor == pytest.approx(rule.param_groups[0]["lr"]), epoch


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("weights", [(), (0.5, 2.0, 0.1, 1.0, 3.0)])
def test_the_objective_and_its_gradient(smoothing: float, weights: tuple[float, ...]) -> None:
    draw = np.random.default_rng(0)
    scores, labels = draw.normal(0, 4, (30, 5)), draw.integers(0, 5, 30)
    theirs = torch.tensor(scores, requires_grad=True)
    weight = torch.tensor(weights, dtype=torch.float64) if weights else None
    loss = torch.nn.CrossEntropyLoss(weight, label_smoothing=smoothing)(theirs, torch.tensor(labels))
    loss.backward()
    value, gradient = Objective(smoothing, weights)(scores, labels)
    assert value == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=1e-14)


@pytest.mark.parametrize("bound", [0.5, 3.0, 100.0])
def test_gradients_are_bounded_alike(bound: float) -> None:
    draw = np.random.default_rng(0)
    gradients = {"a": draw.normal(size=(4, 5)), "b": draw.normal(size=7)}
    for clip, cut in (
        (Clip(norm=bound), torch.nn.utils.clip_grad_norm_),
        (Clip(value=bound / 3), lambda parameters, _: torch.nn.utils.clip_grad_value_(parameters, bound / 3)),
    ):
        theirs = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in gradients.values()]
        for each, gradient in zip(theirs, gradients.values(), strict=True):
            each.grad = torch.tensor(gradient)
        cut(theirs, bound)
        updates = Updates(SGD(1.0), {key: np.zeros(g.shape) for key, g in gradients.items()}, clip)
        updates.step(gradients)
        for ours_, each in zip(updates.weights.values(), theirs, strict=True):
            np.testing.assert_allclose(-ours_, each.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", BY_UPDATE)
@pytest.mark.parametrize("method", ["momentum", "adam"])
def test_a_hundred_updates_lose_alike_under_every_schedule(name: str, method: str) -> None:
    from netbuilder.engine import Adam, compile
    from tests.engine.designs import lenet_like
    from tests.torch_peer import Peer

    schedule, make = BY_UPDATE[name]
    program = compile(lenet_like(), "float64")
    weights = program.init(1)
    peer = Peer(program.graph, weights).train()
    rule = SGD(0.05, momentum=0.9) if method == "momentum" else Adam(0.003)
    theirs = (
        torch.optim.SGD(peer.parameters(), rule.lr, momentum=0.9)
        if method == "momentum"
        else torch.optim.Adam(peer.parameters(), rule.lr)
    )
    if name in ("cosine", "one-cycle"):  # their floor and peak are rates, not shares of one
        schedule, make = {
            "cosine": (Cosine(), lambda o, n: schedulers.CosineAnnealingLR(o, n)),
            "one-cycle": (
                OneCycle(0.4),
                lambda o, n: schedulers.OneCycleLR(o, rule.lr, total_steps=n, pct_start=0.4, cycle_momentum=False),
            ),
        }[name]
    scheduler = make(theirs, 100)
    updates = Updates(rule, weights)
    bound = program.bind(updates.weights)
    draw = np.random.default_rng(0)
    for step in range(100):
        x, labels = draw.normal(size=(16, 1, 8, 8)), draw.integers(0, 10, 16)
        loss = torch.nn.functional.cross_entropy(peer(torch.from_numpy(x)), torch.from_numpy(labels))
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        scheduler.step()
        outcome = program.step(bound, x, labels, "cross_entropy")
        assert outcome.loss == pytest.approx(loss.item(), rel=1e-7), step
        updates.lr = rule.lr * schedule.factor(Place(step, PER_EPOCH, 100))
        updates.step(outcome.gradients)
