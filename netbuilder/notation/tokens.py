"""Text -> the words and numbers of each layer, with the places they stand at; nothing is ever evaluated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

LONGEST = 100_000
Number = int | float

_NUMBER = r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?%?(?![0-9.])"
_TOKEN = re.compile(
    rf"""(?P<word>[rR][eE][lL][uU]6(?![\w.])|[A-Za-z_]+(?:-[A-Za-z_]+)*(?:2[dD](?![A-Za-z_]))?)
    |(?P<numbers>{_NUMBER}(?:\s*[xX×,]\s*{_NUMBER})*)
    |(?P<open>[(\[])|(?P<close>[)\]])|(?P<equals>=)|(?P<other>[0-9.]+|\S)""",
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"\||→|->|;|\n")
_EACH = re.compile(_NUMBER)


class NotationError(ValueError):
    """Text that is not the notation of layers; the sentence says what would be. It went wrong at text[at:end]."""

    def __init__(self, message: str, at: int, end: int):
        super().__init__(message)
        self.at, self.end = at, end


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, several joined by × ("28x28x1") or by commas, or a sign, and where it stands."""

    kind: Literal["word", "numbers", "open", "close", "equals", "other"]
    text: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)

    @property
    def values(self) -> tuple[Number, ...]:
        """The numbers of a token of numbers."""
        return tuple(_value(each.group()) for each in _EACH.finditer(self.text))

    @property
    def listed(self) -> bool:
        """Whether commas keep its numbers apart."""
        return "," in self.text


def _value(text: str) -> Number:
    """5, 0.5, 50% as 0.5."""
    if text.endswith("%"):
        return float(text[:-1]) / 100
    return float(text) if set(text) & set(".eE") else int(text)


def segments(text: str) -> Iterator[tuple[list[Token], int, int]]:
    """The tokens of each layer, and where its text begins and ends. Raises NotationError for a text without end."""
    if len(text) > LONGEST:
        raise NotationError(f"This is {len(text):,} characters; at most {LONGEST:,} are read.", LONGEST, len(text))
    start = 0
    for end, after in [*(each.span() for each in _SEPARATOR.finditer(text)), (len(text), len(text))]:
        yield tokens(text, start, end), start, end
        start = after


def tokens(text: str, start: int, end: int) -> list[Token]:
    """The tokens of text[start:end]."""
    return [
        Token(each.lastgroup or "other", each.group(), each.start())  # pyright: ignore[reportArgumentType]
        for each in _TOKEN.finditer(text, start, end)
    ]
