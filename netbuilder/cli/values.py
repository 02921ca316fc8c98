"""The values a command line takes: a word becomes a number or a path within limits, or a sentence says why not."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from math import isfinite
from pathlib import Path


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


def path(text: str) -> Path:
    """A file or a folder; the empty word, which a script's unset variable gives, is not the current folder."""
    if not text:
        raise ArgumentTypeError("must be a file or a folder, not ''")
    return Path(text)


def file(text: str) -> Path:
    """A path that ends in a name, as that of a file to be written does, whose ending may be added."""
    found = path(text)
    if found.name in ("", ".."):
        raise ArgumentTypeError(f"must name a file, not {text!r}")
    return found
