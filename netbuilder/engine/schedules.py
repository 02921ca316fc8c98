"""From a place in a training to the share of the learning rate that holds there.

Definitions are PyTorch's (torch.optim.lr_scheduler), counted in updates. A schedule remembers nothing: its factor
follows from the update and from what was validated so far, so a run that was cut off goes on with the same rates.
"""

from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from math import cos, inf, pi
from typing import NamedTuple

from netbuilder.layers.settings import Integer, Real, setting

from .declared import Declared


class Place(NamedTuple):
    """`update` of `updates` is next, counted from 0; an epoch has `per_epoch`; `losses` are the validation losses of
    the epochs so far."""

    update: int
    per_epoch: int
    updates: int
    losses: tuple[float, ...] = ()


@dataclass(frozen=True)
class Schedule(Declared):
    """Base of all schedules. Any of them may be preceded by a warm-up (Goyal et al. 2017, arXiv 1706.02677): over its
    W updates the factor is 1/W, 2/W, …, 1, and what follows counts from its end (LinearLR, then SequentialLR)."""

    _: KW_ONLY
    warmup: float = setting(
        default=0.0, converter=Real(0, 1000), unit="epochs", help="Over how many epochs the rate first rises to full."
    )

    def factor(self, place: Place) -> float:
        """What the learning rate is multiplied by at this place, from 0 to 1."""
        warm = round(self.warmup * place.per_epoch)
        if place.update < warm:
            return (place.update + 1) / warm
        return self.after(place._replace(update=place.update - warm, updates=max(1, place.updates - warm)))

    def after(self, place: Place) -> float:
        """The same, counted from the end of the warm-up."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate throughout."""

    def after(self, place: Place) -> float:
        return 1.0


@dataclass(frozen=True)
class StepDecay(Schedule):
    """Every so many epochs the rate is multiplied by a factor (StepLR): factor^⌊epoch / every⌋."""

    every: int = setting(default=10, converter=Integer(), unit="epochs", help="Epochs from one drop to the next.")
    gamma: float = setting(
        default=0.1, converter=Real(0, 1, low_open=True), help="What the rate is multiplied by at each drop."
    )

    def after(self, place: Place) -> float:
        return self.gamma ** (place.update // place.per_epoch // self.every)


@dataclass(frozen=True)
class Exponential(Schedule):
    """After every epoch the rate is multiplied by a factor (ExponentialLR): gamma^epoch."""

    gamma: float = setting(
        default=0.9, converter=Real(0, 1, low_open=True), help="What the rate is multiplied by after each epoch."
    )

    def after(self, place: Place) -> float:
        return self.gamma ** (place.update // place.per_epoch)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from the full rate down to its floor (Loshchilov and Hutter 2017, arXiv 1608.03983, without
    restarts; CosineAnnealingLR): floor + (1 − floor)·(1 + cos(π·update / updates)) / 2."""

    floor: float = setting(default=0.0, converter=Real(0, 1), help="The share of the rate that is left at the end.")

    def after(self, place: Place) -> float:
        return _eased(1.0, self.floor, place.update / place.updates)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up to the full rate and far down again, both along a half cosine (Smith and Topin 2018, arXiv 1708.07120;
    OneCycleLR, its momentum left as it is): the optimizer's rate is the peak."""

    rise: float = setting(
        default=0.3, converter=Real(0, 1, low_open=True, high_open=True), help="The share of updates that leads up."
    )
    start: float = setting(default=25.0, converter=Real(1, 1e9), help="The peak is so many times the first rate.")
    end: float = setting(default=1e4, converter=Real(1, 1e12), help="The first rate is so many times the last one.")

    def after(self, place: Place) -> float:
        first, top, last = 1 / self.start, self.rise * place.updates - 1, place.updates - 1
        if place.update <= top:
            return _eased(first, 1.0, place.update / top if top > 0 else 1.0)
        return _eased(1.0, first / self.end, (place.update - top) / max(last - top, 1e-9))


@dataclass(frozen=True)
class Plateau(Schedule):
    """The rate is multiplied by a factor when the validation loss has not fallen for longer than `patience` epochs
    (ReduceLROnPlateau, mode min, threshold relative)."""

    gamma: float = setting(
        default=0.1, converter=Real(0, 1, low_open=True, high_open=True), help="What the rate is multiplied by."
    )
    patience: int = setting(
        default=3, converter=Integer(0), unit="epochs", help="Epochs without a better validation loss that are borne."
    )
    threshold: float = setting(
        default=1e-4, converter=Real(0, 1, high_open=True), help="How much better, as a share, counts as better."
    )
    cooldown: int = setting(
        default=0, converter=Integer(0), unit="epochs", help="Epochs after a drop that are not counted."
    )
    floor: float = setting(default=0.0, converter=Real(0, 1), help="The share of the rate that always stays.")

    def after(self, place: Place) -> float:
        return _dropped(self, place.losses)


SCHEDULES: dict[str, type[Schedule]] = {
    cls.__name__: cls for cls in (Constant, StepDecay, Exponential, Cosine, OneCycle, Plateau)
}


def _eased(start: float, end: float, share: float) -> float:
    """From start to end along half a cosine."""
    return end + (start - end) * (1 + cos(pi * min(share, 1.0))) / 2


@lru_cache(maxsize=16)  # asked for every update, new after every epoch
def _dropped(rule: Plateau, losses: tuple[float, ...]) -> float:
    """ReduceLROnPlateau, epoch by epoch."""
    factor, best, bad, rest = 1.0, inf, 0, 0
    for loss in losses:
        better = loss < best * (1 - rule.threshold)
        best, bad = (loss, 0) if better else (best, bad + 1)
        if rest:
            rest, bad = rest - 1, 0
        if bad > rule.patience:
            factor, rest, bad = max(factor * rule.gamma, rule.floor), rule.cooldown, 0
    return factor
