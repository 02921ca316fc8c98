"""Entries and a few typed letters -> the rows of the list, the likeliest first, each group under its heading."""

from collections.abc import Iterable, Sequence

from netbuilder.notation import rank

from .entries import Entry, Group, Row

LEAST = 3.0
"""What each typed letter must score on average: letters strewn over a long title are no match."""
MENTIONED = 0.5
"""What a typed word scores that only the detail mentions, for each of its letters."""
LIKELY = {Group.LAYERS: 3.0, Group.ACTIONS: 1.0, Group.SETTINGS: 1.0}
"""What a group gives to the score of its entries: letters that fit a layer and its namesakes here mean the layer."""
MOST, MOST_RECENT = 40, 5


def searched(query: str, entries: Sequence[Entry]) -> list[tuple[Entry, tuple[int, ...]]]:
    """The entries that letters mean, the likeliest first, with the places of the letters in their titles."""
    letters = sum(map(str.isalnum, query))
    found: dict[int, tuple[float, tuple[int, ...]]] = {}
    for match in rank(query, [entry.title for entry in entries]):
        if match.score >= LEAST * letters:
            found[match.index] = match.score + LIKELY.get(entries[match.index].group, 0.0), match.at
    words = query.lower().split()
    for index, entry in enumerate(entries):
        if index not in found and _mentions(entry, words):
            found[index] = MENTIONED * letters, ()
    order = sorted(found, key=lambda index: (-found[index][0], index))
    return [(entries[index], found[index][1]) for index in order[:MOST]]


def _mentions(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.title} {entry.words} {entry.group}".lower()
    return bool(words) and all(len(word) > 1 and word in text for word in words)


def grouped(found: Iterable[tuple[Entry, tuple[int, ...]]]) -> list[Row]:
    """Rows under headings: the group of the likeliest entry first."""
    groups: dict[Group, list[Row]] = {}
    for entry, at in found:
        groups.setdefault(entry.group, []).append(Row(entry=entry, at=at))
    return [row for group, rows in groups.items() for row in (Row(heading=group.value), *rows)]


def everything(entries: Iterable[Entry], lately: Sequence[Entry]) -> list[Row]:
    """All there is, for an empty line: what was chosen lately first."""
    order = list(Group)
    recent = [Row(heading=Group.RECENT.value), *(Row(entry=entry) for entry in lately)] if lately else []
    return recent + grouped((entry, ()) for entry in sorted(entries, key=lambda entry: order.index(entry.group)))
