"""Rates, weighted and smoothed losses and bounded gradients are PyTorch's, update by update; skipped without it."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import (
    SGD,
    Adam,
    Clip,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Optimizer,
    Place,
    Plateau,
    Schedule,
    StepDecay,
    Updates,
    compile,
)
from netbuilder.engine.objective import Objective
from netbuilder.engine.schedules import SCHEDULES
from tests.engine.designs import lenet_like

torch = pytest.importorskip("torch")
from tests.torch_peer import Peer  # noqa: E402 - it needs PyTorch, which was just found

schedulers = torch.optim.lr_scheduler
torch.set_num_threads(1)  # small networks, where threads would only wait for each other

PER_EPOCH, EPOCHS, WARM = 5, 12, 3
UPDATES = PER_EPOCH * EPOCHS
Made = Callable[[Any, int], Any]


def by_update(rate: float) -> dict[str, tuple[Schedule, Made]]:
    """Schedules that step with every update, and PyTorch's; some of theirs want rates where ours want shares of one."""
    return {
        "constant": (Constant(), lambda o, n: schedulers.ConstantLR(o, 1.0)),
        "step": (StepDecay(3, 0.5), lambda o, n: schedulers.StepLR(o, 3 * PER_EPOCH, 0.5)),
        "cosine": (Cosine(floor=0.05), lambda o, n: schedulers.CosineAnnealingLR(o, n, eta_min=0.05 * rate)),
        "one-cycle": (
            OneCycle(0.4, 20, 500),
            lambda o, n: schedulers.OneCycleLR(
                o, rate, total_steps=n, pct_start=0.4, div_factor=20, final_div_factor=500, cycle_momentum=False
            ),
        ),
        "warm-up": (Cosine(floor=0.05, warmup=WARM), lambda o, n: warmed(o, n, by_update(rate)["cosine"][1])),
    }


def by_epoch() -> dict[str, tuple[Schedule, Made]]:
    """Schedules that step with every epoch; the last one is told the validation loss."""
    return {
        "exponential": (Exponential(0.8), lambda o, n: schedulers.ExponentialLR(o, 0.8)),
        "plateau": (
            Plateau(0.5, 1, 0.02, 1, 0.01),
            lambda o, n: schedulers.ReduceLROnPlateau(
                o, factor=0.5, patience=1, threshold=0.02, cooldown=1, min_lr=0.01 * o.param_groups[0]["lr"]
            ),
        ),
    }


def warmed(rule: Any, count: int, make: Made) -> Any:
    """PyTorch's linear warm-up, and a schedule after it."""
    warm = WARM * PER_EPOCH
    rise = schedulers.LinearLR(rule, 1 / warm, total_iters=warm - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return schedulers.SequentialLR(rule, [rise, make(rule, count - warm)], [warm])


BY_UPDATE = by_update(0.3)


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
    rule = optimizer()
    assert ours(type(schedule)(**{**fields(schedule), "warmup": WARM})) == pytest.approx(
        rates(rule, warmed(rule, UPDATES, make), UPDATES), rel=1e-6
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


METHODS: dict[str, tuple[Optimizer, Callable[[Any], Any]]] = {
    "momentum": (SGD(0.05, momentum=0.9), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    "adam": (Adam(0.003), lambda p: torch.optim.Adam(p, 0.003)),
}


def updates_apart(name: str, method: str, count: int = 100) -> tuple[float, set[float]]:
    """The largest relative difference of both engines' losses, update by update and epoch by epoch, and all rates."""
    rule, make_rule = METHODS[method]
    schedule, make = (by_update(rule.lr) | by_epoch())[name]
    program = compile(lenet_like(), "float64")
    weights = program.init(1)
    peer = Peer(program.graph, weights).train()
    theirs = make_rule(peer.parameters())
    scheduler, updates = make(theirs, count), Updates(rule, weights)
    bound, draw = program.bind(updates.weights), np.random.default_rng(0)
    held, worst, seen, losses = batch(draw), 0.0, set[float](), list[float]()
    for step in range(count):
        x, labels = batch(draw)
        loss = torch.nn.functional.cross_entropy(peer(torch.from_numpy(x)), torch.from_numpy(labels))
        theirs.zero_grad()
        loss.backward()
        theirs.step()
        outcome = program.step(bound, x, labels, "cross_entropy")
        worst = max(worst, abs(outcome.loss / loss.item() - 1))
        updates.lr = rule.lr * schedule.factor(Place(step, PER_EPOCH, count, tuple(losses)))
        seen.add(updates.lr)
        updates.step(outcome.gradients)
        if name in BY_UPDATE:
            scheduler.step()
        elif step % PER_EPOCH == PER_EPOCH - 1:
            x, labels = held
            with torch.no_grad():
                validated = torch.nn.functional.cross_entropy(
                    peer(torch.from_numpy(x)), torch.from_numpy(labels)
                ).item()
            losses.append(program.loss_and_gradients(updates.weights, *held)[0])
            worst = max(worst, abs(losses[-1] / validated - 1))
            scheduler.step(*([validated] if name == "plateau" else []))
    return worst, seen


def batch(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return draw.normal(size=(16, 1, 8, 8)), draw.integers(0, 10, 16)


@pytest.mark.parametrize("name", [*BY_UPDATE, *by_epoch()])
@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_updates_lose_alike_under_every_schedule(name: str, method: str) -> None:
    worst, rates = updates_apart(name, method)
    assert worst <= 1e-9
    assert (len(rates) > 3) == (name != "constant")


def test_every_schedule_is_among_them() -> None:
    assert {type(schedule) for schedule, _ in (BY_UPDATE | by_epoch()).values()} == set(SCHEDULES.values())


def test_a_rate_that_is_slightly_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Cosine.after
    monkeypatch.setattr(Cosine, "after", lambda rule, place: right(rule, place._replace(update=place.update + 1)))
    assert updates_apart("cosine", "momentum")[0] > 1e-7
