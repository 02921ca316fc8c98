"""“filters 64”, “s2”, “padding same” -> which setting of the selected layers is meant, and which value."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from netbuilder.layers import Layer, Setting
from netbuilder.layers.settings import Choice, Flag, OptionalInteger, OptionalPair, PaddingRule, Value
from netbuilder.notation.vocabulary import HEADS, plain, settings_of

_ATTACHED = re.compile(r"([A-Za-z]+)\s*=?\s*([-+.\d].*)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_YES, _NO, _NOTHING = ("on", "yes", "true"), ("off", "no", "false"), ("none", "auto")
SHORTEST = 3
"""So many letters of a setting's name already mean it."""


@dataclass(frozen=True)
class Wish:
    """A setting and what was typed behind its name; '' where nothing was yet."""

    setting: Setting
    typed: str


def wished(query: str, cls: type[Layer], among: Iterable[Setting]) -> Wish | None:
    """The setting that a line names, if any. A word that is a layer means the layer."""
    known = {name: setting for name, setting in settings_of(cls).items() if setting in tuple(among)}
    words = query.replace("=", " ").split()
    for count in range(min(3, len(words)), 0, -1):
        found = _named(plain("".join(words[:count])), known)
        if found is not None:
            return Wish(found, " ".join(words[count:]))
    attached = _ATTACHED.fullmatch(query.strip())
    if attached and plain(attached[1]) not in HEADS and (found := known.get(plain(attached[1]))):
        return Wish(found, attached[2].strip())
    return None


def _named(word: str, known: dict[str, Setting]) -> Setting | None:
    if word in HEADS:
        return None
    if word in known:
        return known[word]
    begun = {setting.name: setting for name, setting in known.items() if name.startswith(word)}
    return next(iter(begun.values())) if len(word) >= SHORTEST and len(begun) == 1 else None


def options(setting: Setting) -> tuple[Value, ...]:
    """The values a setting chooses from, where they are few enough to list."""
    kind = setting.kind
    if isinstance(kind, Choice):
        return kind.options
    if isinstance(kind, PaddingRule):
        return kind.rules
    return (True, False) if isinstance(kind, Flag) else ()


def read(setting: Setting, typed: str) -> Any:
    """The value a text stands for: '64', '3x5', '3 5', 'on', 'none', 'same'. Raises ValueError with the end of a
    sentence, as the setting's own limits do."""
    word = typed.strip().lower()
    kind, convert = setting.kind, cast("Callable[[Any], Any]", setting.kind)
    if isinstance(kind, Flag) and word in _YES + _NO:
        return word in _YES
    if isinstance(kind, OptionalInteger | OptionalPair) and word in _NOTHING:
        return None
    parts = re.split(r"\s*[x×,;]\s*|\s+", word)
    if all(_NUMBER.fullmatch(part) for part in parts):
        numbers = [float(part) if set(part) & set(".e") else int(part) for part in parts]
        return convert(numbers[0] if len(numbers) == 1 else _sides(setting, numbers))
    return convert(word.replace(" ", "_") if isinstance(kind, Choice) else word)


def _sides(setting: Setting, numbers: list[Any]) -> tuple[Any, ...]:
    """Two numbers of padding are above and below, left and right."""
    if isinstance(setting.kind, PaddingRule) and len(numbers) == 2:
        return numbers[0], numbers[0], numbers[1], numbers[1]
    return tuple(numbers)
