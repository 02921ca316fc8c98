"""From gradients to new weights: the rules, as values, and the running state each one keeps."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields
from math import isfinite, sqrt
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import Array


class OptimizerError(ValueError):
    """A setting no optimizer can work with; the sentence names it and its limits."""


@dataclass(frozen=True)
class Optimizer:
    """Base of the update rules. Definitions, names of quantities and defaults are PyTorch's (torch.optim)."""

    lr: float = 0.1
    _: KW_ONLY
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        self._check("lr", self.lr, self.lr > 0, "above 0")
        self._check("weight_decay", self.weight_decay, self.weight_decay >= 0, "at least 0")

    def _check(self, name: str, value: float, right: bool, limits: str) -> None:
        if not (isfinite(value) and right):
            words = {"lr": "learning rate"}.get(name, name.replace("_", " "))
            raise OptimizerError(f"{type(self).__name__}: {words} must be {limits}, not {value:g}.")

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the numbers remembered for every weight, all 0 at first."""
        return ()

    def update(self, w: Array, g: Array, slots: list[Array], spare: Array, lr: float, step: int) -> None:
        """Bring a block of weights forward in place; `step` counts from 1. `g`, `slots` and `spare` may be written."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The rule by name with its settings, as run.json keeps it."""
        return {"name": type(self).__name__, **{f.name: getattr(self, f.name) for f in fields(self)}}


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent with momentum (Sutskever et al. 2013, as torch.optim.SGD with dampening 0).

    g ← g + decay·w;  b ← momentum·b + g;  w ← w − lr·b, with Nesterov w ← w − lr·(g + momentum·b).
    """

    _: KW_ONLY
    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("momentum", self.momentum, 0 <= self.momentum < 1, "from 0 to below 1")
        if self.nesterov and not self.momentum:
            raise OptimizerError("SGD: Nesterov's look-ahead needs a momentum above 0.")

    @property
    def slots(self) -> tuple[str, ...]:
        return ("momentum",) if self.momentum else ()

    def update(self, w: Array, g: Array, slots: list[Array], spare: Array, lr: float, step: int) -> None:
        _decay_gradient(w, g, spare, self.weight_decay)
        if slots:
            (b,) = slots
            b *= self.momentum
            b += g
            if self.nesterov:
                np.multiply(b, self.momentum, out=spare)
                g += spare
            else:
                g = b
        np.multiply(g, lr, out=spare)
        w -= spare


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """Gradient divided by its running root mean square (Tieleman and Hinton 2012, as torch.optim.RMSprop).

    g ← g + decay·w;  s ← alpha·s + (1 − alpha)·g²;  u = g / (√s + epsilon);
    b ← momentum·b + u (u itself without momentum);  w ← w − lr·b.
    """

    lr: float = 0.01
    _: KW_ONLY
    alpha: float = 0.99
    epsilon: float = 1e-8
    momentum: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("alpha", self.alpha, 0 <= self.alpha < 1, "from 0 to below 1")
        self._check("epsilon", self.epsilon, self.epsilon > 0, "above 0")
        self._check("momentum", self.momentum, 0 <= self.momentum < 1, "from 0 to below 1")

    @property
    def slots(self) -> tuple[str, ...]:
        return ("square", "momentum") if self.momentum else ("square",)

    def update(self, w: Array, g: Array, slots: list[Array], spare: Array, lr: float, step: int) -> None:
        _decay_gradient(w, g, spare, self.weight_decay)
        _average_square(slots[0], g, spare, self.alpha)
        np.sqrt(slots[0], out=spare)
        spare += self.epsilon
        np.divide(g, spare, out=g)
        if len(slots) == 2:
            slots[1] *= self.momentum
            slots[1] += g
            g = slots[1]
        np.multiply(g, lr, out=spare)
        w -= spare


@dataclass(frozen=True)
class Adam(Optimizer):
    """Running mean over running root mean square, both freed of their start at 0 (Kingma and Ba 2015, arXiv 1412.6980,
    algorithm 1, as torch.optim.Adam).

    g ← g + decay·w;  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;
    w ← w − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + epsilon).
    """

    lr: float = 1e-3
    _: KW_ONLY
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    decoupled: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "betas", tuple(self.betas))
        if len(self.betas) != 2:
            raise OptimizerError(f"{type(self).__name__}: betas are two numbers.")
        for beta in self.betas:
            self._check("betas", beta, 0 <= beta < 1, "two numbers from 0 to below 1")
        self._check("epsilon", self.epsilon, self.epsilon > 0, "above 0")

    @property
    def slots(self) -> tuple[str, ...]:
        return ("mean", "square")

    def update(self, w: Array, g: Array, slots: list[Array], spare: Array, lr: float, step: int) -> None:
        if self.decoupled:
            w *= 1 - lr * self.weight_decay
        else:
            _decay_gradient(w, g, spare, self.weight_decay)
        mean, square = slots
        first, second = self.betas
        _average_square(square, g, spare, second)
        mean *= first
        g *= 1 - first
        mean += g
        np.sqrt(square, out=spare)
        spare /= sqrt(1 - second**step)
        spare += self.epsilon
        np.divide(mean, spare, out=spare)
        spare *= lr / (1 - first**step)
        w -= spare


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019, arXiv 1711.05101; torch.optim.AdamW).

    w ← w·(1 − lr·decay), then Adam's step without decay.
    """

    _: KW_ONLY
    weight_decay: float = 0.01
    decoupled: ClassVar[bool] = True


OPTIMIZERS: dict[str, type[Optimizer]] = {cls.__name__: cls for cls in (SGD, RMSProp, Adam, AdamW)}


def optimizer_from_dict(values: Mapping[str, Any]) -> Optimizer:
    """The rule that `to_dict` wrote. Raises OptimizerError for one that is not known."""
    settings = dict(values)
    name = settings.pop("name", None)
    if name not in OPTIMIZERS:
        raise OptimizerError(f"There is no optimizer {name!r}; there are {', '.join(OPTIMIZERS)}.")
    try:
        return OPTIMIZERS[name](**settings)
    except TypeError:
        raise OptimizerError(f"{name} cannot be made of these settings: {settings}.") from None


def _decay_gradient(w: Array, g: Array, spare: Array, decay: float) -> None:
    """g ← g + decay·w."""
    if decay:
        np.multiply(w, decay, out=spare)
        g += spare


def _average_square(square: Array, g: Array, spare: Array, keep: float) -> None:
    """s ← keep·s + (1 − keep)·g²."""
    square *= keep
    np.multiply(g, g, out=spare)
    spare *= 1 - keep
    square += spare
