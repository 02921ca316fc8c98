"""From data and figures to the sentences that warn of the classic mistakes while there is still something to learn."""

from math import log

import numpy as np

from .events import EpochEnd, Notice
from .job import Prepared
from .optimizers import Optimizer

RAW_PEAK = 100.0
"""Decimal numbers from 0 to beyond this look like pixels as bytes have them."""
FAR_OUT = 30.0
"""Standard deviations from the mean that no ordinary value has."""
AT_CHANCE = 0.99
"""The share of guessing's loss that no network stays above for long once it learns."""
LEAST_EPOCHS, LEAST_UPDATES = 2, 40
MUCH = 2.0
"""How many times the usual rate is worth mentioning."""


def of_data(ready: Prepared) -> Notice | None:
    """'data-scale', where values are not what recipes expect. They are standardised before the first layer all the
    same; outliers survive that."""
    part = ready.dataset.training
    if part.inputs.dtype == np.uint8 or not part.inputs.size:
        return None
    low, high = float(part.inputs.min()), float(part.inputs.max())
    mean, std = np.array(part.preprocessing.mean), np.array(part.preprocessing.std)
    farthest = float(np.max(np.maximum(high - mean, mean - low) / std))
    if part.inputs.ndim == 4 and low >= 0 and RAW_PEAK < high <= 255:
        message = (
            f"Pixel values run {low:g}–{high:g}. Most recipes expect about 0–1; netbuilder standardises them before "
            "the first layer, and a program that runs the exported network has to do the same."
        )
        return Notice(0, "data-scale", message, ("Divide by 255", "Keep"))
    if part.inputs.ndim == 4 and farthest > FAR_OUT:
        message = (
            f"Values run {low:g}–{high:g}, up to {farthest:,.0f} standard deviations from their mean. A few outliers "
            "squeeze all others together; the first steps may explode."
        )
        return Notice(0, "data-scale", message, ("Remove the outliers", "Keep"))
    return None


def of_epoch(ready: Prepared, end: EpochEnd, rate: float) -> Notice | None:
    """'learning-rate', where classes are still guessed after some epochs."""
    classes, readings = len(ready.dataset.classes), ready.program.readings(ready.loss)
    counted = sum(reading.factor for reading in readings)
    by_class = all(reading.loss == "cross_entropy" for reading in readings)
    chance = counted * log(classes) if classes > 1 and by_class else 0.0
    early = end.epoch < LEAST_EPOCHS or end.step < LEAST_UPDATES
    if early or not chance or min(end.training_loss, end.validation_loss) < AT_CHANCE * chance:
        return None
    optimizer = ready.job.optimizer
    message = (
        f"After {end.epoch} epochs the loss is {end.validation_loss:.3f}; guessing among {classes} classes costs "
        f"{'' if counted == 1 else f'{counted:g} · '}ln {classes} = {chance:.3f}. {compared(optimizer, rate)}"
    ).strip()
    fixes = (f"Set {usual(optimizer):g}",) if rate != usual(optimizer) else ()
    return Notice(end.step, "learning-rate", message, (*fixes, "Test learning rates"))


def usual(optimizer: Optimizer) -> float:
    """The learning rate that an optimizer usually starts with; SGD with momentum moves ten times as far with it."""
    momentum = float(getattr(optimizer, "momentum", 0.0))
    return round(type(optimizer)().lr * (1 - momentum), 9)


def compared(optimizer: Optimizer, rate: float) -> str:
    """'Rate 0.5 with Adam is 500× the usual 0.001.', or nothing where it is near that."""
    name, wont = type(optimizer).__name__, usual(optimizer)
    if rate >= MUCH * wont:
        return f"Rate {rate:g} with {name} is {rate / wont:,.0f}× the usual {wont:g}."
    if rate * MUCH <= wont:
        return f"Rate {rate:g} with {name} is only {rate / wont:.2g} of the usual {wont:g}."
    return ""
