"""The kinds of numbers a command line takes: a word becomes a number within its limits, or a sentence says why not."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from math import isfinite


def whole(low: int, high: int = 2**31 - 1) -> Callable[[str], int]:
    """A converter to whole numbers from `low` to `high`."""

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ArgumentTypeError(f"must be a whole number, not {text!r}") from None
        if not low <= number <= high:
            raise ArgumentTypeError(f"must be from {low} to {high:,}, not {number:,}")
        return number

    return convert


def rate(text: str) -> float:
    """A learning rate: a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not (isfinite(number) and number > 0):
        raise ArgumentTypeError(f"must be a number above 0, not {text!r}")
    return number


def amount(text: str) -> float:
    """A finite number of at least 0."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not (isfinite(number) and number >= 0):
        raise ArgumentTypeError(f"must be a number of at least 0, not {text!r}")
    return number
