"""Layers -> notation that reads back as the same layers, and the words a preview shows."""

from collections.abc import Iterable
from typing import Any

from netbuilder.layers import Input, Layer, Reshape, Setting
from netbuilder.layers.settings import Choice, Flag, PaddingRule, Value

from .vocabulary import AMBIGUOUS, MODIFIERS, WORD_OF, Word, spoken

_UNITS = {"filters": "filter", "units": "unit", "groups": "group", "features": "number"}


def write(layers: Iterable[Layer]) -> str:
    """The short notation of a chain: `parse(write(layers)) == tuple(layers)` for every layer.

    Settings that are as usual are left out; one without a short form is written as name=value.
    """
    return " | ".join(_written(layer) for layer in layers)


def describe(layers: Iterable[Layer]) -> str:
    """'Conv2D 3×3 · 64 filters · stride 2 → ReLU': the layers with what was given and whatever is not as usual."""
    return " → ".join(_described(layer) for layer in layers)


def _written(layer: Layer) -> str:
    word = WORD_OF[type(layer)]
    if isinstance(layer, Input):
        return f"{word.short} {_size(layer)}" if layer.features or layer.channels else _input(layer, word)
    if isinstance(layer, Reshape):
        return f"{word.short} {_size(layer)}"
    numbers, rest = _divided(layer, word)
    head = word.short
    values = [_value(value) for value in numbers.values()]
    if values and isinstance(next(iter(numbers.values())), float):
        values.insert(0, "")  # lr 0.1, but d10
    return " ".join([head + " ".join(values), *(_modifier(setting, value) for setting, value in rest)])


def _input(layer: Input, word: Word) -> str:
    """An image without channels: `in 28x28`."""
    return f"{word.short} {_joined((layer.height or 0, layer.width or 0), 'x')}"


def _divided(layer: Layer, word: Word) -> tuple[dict[str, Value], list[tuple[Setting, Value]]]:
    """The plain numbers a layer is written with, and the settings that then still differ from what those give."""
    values = layer.values()
    usual = type(layer)().values()
    numbers = list(word.numbers)
    while numbers and values[numbers[-1]] == usual[numbers[-1]] and not (len(numbers) == 1 and word.needs):
        numbers.pop()
    given = {name: values[name] for name in numbers}
    start = type(layer)(**given).values()
    return given, [(s, values[s.name]) for s in layer.settings() if values[s.name] != start[s.name]]


def _modifier(setting: Setting, value: Value) -> str:
    """s2, same, p=1, nobias, eps=0.001."""
    name = min((setting.name, *MODIFIERS.get(setting.name, ())), key=len)
    kind = setting.kind
    if isinstance(kind, Flag):
        return name if value else f"no{name}"
    if isinstance(value, str):
        return value if isinstance(kind, (Choice, PaddingRule)) else f"{name}={value}"
    if isinstance(kind, PaddingRule):
        return f"{name}={_sides(value)}"
    attached = not isinstance(value, float) and value is not None and name not in AMBIGUOUS
    return f"{name}{'' if attached else '='}{_value(value)}"


def _sides(padding: Any) -> str:
    """'1' on all sides, '1x2' above and below 1, left and right 2, else '0,1,0,1': top, bottom, left, right."""
    top, bottom, left, right = padding
    if top == bottom and left == right:
        return _value((top, left))
    return _joined(padding, ",")


def _value(value: Value) -> str:
    """3 for (3, 3), 3x5, 0.1, 1e-5."""
    if isinstance(value, tuple):
        return str(value[0]) if len(set(value)) == 1 else _joined(value, "x")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e6 else repr(value).replace("e-0", "e-")
    return "none" if value is None else str(value).lower()


def _joined(values: Iterable[int], sign: str) -> str:
    return sign.join(str(value) for value in values)


def _size(layer: Input | Reshape, sign: str = "x") -> str:
    axes = (layer.height, layer.width, layer.channels, layer.features)
    return _joined((size for size in axes if size is not None), sign)


# ---- words -----------------------------------------------------------------------------------------------------------


def _described(layer: Layer) -> str:
    word = WORD_OF[type(layer)]
    if isinstance(layer, Input):
        return f"{word.name} {_size(layer, '×')}" + ("" if layer.features or layer.channels else " · no channels")
    if isinstance(layer, Reshape):
        return f"{word.name} {_size(layer, '×').replace('-1', '…')}"
    given, rest = _divided(layer, word)
    shown = {**{name: layer.values()[name] for name in word.numbers}, **given}
    settings = {setting.name: setting for setting in layer.settings()}
    parts = [_said(settings[name], value) for name, value in shown.items()] + [_said(*each) for each in rest]
    return " ".join([word.name, " · ".join(parts)]).rstrip()


def _said(setting: Setting, value: Value) -> str:
    """'3×3', '64 filters', 'stride 2', 'same', 'no bias'."""
    name, kind = spoken(setting), setting.kind
    if isinstance(value, bool):
        return name if value else f"no {name}"
    if name.split()[0] in _UNITS:
        return f"{value} {_UNITS[name]}{'' if value == 1 else 's'}"
    if name.endswith("size") and isinstance(value, tuple):
        return _joined(value, "×")
    if isinstance(kind, PaddingRule) and isinstance(value, str):
        return value
    if isinstance(kind, PaddingRule):
        return f"padding {_sides(value).replace('x', '×').replace(',', ', ')}"
    return f"{name} {_value(value).replace('x', '×')}"
