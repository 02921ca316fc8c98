"""From gradients to new weights: the rules, as values, and the running state each one keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from math import inf, sqrt
from typing import Any, ClassVar

import numpy as np

from netbuilder.kernels.scratch import Array
from netbuilder.layers import SettingError
from netbuilder.layers.settings import Flag, Real, setting

from .declared import Declared

RATE = Real(0, inf, low_open=True)
SIZE = Real(0, inf)
SHARE = Real(0, 1, high_open=True)


class OptimizerError(ValueError):
    """A setting no optimizer can work with; the sentence names it and its limits."""


@dataclass(frozen=True, slots=True)
class Betas:
    """Two numbers from 0 to below 1."""

    def __call__(self, value: Sequence[float]) -> tuple[float, float]:
        if len(value) != 2:
            raise ValueError("are two numbers")
        each = Real(0, 1, high_open=True)
        return each(value[0]), each(value[1])


@dataclass(frozen=True)
class Optimizer(Declared):
    """Base of the update rules. Definitions, names of quantities and defaults are PyTorch's (torch.optim).

    Raises OptimizerError, a sentence.
    """

    lr: float = setting(default=0.1, converter=RATE, help="The learning rate: how far one update goes.")
    _: KW_ONLY
    weight_decay: float = setting(
        default=0.0, converter=SIZE, help="How strongly weights are pulled towards 0, by their gradient (L2)."
    )

    def __post_init__(self) -> None:
        try:
            super().__post_init__()
        except SettingError as error:
            words = {"lr": "learning rate"}.get(error.name, error.name.replace("_", " "))
            raise OptimizerError(f"{error.layer}: {words} {error.reason}.") from None

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the numbers remembered for every weight, all 0 at first."""
        return ()

    def update(self, w: Array, g: Array, slots: list[Array], spare: Array, lr: float, step: int) -> None:
        """Bring a block of weights forward in place; `step` counts from 1. `g`, `slots` and `spare` may be written."""
        raise NotImplementedError


@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent with momentum (Sutskever et al. 2013, as torch.optim.SGD with dampening 0).

    g ← g + decay·w;  b ← momentum·b + g;  w ← w − lr·b, with Nesterov w ← w − lr·(g + momentum·b).
    """

    _: KW_ONLY
    momentum: float = setting(default=0.0, converter=SHARE, help="The share of its speed that an update keeps.")
    nesterov: bool = setting(default=False, converter=Flag(), help="Look one step ahead; with momentum only.")

    def __post_init__(self) -> None:
        super().__post_init__()
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

    lr: float = setting(default=0.01, converter=RATE, help="The learning rate: how far one update goes.")
    _: KW_ONLY
    alpha: float = setting(default=0.99, converter=SHARE, help="The share of the mean square that is kept.")
    epsilon: float = setting(default=1e-8, converter=RATE, help="Added to the root, so that nothing is divided by 0.")
    momentum: float = setting(default=0.0, converter=SHARE, help="The share of its speed that an update keeps.")

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

    lr: float = setting(default=1e-3, converter=RATE, help="The learning rate: how far one update goes.")
    _: KW_ONLY
    betas: tuple[float, float] = setting(
        default=(0.9, 0.999), converter=Betas(), help="The shares of mean and mean square that are kept."
    )
    epsilon: float = setting(default=1e-8, converter=RATE, help="Added to the root, so that nothing is divided by 0.")
    decoupled: ClassVar[bool] = False

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
    weight_decay: float = setting(
        default=0.01, converter=SIZE, help="How strongly weights are pulled towards 0, apart from their gradient."
    )
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
