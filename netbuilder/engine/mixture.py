"""'cross_entropy + 0.5 mse' <-> the losses that are summed, each with what it counts by."""

import re
from collections.abc import Sequence
from functools import cache
from math import isfinite
from typing import NamedTuple

from netbuilder.layers.settings import shown

from .losses import LOSSES, Loss, SingleLoss

AUTO = "auto"
MOST = 1e6
_TERM = re.compile(r"(?:(?P<factor>[+-]?[0-9.]+(?:e-?[0-9]+)?)\s*[*·×]?\s*)?(?P<name>[A-Za-z_]+)")


class Term(NamedTuple):
    """One loss of a mixture, and the factor it counts by."""

    loss: SingleLoss
    factor: float


@cache
def terms(text: Loss, also: str = "") -> tuple[Term, ...]:
    """What a mixture sums: 'mse', '0.5 mse', 'cross_entropy + 0.5 mse' or 'cross_entropy + 0.5·mse'.

    Raises ValueError with the end of a sentence about the text; `also` begins its list of what there is.
    """
    found = tuple(_term(part.strip(), also) for part in text.split("+"))
    for term in found:
        if sum(term.loss == other.loss for other in found) > 1:
            raise ValueError(f"counts {term.loss} twice")
    return found


def written(mixture: Sequence[Term]) -> Loss:
    """The text that `terms` reads."""
    return " + ".join(loss if factor == 1 else f"{_number(factor)} {loss}" for loss, factor in mixture)


def resolved(loss: str, *, classes: bool) -> Loss:
    """The loss that is meant: "auto" is cross-entropy for classes and mean squared error for values."""
    return loss if loss != AUTO else "cross_entropy" if classes else "mse"


class LossRule:
    """A setting that takes "auto", a loss, or a mixture of losses."""

    def __call__(self, value: str) -> str:
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] - a file may hold anything
            raise ValueError(_choice(value, f"{AUTO}, "))
        return value if value == AUTO else written(terms(" ".join(value.split()), f"{AUTO}, "))


def _term(text: str, also: str) -> Term:
    match = _TERM.fullmatch(text)
    loss: SingleLoss | None = next((name for name in LOSSES if match and match["name"] == name), None)
    if match is None or loss is None:
        raise ValueError(_choice(text, also))
    try:
        factor = float(match["factor"] or 1)
    except ValueError:  # 1.2.3
        factor = float("nan")
    if not (isfinite(factor) and 0 < factor <= MOST):
        raise ValueError(f"must count {loss} by a number above 0 and at most {MOST:,.0f}, not {match['factor']}")
    return Term(loss, factor)


def _choice(given: object, also: str) -> str:
    return f"must be {also}{', '.join(LOSSES)} or a sum such as cross_entropy + 0.5 mse, not {shown(given)}"


def _number(factor: float) -> str:
    return repr(factor).removesuffix(".0")
