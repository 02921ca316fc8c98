"""From settings declared once, as a layer's are, to a value that forms, run files and command lines can all make."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from netbuilder.layers import SettingError
from netbuilder.layers.settings import Flag, Integer, Setting, Value, declared


@dataclass(frozen=True)
class Declared:
    """A choice with settings: each has limits, unit and help, and is checked when the value is made.

    Raises SettingError, a sentence that names the choice, the setting and what would be right.
    """

    def __post_init__(self) -> None:
        for each in self.settings():
            try:
                object.__setattr__(self, each.name, each.kind(getattr(self, each.name)))
            except ValueError as reason:
                raise SettingError(type(self).__name__, each.name, str(reason)) from None

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """Every setting with its limits and help, in the order they are declared, those of its base last."""
        last = {f.name for f in fields(cls) if f.kw_only}
        return tuple(sorted(declared(cls), key=lambda each: each.name in last))

    @classmethod
    def word(cls) -> str:
        """'one-cycle' for OneCycle, as a command line has it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def to_dict(self) -> dict[str, Any]:
        """The choice by name with its settings, as run.json keeps it."""
        return {"name": type(self).__name__, **{each.name: getattr(self, each.name) for each in self.settings()}}

    def text(self) -> str:
        """The choice in one line, as `parsed` reads it: 'step-decay:every=5,gamma=0.5'; defaults are left out."""
        changed = [s for s in self.settings() if getattr(self, s.name) != s.default]
        settings = ",".join(f"{s.name}={_written(getattr(self, s.name))}" for s in changed)
        return f"{self.word()}:{settings}" if settings else self.word()


D = TypeVar("D", bound=Declared)


def from_dict(known: Mapping[str, type[D]], values: Mapping[str, Any]) -> D:
    """The choice that `to_dict` wrote. Raises SettingError where there is none of that name, or no such setting."""
    settings = dict(values)
    name = str(settings.pop("name", ""))
    if name not in known:
        raise SettingError(name, "name", f"is not one of {', '.join(known)}")
    return _made(known[name], settings)


def parsed(known: Mapping[str, type[D]], text: str) -> D:
    """The choice a person typed: 'cosine', 'step-decay:every=5,gamma=0.5', or 'shift:3' for the first setting alone.

    Raises SettingError.
    """
    word, _, rest = text.strip().partition(":")
    words = {cls.word(): cls for cls in known.values()}
    if word not in words:
        raise SettingError(word, "name", f"is not one of {', '.join(words)}")
    cls = words[word]
    kinds = {each.name: each for each in cls.settings()}
    found: dict[str, Value] = {}
    for part in filter(None, rest.split(",")):
        name, sign, value = part.partition("=")
        if not sign:
            name, value = next(iter(kinds), "setting"), part
        found[name] = _read(kinds.get(name), value)
    return _made(cls, found)


def _made(cls: type[D], settings: Mapping[str, Any]) -> D:
    known = [each.name for each in cls.settings()]
    for name in settings:
        if name not in known:
            has = f"its settings are {', '.join(known)}" if known else "it has none"
            raise SettingError(cls.__name__, name, f"is not one of its settings: {has}")
    return cls(**settings)


def _read(setting: Setting | None, text: str) -> Value:
    """A typed word as the setting's kind of value; what does not read as one is left for the setting to refuse."""
    kind = setting.kind if setting else None
    if isinstance(kind, Flag):
        return {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}.get(text, text)
    try:
        return int(text) if isinstance(kind, Integer) else float(text)
    except ValueError:
        return text


def _written(value: Value) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else f"{value}"
