"""A few typed letters and many candidates -> those that contain the letters in order, the likeliest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

FIRST, WORD_START, NEXT, FAR, FAR_START = 8.0, 6.0, 5.0, 3, 1
LENGTH = 0.05

_Link = tuple[float, int, "_Link | None"]
"""The best way to have matched some letters, the last of them here: its score, the place, the way before."""


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate that matches: its place among the candidates, and how well. A higher score is likelier."""

    index: int
    score: float
    links: tuple[_Link, ...]

    @property
    def at(self) -> tuple[int, ...]:
        """Where in the candidate the typed letters stand, to be shown bold."""
        found: set[int] = set()
        for link in self.links:
            step: _Link | None = link
            while step is not None:
                found.add(step[1])
                step = step[2]
        return tuple(sorted(found))


def rank(query: str, candidates: Sequence[str]) -> list[Match]:
    """The candidates that hold every typed word as a subsequence of letters, in any case; equals keep their order.

    Letters score by where they stand: 8 at the beginning, 6 at the start of a word or a hump (the P of MaxPool), 5
    straight behind the letter before, and less the further behind it (up to −3, or −1 at the start of a word); of two
    alike the shorter one wins.
    Without a query everything matches.
    """
    words = [word.lower() for word in re.findall(r"[^\W_]+", query)]
    found: list[Match] = []
    for index, text in enumerate(candidates):
        letters = _letters(text)
        links: list[_Link] = []
        for word in words:
            link = _best(word, letters)
            if link is None:
                break
            links.append(link)
        else:
            found.append(Match(index, sum(link[0] for link in links) - LENGTH * len(text), tuple(links)))
    return sorted(found, key=lambda match: -match.score) if words else found


@lru_cache(maxsize=4096)
def _letters(text: str) -> dict[str, list[tuple[int, float]]]:
    """Where each letter of a candidate stands, and what it scores there."""
    found: dict[str, list[tuple[int, float]]] = {}
    before = " "
    for place, letter in enumerate(text):
        hump = (letter.isupper() and not before.isupper()) or (letter.isdigit() and not before.isdigit())
        score = FIRST if place == 0 else WORD_START if hump or not before.isalnum() else 0.0
        found.setdefault(letter.lower()[:1], []).append((place, score))
        before = letter
    return found


def _best(word: str, letters: dict[str, list[tuple[int, float]]]) -> _Link | None:
    """The best way through a candidate for the letters of one word, or None where they are not all there in order."""
    nothing: list[tuple[int, float]] = []
    row: list[_Link] = [(score - min(place, FAR), place, None) for place, score in letters.get(word[0], nothing)]
    for letter in word[1:]:
        following: list[_Link] = []
        for place, score in letters.get(letter, nothing):
            best, top = None, 0.0
            for link in row:
                gap = place - link[1] - 1
                if gap < 0:
                    break
                total = link[0] + (NEXT if gap == 0 else -min(gap, FAR_START if score else FAR))
                if best is None or total > top:
                    best, top = link, total
            if best is not None:
                following.append((top + score, place, best))
        row = following
    return max(row, key=lambda link: link[0], default=None)
